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

from ivc.deploy.terraform import Terraform
from ivc.terraform.address import references


def replaces_for_new(terraform: Terraform) -> bool:
    """Whether a program replaces what is triggered by something that it only makes."""
    return terraform.kind == "tofu" and terraform.version >= (1, 12)


@contextmanager
def of_state(document: Path, state: Mapping[str, Any]) -> Iterator[None]:
    """Have a stack's file say, for as long, no more triggers than its state knows.

    state: as `tofu state pull` gives it. Another file beside the first could not: OpenTofu does not override triggers.
    """
    text = document.read_bytes()
    content, is_other = json.loads(text), False
    known = _known(content, state)
    for resources in content.get("resource", {}).values():
        for resource in resources.values():
            said = resource.get("lifecycle", {}).get("replace_triggered_by", [])
            kept = [one for one in said if all(each.address in known for each in references(one))]
            if kept != said:
                resource["lifecycle"]["replace_triggered_by"], is_other = kept, True
    if not is_other or not known:
        yield
        return
    document.write_text(json.dumps(content, indent=2))
    try:
        yield
    finally:
        document.write_bytes(text)


def _known(content: Mapping[str, Any], state: Mapping[str, Any]) -> set[str]:
    """The addresses of a state, and those that these are to have from now on."""
    resources = [one for one in state.get("resources", ()) if one["mode"] == "managed" and "module" not in one]
    known = {f"{one['type']}.{one['name']}" for one in resources}
    return known | {one["to"] for one in content.get("moved", ()) if one["from"] in known}
