"""Where in the project each address is declared: `sources.json` beside a stack's JSON, which no plan depends on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from ivc.source import Source
from ivc.terraform.errors import EstateError

FILE = "sources.json"


def text(sources: Mapping[str, Source]) -> str:
    """What the file says; the same declarations give the same bytes."""
    said = {address: f"{source.file}:{source.line}" for address, source in sources.items() if address}
    return json.dumps(said, indent=2, sort_keys=True) + "\n"


def read(stack_folder: Path) -> dict[str, Source]:
    """By Terraform address; nothing where there is no such file. Raises EstateError where it is broken."""
    path = stack_folder / FILE
    try:
        said = json.loads(path.read_bytes())
        places = {address: place.rpartition(":") for address, place in said.items()}
        return {address: Source(file, int(line)) for address, (file, _, line) in places.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        raise EstateError(f"{path} cannot be read ({error}): run `ivc synth` to write it anew.") from None
