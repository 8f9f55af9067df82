"""Jinja for user data: strict, sandboxed, byte for byte, and with errors that name the file and the line."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from ivc.userdata.at_apply import AtApply, AtApplyError
from ivc.userdata.document import Document

# Jinja knows one kind of line end a template. A carriage return rides through it as a character that Jinja, too,
# takes for white space; neither it nor the two marks around a value's number can stand in YAML or in a script.
_CARRIAGE_RETURN = "\x1d"
_OPEN, _CLOSE = "\x1e", "\x1f"
_RESERVED = re.compile(f"[{_CARRIAGE_RETURN}{_OPEN}{_CLOSE}]")
_MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_TAG = re.compile(r"({{.*?}}|{%.*?%}|{#.*?#})", re.DOTALL)


class _Loader(jinja2.FileSystemLoader):
    """Reads a template with its carriage returns."""

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        _, path, fresh = super().get_source(environment, template)
        source = Path(path).read_bytes().decode()
        if _RESERVED.search(source):
            raise ValueError(f"{path}: a control character (0x1d to 0x1f) has no place in user data; remove it")
        pieces = _TAG.split(source)
        # Even pieces are text; a carriage return inside a tag means nothing.
        pieces[::2] = [piece.replace("\r", _CARRIAGE_RETURN) for piece in pieces[::2]]
        return "".join(pieces), path, fresh


class _Values:
    """The values known only at apply that one rendering has inserted."""

    def __init__(self) -> None:
        self._values: list[AtApply] = []

    def insert(self, value: Any) -> Any:
        """Jinja's `finalize`: sees each value that a template prints, before it is made text."""
        if isinstance(value, AtApply):
            self._values.append(value)
            return f"{_OPEN}{len(self._values) - 1}{_CLOSE}"
        if isinstance(value, str) and _RESERVED.search(value):
            raise ValueError("a variable holds a control character (0x1d to 0x1f), which has no place in user data")
        return value

    def document(self, text: str) -> Document:
        pieces: list[str | AtApply] = list(_MARK.split(text.replace(_CARRIAGE_RETURN, "\r")))
        pieces[1::2] = [self._values[int(str(number))] for number in pieces[1::2]]
        return Document(tuple(piece for piece in pieces if piece != ""))


def render(template: str, variables: Mapping[str, object], *, folder: Path) -> Document:
    """Render a template of the folder.

    template: its path below `folder`, with `/`.
    folder: where the template, and all that it extends, includes or imports, is looked for.

    Raises ValueError, as one sentence with the file and the line: a template or a variable that does not exist,
    a syntax error, an encoded or measured value that is known only at apply.
    """
    values = _Values()
    environment = SandboxedEnvironment(
        loader=_Loader(folder),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # user data is neither HTML nor XML
        keep_trailing_newline=True,
        finalize=values.insert,
    )
    try:
        text = environment.get_template(template).render(variables)
    except jinja2.TemplateSyntaxError as error:
        raise ValueError(f"{error.filename or error.name}, line {error.lineno}: {error.message}") from None
    except jinja2.TemplateNotFound as error:
        raise ValueError(_not_found(str(error.name), template, folder)) from None
    except (jinja2.TemplateError, AtApplyError, TypeError, ArithmeticError, LookupError, ValueError) as error:
        raise ValueError(f"{_where(error, folder)}: {_said(error)}") from None
    return values.document(text)


def _not_found(missing: str, template: str, folder: Path) -> str:
    known = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    asked = "" if missing == template else f", which {template} asks for,"
    return f"{missing}{asked} is not among the templates in {folder} ({', '.join(known) or 'there are none'})"


def _where(error: BaseException, folder: Path) -> str:
    """The innermost line of a template that the error passed through (Jinja rewrites its frames to template lines)."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if Path(frame.filename).is_relative_to(folder):
            return f"{frame.filename}, line {frame.lineno}"
    return str(folder)


def _said(error: BaseException) -> str:
    if isinstance(error, jinja2.UndefinedError):
        return f"{error.message}: give it in the declaration, or correct its name"
    return str(error)
