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
    """Have OpenTofu read, for as long, a stack with no more triggers than its state knows.

    state: as `tofu state pull` gives it. Where there is a `cdk.tofu.json` OpenTofu reads no `cdk.tf.json`; so that file
    is left alone, and nobody takes what a killed run left for what was synthesized.
    """
    content, is_other = json.loads(document.read_bytes()), False
    known = _known(content, state)
    for resources in content.get("resource", {}).values():
        for resource in resources.values():
            said = resource.get("lifecycle", {}).get("replace_triggered_by", [])
            kept = [one for one in said if all(each.address in known for each in references(one))]
            if kept != said:
                resource["lifecycle"]["replace_triggered_by"], is_other = kept, True
    instead = document.with_name(f"{document.name.removesuffix('.tf.json')}.tofu.json")
    instead.unlink(missing_ok=True)
    try:
        if is_other and known:
            instead.write_text(json.dumps(content, indent=2))
        yield
    finally:
        instead.unlink(missing_ok=True)


def _known(content: Mapping[str, Any], state: Mapping[str, Any]) -> set[str]:
    """The addresses of a state, and those that these are to have from now on."""
    resources = [one for one in state.get("resources", ()) if one["mode"] == "managed" and "module" not in one]
    known = {f"{one['type']}.{one['name']}" for one in resources}
    return known | {one["to"] for one in content.get("moved", ()) if one["from"] in known}
