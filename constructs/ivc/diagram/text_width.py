"""How wide a text is on a screen, at most, whatever font is there."""

from __future__ import annotations

import unicodedata

# In hundredths of the font's size, rounded up: DejaVu Sans and its bold, which with Verdana are the widest fonts that
# browsers take for `sans-serif`.
_REGULAR = {
    30: "IJijl",
    35: " ,./:;\\f|",
    40: "!()-[]t",
    45: "r",
    50: '"*_`',
    55: "'?csz",
    60: "FLPkvxy",
    65: "$0123456789ESTYabdeghnopqu{}",
    70: "ABCKRVXZ",
    75: "HNU",
    80: "&DGOQ",
    85: "#+<=>^w~",
    90: "M",
    95: "%",
    100: "@Wm…",
}
_BOLD = {
    35: " 'ijl",
    40: ",./:;IJ\\|",
    45: "-f",
    50: "!()[]_`rt",
    55: '"*',
    60: "?csz",
    65: "Lvxy",
    70: "$0123456789EFTaeko",
    75: "CPSYZbdghnpqu{}",
    80: "ABKRVX",
    85: "#+<=>DGHNOQU^~",
    90: "&",
    95: "w",
    100: "%@M…",
    105: "m",
    110: "W",
}
_WIDTHS = [{sign: width for width, signs in table.items() for sign in signs} for table in (_REGULAR, _BOLD)]
_WIDE, _OTHER = 100, 80


def width(words: str, size: float, *, bold: bool = False) -> float:
    """The width of a text in a font of this size. Of signs beyond Latin ones it is a guess: see `is_known`."""
    widths = _WIDTHS[bold]
    return sum(widths.get(base, _guess(base)) for base in map(_base, words)) * size / 100


def is_known(words: str) -> bool:
    """Whether the width is one that no usual font exceeds."""
    return all(_base(sign) in _WIDTHS[0] for sign in words)


def _base(sign: str) -> str:
    """A letter without its accents, which are as wide as it."""
    return sign if sign.isascii() else unicodedata.normalize("NFD", sign)[0]


def _guess(sign: str) -> int:
    return _WIDE if unicodedata.east_asian_width(sign) in "WF" else _OTHER
