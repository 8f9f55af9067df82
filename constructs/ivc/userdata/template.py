"""Jinja for user data: strict, sandboxed, byte for byte, and with errors that name the file and the line."""

from __future__ import annotations

import difflib
import inspect
import os
import re
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from types import CodeType
from typing import Any

import jinja2
from jinja2 import meta
from jinja2.bccache import Bucket
from jinja2.loaders import split_template_path
from jinja2.runtime import BlockReference, Context, Macro

from ivc.userdata import sandbox, shell_length, structure
from ivc.userdata.at_apply import REPRESENTATION, AtApply, AtApplyError
from ivc.userdata.document import Document
from ivc.userdata.filters import Printed, filters
from ivc.userdata.on_guest import HEADER, NAMES, SHORT_NAMES, OnGuest

# Jinja knows one kind of line end a template. A carriage return rides through it as a character that Jinja, too,
# takes for white space; neither it nor the two marks around a value's number can stand in YAML or in a script.
_CARRIAGE_RETURN = "\x1d"
_OPEN, _CLOSE = "\x1e", "\x1f"
_RESERVED_ONES = (_CARRIAGE_RETURN, _OPEN, _CLOSE)
_RESERVED = re.compile(f"[{''.join(_RESERVED_ONES)}]")
_MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_RAW = r"{%[-+]?\s*raw\s*-?%}.*?{%[-+]?\s*endraw\s*[-+]?%}"
_TAG = re.compile(f"({_RAW}|{{{{.*?}}}}|{{%.*?%}}|{{#.*?#}})", re.DOTALL)
_IS_RAW = re.compile(_RAW, re.DOTALL)


_PARTIALS = Path(__file__).parent / "partials"
_FILTERS = filters()
_SOME_VALUE = "value"
"""What stands for a value known only at apply while the document's structure is looked at."""
_FOR_THE_GUEST: dict[str, object] = {name: OnGuest(name) for name in NAMES}
_IN_ITS_TEMPLATES: dict[str, object] = {name: OnGuest(name) for name in (*NAMES, *SHORT_NAMES)}
_FEW = 8
"""So many templates of a folder are named where one is missing."""
_LOOKED_AT = 5_000
"""So many files are looked at for the name that was meant: a folder may be somebody's home."""


class TemplateError(ValueError):
    """A template does not render. file, line: where, as far as that is known. said: the sentence without its place."""

    def __init__(self, file: Path, line: int | None, said: str) -> None:
        super().__init__(f"{file}{'' if line is None else f', line {line}'}: {said}")
        self.file, self.line, self.said = file, line, said


Rewrite = Callable[[Sequence[str], Path], str]
"""From a template's source, as pieces that are in turn text and a tag, and its file to what is rendered instead."""


class _Loader(jinja2.BaseLoader):
    """Reads a template of a folder with its carriage returns."""

    def __init__(self, folder: Path, rewrite: Rewrite | None = None) -> None:
        self._folder = folder
        self._rewrite = rewrite

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        path = self._folder.joinpath(*split_template_path(template))
        if leads_out(path, self._folder):
            raise jinja2.TemplateError(f"{template} {LEADS_OUT}")
        try:
            source = path.read_bytes().decode()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise jinja2.TemplateNotFound(template) from None
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise _unreadable("it is not UTF-8; save it as that", line, path) from None
        if any(reserved in source for reserved in _RESERVED_ONES) and (first := _RESERVED.search(source)):
            line = source.count("\n", 0, first.start()) + 1
            message = "a control character (0x1d to 0x1f) has no place in user data; remove it"
            raise _unreadable(message, line, path)
        if length_at := shell_length.line_of(source):
            raise _unreadable(shell_length.EATEN, length_at, path)
        source = _with_returns(source) if "\r" in source else source
        if self._rewrite is not None:
            source = self._rewrite(_TAG.split(source), path)
        return source, str(path), lambda: False


def _unreadable(said: str, line: int, path: Path) -> jinja2.TemplateSyntaxError:
    error = jinja2.TemplateSyntaxError(said, line, filename=str(path))
    error.translated = True  # Or Jinja forgets the lines that led here.
    return error


LEADS_OUT = "is a link that leads out of the folder of templates; put the file itself there"


