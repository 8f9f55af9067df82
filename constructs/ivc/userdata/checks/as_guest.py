"""What the guest's YAML loader makes of a text: PyYAML's SafeLoader, written in Python (cloudinit/util.py, load_yaml).

Our own reading is libyaml's, and stops before values are made. The two were held against each other by generated
texts; tests/userdata/test_as_guest.py does so again. They differ over:

- a tab anywhere but in a comment, in quotes or in a block, which the guest does not take;
- a question mark in plain text in brackets or braces, `[https://a/?b]`, which the guest does not take;
- a tag of nothing but `!`; a block's `|` with a comment directly behind it; a byte-order mark;
- what only one of them takes, such as `"\\ud800"` or `[?]`: there `tree` lets the guest's reader decide.

And a text that has a form may hold a value that has none: a tag that nobody knows, the 30th of February.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.constructor import SafeConstructor
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ivc.userdata.checks.placeholder import shown, unknown

_PREFIX = "tag:yaml.org,2002:"
_ORDINARY: dict[type[Node], str] = {MappingNode: f"{_PREFIX}map", SequenceNode: f"{_PREFIX}seq"}
_MERGE = f"{_PREFIX}merge"
_BOOL = f"{_PREFIX}bool"
_SIGNS = {"merge": "<<", "value": "="}
_WHAT = {"int": "a number", "float": "a number", "timestamp": "a date", "bool": "yes or no", "binary": "base64"}
_LOST = "and cloud-init throws the whole document away for it"
# What can always be made of such text.
_TEXT = (f"{_PREFIX}str", f"{_PREFIX}null")
_BOOLS = SafeConstructor.bool_values
_DIFFERENT = re.compile("\t|![\\s,\\]}]|!$|[|>][-+0-9]*#")
_BLOCK_WITH_NOTE = re.compile("[|>][-+0-9]*#")
_FLOW = re.compile(r"[\[{]")
_BLOCK = re.compile(r"[|>][-+0-9]*(?=[\s#])")
_COMMENT = re.compile(r"(?:^|(?<= ))#[^\n\r\x85\u2028\u2029]*", re.MULTILINE)


class LostError(yaml.YAMLError):
    """A value for which the guest throws the document away.

    id, message: of the finding that says so.
    mark: where the value stands.
    """

    def __init__(self, id: str, message: str, mark: yaml.Mark) -> None:
        super().__init__(message)
        self.id = id
        self.message = message
        self.mark = mark


def may_read_otherwise(text: str, root: Node) -> bool:
    """Whether the guest may read another document than libyaml, which made `root` of the text."""
    if "?" in text and _FLOW.search(text) and _asks_in_flow(root):
        return True
    # Most texts have nothing of it, which is sooner known by single signs.
    if not any(sign in text for sign in "\t!") and _BLOCK_WITH_NOTE.search(text) is None:
        return False
    return _DIFFERENT.search(_COMMENT.sub("", _without_blocks(text, root))) is not None


def _asks_in_flow(root: Node) -> bool:
    """Whether some plain text in brackets or braces has a question mark, as an address with a query has."""
    return any(
        isinstance(inner, ScalarNode) and not inner.style and "?" in inner.value
        for node in below(root)
        if isinstance(node, (MappingNode, SequenceNode)) and node.flow_style
        for item in node.value
        for inner in (item if isinstance(item, tuple) else (item,))
    )


def _without_blocks(text: str, root: Node) -> str:
    """The text without what stands in quotes and in blocks, which both read alike."""
    spans = sorted(
        (node.start_mark.index, node.end_mark.index, node.style)
        for node in below(root)
        if isinstance(node, ScalarNode) and node.style in ("'", '"', "|", ">")
    )
    pieces, done = [], 0
    for start, end, style in spans:
        begins = _begins(text, start, end, style)
        if start >= done and begins >= 0:
            pieces.append(text[done:begins])
            done = end
    return "_".join([*pieces, text[done:]])


def _begins(text: str, start: int, end: int, style: str) -> int:
    """Where the text itself begins: a scalar starts with its tag and anchor, a block with its indicators."""
    if style in ("'", '"'):
        return text.find(style, start, end)
    header = _BLOCK.search(text, start, end)
    return text.find("\n", header.end(), end) if header else -1


def below(root: Node) -> Iterator[Node]:
    """The node and all nodes below it, keys too, each once."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, MappingNode):
            waiting += (each for pair in node.value for each in pair)
        elif isinstance(node, SequenceNode):
            waiting += node.value


