"""What a resource gives to everybody by other means than a network: to all users of the cloud, or to the world."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ivc.estate import families
from ivc.estate.public_ranges import reaches_world
from ivc.estate.reach import ALL, Assumed, is_assumed
from ivc.terraform.document import Element
from ivc.terraform.value import Unknown, written

_READERS = {
    ".r:*": "anybody can read its objects",
    ".rlistings": "anybody can list it",
    "*:*": "every user of the cloud can read its objects",
    "*": "every user of the cloud can read its objects",
}
_WRITERS = {
    "*:*": "every user of the cloud can write objects into it",
    "*": "every user of the cloud can write objects into it",
}
_VISIBLE = {
    "public": "every project of the cloud can use it",
    "community": "every project of the cloud can use it",
}
_SHARED = "every project of the cloud can use it"


def given_to_all(element: Element, assumed: Assumed = ALL) -> tuple[str, ...]:
    """What everybody may do with a resource, in our words; nothing for a type that knows no such thing.

    assumed: the unknown values that are taken for the worse.
    """
    rule = _RULES.get(element.type)
    return tuple(dict.fromkeys(rule(element, assumed))) if rule is not None and not element.data else ()


def _worst(value: Any, assumed: Assumed) -> bool:
    return isinstance(value, Unknown) and is_assumed(value, assumed)


def _container(element: Element, assumed: Assumed) -> Iterator[str]:
    for key, words in (("container_read", _READERS), ("container_write", _WRITERS)):
        value = element.given.get(key)
        if _worst(value, assumed):
            yield next(iter(words.values()))
        elif isinstance(value, str):
            # Swift takes `.r:*` for every referrer, which is anybody, with an account or without.
            for each in map(str.strip, value.split(",")):
                if each in words:
                    yield words[each]
                elif key == "container_read" and each.startswith(".r:") and not each.startswith(".r:-"):
                    # Whoever asks says himself which page he comes from.
                    yield words[".r:*"]


def _image(element: Element, assumed: Assumed) -> Iterator[str]:
    value = element.given.get("visibility")
    if _worst(value, assumed) or written(value) in _VISIBLE:
        yield _SHARED


def _flagged(key: str) -> Callable[[Element, Assumed], Iterator[str]]:
    def rule(element: Element, assumed: Assumed) -> Iterator[str]:
        value = element.flag(key)
        if value is True or _worst(value, assumed):
            yield _SHARED

    return rule


def _share_access(element: Element, assumed: Assumed) -> Iterator[str]:
    to = element.given.get("access_to")
    if written(element.given.get("access_type")) == "ip" and (_worst(to, assumed) or reaches_world(_texts(to))):
        yield "every address can use its share"


def _rbac_policy(element: Element, assumed: Assumed) -> Iterator[str]:
    target = element.given.get("target_tenant")
    if target == "*" or _worst(target, assumed):
        yield "every project of the cloud can use what it is about"


def _port(element: Element, assumed: Assumed) -> Iterator[str]:
    for pair in element.blocks("allowed_address_pairs"):
        address = pair.get("ip_address")
        if _worst(address, assumed) or reaches_world(_texts(address)):
            yield "it may send and take what is any other's address"


def _texts(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) and value else ()


_RULES: Mapping[str, Callable[[Element, Assumed], Iterator[str]]] = {
    families.CONTAINER.type: _container,
    families.IMAGE.type: _image,
    families.SHARE.type: _flagged("is_public"),
    families.SHARE_ACCESS.type: _share_access,
    families.RBAC_POLICY.type: _rbac_policy,
    families.NETWORK.type: _flagged("shared"),
    families.PORT.type: _port,
    "openstack_networking_subnetpool_v2": _flagged("shared"),
    "openstack_networking_addressscope_v2": _flagged("shared"),
    "openstack_networking_qos_policy_v2": _flagged("shared"),
}

TYPES = frozenset(_RULES)
"""The Terraform types that can be given to everybody."""
