"""What is only now made triggers no replacement.

Terraform has it so, and so had OpenTofu before 1.12. From then on it replaces a server as soon as there is something
new to compare: when what a declaration says of its image is no longer ignored, or where an IvC that compared nothing
applied it last.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ivc.terraform.address import references


def only_made(plan: Mapping[str, Any]) -> frozenset[str]:
    """The addresses that a plan (its JSON) makes while it replaces others because of their triggers."""
    changes = plan.get("resource_changes", ())
    if all(one.get("action_reason") != "replace_by_triggers" for one in changes):
        return frozenset()
    return frozenset(one["address"] for one in changes if one["change"]["actions"] == ["create"])


@contextmanager
def left_out(document: Path, made: frozenset[str]) -> Iterator[bool]:
    """Have a stack's file say nothing of some triggers for as long; gives whether it said any of them.

    Another file beside it could not: OpenTofu does not override triggers.
    """
    text = document.read_bytes()
    content, found = json.loads(text), False
    for resources in content.get("resource", {}).values():
        for resource in resources.values():
            said = resource.get("lifecycle", {}).get("replace_triggered_by", [])
            kept = [one for one in said if not any(each.address in made for each in references(one))]
            if kept != said:
                resource["lifecycle"]["replace_triggered_by"], found = kept, True
    if not found:
        yield False
        return
    document.write_text(json.dumps(content, indent=2))
    try:
        yield True
    finally:
        document.write_bytes(text)
