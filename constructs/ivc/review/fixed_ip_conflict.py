"""Fixed IPs that come to a port while another one still has them: Neutron answers 409, and the apply stops."""

from __future__ import annotations

from collections.abc import Iterator

from ivc.review.side import Side
from ivc.words.sentence import Sentence, say


def conflicts(before: Side, after: Side) -> Iterator[Sentence]:
    """A sentence for each, with the way around it."""
    then, now = _by_address(before), _by_address(after)
    ports = {port for port, _ in now.values()}
    for place, (port, server) in now.items():
        other, its = then.get(place, (port, server))
        if other == port:
            continue
        held = say("{}, which {} is to have, is still that of {}: the apply will fail there", place[1], server, its)
        if other in ports:
            yield say("{}; give {} one that nobody has first, and this one to {} in a second deploy", held, its, server)
        else:
            yield say("{}; deploy once more, when {} is gone", held, its)


def _by_address(side: Side) -> dict[tuple[str, str], tuple[str, str]]:
    """By network and declared address, the port that has it and its server."""
    return {
        (nic.network.address or nic.network.name, ip): (nic.port, instance.id)
        for instance in side.stack.instances
        for nic in instance.nics
        if nic.port is not None
        for ip in nic.ips
    }
