"""Stacks in one project do not meet: what one has for itself alone, another does not take.

What is made for an environment is called after it; this is about what exists, and about names that are said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import permutations
from typing import TYPE_CHECKING, Protocol

from ivc.errors import DeclarationError

if TYPE_CHECKING:
    from ivc.declare.floating_ip import AnyFloatingIp
    from ivc.declare.network import AnyNetwork
    from ivc.declare.record import Record
    from ivc.source import Line


class Stack(Protocol):
    """What is asked of a stack. _place: its cloud, project and region, as far as they are said."""

    name: str
    _record: Record
    _place: tuple[str | None, str | None, str | None]


def check_apart(stacks: Sequence[Stack]) -> None:
    """Raise DeclarationError where two stacks of one place have the same for themselves alone."""
    _check(stacks, lambda record: record.taken())


def check_owners(stacks: Sequence[Stack]) -> None:
    """Raise DeclarationError where two stacks of one place declare the same zone, record, container or object:
    whichever is deployed last would win; and where a record of one cannot be beside what the other declares.
    """
    _check(stacks, lambda record: record.owned())
    for one, other in permutations(stacks, 2):
        if one._place == other._place:
            one._record.record_sets.check_beside(other._record.record_sets)


def _check(stacks: Sequence[Stack], taken: Callable[[Record], Iterator[tuple[str, str, Line | None]]]) -> None:
    found: dict[tuple[object, str], tuple[Stack, str]] = {}
    for stack in stacks:
        for what, where, line in taken(stack._record):
            other, first = found.setdefault((stack._place, what), (stack, where))
            if other is not stack:
                raise DeclarationError(
                    f"{where} (stack {stack.name}): {what} is taken by {first} (stack {other.name}) already; take "
                    "another, or say the cloud= or project= of each where they are not in the same",
                    line=line,
                )


def taken_in(network: AnyNetwork, ips: Sequence[str], floating_ip: AnyFloatingIp | None) -> Iterator[str]:
    """What a port takes of what is there already: its fixed addresses in a network, and its floating IP."""
    if not network._is_made:
        yield from (f"the address {ip} on network {network.name}" for ip in ips)
    if floating_ip is not None and not floating_ip._is_made:
        yield f"the floating IP {floating_ip.name}"
