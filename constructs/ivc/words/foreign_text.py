"""Words from outside, made so that nothing in them is obeyed or hidden where they are shown as plain text."""

from __future__ import annotations


def visible(words: str) -> str:
    """The words with each character that a terminal would obey or hide written as its escape, such as `\\x1b`.

    Those are control and format characters, line feeds and tabs, blanks other than the common one, and halves of
    surrogate pairs. The result is one line, and goes into any encoding of Unicode.
    """
    if words.isprintable():
        return words
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in words
    )


def visible_line(line: str) -> str:
    """A line of a file, made visible. Its tabs stay: they are part of what it says, and do no harm in a line."""
    return "\t".join(map(visible, line.split("\t")))


def shortened(words: str, length: int) -> str:
    """The words, cut to so many characters, the last of them then an ellipsis."""
    return words if len(words) <= length else words[: length - 1] + "…"
