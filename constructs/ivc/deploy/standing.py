"""The servers of a stack as its state has them: what Nova said of them, and where they are reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ivc.access.reachable import Reachable
from ivc.deploy.stacks import Stack
from ivc.estate.kinds import INSTANCE, INSTANCES
from ivc.terraform.address import addressed, module_of
from ivc.terraform.value import Unknown, items

ACTIVE = "active"


@dataclass(frozen=True, kw_only=True)
class Standing(Reachable):
    """A server in the state.

    id: as it is declared. status: Nova's, in small letters, as the last apply, or the plan that is asked, saw it.
    is_whole: False where Terraform did not come to the end of making it, and makes it anew.
    Of a server that the output `instances` does not have no address is known.
    """

    id: str
    status: str = ACTIVE
    is_whole: bool = True


def networks(stack: Stack) -> dict[str, list[str]]:
    """By server, how the output `instances` calls its networks."""
    return {server: [*said.get("addresses", {})] for server, said in _said(stack).items()}


def standing(stack: Stack, state: Mapping[str, Any]) -> dict[str, Standing]:
    """The servers in a state, by id. state: as `Run.state` gives it.

    The output `instances` itself is older than the servers after a plan of some of them alone: Terraform leaves an
    output as it was unless all that it is made of was planned. So what it is declared to be is looked up in the state.
    """
    resources = {one["address"]: one for one in _resources(state.get("values", {}).get("root_module", {}))}
    said, found = _said(stack), {}
    for one in resources.values():
        if one["mode"] != "managed" or one["type"] != INSTANCE:
            continue
        module = module_of(one["address"])
        name = addressed(one["name"], one.get("index"))
        server = f"{module}.{name}" if module else name
        of_server = said.get(server, {})
        addresses = {key: _values(value, resources) for key, value in of_server.get("addresses", {}).items()}
        floating = {key: _values(value, resources) for key, value in of_server.get("floating_ips", {}).items()}
        found[server] = Standing(
            id=server,
            status=str(one["values"].get("power_state") or ""),
            is_whole=not one.get("tainted"),
            addresses=addresses,
            public=tuple(items(of_server.get("public"))),
            floating_ips={key: ips[0] for key, ips in floating.items() if ips},
        )
    return found


def _said(stack: Stack) -> Mapping[str, Mapping[str, Any]]:
    """What the output is declared to say of each server; one of that name that somebody declared may be anything."""
    outputs = stack.read.section("output", INSTANCES).get("value")
    said = outputs if isinstance(outputs, Mapping) else {}
    return {server: each for server, each in said.items() if isinstance(each, Mapping)}


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from module.get("resources", ())
    for child in module.get("child_modules", ()):
        yield from _resources(child)


def _values(value: object, resources: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """The addresses that a value of the output stands for, or is."""
    if not isinstance(value, Unknown):
        return tuple(map(str, items(value)))
    found = (resources.get(one.address, {}).get("values", {}).get(one.attribute) for one in value.depends_on)
    return tuple(sorted(str(each) for one in found for each in items(one)))
