"""What a template may make: a slip that would take minutes and gigabytes is refused before it is made."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from ivc.userdata import Document, template

MOST = 16_777_216
LONG = MOST + 1


def made(folder: Path, text: str, **variables: object) -> Document:
    (folder / "a.jinja").write_text(text)
    return template.render("a.jinja", variables, folder=folder)


def refused(folder: Path, text: str, **variables: object) -> str:
    """Why it is, without the file; and that nothing of that size was made."""
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"a\.jinja, line \d+: ") as error:
            made(folder, text, **variables)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * MOST
    return str(error.value).removeprefix(str(folder / "a.jinja") + ", ")


def test_what_is_refused_is_one_sentence_with_its_line(tmp_path: Path) -> None:
    assert refused(tmp_path, "#!/bin/sh\n{{ 'x'.center(99999999) }}\n") == (
        "line 2: center would make 99,999,999 characters or items, and no user data is longer than 16,777,216 (Nova "
        "takes 49,149); make it smaller"
    )


@pytest.mark.parametrize(
    ("expression", "what"),
    [
        (f"'x'.center({LONG})", "center"),
        (f"'x'.ljust({LONG})", "ljust"),
        (f"'x'.rjust({LONG}, '-')", "rjust"),
        (f"'x'.zfill({LONG})", "zfill"),
        (f"'\\t'.expandtabs({LONG})", "expandtabs"),
        (f"'x' * {LONG}", "*"),
        (f"{LONG} * 'x'", "*"),
        (f"[1] * {LONG}", "*"),
        (f"(1, 2) * {LONG}", "*"),
        ("('x' * 16000000) + ('y' * 16000000)", "+"),
        ("('x' * 16000000) ~ ('y' * 16000000)", "~"),
        (f"'%{LONG}d' % 1", "%"),
        (f"'%.{LONG}f' % 1", "%"),
        (f"'%*d' % ({LONG}, 1)", "%"),
        (f"'%(a){LONG}d' % {{'a': 1}}", "%"),
        (f"'{{:>{LONG}}}'.format(1)", "format"),
        (f"'{{a:{LONG}}}'.format(a=1)", "format"),
        (f"'{{a:{LONG}}}'.format_map({{'a': 1}})", "format"),
        (f"'{{:{{}}}}'.format(1, {LONG})", "format"),
        ("('x' * 100000).replace('x', 'y' * 1000)", "replace"),
        ("('y' * 1000000).join(['a'] * 100)", "join"),
        ("'-'.join(['y' * 1000000] * 100)", "join"),
        (f"'x' | center({LONG})", "center"),
        (f"'x' | center(width={LONG})", "center"),
        (f"'x\\ny' | indent({LONG})", "indent"),
        (f"'x\\ny' | indent(width={LONG}, first=true)", "indent"),
        ("('x\\n' * 100000) | indent(1000)", "indent"),
        (f"'%{LONG}d' | format(1)", "format"),
        ("('x' * 100000) | replace('x', 'y' * 1000)", "replace"),
        ("(['a'] * 100) | join('y' * 1000000)", "join"),
        (f"[1] | batch({LONG}, 0) | list", "batch"),
        (f"[1] | slice({LONG}) | list", "slice"),
        (f"1.5 | round({LONG}, 'ceil')", "round"),
        (f"['x'] | map('center', {LONG}) | list", "center"),
        (f"[1] | tojson(indent={LONG})", "tojson"),
    ],
)
def test_what_would_be_too_long_is_refused(tmp_path: Path, expression: str, what: str) -> None:
    assert refused(tmp_path, f"{{{{ {expression} }}}}").partition(" would make ")[0] == f"line 1: {what}"


def test_a_number_of_too_many_digits_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, "{{ 9 ** 99999999 }}") == (
        "line 1: ** would make a number of more than 10,000 digits; make it smaller"
    )


def test_a_range_that_is_too_long_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, "{% for i in range(99999999) %}x{% endfor %}").startswith("line 1: Range too big")


@pytest.mark.parametrize(
    "around",
    [("", ""), ("{% set a %}", "{% endset %}"), ("{% macro m() %}", "{% endmacro %}{{ m() }}")],
)
def test_a_loop_that_writes_without_end_is_stopped_where_it_writes(tmp_path: Path, around: tuple[str, str]) -> None:
    loop = "\n{% for i in range(99999) %}{% for j in range(99999) %}{{ long }}{% endfor %}{% endfor %}"
    said = refused(tmp_path, loop.join(around), long="x" * 1_000)
    assert said.partition(" would make ")[0] == "line 2: what is written here"


def test_a_text_that_doubles_is_stopped(tmp_path: Path) -> None:
    doubling = "{% set n = namespace(a='x') %}\n{% for i in range(40) %}\n{% set n.a = n.a OP n.a %}{% endfor %}"
    assert [refused(tmp_path, doubling.replace("OP", sign)).partition(" would")[0] for sign in ("+", "~")] == [
        "line 3: +",
        "line 3: ~",
    ]


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("'x'.center(5)", "  x  "),
        ("'3'.zfill(4)", "0003"),
        ("'-' * 5", "-----"),
        ("3 * 5", "15"),
        ("2 ** 10", "1024"),
        ("7 % 4", "3"),
        ("'%05d and %s' % (3, 'x')", "00003 and x"),
        ("'{:>5}|{a}'.format('x', a=1)", "    x|1"),
        ("'{a:03}'.format_map({'a': 1})", "001"),
        ("'a,b'.replace(',', ', ')", "a, b"),
        ("'-'.join(['a', 'b'])", "a-b"),
        ("'-'.join(names | map('upper'))", "A-B"),
        ("names | map('center', 3) | join('|')", " a | b "),
        ("'a\\nb' | indent(2, first=true)", "  a\n  b"),
        ("'%s=%s' | format('a', 1)", "a=1"),
        ("'a' ~ 1 ~ names", "a1['a', 'b']"),
        ("[1, 2, 3] | batch(2, 0) | list", "[[1, 2], [3, 0]]"),
        ("1.25 | round(1)", "1.2"),
        ("['a'] + ['b']", "['a', 'b']"),
    ],
)
def test_what_is_short_is_as_jinja_makes_it(tmp_path: Path, expression: str, text: str) -> None:
    assert made(tmp_path, f"{{{{ {expression} }}}}", names=["a", "b"]).parts == (text,)
