"""The parts of a document, by the form that cloud-init takes them for (cloudinit/user_data.py)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING

from ivc.userdata.checks import kind
from ivc.userdata.checks.finding import Finding, Severity
from ivc.userdata.checks.kind import is_mime
from ivc.userdata.checks.placeholder import only_known, shown, unknown, without_jinja

if TYPE_CHECKING:
    from ivc.userdata.checks.mime import Leaf

__all__ = ["Form", "Part", "is_mime", "of_kind", "parts"]


class Form(Enum):
    """What a part is."""

    CLOUD_CONFIG = auto()
    SCRIPT = auto()
    INCLUDE = auto()
    ARCHIVE = auto()
    """Parts in a list (`ivc.userdata.checks.archive`)."""
    PATCH = auto()
    OTHER = auto()
    """A part-handler, what nobody handles."""


@dataclass(frozen=True)
class Part:
    """One part of a document.

    text: what checks read; with empty lines above it, so that its lines have their numbers of the whole, and with
    cloud-init's own Jinja hidden.
    jinja: the text with that Jinja, where cloud-init renders it once more; else None.
    encoded_at: the line where it stands encoded, for a part whose lines are not those of the whole.
    name: its file's; or empty.
    merging: how it is merged with the parts before it, as its head says; or empty.
    found: what the guest does with it before anybody reads it; with lines of the whole.
    """

    form: Form
    text: str
    jinja: str | None = None
    encoded_at: int | None = None
    name: str = ""
    merging: str = ""
    found: tuple[Finding, ...] = ()

    @property
    def conditional(self) -> bool:
        """Whether cloud-init's own Jinja may leave lines out, or write them twice."""
        return self.jinja is not None and "{%" in self.jinja


_FORMS = {
    kind.CONFIG: Form.CLOUD_CONFIG,
    kind.ARCHIVE: Form.ARCHIVE,
    kind.PATCH: Form.PATCH,
    kind.HOOK: Form.SCRIPT,
    **dict.fromkeys(kind.SCRIPTS, Form.SCRIPT),
    **dict.fromkeys(kind.INCLUDES, Form.INCLUDE),
}
# cloudinit/user_data.py: of these the beginning decides.
_BY_BEGINNING = ("text/plain", "text/x-not-multipart", kind.SCRIPT)
_RENDERED = (kind.CONFIG, kind.SCRIPT, kind.HOOK)
# With `trim_blocks`, as cloud-init has it (cloudinit/templater.py).
_STATEMENT = re.compile(r"(?:\{%.*?%\}|\{#.*?#\})\n?", re.DOTALL)


def parts(text: str) -> Iterator[Part]:
    """The parts of a document; of one without MIME, itself."""
    if not is_mime(text):
        yield of_kind(kind.kind_of(text), text)
        return
    from ivc.userdata.checks.mime import leaves

    handles_more = False
    for leaf in leaves(text):
        declared = "text/plain" if leaf.packed else leaf.header.get_content_type()
        taken = (kind.kind_of(leaf.text) or declared) if declared in _BY_BEGINNING else declared
        part = of_kind(taken, leaf.text, above=leaf.line, encoded_at=leaf.head_at + 1 if leaf.encoded else None)
        header = leaf.header
        yield replace(
            part,
            name=header.get_filename() or "",
            merging=str(header.get("Merge-Type") or header.get("X-Merge-Type") or ""),
            found=(*part.found, *_of_leaf(leaf, taken, handles_more=handles_more)),
        )
        handles_more = handles_more or taken == kind.HANDLER


def of_kind(taken: str | None, text: str, *, above: int = 0, encoded_at: int | None = None) -> Part:
    """The part that cloud-init takes for such a kind.

    above: how many lines of the whole stand above it. encoded_at: as in `Part`.
    """
    pad = "\n" * above if encoded_at is None else ""
    first = encoded_at or above + 1
    if taken == kind.JINJA:
        return _rendered(text, pad, encoded_at, first)
    found = tuple(_of_script(taken, text, first)) if _FORMS.get(taken or "") is Form.SCRIPT else ()
    return Part(_FORMS.get(taken or "", Form.OTHER), pad + text, None, encoded_at, found=found)


