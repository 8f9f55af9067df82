"""Domain names: one spelling for each, in small letters, whole, with a dot at the end.

What cannot be one for Designate is refused (designate/common/constants.py, `RE_HOSTNAME` and `RE_ZONENAME`).
"""

from __future__ import annotations

import re

from ivc.declare.names import check_known
from ivc.errors import DeclarationError

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_WILDCARD = "*"
_LONGEST = 254
"""Characters of a whole name, with the dot at its end."""
APEX = "@"
"""What zone files call the zone itself."""


def zone_name(where: str, text: str) -> str:
    """The name of a zone, which stands for itself with or without a dot at its end."""
    name = _whole(where, check_known(where, text).removesuffix("."))
    if name.count(".") < 2:
        raise DeclarationError(
            f"{where}: {text!r} is a top-level domain, and Designate takes none; give one below it, such as "
            f"'example.{name.removesuffix('.')}'"
        )
    return name


def owner_name(where: str, text: str, zone: str) -> str:
    """The name that a record is of. zone: whole. `@` is the zone itself, a `*` stands for all that nothing else is said
    of, and what does not end with a dot is in the zone.
    """
    if text == APEX:
        return zone
    if check_known(where, text).endswith("."):
        name = _whole(where, text.removesuffix("."), wildcard=True)
        if not is_in(name, zone):
            raise DeclarationError(
                f"{where}: {name} is outside of zone {zone}; give a name in it, or declare it in its own"
            )
        return name
    whole = _whole(where, text, wildcard=True)
    if is_in(whole, zone):
        short = whole.removesuffix(zone).removesuffix(".") or APEX
        raise DeclarationError(
            f"{where}: {text!r} would be {_join(whole, zone)}, since it does not end with a dot; write {short!r} or "
            f"{whole!r}"
        )
    return _whole(where, _join(whole, zone).removesuffix("."), wildcard=True)


def target_name(where: str, text: str, zone: str) -> str:
    """The name that a record leads to: one in the zone by its first part alone, such as `www`, or a whole one."""
    if text == APEX:
        return zone
    if check_known(where, text).endswith("."):
        return _whole(where, text.removesuffix("."))
    if _is_address(text):
        raise DeclarationError(f"{where}: {text} is an address, and it takes a name; give that address a name first")
    whole = _whole(where, text)
    if whole.count(".") > 1:
        inside = whole if is_in(whole, zone) else _join(whole, zone)
        either = repr(whole) if inside == whole else f"{whole!r}, or {inside!r} for one in the zone"
        raise DeclarationError(f"{where}: {text!r} does not end with a dot, and a whole name does; write {either}")
    return _whole(where, _join(whole, zone).removesuffix("."))


def is_in(name: str, zone: str) -> bool:
    """Whether a whole name is a zone's, or in it."""
    return name == zone or name.endswith(f".{zone}")


def terraform_name(name: str) -> str:
    """A readable Terraform name for a whole domain name, as no other domain name gives it: `www_example_com`.

    A `_` at the beginning of a label becomes `-`, which none begins with; any other is doubled. `*` becomes `any-`,
    which none is.
    """
    labels = [
        "any-" if label == _WILDCARD else re.sub("^_", "-", label[:1]) + label[1:].replace("_", "__")
        for label in name.removesuffix(".").split(".")
    ]
    joined = "_".join(labels)
    return joined if joined[0].isalpha() else f"_{joined}"


def _whole(where: str, text: str, *, wildcard: bool = False) -> str:
    """The name in its one spelling. text: without a dot at its end."""
    labels = _ascii(where, text).split(".")
    for place, label in enumerate(labels):
        if not (_LABEL.fullmatch(label) or (wildcard and label == _WILDCARD and place == 0)):
            raise DeclarationError(f"{where}: {text!r} is no domain name: {_why_not(label, wildcard)}")
    name = f"{'.'.join(labels)}."
    if len(name) > _LONGEST:
        raise DeclarationError(
            f"{where}: {name} has {len(name)} characters, and a domain name has {_LONGEST} at most; shorten it"
        )
    return name


def _ascii(where: str, text: str) -> str:
    """Letters of other scripts as IDNA 2008 writes them (RFC 5891), prepared as browsers do (UTS 46)."""
    if text.isascii():
        return text.lower()
    import idna

    try:
        mapped = idna.uts46_remap(text, std3_rules=False, transitional=False)
        return ".".join(label if label.isascii() else idna.alabel(label).decode() for label in mapped.split("."))
    except idna.IDNAError as error:
        raise DeclarationError(
            f"{where}: {text!r} is no domain name in any script ({error}); write it as it is registered, such as "
            "'xn--mller-kva.example'"
        ) from None


def _why_not(label: str, wildcard: bool) -> str:
    if not label:
        return "two dots follow one another, or it is empty or begins with one; take it away"
    if _WILDCARD in label:
        first = "it stands alone, as the first label" if wildcard else "only the name of a record has one"
        return f"{label!r} has a '*': {first}"
    if len(label) > 63:
        return f"{label!r} has {len(label)} characters, and what stands between dots has 63 at most; shorten it"
    return f"{label!r} is not made of letters, digits, '-' and '_', with no '-' at its ends; change it"


def _join(name: str, zone: str) -> str:
    return f"{name.removesuffix('.')}.{zone}"


def _is_address(text: str) -> bool:
    return ":" in text or re.fullmatch(r"[0-9]+(\.[0-9]+){3}", text) is not None
