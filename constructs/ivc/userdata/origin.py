"""Where the lines of rendered user data were written, so that a person is sent to the file that he edits."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import jinja2
import yaml

from ivc.userdata import template as engine
from ivc.userdata.document import Document
from ivc.userdata.file_tree import FileTree, files_of

# Characters for private use, which no filter takes for letters or blanks.
_MARK = re.compile("\ue010(\\d+):(\\d+)([tv])\ue011")
# The marks of carriage returns among them, as the engine has them.
_BLANK = re.compile(r"(?<![^\n])[ \t\x1d]*(?=[^ \t\x1d\n])")
_BLANK_AT_END = re.compile(r"\n[ \t\x1d]*\Z")
_VALUE = re.compile(r"\{\{(?!-)")


@dataclass(frozen=True)
class Place:
    """A line of a file that somebody wrote; line: None where only the file is known."""

    file: Path
    line: int | None


def places(
    document: Document,
    *,
    template: str | None,
    trees: Sequence[FileTree],
    variables: Mapping[str, object],
    folder: Path,
) -> Mapping[int, Place]:
    """Where the lines of a document were written, by their numbers from 1; not of those that nobody wrote.

    document: what came of the template and the trees, with what the library put into it.
    template: the path below the folder; None where there is none. variables: with `instance` among them.
    """
    lines = document.readable.split("\n")
    found: dict[int, Place] = {}
    if template is not None:
        rendered = engine.render(template, variables, folder=folder)
        written = _of_template(rendered, template, variables, folder)
        for number, index in _kept(rendered.readable.split("\n"), lines):
            if (place := written[number]) is not None:
                found[index + 1] = place
    found.update(_of_files(document, trees, variables, folder))
    return found


def _of_template(
    rendered: Document, template: str, variables: Mapping[str, object], folder: Path
) -> Sequence[Place | None]:
    """For each line of a rendered template, None where it cannot be told."""
    plain = "".join(part for part in rendered.parts if isinstance(part, str)).split("\n")
    files: list[Path] = []
    try:
        text = engine.render_rewritten(template, variables, folder=folder, rewrite=partial(_marked, files))
    except (jinja2.TemplateError, TypeError, ArithmeticError, LookupError, ValueError):
        return [None] * len(plain)
    lines = text.split("\n")
    if [_MARK.sub("", line) for line in lines] != plain:
        return [None] * len(plain)  # A filter, a test or a length saw the marks.
    found: list[Place | None] = []
    is_value = False
    for line in lines:
        if mark := _MARK.search(line):
            found.append(Place(files[int(mark[1])], int(mark[2])))
            is_value = mark[3] == "v"
        else:
            # A value may have several lines.
            found.append(found[-1] if is_value and line.strip() else None)
    return found


def _marked(files: list[Path], pieces: Sequence[str], file: Path) -> str:
    """A template's source with a mark in front of the first word, or value, of each of its lines."""
    files.append(file)
    marked = []
    line = 1
    for number, piece in enumerate(pieces):
        text = piece
        if number % 2 == 0:
            text = _BLANK.sub(partial(_with_mark, len(files) - 1, line), piece)
            line += piece.count("\n")
            if number + 1 < len(pieces) and _VALUE.match(pieces[number + 1]) and _BLANK_AT_END.search(piece):
                text += f"\ue010{len(files) - 1}:{line}v\ue011"
        else:
            line += piece.count("\n")
        marked.append(text)
    return "".join(marked)


def _with_mark(file: int, first: int, match: re.Match[str]) -> str:
    return f"{match[0]}\ue010{file}:{first + match.string.count(chr(10), 0, match.start())}t\ue011"


def _kept(before: Sequence[str], after: Sequence[str]) -> Sequence[tuple[int, int]]:
    """The lines that stand in both, with their indices, where lines were put between them."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    middle = difflib.SequenceMatcher(
        None, before[start : len(before) - end], after[start : len(after) - end], autojunk=False
    )
    return [
        *((number, number) for number in range(start)),
        *(
            (start + block.a + step, start + block.b + step)
            for block in middle.get_matching_blocks()
            for step in range(block.size)
        ),
        *((len(before) - step, len(after) - step) for step in range(end, 0, -1)),
    ]


def _of_files(
    document: Document, trees: Sequence[FileTree], variables: Mapping[str, object], folder: Path
) -> Mapping[int, Place]:
    """Of the lines that bring the files of trees."""
    found: dict[int, Place] = {}
    files = {file.target: file for file in files_of(trees, variables, folder=folder)}
    for item in _items(document.readable) if files else ():
        fields = {key.value: value for key, value in item.value if isinstance(key, yaml.ScalarNode)}
        file = files.get(fields["path"].value) if "path" in fields else None
        if file is None:
            continue
        source = Path(file.source)
        first, end = item.start_mark.line + 1, item.end_mark.line + 1
        found |= {number: Place(source, None) for number in range(first, end)}
        content = fields.get("content")
        if content is None or "encoding" in fields or content.start_mark.line + 1 >= end:
            continue
        # In each of its forms the text begins in the line below the key, and has a line for each of its own.
        below = content.start_mark.line + 2
        if isinstance(file.content, Document):
            written = _of_template(file.content, source.relative_to(folder).as_posix(), variables, folder)
            found |= {below + index: place for index, place in enumerate(written) if place and below + index < end}
        else:
            found |= {number: Place(source, number - below + 1) for number in range(below, end)}
    return found


def _items(text: str) -> Sequence[yaml.MappingNode]:
    """The items of `write_files`."""
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    lists = [value.value for key, value in pairs if key.value == "write_files"]
    return [item for items in lists for item in items if isinstance(item, yaml.MappingNode)]
