"""YAML with its lines: cloud-init's own reader tells neither where a value stands nor that a key is there twice.

The guest reads with PyYAML's own loader, which is slow. libyaml is fast and reads nearly all texts alike: where a text
has what the two read differently, the guest's reader reads it here, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ivc.userdata.checks import as_guest
from ivc.userdata.checks.finding import Finding
from ivc.userdata.checks.placeholder import shown, unknown

# YAML 1.1 counts them as ends of a line, and hardly an editor does.
_OTHER_LINE_ENDS = re.compile("\r(?!\n)|[\x85\u2028\u2029]")
# A key of the first level; what may stand above the first; and what the whole text has to be known for:
# several documents in one, an anchor.
_KEY = re.compile(r"[A-Za-z_][\w-]*:(?=[ \r\n]|$)")
_NOTES = re.compile(r"(?:[ ]*(?:#[^\n]*)?\n)*")
_MARKERS = ("---", "...", "%")
_ANCHOR = re.compile(r"[\s\[{,]&[^\s&]")
_MAY_MERGE = re.compile(r"<<\s*[:#]|merge")
_DEEPEST = 400
_PREFIX = "tag:yaml.org,2002:"

# What libyaml says, and what a person has to do.
_IN_PLAIN_WORDS = {
    "mapping values are not allowed in this context": "there is a ': ' too many, or the indentation is off; put a "
    "value that has ': ' in it in quotes",
    "found character that cannot start any token": "no value may begin with this character (a tab, @, ` or %); indent "
    "with spaces, and put such a value in quotes",
    "found character '\\t' that cannot start any token": "there is a tab, which the guest takes only in quotes, in "
    "blocks and in comments, and else throws the whole document away; write blanks instead",
    "but found '\\t'": "there is a tab behind the | or >, for which the guest throws the whole document away; remove "
    "it",
    "found a tab character that violates indentation": "there is a tab; indent with spaces",
    "could not find expected ':'": "a key has no ':', or its text lost its indentation; add the ':' or indent the line",
    "did not find expected key": "this does not belong to what is above it; give it the same indentation, and close "
    "quotes before it",
    "did not find expected '-' indicator": "this is not an item of the list above it; begin it with '- ' or correct "
    "its indentation",
    "did not find expected <document start>": "this does not belong to what is above it; correct its indentation",
    "did not find expected ',' or ']'": "a list in [ ] is not closed, or a comma is missing; add it",
    "did not find expected ',' or '}'": "a mapping in { } is not closed, or a comma is missing; add it",
    "found unexpected end of stream": "a quote is not closed before the end; close it",
    "found unknown escape character": "a backslash in double quotes begins an escape that does not exist; use single "
    "quotes",
    "did not find expected alphabetic or numeric character": "a value begins with * or &, which name an anchor; put "
    "it in quotes",
    "block sequence entries are not allowed in this context": "a list begins where there is a value already; put it "
    "on lines of its own",
    "expected chomping or indentation indicators": "a | or > has something directly behind it; put a blank between, or "
    "the text on the next line",
    "but got '?'": "a ? in brackets or braces ends the text before it on the guest; put it in quotes",
    "but found another document": "a second document begins with '---', and cloud-init reads one; take that line away",
    "found undefined alias": "a value begins with *, which stands for an anchor that does not exist; put it in quotes",
}


class NotYamlError(Exception):
    """The text is not YAML; carries what is to be said."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def parse(text: str) -> Node | None:
    """The document's node, or None where it is empty; raises NotYamlError.

    What is below a key of the first level is one and the same node in all documents that have it at the same line.
    """
    try:
        if _has_other_line_ends(text):
            root = _composed(text)
            return root and _with_lines_of(root, text)
        return _by_sections(text) or _composed(text)
    except as_guest.LostError as error:
        at = _line_at(text, error.mark)
        raise NotYamlError(Finding(id=error.id, severity="error", line=at, message=error.message)) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or str(error)
        words = next((words for said, words in _IN_PLAIN_WORDS.items() if said in problem), problem)
        line, column = (_line_at(text, mark), f"column {mark.column + 1}: ") if mark else (None, "")
        raise NotYamlError(_syntax(line, f"{column}this is not YAML: {words}")) from None
    except yaml.reader.ReaderError as error:
        # Its position counts bytes or characters, as the reader may be.
        number = text.count("\n", 0, text.find(chr(error.character))) + 1
        words = f"character U+{error.character:04X} has no place in it; remove it"
        raise NotYamlError(_syntax(number, f"this is not YAML: {words}")) from None


def line_ends(text: str) -> Iterator[Finding]:
    """Characters that end a line on the guest and not in an editor: what stands behind one may become a key."""
    if not _has_other_line_ends(text):
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if (match := _OTHER_LINE_ENDS.search(line)) is not None:
            yield Finding(
                id="yaml-line-end",
                severity="error",
                line=number,
                message=f"character U+{ord(match[0]):04X} behind {shown(line[: match.start()][-30:])!r} ends the line "
                "for cloud-init, which takes what is behind it for a line of its own, and hardly an editor shows that; "
                "remove it, or write it as an escape in double quotes",
            )


def _has_other_line_ends(text: str) -> bool:
    return ("\r" in text or not text.isascii()) and _OTHER_LINE_ENDS.search(text) is not None


def _line_at(text: str, mark: yaml.Mark) -> int:
    return text.count("\n", 0, mark.index) + 1


