"""Which server is on which network, as it will be and with what goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivc.estate import Instance, Nic
from ivc.review.model import Action, Edge, Node, Thing, Topology
from ivc.review.side import Side
from ivc.words.order import as_counted

_SMALL = 24
"""Up to so many servers all are shown; of more, those that change."""


def topology(before: Side, after: Side, things: Mapping[str, Thing], networks: Mapping[str, Action]) -> Topology:
    """The topology of a stack.

    things: the instances that change, by id. networks: what happens to networks, by address.
    """
    every = {**before.instances, **after.instances}
    shown = [server for server in sorted(every, key=as_counted) if len(every) <= _SMALL or server in things]
    found = {
        nic.network.name: nic.network for server in shown for side in (before, after) for nic in _nics(side, server)
    }
    nodes: list[Node] = []
    edges: list[Edge] = []
    ids = {name: f"n{number}" for number, name in enumerate(sorted(found, key=as_counted))}
    for name, node in ids.items():
        network = found[name]
        nodes.append(Node(node, "network", name, networks.get(network.address, Action.NONE), network.public is True))
    for number, server in enumerate(shown):
        action = things[server].action if server in things else Action.NONE
        nodes.append(Node(f"i{number}", "instance", server, action))
        edges += _edges(f"i{number}", before.instances.get(server), after.instances.get(server), ids)
    return Topology(tuple(nodes), tuple(edges), left_out=len(every) - len(shown))


def _nics(side: Side, server: str) -> tuple[Nic, ...]:
    instance = side.instances.get(server)
    return instance.nics if instance else ()


def _edges(id: str, old: Instance | None, new: Instance | None, networks: Mapping[str, str]) -> Iterator[Edge]:
    then = {_key(nic): nic for nic in old.nics} if old else {}
    now = {_key(nic): nic for nic in new.nics} if new else {}
    for key, nic in {**then, **now}.items():
        action = Action.NONE if key in then and key in now else Action.CREATE if key in now else Action.DESTROY
        yield Edge(id, networks[nic.network.name], ", ".join(nic.ips), action)


def _key(nic: Nic) -> tuple[str, str]:
    return (nic.port or "", nic.network.name)
