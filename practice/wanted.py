"""What synthesized stacks want to find: extras, existing volumes and a value for each secret; and that they are for a
demo."""

import json
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from practice.errors import PracticeError
from practice.services import Extra

# How the types of the provider's resources and data sources begin.
_FAMILIES = {
    "openstack_objectstorage_": Extra.OBJECTS,
    "openstack_keymanager_": Extra.SECRETS,
    "openstack_dns_": Extra.DNS,
    "openstack_lb_": Extra.LOADBALANCER,
    "openstack_orchestration_": Extra.ORCHESTRATION,
}


def extras(output: Path) -> tuple[Extra, ...]:
    """The extras whose things the stacks of an output folder of CDKTF's make or look up."""
    types = {kind for stack in _stacks(output) for part in ("resource", "data") for kind in stack.get(part, {})}
    return Extra.named(extra for begin, extra in _FAMILIES.items() if any(kind.startswith(begin) for kind in types))


def volumes(output: Path) -> list[str]:
    """The names of the volumes that the stacks of an output folder of CDKTF's look up."""
    found = (stack.get("data", {}).get("openstack_blockstorage_volume_v3", {}) for stack in _stacks(output))
    return sorted({one["name"] for looked_up in found for one in looked_up.values() if "name" in one})


def secrets(output: Path) -> str:
    """Lines for a shell that give each sensitive variable without a default a value, the same one each time.

    It is no secret: it is for a throw-away cloud that nothing but this machine can reach.
    """
    found = (stack.get("variable", {}) for stack in _stacks(output))
    names = sorted(
        name
        for variables in found
        for name, said in variables.items()
        if said.get("sensitive") is True and "default" not in said
    )
    return "".join(f"export TF_VAR_{name}={shlex.quote(f'practice-cloud-{name}')}\n" for name in names)


def check_state(output: Path) -> None:
    """Raise PracticeError for a stack that keeps its state elsewhere than beside its output: it may be a real one."""
    for path in sorted(output.glob("stacks/*/cdk.tf.json")):
        backend = json.loads(path.read_text()).get("terraform", {}).get("backend", {})
        state = backend.get("local", {}).get("path")
        beside = state is not None and (path.parent / state).resolve().is_relative_to(output.parent.resolve())
        if not beside:
            raise PracticeError(
                f"stack {path.parent.name} does not keep its state in {output.parent}, and what is tried must touch no "
                "other: give it the default local backend meanwhile."
            )


def _stacks(output: Path) -> Iterator[Mapping[str, Any]]:
    paths = sorted(output.glob("stacks/*/cdk.tf.json"))
    if not paths:
        raise PracticeError(f"There is no stack in {output}: name the folder that the estate is synthesized in.")
    for path in paths:
        yield json.loads(path.read_text())