def leads_out(path: Path, folder: Path) -> bool:
    """Whether a path below the folder is, or goes by way of, a symbolic link to somewhere else."""
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _with_returns(source: str) -> str:
    # Even pieces are text, as raw blocks are; a carriage return inside a tag means nothing.
    return "".join(
        piece.replace("\r", _CARRIAGE_RETURN) if index % 2 == 0 or _IS_RAW.fullmatch(piece) else piece
        for index, piece in enumerate(_TAG.split(source))
    )


class _Undefined(jinja2.StrictUndefined):
    """What is not there. A mapping that knows better than Jinja why has a method `why_missing`."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        why = getattr(type(self._undefined_obj), "why_missing", None)
        if why is not None:
            return str(why(self._undefined_obj, self._undefined_name))
        return f"{super()._undefined_message}: give it in the declaration, or correct its name"

    # In a list that is printed it would read `Undefined`.
    __repr__ = jinja2.StrictUndefined.__str__


class _Environment(sandbox.Sandbox):
    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return not isinstance(obj, AtApply) and super().is_safe_attribute(obj, attr, value)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - as Jinja has it
        result = super().call(__context, __obj, *args, **kwargs)
        is_template = isinstance(__obj, (Macro, BlockReference)) and isinstance(result, str)
        return Printed(result) if is_template else result


class _Compiled(jinja2.BytecodeCache):
    """Compiled code, so that a thousand servers compile their template once.

    Never templates themselves: what one rendering sets, another must not see.
    """

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._code[(bucket.key, bucket.checksum)] = bucket.code


_COMPILED = _Compiled()


class _Values:
    """What one rendering has inserted; with `tokens`, what it inserts has no structure of its own."""

    def __init__(self) -> None:
        self._at_apply: list[AtApply] = []
        self.texts: list[str] = []
        self.is_risky = False
        self.for_the_guest: str | None = None
        self.tokens = False

    def insert(self, value: Any) -> Any:
        """Jinja's `finalize`: sees each value that a template prints, before it is made text."""
        if isinstance(value, AtApply):
            if self.tokens:
                return _SOME_VALUE
            self._at_apply.append(value)
            return f"{_OPEN}{len(self._at_apply) - 1}{_CLOSE}"
        if isinstance(value, OnGuest):
            self.for_the_guest = self.for_the_guest or value.text
            return value.text
        if isinstance(value, str):
            # Of an Enum of texts its text, and not its name.
            return self._text(value if isinstance(value, Printed) else str.__str__(value))
        _refuse_python(value)
        if not _has_text(value):
            raise ValueError(f"a value of the class {type(value).__name__} has no text; give the text that is meant")
        if isinstance(value, (list, tuple, dict)):
            return self._inside(value)
        return value

    def _text(self, value: str) -> str:
        # What a macro or a parent's block gives has been here before.
        if isinstance(value, Printed):
            return value
        if _RESERVED.search(_MARK.sub("", value).replace(_CARRIAGE_RETURN, "")):
            raise ValueError("a variable holds a control character (0x1d to 0x1f), which has no place in user data")
        if self.tokens:
            return value if structure.holds_token(value) else self._token(value)
        self.is_risky = self.is_risky or not structure.is_harmless(value)
        return value

    def _inside(self, value: Any) -> Any:
        """A list or a mapping, which Jinja prints as Python writes it."""
        if isinstance(value, dict):
            return {self._inside(key): self._inside(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self._inside(item) for item in value)
        _refuse_python(value)
        if isinstance(value, jinja2.Undefined):
            str(value)
        return self._text(value) if isinstance(value, str) else value

    def _token(self, text: str) -> str:
        self.texts.append(text)
        return structure.token(len(self.texts) - 1)

    def document(self, text: str) -> Document:
        """The finished text; raises ValueError where a value did not reach it as it was inserted."""
        pieces = _MARK.split(text.replace(_CARRIAGE_RETURN, "\r"))
        texts, numbers = pieces[::2], [int(number) for number in pieces[1::2]]
        lost = [value for number, value in enumerate(self._at_apply) if number not in numbers]
        if lost or any(_RESERVED.search(piece) or REPRESENTATION.lower() in piece.lower() for piece in texts):
            which = lost[0].placeholder if lost else "a value"
            raise ValueError(
                f"{which} is known only at apply, and what it stood in was measured, cut, encoded, printed as a whole "
                "or left out: insert it as it is, {{ value }}, where it is to stand"
            )
        parts: list[str | AtApply] = [*texts]
        for place, number in enumerate(numbers):
            parts.insert(2 * place + 1, self._at_apply[number])
        return Document(tuple(part for part in parts if not isinstance(part, str) or part))


def _refuse_python(value: object) -> None:
    """Raise ValueError for what prints as Python writes it, which no guest reads."""
    if value is None:
        raise ValueError(
            "the value is None, and the guest would read the word None: give it in the declaration, or write what is "
            "to stand there instead, as in {{ value or '' }}"
        )
    if isinstance(value, (bytes, bytearray)):
        raise ValueError(
            f"the value is bytes, and the guest would read {bytes(value[:8])!r}: give text, as in value.decode(), "
            "or for what is none {{ value | to_yaml }}"
        )


def _has_text(value: Any) -> bool:
    """Whether a value prints as the same text in each run, and not as where in the memory it stands."""
    cls: Any = type(value)
    known = isinstance(value, jinja2.Undefined) or (cls.__str__, cls.__repr__) != (object.__str__, object.__repr__)
    return known and not inspect.isroutine(value)


def names_read(template: str, *, folder: Path) -> frozenset[str] | None:
    """The variables that a template of the folder reads, and all that it extends, includes or imports, in any branch.

    None where that cannot be told: it asks for a template whose name is a variable itself.
    """
    loader = _loader(folder)
    seen: set[str] = set()
    names: set[str] = set()
    todo: list[str | None] = [template]
    while todo:
        each = todo.pop()
        if each is None:
            return None
        if each in seen:
            continue
        seen.add(each)
        try:
            source, *_ = loader.get_source(_parser(), each)
            read, referenced = _names_in(source)
        except jinja2.TemplateNotFound:
            continue  # `ignore missing`, or a branch that was not taken
        except jinja2.TemplateError:
            return None  # in a branch that was not taken
        names |= read
        todo += referenced
    return frozenset(names)


@lru_cache(maxsize=256)
def _names_in(source: str) -> tuple[frozenset[str], tuple[str | None, ...]]:
    """The variables that a template reads itself, and the templates that it asks for."""
    tree = _parser().parse(source)
    return frozenset(meta.find_undeclared_variables(tree)), tuple(meta.find_referenced_templates(tree))


@cache
def _parser() -> _Environment:
    return _environment(_PARTIALS)


def _loader(folder: Path, rewrite: Rewrite | None = None) -> jinja2.BaseLoader:
    # Ours first, so that no file of a project is taken for one of them.
    return jinja2.ChoiceLoader([jinja2.PrefixLoader({"ivc": _Loader(_PARTIALS)}), _Loader(folder, rewrite)])


def _environment(
    folder: Path, finalize: Callable[[Any], Any] | None = None, rewrite: Rewrite | None = None
) -> _Environment:
    environment = _Environment(
        loader=_loader(folder, rewrite),
        undefined=_Undefined,
        autoescape=False,  # user data is neither HTML nor XML
        keep_trailing_newline=True,
        finalize=finalize,
        bytecode_cache=_COMPILED,
    )
    environment.filters = _FILTERS
    return environment


def render(template: str, variables: Mapping[str, object], *, folder: Path) -> Document:
    """Render a template of the folder.

    template: its path below `folder`, with `/`.
    folder: where the template, and all that it extends, includes or imports, is looked for.

    Raises TemplateError, as one sentence with the file and the line: a template or a variable that does not exist,
    a syntax error, an encoded or measured value that is known only at apply.
    """
    where = folder / template
    for name, value in variables.items():
        if _holds_reserved(value):
            said = f"variable {name} holds a control character (0x1d to 0x1f), which has no place in user data"
            raise TemplateError(where, None, f"{said}; remove it")
    values = _Values()
    environment = _environment(folder, values.insert)
    try:
        loaded = environment.get_template(template)
        source, *_ = _loader(folder).get_source(environment, template)
        given = (_IN_ITS_TEMPLATES if source.startswith(HEADER) else _FOR_THE_GUEST) | dict(variables)
        text = sandbox.written(loaded, given)
        document = values.document(text)
        if values.is_risky and _is_yaml(text):
            values.tokens = True
            plain = "".join(part if isinstance(part, str) else _SOME_VALUE for part in document.parts)
            with_tokens = sandbox.written(loaded, given).replace(_CARRIAGE_RETURN, "\r")
            structure.check(plain, with_tokens, values.texts)
    except jinja2.TemplateSyntaxError as error:
        file = Path(error.filename or where)
        said = f"{error.message or ''}{_way(error, folder, template, (file, error.lineno))}"
        raise TemplateError(file, error.lineno, said) from None
    except jinja2.TemplateNotFound as error:
        asking, _ = _place(error, folder, template)
        raise ValueError(_not_found(str(error.name), asking.relative_to(folder).as_posix(), folder)) from None
    except RecursionError as error:
        file, line = _place(error, folder, template)
        said = "templates or macros go round in a circle here, each asking for the next; take one of them out"
        raise TemplateError(file, line, said if line else "brackets are nested too deeply; take some out") from None
    except (jinja2.TemplateError, AtApplyError, TypeError, ArithmeticError, LookupError, ValueError) as error:
        place = _place(error, folder, template)
        raise TemplateError(*place, f"{error}{_way(error, folder, template, place)}") from None
    if values.for_the_guest and not text.startswith(HEADER):
        raise TemplateError(
            where,
            None,
            f"{values.for_the_guest} is filled in on the guest, by cloud-init, where the first line is {HEADER!r}, "
            "and this one's is not: begin with that line, or give the variable in the declaration",
        )
    return document


def render_rewritten(template: str, variables: Mapping[str, object], *, folder: Path, rewrite: Rewrite) -> str:
    """The text of a template that renders, values known only at apply left out, with it and all that it asks for
    rewritten, but for the library's own; the other arguments are those of `render`.
    """
    given = _FOR_THE_GUEST | dict(variables)
    text = _environment(folder, _Values().insert, rewrite).get_template(template).render(given)
    return _MARK.sub("", text).replace(_CARRIAGE_RETURN, "\r")


def render_ours(template: str, variables: Mapping[str, object]) -> Document:
    """Render a template of this library."""
    return render(f"ivc/{template}", variables, folder=_PARTIALS)


def _is_yaml(text: str) -> bool:
    return text.removeprefix(HEADER).lstrip().startswith("#cloud-config")


def _holds_reserved(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_reserved, (*value.keys(), *value.values())))
    if isinstance(value, (list, tuple, set, frozenset)):
        return any(map(_holds_reserved, value))
    return isinstance(value, str) and _RESERVED.search(value) is not None


