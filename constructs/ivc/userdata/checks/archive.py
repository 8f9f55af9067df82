"""A `#cloud-config-archive`: parts in a list (cloudinit/user_data.py, _explode_archive)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ivc.userdata.checks import as_guest, kind, tree
from ivc.userdata.checks.finding import Finding
from ivc.userdata.checks.part import Part, of_kind
from ivc.userdata.checks.placeholder import shown, unknown


def items(archive: Part) -> Iterator[Part | Finding]:
    """Its parts, and what the guest does not take."""
    try:
        root = tree.parse(archive.text)
    except tree.NotYamlError as error:
        yield error.finding
        return
    yield from tree.line_ends(archive.text)
    if not isinstance(root, SequenceNode):
        if root is not None:
            fault = "a #cloud-config-archive is a list of parts, and this is none, so that the guest takes nothing"
            yield _error(root, f"{fault}; begin each part with '- '")
        return
    for item in root.value:
        yield from _item(item, archive)


def _item(item: Node, archive: Part) -> Iterator[Part | Finding]:
    fields = tree.entries(item)
    content = fields.get("content") if isinstance(item, MappingNode) else item
    given = tree.scalar(fields.get("type"))
    if content is None:
        return
    if not isinstance(content, ScalarNode) or tree.kind(content) not in ("str", "binary"):
        if isinstance(item, MappingNode):
            fault = "the content of a part is text, and this is none, for which cloud-init gives up all user data"
        else:
            fault = "a part of an archive is a text or a mapping with `content`, and cloud-init leaves others out"
        yield _error(content, f"{fault}; put it in quotes, or below `content: |`")
        return
    if given is not None and (tree.kind(fields["type"]) != "str" or "/" not in given) and not unknown(given):
        yield _error(
            fields["type"],
            f"{shown(given)!r} is no type, and cloud-init gives up all user data for it; write it like "
            "text/cloud-config, or leave it out",
        )
        return
    text = _text(content)
    taken = given or kind.kind_of(text) or (kind.CONFIG if tree.kind(content) == "str" else "application/octet-stream")
    if taken not in kind.HANDLED and text.strip() and not unknown(taken):
        # Nobody looks at its beginning once more, and nobody takes it apart.
        yield _error(
            fields.get("type", item),
            f"cloud-init takes no part of the type {shown(taken)!r} from an archive, and leaves it out; write one of "
            f"{', '.join((kind.CONFIG, kind.SCRIPT, kind.HOOK))}",
        )
    yield replace(_placed(content, text, taken, archive), name=tree.scalar(fields.get("filename")) or "")


def _text(content: ScalarNode) -> str:
    value = str(content.value)
    if tree.kind(content) == "str" or unknown(value):
        return value
    return str(as_guest.made(content).decode(errors="replace"))


def _placed(content: ScalarNode, text: str, taken: str, archive: Part) -> Part:
    """The part with its lines of the whole, where its content is a block."""
    if content.style == "|" and archive.encoded_at is None and text == content.value:
        return of_kind(taken, text, above=tree.first_line_of_text(content) - 1)
    return of_kind(taken, text, encoded_at=archive.encoded_at or tree.line_of(content))


def _error(node: Node, message: str) -> Finding:
    return Finding(id="archive", severity="error", line=tree.line_of(node), message=message)
