"""What in a YAML node is not of the shape that it should be, with its line and in a sentence."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ivc.userdata.checks import tree
from ivc.userdata.checks.finding import Finding, Severity
from ivc.userdata.checks.placeholder import shown, unknown
from ivc.userdata.checks.shape import Kind, Old, Shape, words

_FORMS: Mapping[type[Node], tuple[Kind, ...]] = {
    ScalarNode: ("any", "scalar", "words"),
    SequenceNode: ("any", "list"),
    MappingNode: ("any", "mapping"),
}
_KINDS: Mapping[type, tuple[str, ...]] = {
    str: ("str", "binary"),
    bool: ("bool",),
    int: ("int",),
    float: ("int", "float"),
    type(None): ("null",),
}
_BOOLEANS = ("true", "false", "yes", "no", "on", "off")
_DECIMAL = re.compile(r"-?(0|[1-9]\d*)(\.\d*[1-9])?")
_ITEM = re.compile(r", item \d+")


def misfits(node: Node, shape: Shape, where: str) -> Iterator[Finding]:
    """What does not fit.

    where: the place, in words: `write_files, item 2, content`.
    """
    if isinstance(node, ScalarNode) and unknown(node.value):
        return
    match shape.kind:
        case "any":
            return
        case "union":
            yield from _of_union(node, shape, where)
        case "scalar" | "words" if isinstance(node, ScalarNode):
            yield from _of_scalar(node, shape, where)
        case "list" if isinstance(node, SequenceNode):
            yield from _of_list(node, shape, where)
        case "mapping" if isinstance(node, MappingNode):
            yield from _of_mapping(node, shape, where)
        case _:
            yield _wrong(node, shape, where)


def _of_union(node: Node, shape: Shape, where: str) -> Iterator[Finding]:
    # Only a member of the node's own form can say what is wrong inside it.
    members = [member for member in shape.members if member.kind in _FORMS[type(node)]]
    if isinstance(node, MappingNode) and len(members) > 1:
        kind = tree.entries(node).get("type")
        typed = [member for member in members if kind is not None and not [*misfits(kind, member.fields["type"], "")]]
        if kind is not None and not typed:
            values = dict.fromkeys(value for member in members for value in member.fields["type"].values)
            yield _wrong(kind, words(*values), f"{where}, type")
            return
        members = typed or members
    attempts = []
    for member in members:
        found = list(misfits(node, member, where))
        if all(finding.id == "deprecated-key" for finding in found):
            if member.old is not None:
                yield _old_value(node, member.old, where)
            yield from found
            return
        attempts.append(found)
    if isinstance(node, ScalarNode):
        attempts = [found for found in attempts if all(finding.severity == "warning" for finding in found)]
    if attempts:
        yield from min(attempts, key=len)
    else:
        yield _wrong(node, shape, where)


def _of_list(node: SequenceNode, shape: Shape, where: str) -> Iterator[Finding]:
    count = len(node.value)
    if shape.least is not None and count < shape.least:
        yield _too_few(node, shape, where)
    elif shape.most is not None and count > shape.most:
        yield _finding(
            node, "error", f"{where} has {count} items, and cloud-init expects {_range(shape)}; take some away", where
        )
    seen: set[tuple[str, str]] = set()
    for number, item in enumerate(node.value, start=1):
        place = f"{where}, item {number}"
        yield from misfits(item, shape.members[0], place)
        if shape.unique and isinstance(item, ScalarNode) and not unknown(item.value):
            if (item.tag, item.value) in seen:
                message = f"{place} is {shown(item.value)!r} once more, and cloud-init expects each once; take one away"
                yield _finding(item, "warning", message, place)
            seen.add((item.tag, item.value))


def _too_few(node: SequenceNode | MappingNode, shape: Shape, where: str) -> Finding:
    if not node.value:
        what, inside = ("mapping", "key") if isinstance(node, MappingNode) else ("list", "item")
        least = f"at least one {inside}" if shape.least == 1 else _range(shape)
        message = f"{where} is an empty {what}, and cloud-init expects {least}; fill it or take it away"
        # It does nothing then, and calls the boot degraded.
        return _finding(node, "warning" if shape.least == 1 else "error", message, where)
    count = f"{len(node.value)} item{'s' if len(node.value) > 1 else ''}"
    return _finding(node, "error", f"{where} has {count}, and cloud-init expects {_range(shape)}; add the rest", where)


def _range(shape: Shape) -> str:
    return f"{shape.most} items" if shape.least == shape.most else f"{shape.least} to {shape.most} items"


def _of_mapping(node: MappingNode, shape: Shape, where: str) -> Iterator[Finding]:
    known = [(key, value) for key, value in node.value if _is_known(key)]
    for key, value in known:
        yield from of_key(key, value, shape, where)
    # One that is not known yet may be any.
    if len(known) == len(node.value):
        yield from _of_names(node, [key.value for key, _ in known], shape, where)


def _is_known(key: Node) -> bool:
    return isinstance(key, ScalarNode) and not unknown(key.value) and tree.kind(key) != "merge"


def of_key(key: ScalarNode, value: Node, shape: Shape, where: str) -> Iterator[Finding]:
    """What does not fit in one key of a mapping, and its value."""
    name = key.value
    known = shape.fields.get(name)
    if known is None and shape.others is not None and (shape.names is None or shape.names(name)):
        known = shape.others
    if known is None:
        # As in Compose's files: a place for anchors, meant to be ignored.
        if where or not name.startswith("x-"):
            yield unknown_key(key, shape.fields, where)
        return
    if known.old is not None:
        yield _old_key(key, known.old, where)
    yield from misfits(value, known, f"{where}, {name}" if where else name)


def _of_names(node: MappingNode, names: list[str], shape: Shape, where: str) -> Iterator[Finding]:
    missing = [name for name in shape.required if name not in names]
    for name in missing:
        yield _finding(node, "error", f"{where} has no {name!r}, which cloud-init needs; add it", where)
    if shape.one_of and not any(name in names for name in shape.one_of):
        *most, last = (repr(name) for name in shape.one_of)
        yield _finding(
            node, "error", f"{where} has no {', '.join(most)} or {last}, of which cloud-init needs one; add it", where
        )
    for one, other in shape.apart:
        if one in names and other in names:
            message = f"{where} has both {one!r} and {other!r}, and cloud-init expects one of them; take one away"
            yield _finding(node, "error", message, where)
    if shape.least is not None and not names and not missing:
        yield _too_few(node, shape, where)


def unknown_key(key: ScalarNode, known: Mapping[str, object], where: str) -> Finding:
    """A key that cloud-init ignores, with the key that was meant, as far as that can be guessed."""
    near = _near(key.value, known)
    place = f" in {where}" if where else ""
    meant = f"write {near[0]!r} if that was meant" if near else "take it away, or correct its name"
    return Finding(
        id="unknown-key",
        severity="error",
        line=tree.line_of(key),
        message=f"cloud-init knows no key {shown(key.value)!r}{place} and ignores it; {meant}",
        subject=key.value,
    )


def _near(given: str, known: Iterable[str]) -> list[str]:
    return difflib.get_close_matches(given, known, n=1, cutoff=0.6)


def _old_key(key: ScalarNode, old: Old, where: str) -> Finding:
    place = f" in {_ITEM.sub('', where)}" if where else ""
    return _old(key, old, f"{key.value!r}{place}", repr(old.instead), f"{where}, {key.value}" if where else key.value)


def _old_value(node: Node, old: Old, where: str) -> Finding:
    if isinstance(node, ScalarNode):
        kind, value = tree.kind(node), shown(node.value)
        what = f"the text {value!r}" if kind == "str" else value
        if kind == "bool" and value.lower() != _reading(node, kind):
            what += f", which YAML reads as {_reading(node, kind)}"
    else:
        what = "a mapping" if isinstance(node, MappingNode) else "a list"
    return _old(node, old, f"{where} is {what}, and that", old.instead, where)


def _old(node: Node, old: Old, what: str, instead: str, where: str) -> Finding:
    if old.gone:
        message = f"{what} means nothing to cloud-init since {old.since}; take it away"
    else:
        fix = f"write {instead}" if old.instead else "take it away"
        message = f"{what} is deprecated since cloud-init {old.since}; {fix}"
    return Finding(
        id="deprecated-key",
        severity="warning",
        line=tree.line_of(node),
        message=message,
        subject=_ITEM.sub("", where).replace(", ", "."),
    )


def _of_scalar(node: ScalarNode, shape: Shape, where: str) -> Iterator[Finding]:
    kind, value = tree.kind(node), node.value
    if shape.kind == "words":
        given = tree.true(node) if kind == "bool" else value
        if not any(
            given == allowed and isinstance(given, bool) == isinstance(allowed, bool) for allowed in shape.values
        ):
            yield _wrong(node, shape, where)
        return
    if kind in _KINDS[shape.scalar]:
        if (shape.fits is not None and not shape.fits(value)) or (
            shape.least is not None and _below(value, shape.least)
        ):
            yield _wrong(node, shape, where)
        return
    if shape.scalar is str and shape.fits is None and kind in ("int", "float") and _DECIMAL.fullmatch(value):
        yield _finding(
            node, "warning", f'{where} is the number {value}, where a text is expected; write "{value}"', where
        )
    elif shape.scalar in (int, float) and kind == "str" and _DECIMAL.fullmatch(value):
        yield _finding(
            node,
            "warning",
            f"{where} is the text {value!r}, where {shape.words} is expected; take the quotes away",
            where,
        )
    else:
        yield _wrong(node, shape, where)


def _below(value: str, least: int) -> bool:
    return _DECIMAL.fullmatch(value) is not None and float(value) < least


def _wrong(node: Node, shape: Shape, where: str) -> Finding:
    return _finding(node, "error", f"{where} {_is(node, shape)}", where)


def _is(node: Node, shape: Shape) -> str:
    expected = f"and cloud-init expects {shape.words}"
    alternatives = (shape, *shape.members) if shape.kind == "union" else (shape,)
    takes_text = any(one.scalar is str for one in alternatives)
    if isinstance(node, MappingNode):
        keys = [key.value for key, _ in node.value if isinstance(key, ScalarNode)]
        said = f"is a mapping, {expected}"
        if "path" in keys and "content" in keys:
            said = f"is a file, with path and content, {expected}; put 'write_files:' above it"
        elif takes_text and len(keys) == 1:
            said = f"is a mapping with the key {shown(keys[0])!r}, {expected}; put a text that has ': ' in it in quotes"
    elif isinstance(node, ScalarNode):
        said = _scalar_is(node, alternatives, expected)
    else:
        said = f"is a list, {expected}"
    return said


def _scalar_is(node: ScalarNode, alternatives: Sequence[Shape], expected: str) -> str:
    value, kind = shown(node.value), tree.kind(node)
    near = [match for one in alternatives if one.kind == "words" and one.like for match in _near(value, one.values)]
    if kind == "null":
        said = f"has nothing after it, {expected}; give it a value or take the key away"
    elif kind != "str" and any(one.scalar is str for one in alternatives):
        said = f'is {value} without quotes, which YAML reads as {_reading(node, kind)}, {expected}; write "{value}"'
    elif near:
        said = f"is {value!r}, {expected}; write {near[0]!r} if that was meant"
    elif any(one.hidden for one in alternatives):
        said = f"is another text, {expected}"
    elif kind == "str" and any(_meant(value, one) for one in alternatives):
        said = f"is the text {value!r}, {expected}; write it without quotes"
    else:
        said = f"is {value!r}, {expected}" if kind == "str" else f"is {value}, {expected}"
    return said


def _meant(value: str, shape: Shape) -> bool:
    """Whether a text would do without its quotes."""
    return value.lower() in _BOOLEANS and (shape.scalar is bool or True in shape.values)


def _reading(node: ScalarNode, kind: str) -> str:
    if kind == "bool":
        return "true" if tree.true(node) else "false"
    return {"int": "another number", "float": "another number", "timestamp": "a date"}.get(kind, kind)


def _finding(node: Node, severity: Severity, message: str, where: str) -> Finding:
    return Finding(id="schema", severity=severity, line=tree.line_of(node), message=message, subject=where)
