"""The picture as SVG: one file for light and dark pages, without scripts, and with no font of its own."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from ivc.diagram.layout import laid_out
from ivc.diagram.picture import Picture
from ivc.words.foreign_text import visible

if TYPE_CHECKING:
    from jinja2 import Template


def render(picture: Picture) -> str:
    """The file's text. The same picture gives the same bytes."""
    return _template().render(drawing=laid_out(picture))


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["visible"] = visible
    environment.filters["px"] = lambda value: f"{value:.1f}".removesuffix(".0")
    source = (resources.files(__package__) / "diagram.svg.jinja").read_text(encoding="utf-8")
    return environment.from_string(source)
