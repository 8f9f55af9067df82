"""Fixed IPs that come to a port while another one still has them: Neutron answers 409, and the apply stops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ivc.review.model import Action, Resource
from ivc.review.side import Side
from ivc.words.sentence import Sentence, say


def conflicts(before: Side, after: Side, resources: Sequence[Resource]) -> Iterator[Sentence]:
    """A sentence for each, with the way around it.

    Terraform makes a port while the server of one that goes is still being shut down. Two that change in place it
    changes at once, in no order.
    """
    fates = {one.address: one for one in resources}
    then = {place: (port, server) for place, port, server in _addresses(before)}
    now = [*_addresses(after)]
    declared = {port for _, port, _ in now}
    former, servers = ({one.id for one in side.stack.instances} for side in (before, after))
    ports = {nic.port for instance in after.stack.instances for nic in instance.nics}
    for place, port, server in now:
        other, its = then.get(place, (port, server))
        if other == port:
            continue
        network, fate = fates.get(place[0]), fates.get(other)
        is_anew = network is not None and network.action is Action.REPLACE
        if is_anew and network is not None and network.certain:
            continue  # All of its ports are gone before it is.
        goes = fate is not None and fate.action in (Action.DESTROY, Action.REPLACE)
        # Nothing is sent for addresses that are left out, and the port keeps them.
        keeps = other in ports and not goes and not after.document.elements[other].says("fixed_ip")
        fails = "will" if not is_anew and (keeps or (fate is not None and fate.certain and goes)) else "may"
        owner = its if its != server else f"another port of {its}"
        held = say(
            f"{{}}, which {{}} is to have, is still that of {{}}: the apply {fails} fail there", place[1], server, owner
        )
        if keeps or other in declared:
            yield say(
                "{}; give {} one that nobody has first, and this one to {} in a second deploy", held, owner, server
            )
        elif fate is not None and fate.action is Action.REPLACE:
            yield say("{}; deploy once more, when {} has another", held, owner)
        elif its not in servers and server not in former:
            yield say(
                "{}; say renamed_from={} where it is the same server, or deploy once more, when {} is gone",
                held,
                f'"{its}"',
                owner,
            )
        else:
            yield say("{}; deploy once more, when {} is gone", held, owner)


def _addresses(side: Side) -> Iterator[tuple[tuple[str, str], str, str]]:
    """Each declared address with its network, the port that has it, and its server."""
    for instance in side.stack.instances:
        for nic in instance.nics:
            if nic.port is not None:
                yield from (((nic.network.address or nic.network.name, ip), nic.port, instance.id) for ip in nic.ips)
