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


def in_mermaid(words: str, length: int) -> str:
    """The words, visible and cut to so many characters, within a quoted label of a Mermaid diagram.

    A dot is a sign too: `1. x` is a list in Markdown, which labels are read as.
    """
    # Mermaid breaks the line at a backslash and an n, even where the backslash is a reference.
    shown = shortened(visible(words), length).replace("\\", "\N{SET MINUS}") or '""'
    return "".join(sign if sign.isalnum() or sign in " -" else f"#{ord(sign)};" for sign in shown)
