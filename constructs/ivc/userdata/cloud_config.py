"""A `#cloud-config` document that something is added to, all else of it as it was.

Items go into its text, not into its data, so that a person reads what the template's author wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from ivc.userdata.at_apply import AtApply
from ivc.userdata.document import Document

HEADER = "#cloud-config"


@dataclass(frozen=True)
class Place:
    """Where new items of a list go.

    at: where in the text. head: what goes before them. indent: by how many spaces they are indented.
    """

    at: int
    head: str
    indent: int


@dataclass(frozen=True)
class CloudConfig:
    """The text, and what YAML reads in it; made by `CloudConfig.read`."""

    text: str
    loaded: dict[Any, Any]
    _pairs: list[tuple[yaml.Node, yaml.Node]]

    @classmethod
    def read(cls, text: str) -> CloudConfig:
        """Read a document; raises ValueError where it is no YAML, or no mapping."""
        loader = yaml.CSafeLoader(text)
        try:
            node = loader.get_single_node()
            # A copy, since reading puts what `<<` brings among them.
            pairs = list(node.value) if isinstance(node, yaml.MappingNode) else []
            loaded = None if node is None else loader.construct_document(node)
        except yaml.YAMLError as error:
            raise ValueError(
                f"it is not YAML, and nothing can be put into it ({' '.join(str(error).split())})"
            ) from None
        finally:
            loader.dispose()
        if loaded is None:
            return cls(text, {}, [])
        if not isinstance(loaded, dict):
            raise ValueError("it is not a mapping of keys to values, and nothing can be put into it")
        return cls(text, loaded, pairs)

    def place(self, key: str) -> Place:
        """Where items of the list `key` go: before its own, or in a new list at the document's end.

        Raises ValueError where the key stands there twice, or is not a list with one item a line.
        """
        text = self.text
        lists = [(one, value) for one, value in self._pairs if one.value == key]
        if not lists:
            return Place(len(text), f"{key}:\n" if text.endswith("\n") else f"\n{key}:\n", 2)
        line = lists[-1][0].start_mark.line + 1
        if len(lists) > 1:
            raise ValueError(f"line {line} of the result: {key} stands there a second time; make it one list")
        name, value = lists[0]
        is_empty = value.tag == "tag:yaml.org,2002:null" and value.value == ""
        is_block = isinstance(value, yaml.SequenceNode) and not value.flow_style and value.start_mark.line >= line
        if not is_empty and not is_block:
            raise ValueError(
                f"line {line} of the result: {key} is no list with one item a line, and nothing can be added to it; "
                "write its items below it, each beginning with `- `"
            )
        end = text.find("\n", name.end_mark.index) + 1
        return Place(end or len(text), "" if end else "\n", 2 if is_empty else value.start_mark.column)

    def insert(self, place: Place, items: str) -> str:
        """The text with the items at their place."""
        return f"{self.text[: place.at]}{place.head}{items}{self.text[place.at :]}"


def unused(texts: Iterable[str]) -> str:
    """A character for private use that none of the texts has: it stands for a value known only at apply."""
    used = {character for text in texts for character in text}
    return next(character for character in map(chr, range(0xE000, 0xF900)) if character not in used)


def with_marks(document: Document, mark: str) -> str:
    """The document's text, with a mark for each value known only at apply."""
    return "".join(part if isinstance(part, str) else mark for part in document.parts)


def with_values(text: str, mark: str, values: Sequence[AtApply]) -> Document:
    """The document again, with the values in order in place of the marks."""
    pieces = text.split(mark)
    parts: list[str | AtApply] = [pieces[0]]
    for value, piece in zip(values, pieces[1:], strict=True):
        parts += [value, piece]
    return Document(tuple(part for part in parts if not isinstance(part, str) or part))