def _not_found(missing: str, template: str, folder: Path) -> str:
    asked = "" if missing == template else f", which {template} asks for,"
    prefix = f"{folder.name}/"
    if missing.startswith(prefix) and (folder / missing.removeprefix(prefix)).is_file():
        return f"{missing}{asked} is looked for in {folder}: leave {prefix!r} out"
    known = sorted(islice(_files_below(folder), _LOOKED_AT))
    if len(known) <= _FEW:
        return f"{missing}{asked} is not among the templates in {folder} ({', '.join(known) or 'there are none'})"
    name = missing.rpartition("/")[2]
    near = [path for path in known if path.rpartition("/")[2] == name][:3]
    near = near or difflib.get_close_matches(missing, known, n=3)
    meant = f"; was {' or '.join(near)} meant?" if near else f"; there is, for one, {known[0]}"
    return f"{missing}{asked} is not among the templates in {folder}{meant}"


def _files_below(folder: Path) -> Iterator[str]:
    for place, folders, files in os.walk(folder):
        folders.sort()
        below = Path(place).relative_to(folder)
        yield from ((below / file).as_posix() for file in sorted(files))


def _place(error: BaseException, folder: Path, template: str) -> tuple[Path, int | None]:
    """The innermost line of the folder's templates that the error passed through."""
    own = [place for place in _passed(error, folder) if place[0].is_relative_to(folder)]
    return own[-1] if own else (folder / template, None)


def _way(error: BaseException, folder: Path, template: str, place: tuple[Path, int | None]) -> str:
    """Where else people look than at the place of an error: at the library's own template that it came from, and at the
    line of the template itself that led there.
    """
    passed = _passed(error, folder)
    way = []
    if passed and not passed[-1][0].is_relative_to(folder):
        file, line = passed[-1]
        way.append(f"in ivc/{file.relative_to(_PARTIALS).as_posix()}, line {line}")
    if place[0] != folder / template:
        way += [f"for {template}, line {line}" for file, line in passed if file == folder / template][:1]
    return f" ({'; '.join(way)})" if way else ""


def _passed(error: BaseException, folder: Path) -> Sequence[tuple[Path, int]]:
    """The lines of templates that an error passed through, the innermost last (Jinja rewrites its frames to these)."""
    frames = ((Path(frame.f_code.co_filename), line) for frame, line in traceback.walk_tb(error.__traceback__))
    return [(file, line) for file, line in frames if file.is_relative_to(folder) or file.is_relative_to(_PARTIALS)]
