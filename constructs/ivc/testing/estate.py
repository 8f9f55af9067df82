"""An estate as tests look at it: what a program declares, as it works."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path

from ivc.estate import Synthesized, synthesized
from ivc.estate.reach import ALL, NONE, between, of_load_balancer
from ivc.policies.policy_finding import PolicyFinding
from ivc.review.findings import findings
from ivc.review.side import Side
from ivc.review.unread import of_folder
from ivc.terraform.address import named
from ivc.testing import openings
from ivc.testing.names import Named, Names
from ivc.testing.server import Server

_LOOSE = "rules of groups that are not told here"


class Estate:
    """What a program declares, read from what it synthesized.

    Of the stacks that have nothing on OpenStack nothing is told.
    """

    def __init__(self, folder: Path, written: Sequence[Synthesized]) -> None:
        self.folder = folder
        self._written = [each for each in written if each.on_openstack]
        self._sides = {each.name: Side.of_folder(each) for each in self._written}
        servers = [(side.stack, one) for side in self._sides.values() for one in side.stack.instances]
        self._names = names = Names(self._sides)
        self.servers: Mapping[str, Server] = Named(
            "server", {names.of(stack.name, one.id): Server(stack, one) for stack, one in servers}
        )
        """By name; by `stack/name` where there are several stacks."""

    @classmethod
    def read(cls, folder: Path) -> Estate:
        """The estate in a folder that a synthesis wrote; raises EstateError where there is none."""
        return cls(folder, synthesized(folder))

    def __repr__(self) -> str:
        return f"<Estate of {', '.join(self._sides) or 'no stack'}: {', '.join(self.servers) or 'no server'}>"

    @cached_property
    def stacks(self) -> Mapping[str, Estate]:
        """Each stack as an estate of its own, by name: `estate.stacks["shop-prod"].world_reaches`."""
        return Named("stack", {each.name: Estate(self.folder, [each]) for each in self._written})

    @cached_property
    def world_reaches(self) -> dict[str, set[str]]:
        """What the Internet reaches, by server, as `Server.world_reaches` says it, and by load balancer, as in
        `{"load balancer www": {"tcp 443"}}`. What it reaches nothing of is left out.

        Of what Terraform alone tells, such as the servers that a module makes: `{"stack shop": {"not known: ..."}}`.
        """
        found = {name: server.world_reaches for name, server in self.servers.items()}
        balancers = [(side.stack, one) for side in self._sides.values() for one in side.stack.load_balancers]
        for stack, one in balancers:
            name = self._names.of(stack.name, f"load balancer {named(one.address)}")
            found[name] = openings.of_world(partial(of_load_balancer, stack, one))
        for name, side in self._sides.items():
            found[f"stack {name}"] = {f"not known: {each}" for each in of_folder(side)}
        return {name: reached for name, reached in found.items() if reached}

    def reach(self, source: str, target: str) -> set[str]:
        """What a server reaches of another by the networks that they share or a router joins: what the groups of the
        first let out, and those of the second let in.

        `perhaps tcp 22` goes by a router that is not told here, or by the Internet; `not known: default` is what a
        looked-up group lets through, or a range of addresses that only apply knows. `"tcp 22" in` it is true of
        `tcp 22-30`, too, and raises ValueError where nobody knows. What it reaches as the world does,
        by a floating IP, a VIP or a load balancer, is in `world_reaches` alone.
        """
        one, other = self.servers[source], self.servers[target]
        if one.stack is not other.stack:
            return {f"not known: what joins the networks of stacks {one.stack.name} and {other.stack.name}"}
        sure = between(one.stack, one.instance, other.instance, NONE)
        at_worst = between(one.stack, one.instance, other.instance, ALL, untold_routers=True)
        return openings.said(sure, at_worst, not_told=[_LOOSE] if one.stack.loose else [])

    @cached_property
    def findings(self) -> dict[str, str]:
        """What policies and the checks of user data warn of and nobody accepted: by its id and what it is about, such
        as `IVC205: instance db-1`, the sentence. An error of theirs is written nowhere, and fails the synthesis.
        """
        return self._found(lambda one: one.severity != "info")

    @cached_property
    def remarks(self) -> dict[str, str]:
        """What policies say that is good to know, in the same way."""
        return self._found(lambda one: one.severity == "info")

    def _found(self, is_meant: Callable[[PolicyFinding], bool]) -> dict[str, str]:
        found: dict[str, str] = {}
        for written in self._written:
            stack = f"{written.name}/" if len(self._written) > 1 else ""
            empty, side = Side.empty(written.name), self._sides[written.name]
            for one in findings(None, written.path.parent, empty, side):
                if one.waived is None and is_meant(one):
                    about = f"{one.id}: {stack}{one.subject}"
                    found[about] = f"{found[about]}; {one.message}" if about in found else str(one.message)
        return found
