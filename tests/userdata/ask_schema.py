"""What cloud-init's schema says of documents, asked of its own code: `python ask_schema.py FOLDER... < documents.json`.

FOLDER: where an unpacked cloud-init and what it imports are; the first that has a module counts. It is imported from
there; nothing is installed or run.

Standard input is a JSON list of documents, standard output one of verdicts: `valid`, or `refused` or `deprecated` with
the places, their steps set apart by dots.

To record anew what `schema_verdicts.tsv` holds, ask both versions with its documents.
"""

# This program runs where only cloud-init's own dependencies are: it must not import anything of this project.
from __future__ import annotations

import json
import logging
import sys
from importlib import import_module
from typing import Any


def ask(documents: list[str]) -> list[str]:
    """The verdict on each document."""
    import yaml

    # By its name: where types are checked there is no cloud-init.
    schema = import_module("cloudinit.config.schema")
    validator, checker = schema.get_jsonschema_validator()
    asked = validator(schema.get_schema(), format_checker=checker())
    return [_verdict(schema, [*asked.iter_errors(yaml.safe_load(document))]) for document in documents]


def _verdict(schema: Any, found: list[Any]) -> str:
    deprecated = [one for one in found if isinstance(one, schema.SchemaDeprecationError)]
    refused = [one for one in found if one not in deprecated]
    if not found:
        return "valid"
    # An empty place is the whole document.
    places = sorted({".".join(map(str, one.path)) for one in refused or deprecated})
    return " ".join(["refused" if refused else "deprecated", *(place.replace(" ", "_") or "." for place in places)])


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    sys.path[:0] = sys.argv[1:]
    json.dump(ask(json.load(sys.stdin)), sys.stdout)
