"""In what two synthesized folders differ for those who deployed the first, as a user's own review tells it, and byte
for byte where that looks at what replaces.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from ivc import node
from ivc.__main__ import app
from ivc.review.model import Danger
from ivc.terraform.address import type_of
from tests.helpers import run_main, tree

_SETTINGS = ("terraform", "provider", "variable")
"""Sections of a stack's JSON of which the review tells in its notes at most."""
_BESIDE = {"userdata": "user_data", "objects": "objects"}
"""Folders beside a stack's JSON, by what a fragment of news calls them."""


@dataclass(frozen=True)
class Difference:
    """what: each kind of thing that changes: a Terraform type (`openstack_networking_port_v2`), `user_data`, `objects`,
    `lifecycle`, a section of the JSON; and each danger (`replace`). review: what the user reads.
    """

    what: frozenset[str]
    review: str


def difference(before: Path, after: Path) -> Difference:
    """Between what two libraries wrote of the same declarations."""
    dangers = ",".join(Danger)
    asked = ["review", "--base", str(before), "--head", str(after), "--fail-on", dangers]
    read = CliRunner().invoke(app, asked)
    facts = json.loads(CliRunner().invoke(app, [*asked, "--json", "-"]).stdout)
    what = {*_types(facts), *_bytes(before, after), *_settings(before, after)}
    what |= {danger for danger, count in facts["danger_counts"].items() if count}
    if not facts["no_changes"] or read.exit_code != 0:
        what = what or {"plan"}
    return Difference(frozenset(what), read.output)


def _types(facts: dict[str, Any]) -> Iterator[str]:
    for stack in facts["stacks"]:
        for thing in stack["things"]:
            yield from (type_of(resource["address"]) for resource in thing["resources"])


def _bytes(before: Path, after: Path) -> Iterator[str]:
    then, now = tree(before), tree(after)
    for file in {*then, *now}:
        beside = file.split("/")[2:3]
        if then.get(file) != now.get(file) and beside and beside[0] in _BESIDE:
            yield _BESIDE[beside[0]]


def _settings(before: Path, after: Path) -> Iterator[str]:
    then, now = (
        {file.parent.name: json.loads(file.read_text()) for file in side.glob("stacks/*/cdk.tf.json")}
        for side in (before, after)
    )
    for stack in then.keys() & now.keys():
        yield from (section for section in _SETTINGS if then[stack].get(section) != now[stack].get(section))
        if _lifecycles(then[stack]) != _lifecycles(now[stack]):
            yield "lifecycle"


def _lifecycles(document: dict[str, Any]) -> list[object]:
    """What protects resources, and what is ignored of them: in their order, since an address may be moved."""
    resources = (named[name] for _, named in sorted(document["resource"].items()) for name in sorted(named))
    return [resource.get("lifecycle") for resource in resources]


def start(project: Path, estate: str = ".") -> subprocess.Popen[str]:
    """The program of an estate, `examples/hello` or the project's own, under way with the project's own library."""
    return run_main(project / estate, env={**node.environment(), "PYTHONPATH": str(project / "constructs")})


def written(run: subprocess.Popen[str], project: Path, estate: str = ".") -> Path:
    """What that program wrote, when it is at its end."""
    output, errors = run.communicate(timeout=300)
    assert run.returncode == 0, f"{project.name}: {estate}: {output}{errors}"
    return project / estate / "cdktf.out"