def check_values(root: Node) -> None:
    """Raise LostError for the first value that the guest cannot make."""
    keys: set[int] = set()
    lost = [node for node in below(root) if not _is_ordinary(node, keys)]
    for node in sorted(lost, key=lambda node: node.start_mark.index):
        _make(node)


def _is_ordinary(node: Node, keys: set[int]) -> bool:
    """Whether the guest makes a value of it for certain.

    keys: the keys that mean something to YAML itself; a mapping comes before its keys.
    """
    if isinstance(node, ScalarNode):
        return (
            node.tag in _TEXT
            or (node.tag == _BOOL and node.value.lower() in _BOOLS)
            or id(node) in keys
            or unknown(node.value)
        )
    if isinstance(node, MappingNode):
        special = [
            key for key, _ in node.value if not isinstance(key, ScalarNode) or key.tag.endswith((":merge", ":value"))
        ]
        keys.update(id(key) for key in special)
        if special:
            return False
    return node.tag == _ORDINARY[type(node)]


def _make(node: Node) -> None:
    try:
        made(node)
    except yaml.MarkedYAMLError as error:
        raise _why(error.problem or "", node, error.problem_mark or node.start_mark) from None
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError):
        what = _WHAT.get(node.tag.removeprefix(_PREFIX), "a value of its tag")
        message = f"{shown(str(node.value))!r} looks like {what} and is none, {_LOST}; put it in quotes, or correct it"
        raise LostError("yaml-value", message, node.start_mark) from None


def made(node: Node) -> Any:
    """The value that the guest makes of a node that `check_values` has let pass."""
    return SafeConstructor().construct_document(_copy(node, {}))


def has_merges(root: Node) -> bool:
    """Whether some mapping takes others in by `<<`."""
    return any(key.tag == _MERGE for node in below(root) if isinstance(node, MappingNode) for key, _ in node.value)


def with_merges(root: MappingNode) -> MappingNode:
    """The document with all that its `<<` stand for; a copy."""
    merged: MappingNode = _copy(root, {})
    constructor = SafeConstructor()
    for node in [*below(merged)]:
        if isinstance(node, MappingNode):
            constructor.flatten_mapping(node)
    return merged


def _copy(node: Node, done: dict[int, Any]) -> Any:
    """The same nodes once more: PyYAML works merges into those that it is given."""
    if id(node) not in done:
        done[id(node)] = again = copy.copy(node)
        if isinstance(node, MappingNode):
            again.value = [(_copy(key, done), _copy(value, done)) for key, value in node.value]
        elif isinstance(node, SequenceNode):
            again.value = [_copy(item, done) for item in node.value]
    return done[id(node)]


def _why(problem: str, node: Node, mark: yaml.Mark) -> LostError:
    """The error for what PyYAML says."""
    if "unhashable" in problem or "unconstructable" in problem:
        message = f"a key of a mapping is a mapping or a list, as {{{{ name }}}} is to YAML, {_LOST}; put it in quotes"
        return LostError("yaml-value", message, mark)
    if "merging" in problem:
        message = f"'<<' takes a mapping or a list of mappings, and this is none, {_LOST}; name an anchor of a mapping"
        return LostError("yaml-value", message, mark)
    tag = node.tag.removeprefix(_PREFIX)
    if tag in _SIGNS:
        return LostError("yaml-value", f"{_SIGNS[tag]!r} alone is no text to YAML, {_LOST}; put it in quotes", mark)
    if "determine a constructor" in problem:
        tag = problem.rpartition("tag ")[2].strip("'").removeprefix(_PREFIX)
        message = f"YAML has no tag {shown(tag)!r}, {_LOST}; take it away, or put all of the value in quotes"
        return LostError("yaml-tag", message, mark)
    return LostError(
        "yaml-tag", f"the tag {tag!r} does not fit what it stands before, {_LOST}; take the tag away", mark
    )