def _rendered(text: str, pad: str, encoded_at: int | None, first: int) -> Part:
    """A part that cloud-init renders, and takes for what comes out (cloudinit/handlers/jinja_template.py)."""
    known = without_jinja(text)
    below = first if encoded_at else first + 1
    if not kind.is_rendered(text):
        said = _error(
            "jinja-header",
            first,
            f"cloud-init renders its own Jinja where the first line is '## template: jinja' and nothing else, and "
            f"{shown(text.split(chr(10), 1)[0])!r} is not, so that it leaves this out; write that line at the very top",
        )
        return Part(Form.OTHER, pad + known, pad + text, encoded_at, found=(said,))
    body = _STATEMENT.sub("", text.partition("\n")[2])
    taken = kind.kind_of(known.partition("\n")[2])
    found = [*_of_script(taken, body, below)] if _FORMS.get(taken or "") is Form.SCRIPT else []
    if taken == kind.HOOK:
        found.append(
            _error(
                "jinja-kind",
                below,
                "a #cloud-boothook with '## template: jinja' is left out by older releases of cloud-init, 22.4.2 of "
                "Debian 12 among them; take that line away, and ask `cloud-init query` in the script",
                severity="warning",
            )
        )
    elif body.strip() and not body.lstrip().startswith("{{") and taken not in _RENDERED:
        what = "begins with no header of its own" if taken is None else f"is of the type {taken}"
        found.append(
            _error(
                "jinja-kind",
                below,
                f"what is below '## template: jinja' {what}, and cloud-init renders only #cloud-config and scripts, "
                "and leaves this out; begin with one of their headers, or take the first line away",
            )
        )
    return Part(_FORMS.get(taken or "", Form.OTHER), pad + known, pad + text, encoded_at, found=tuple(found))


def _of_script(taken: str | None, text: str, first: int) -> Iterator[Finding]:
    """The kernel runs a file by its first two characters."""
    body = text
    if taken == kind.HOOK:
        # cloudinit/handlers/boot_hook.py: the header goes where it is at the very top and in small letters.
        body = text.removeprefix("#cloud-boothook").lstrip()
    if not body.strip() or body.startswith(("#!", "\x7fELF", "{{")) or unknown(body[:2]):
        return
    if body.lstrip().startswith("#!"):
        yield _error("script-start", first, "there is something above '#!', so that the guest cannot run it; remove it")
    else:
        where = "below #cloud-boothook" if taken == kind.HOOK else "at the very top"
        yield _error(
            "script-start",
            first,
            f"a script of the type {taken} begins with {shown(body.split(chr(10), 1)[0])!r}, and the guest cannot run "
            f"it; write #!/bin/sh {where}",
        )


def _of_leaf(leaf: Leaf, taken: str, *, handles_more: bool) -> Iterator[Finding]:
    """What becomes of a part of a MIME message.

    handles_more: whether a part-handler stands before it, which may know other types.
    """
    if leaf.packed and not leaf.text:
        yield _error(
            "part-packed",
            leaf.head_at + 1,
            f"this part is no gzip, though its type is {leaf.header.get_content_type()}, and the guest goes without "
            "all user data for it; pack it, or write the type that it has",
        )
    if not leaf.text.strip():
        return
    if taken not in (*kind.HANDLED, *kind.INCLUDES, kind.ARCHIVE) and not handles_more:
        meant = kind.kind_of(leaf.text) or taken.replace("/x-", "/")
        fix = f"write Content-Type: {meant if meant in kind.HANDLED else kind.CONFIG}, or what it is"
        yield _error(
            "part-type",
            leaf.head_at + 1,
            f"cloud-init knows no part of the type {shown(taken)!r} and leaves it out; {fix}",
        )
    if not leaf.encoded:
        yield from _letters(leaf)
    if taken != kind.JINJA and kind.kind_of(leaf.text) == kind.JINJA and ("{{" in leaf.text or "{%" in leaf.text):
        yield _error(
            "jinja-header",
            leaf.head_at + 1,
            f"a part of the type {shown(taken)} is not rendered on the guest, whatever its first line says; write "
            "Content-Type: text/jinja2",
        )


def _letters(leaf: Leaf) -> Iterator[Finding]:
    for number, line in enumerate(leaf.text.split("\n")):
        # By apply, what stands there is ASCII, as `forms` demands.
        if not only_known(line).isascii():
            yield _error(
                "mime-letters",
                leaf.line + number + 1,
                f"{shown(line)!r} has letters outside ASCII in a part that is not encoded, and cloud-init loses them "
                "or the part; give it `Content-Transfer-Encoding: base64` and encode it, or build it by "
                "UserData.multipart, which does",
            )
            return


def _error(id: str, line: int, message: str, *, severity: Severity = "error") -> Finding:
    return Finding(id=id, severity=severity, line=line, message=message)
