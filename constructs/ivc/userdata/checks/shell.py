"""Shell text: what a word processor, a web page or a slip of the hand did to it, and programs that never end."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from ivc.userdata.checks.finding import Finding
from ivc.userdata.checks.foreground import Stay, program, stays
from ivc.userdata.checks.placeholder import shown

_SHELLS = re.compile(r"#!\s*\S*?(?:/|\benv\s+(?:-\S+\s+)*)(?:ba|da|k|z|a)?sh\b")
# With nothing before it that would make it part of a pattern, as in `sed s/http:/https:/`.
_ONE_SLASH = re.compile(r"(?<![\w/|#,:.])(?:https?|ftp):/(?=[\w.\ue000])(?:\ue000[^\ue001]*\ue001|[^\s'\"\ue000])*")
_DASHES = "\u2010\u2011\u2013\u2014\u2212"
_DOUBLE, _SINGLE = "\u201c\u201d\u201e\u201f", "\u2018\u2019\u201a\u201b"
_SPACES = "\u00a0\u202f"
# A dash where an option begins; a single quote anywhere but in the middle of a word, where it is an apostrophe.
_TYPOGRAPHIC = re.compile(
    rf"(?:(?<=\s)|^)[{_DASHES}]+(?=\w)|[{_DOUBLE}{_SPACES}]|(?<!\w)[{_SINGLE}]|[{_SINGLE}](?!\w)", re.MULTILINE
)
_SHELL_NAMES = ("sh", "bash", "dash", "ksh", "zsh")
_RUNS_TEXT = re.compile(r"-[elx]*c")
# What stands before a program's path where it is run, in shell text or in a list of YAML's.
_CALL = re.compile(
    r"(?:^|[;&|=(\[\n])[\s-]*[\"']?$|(?:\b(?:sh|bash|dash|ksh|zsh|source|sudo|exec|nohup)|\s\.)\s(?:-\w+\s)*[\"']?$"
    r"|sh[\"']?,\s*[\"']?$"
)
_LONG = 10_000
_BUT_LINE_ENDS = re.compile(r"[^\n]")
_SEPARATOR = re.compile(r"&&|\|\||;;|[;|&\n]|(?<=\s)[{}](?=\s)|[()]")
_SIGN = re.compile(f"[{_DOUBLE}{_SINGLE}{_DASHES}{_SPACES}]")


@dataclass(frozen=True)
class Script:
    """Shell text of a document.

    text: its lines.
    line: the number of its first line in the result.
    ends: whether something waits for it, so that a program that stays in the foreground holds it up.
    """

    text: str
    line: int
    ends: bool


def is_shell(text: str) -> bool:
    """Whether a script's first line names a shell."""
    return _SHELLS.match(text.lstrip("\n").removeprefix("#cloud-boothook").lstrip()) is not None


def is_called(path: str, text: str) -> bool:
    """Whether a text runs the program at a path, as far as can be seen by what stands before it."""
    at = text.find(path)
    while at >= 0:
        if _CALL.search(text[max(0, at - 40) : at]) and not text[at + len(path) :][:1].isalnum():
            return True
        at = text.find(path, at + 1)
    return False


def check(script: Script) -> Iterator[Finding]:
    """What is wrong in shell text."""
    for finding in _faults(script.text, ends=script.ends):
        yield replace(finding, line=script.line + (finding.line or 1) - 1)


def check_words(words: Sequence[str], *, line: int) -> Iterator[Finding]:
    """The same for a command that is given as a list, which no shell reads."""
    for finding in _faults_of_words(tuple(words)):
        yield replace(finding, line=line)


@lru_cache(maxsize=16_384)
def _faults(text: str, *, ends: bool) -> tuple[Finding, ...]:
    """What is wrong in a text, as if it began in line 1: the same one stands in the documents of many instances."""
    found = [*one_slashes(text, line=1)]
    if not ends and not _SIGN.search(text):
        return tuple(found)  # Which is most text, and reading quotes and here-documents takes longest.
    bare, _ = without_data(text)
    for match in _TYPOGRAPHIC.finditer(bare):
        start = text.rfind("\n", 0, match.start()) + 1
        found.append(_typographic(text.count("\n", 0, start) + 1, match[0][0], text[start:].partition("\n")[0]))
    for command in commands(text, bare) if ends else ():
        if command.waited_for and (stay := stays(words := command.words)) is not None:
            found.append(_foreground(text.count("\n", 0, command.position) + 1, words, stay))
    return tuple(found)


@lru_cache(maxsize=16_384)
def _faults_of_words(words: tuple[str, ...]) -> tuple[Finding, ...]:
    if (text := run_by_a_shell(words)) is not None:
        return _faults(text, ends=True)
    found: list[Finding] = []
    for word in words:
        found += one_slashes(word, line=1)
        # In a list nothing but a word's first sign is meant for the program; a sentence may hold anything.
        if _SIGN.match(word) and " " not in word:
            found.append(_typographic(1, word[0], word))
    if (stay := stays(words)) is not None:
        found.append(_foreground(1, words, stay))
    return tuple(found)


def run_by_a_shell(words: Sequence[str]) -> str | None:
    """The text of `sh -c TEXT`."""
    if len(words) >= 3 and is_a_shell(words[0]) and _RUNS_TEXT.fullmatch(words[1]):
        return words[2]
    return None


