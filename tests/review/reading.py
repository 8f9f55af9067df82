"""How a browser and a code host read an output."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

import cmarkgfm  # type: ignore[import-untyped]
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]

_VOID = frozenset({"meta", "br", "hr", "img", "input", "link"})


@dataclass(frozen=True)
class Element:
    """An element that was opened, with its attributes."""

    tag: str
    attributes: tuple[tuple[str, str | None], ...]


class Page(HTMLParser):
    """A page of HTML. Its elements in order; its text within code, and outside of it.

    Fails on a tag that is closed and not open, or not closed.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.code = ""
        self.prose = ""
        self.comments: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, tuple(attrs)))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        assert self._open, f"{tag} closed, nothing open"
        assert self._open[-1] == tag, f"{tag} closed within {self._open}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if {"code", "pre"} & {*self._open}:
            self.code += data
        else:
            self.prose += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def tags(self, tag: str) -> int:
        """How many elements of this tag there are."""
        return sum(element.tag == tag for element in self.elements)

    @property
    def words(self) -> str:
        """What stands outside of code, without the blanks between."""
        return " ".join(self.prose.split())


def as_code_hosts_do(markdown: str) -> Page:
    """Markdown, as GitHub's own engine with its own extensions makes HTML of it, before anything is sanitized."""
    return Page(cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE))
