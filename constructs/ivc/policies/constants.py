"""What Terraform's expressions come to, where the JSON alone tells: a range that stands in a variable is a range."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_NAMED = re.compile(r"\$\{\s*(var|local)\.([A-Za-z0-9_-]+)\s*\}")
_EACH = re.compile(r"\$\{\s*each\.(key|value)\s*\}")
_JOIN = re.compile(r"\$\{\s*join\(\s*(\"[^\"]*\")\s*,\s*(?:tolist\()?(\[[^\[\]]*\])\)?\s*\)\s*\}")
_LIST = re.compile(r"\$\{\s*(?:toset\(|tolist\()?(\[[^\[\]]*\])\)?\s*\}")
_DEEPEST = 5


class Constants:
    """The variables' defaults and the local values of a document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def value(self, given: object) -> object:
        """What a value comes to; itself where only Terraform can tell."""
        for _ in range(_DEEPEST):
            before = given
            if isinstance(given, str):
                given = self._of_text(given)
            if given == before:
                return given
        return given

    def each(self, given: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """The arguments of each resource that a `for_each` makes; as they are where there is none that tells."""
        items = self.value(given.get("for_each"))
        if isinstance(items, list):
            pairs = [(item, item) for item in items]
        elif isinstance(items, Mapping):
            pairs = list(items.items())
        else:
            return [given]
        return [
            {key: _with_each(value, {"key": name, "value": item}) for key, value in given.items()}
            for name, item in pairs
        ]

    def _of_text(self, text: str) -> object:
        if named := _NAMED.fullmatch(text):
            section = self._document.get("variable" if named[1] == "var" else "locals")
            found = section.get(named[2], text) if isinstance(section, Mapping) else text
            return found.get("default", text) if named[1] == "var" and isinstance(found, Mapping) else found
        if joined := _JOIN.fullmatch(text):
            separator, items = _parsed(joined[1]), _parsed(joined[2])
            if isinstance(separator, str) and isinstance(items, list):
                return separator.join(str(item) for item in items)
        if listed := _LIST.fullmatch(text):
            items = _parsed(listed[1])
            return text if items is None else items
        return text


def _with_each(value: object, each: Mapping[str, object]) -> object:
    match = _EACH.fullmatch(value) if isinstance(value, str) else None
    return each[match[1]] if match else value


def _parsed(text: str) -> object:
    """Terraform's lists of texts and numbers are JSON's."""
    try:
        return json.loads(text)
    except ValueError:
        return None