def is_a_shell(program: str) -> bool:
    """Whether a command's first word, with or without its folder, is a shell."""
    return program.rpartition("/")[2] in _SHELL_NAMES


_TOKEN = re.compile(
    r"""\\.|'[^']*'|"(?:\\.|[^"\\])*"|(?:(?<=\s)|(?<=;)|^)\#[^\n]*|\n"""
    r"""|<<<|<<(?P<dash>-?)[ \t]*(?:\\?(?P<word>[\w.]+)|(?P<mark>['"])(?P<quoted>[^'"\n]+)(?P=mark))""",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class HereDocument:
    """A here-document: the places in the text of its `<<`, of its first character, and behind its last."""

    sign: int
    start: int
    end: int


def without_data(text: str) -> tuple[str, Sequence[HereDocument]]:
    """The text with what stands in quotes, in a here-document or in a comment made blank, position for position; and
    its here-documents.
    """
    out: list[str] = []
    position = 0
    documents: list[HereDocument] = []
    open_ones: list[tuple[int, bool, str]] = []
    # Not `finditer`: a quote in the body of a here-document opens nothing.
    while token := _TOKEN.search(text, position):
        out.append(text[position : token.start()])
        sign, position = token[0], token.end()
        if sign == "\n":
            for at, stripped, word in open_ones:
                start, position = position, _end_of_body(text, position, word, stripped=stripped)
                documents.append(HereDocument(at, start, position))
            out.append(sign + _blank(text[token.end() : position]))
            open_ones = []
        elif sign.startswith("<<"):
            out.append(sign)
            if word := token["word"] or token["quoted"]:
                open_ones.append((token.start(), bool(token["dash"]), word))
        elif sign[0] in "'\"":
            out.append(sign[0] + _blank(sign[1:-1]) + sign[0])
        else:
            # A line that goes on below is one line.
            out.append(" " * len(sign))
    return "".join(out) + text[position:], documents


def _blank(text: str) -> str:
    return _BUT_LINE_ENDS.sub(" ", text)


def _end_of_body(text: str, start: int, word: str, *, stripped: bool) -> int:
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        line = text[start:end]
        if (line.lstrip("\t") if stripped else line) == word:
            return end
        start = end + 1
    return len(text)


@dataclass(frozen=True)
class Command:
    """A simple command.

    text: as it is written. position: where it stands. waited_for: whether the shell waits for it by itself: it does not
    stand in a pipe or in brackets.
    """

    text: str
    position: int
    waited_for: bool

    @property
    def words(self) -> list[str]:
        """Its words, without their quotes; none where a quote is not closed."""
        if len(self.text) > _LONG:
            return self.text.split()  # The other takes a time that grows with the square of a word's length.
        try:
            return shlex.split(self.text.replace("\\\n", " "), comments=True)
        except ValueError:
            return []


def commands(text: str, bare: str) -> Iterator[Command]:
    """The simple commands of shell text.

    bare: the text without its data.
    """
    start, before, depth = 0, "\n", 0
    for match in [*_SEPARATOR.finditer(bare), None]:
        end, after = (match.start(), match[0]) if match else (len(bare), "\n")
        if match and after == "&" and (bare[end - 1 : end] in (">", "<") or bare[end + 1 : end + 2] == ">"):
            continue
        if bare[start:end].strip():
            alone = after in ("\n", ";", "&&", "||") and before in ("\n", ";", "&&", "||", "&")
            command = text[start:end]
            yield Command(command, start + len(command) - len(command.lstrip()), alone and depth == 0)
        depth = max(0, depth + (after in ("(", "{")) - (after in (")", "}")))
        start, before = (match.end(), after) if match else (end, "\n")


def one_slashes(text: str, *, line: int) -> Iterator[Finding]:
    """Addresses like `https:/example.org`.

    line: the number of the text's first line in the result.
    """
    if text.count(":/") == text.count("://"):
        return
    for match in _ONE_SLASH.finditer(text):
        yield Finding(
            id="url-one-slash",
            severity="error",
            line=line + text.count("\n", 0, match.start()),
            message=f"{shown(match[0])!r} has one slash after its colon, which is no address; write two",
        )


def _typographic(line: int, sign: str, near: str) -> Finding:
    what, instead = "quote", "a straight one"
    if sign in _DASHES:
        what, instead = "dash", "a plain hyphen"
    elif sign in _SPACES:
        what, instead = "non-breaking space", "a plain space"
    return Finding(
        id="typographic",
        severity="error",
        line=line,
        message=f"a typographic {what} ({sign if what != 'non-breaking space' else 'U+00A0'}) in shell text, near "
        f"{shown(near)!r}: the shell takes it for a letter; write {instead}",
    )


def _foreground(line: int, words: Sequence[str], stay: Stay) -> Finding:
    outcome = "so nothing after it runs" if stay.certain else "and nothing after it runs until it ends"
    return Finding(
        id="foreground",
        severity="error" if stay.certain else "warning",
        line=line,
        message=f"{shown(' '.join(words))!r} stays in the foreground, {outcome}; {stay.instead}",
        subject=program(words).partition(" ")[0],
    )