def _with_lines_of(root: Node, text: str) -> Node:
    """The document with the lines that an editor counts."""
    for node in as_guest.below(root):
        mark = node.start_mark
        node.start_mark = yaml.Mark(mark.name, mark.index, _line_at(text, mark) - 1, mark.column, None, 0)
    return root


def _composed(text: str) -> Node | None:
    """The document as the guest reads it; raises LostError, too."""
    _refuse_depth(text)
    root = _by_libyaml(text)
    if root is not None and as_guest.may_read_otherwise(text, root):
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is not None:
        as_guest.check_values(root)
    return root


def _by_libyaml(text: str) -> Node | None:
    if "\ufeff" in text:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    try:
        return yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        try:
            return yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError:
            pass
        raise  # libyaml's words


def _refuse_depth(text: str) -> None:
    """Raise NotYamlError before a reader is asked that goes down once more for each list in a list.

    libyaml's ends the process then, and cloud-init's gives up.
    """
    if text.count("[") + text.count("{") < _DEEPEST and "- " * 20 not in text and " " * _DEEPEST not in text:
        return
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            words = f"lists and mappings stand in each other more than {_DEEPEST} times; close the brackets before"
            line = event.start_mark.line + 1 if event.start_mark else None
            raise NotYamlError(_syntax(line, f"this is not YAML that a guest reads: {words}"))


_section = lru_cache(maxsize=48)(_composed)


def _by_sections(text: str) -> MappingNode | None:
    """The document put together from its keys of the first level, each read alone; None where that would not do.

    What only looks like such a key, inside quotes or brackets, leaves the one before it unfinished: then the text is
    read as a whole.
    """
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if line[:1] not in " #" and _KEY.match(line)]
    above = "".join(f"{line}\n" for line in lines[: starts[0]]) if starts else ""
    if not starts or not _NOTES.fullmatch(above) or yaml.reader.Reader.NON_PRINTABLE.search(above):
        return None
    if any(line.startswith(_MARKERS) for line in lines) or ("&" in text and _ANCHOR.search(text)):
        return None
    pairs = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        try:
            node = _section("\n" * start + "\n".join([*lines[start:end], *[""] * (end < len(lines))]))
        except yaml.YAMLError:
            return None
        if not isinstance(node, MappingNode) or len(node.value) != 1 or as_guest.has_merges(node):
            return None
        pairs += node.value
    return MappingNode(f"{_PREFIX}map", pairs, pairs[0][0].start_mark, pairs[-1][1].end_mark)


def _syntax(line: int | None, message: str) -> Finding:
    return Finding(id="yaml-syntax", severity="error", line=line, message=message)


def with_merges(root: MappingNode, text: str) -> MappingNode:
    """The document as the guest has it, with all that its `<<` stand for."""
    if _MAY_MERGE.search(text) is None or not as_guest.has_merges(root):
        return root
    return as_guest.with_merges(root)


def duplicates(root: MappingNode) -> Iterator[Finding]:
    """Keys that stand twice in one mapping, at any depth."""
    yield from _twice(root)
    for _, value in root.value:
        yield from _duplicates_below(value)


@lru_cache(maxsize=48)
def _duplicates_below(root: Node) -> tuple[Finding, ...]:
    found: list[Finding] = []
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        # An anchor may hold its own alias.
        if id(node) in seen or isinstance(node, ScalarNode):
            continue
        seen.add(id(node))
        if isinstance(node, MappingNode):
            found += _twice(node)
            waiting += (value for _, value in node.value)
        else:
            waiting += node.value
    return tuple(found)


def _twice(node: MappingNode) -> Iterator[Finding]:
    first: dict[tuple[str, str], int] = {}
    for key, _ in node.value:
        if not isinstance(key, ScalarNode) or unknown(key.value) or kind(key) == "merge":
            continue
        name = (key.tag, key.value)
        if name in first:
            yield Finding(
                id="yaml-duplicate-key",
                severity="error",
                line=line_of(key),
                message=f"the key {shown(key.value)!r} stands in line {first[name]} already, and of the two only "
                "the last counts; put both under one key, or take one away",
                subject=key.value,
            )
        else:
            first[name] = line_of(key)


def line_of(node: Node) -> int:
    """The node's line, from 1."""
    return int(node.start_mark.line) + 1


def first_line_of_text(node: ScalarNode) -> int:
    """The line of the first line of a scalar's text, from 1: below its `|` or `>`."""
    return line_of(node) + (1 if node.style in ("|", ">") else 0)


def kind(node: Node) -> str:
    """What YAML takes it for: `str`, `int`, `float`, `bool`, `null`, `binary`, `map`, `seq` and so on."""
    return str(node.tag).removeprefix(_PREFIX)


def entries(node: Node | None) -> dict[str, Node]:
    """A mapping's values by key; empty for anything else. Of two equal keys the last counts, as in cloud-init."""
    if not isinstance(node, MappingNode):
        return {}
    return {key.value: value for key, value in node.value if isinstance(key, ScalarNode)}


def items(node: Node | None) -> list[Node]:
    """A list's items; empty for anything else."""
    return list(node.value) if isinstance(node, SequenceNode) else []


def scalar(node: Node | None) -> str | None:
    """A scalar's text; None for anything else, and for nothing."""
    return str(node.value) if isinstance(node, ScalarNode) and kind(node) != "null" else None


def true(node: Node | None) -> bool:
    """Whether cloud-init takes the value for true."""
    return (scalar(node) or "").lower() in ("true", "1", "on", "yes")
