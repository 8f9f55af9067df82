"""Whether a set of address ranges is the whole world, or as good as that."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

from ivc.cidr import IPNetwork

Rule = TypeVar("Rule")

# Nobody on the Internet has one of these: IANA's registries of special-purpose addresses, and multicast.
_NOT_PUBLIC = {
    4: (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    ),
    6: ("::/8", "100::/64", "2001:db8::/32", "3fff::/20", "fc00::/7", "fe80::/9", "ff00::/8"),
}
_NETWORKS = {version: [ipaddress.ip_network(text) for text in texts] for version, texts in _NOT_PUBLIC.items()}
# What the world's addresses lie in. IANA hands out IPv6 from there alone.
_ALL = {4: ipaddress.ip_network("0.0.0.0/0"), 6: ipaddress.ip_network("2000::/3")}
# No one organisation was ever given as much: IANA gave IPv4 away by /8, and gives a continent an IPv6 /12.
_LONGEST = {4: 7, 6: 12}
_SHORT_FORM = re.compile(r"(\d+(?:\.\d+){0,2})(/\d+)")


def reaches_world(prefixes: Iterable[str | None]) -> bool:
    """Whether ranges of source addresses together are the whole world, or as good as that.

    prefixes: of rules, such as `203.0.113.0/24`. None or an empty text is a rule without one: any source. What is no
    range, such as an expression that only apply knows, is left out.

    As good as the world is one range, or neighbours that make one, with public addresses and of /7 or shorter (IPv6:
    /12), which nobody has for himself; or half of all public addresses of a family in however many pieces. Private
    ranges, however many, never are.
    """
    given = frozenset(prefixes)
    return None in given or _reaches_world(frozenset(prefix for prefix in given if prefix is not None))


def reached_ports(
    rules: Iterable[Rule],
    *,
    ports: Callable[[Rule], tuple[int, int]],
    sources: Callable[[Rule], Iterable[str | None]],
) -> Iterator[tuple[int, int, tuple[Rule, ...]]]:
    """The ports that the world reaches by rules together: in rising order the first and the last of a range, and the
    rules that are about all of it. Ranges are taken apart where rules begin and end, and may touch.

    ports, sources: of a rule, its first and last port, and the prefixes that it lets in, as `reaches_world` takes them.
    """
    spans = [(*ports(rule), rule) for rule in rules]
    edges = sorted({edge for first, last, _ in spans for edge in (first, last + 1)})
    for first, after in pairwise(edges):
        here = tuple(rule for low, high, rule in spans if low <= first and after - 1 <= high)
        if reaches_world(source for rule in here for source in sources(rule)):
            yield first, after - 1, here


def public_addresses(prefix: str | None) -> int:
    """How many public addresses a range holds, whether IANA has handed them out or not; 0 for what is no range."""
    network = parse(prefix or "::/0")
    return 0 if network is None else _public(network)


def parse(prefix: str) -> IPNetwork | None:
    """A rule's range as Neutron understands it, which takes bits behind the mask and `0/0`; None for what is none."""
    text = prefix.strip()
    if (short := _SHORT_FORM.fullmatch(text)) is not None:
        text = short[1] + ".0" * (3 - short[1].count(".")) + short[2]
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _reaches_world(prefixes: frozenset[str]) -> bool:
    if any(not prefix.strip() for prefix in prefixes):
        return True
    networks = [network for prefix in prefixes if (network := parse(prefix)) is not None]
    for version, whole in _ALL.items():
        merged = _merged(network for network in networks if network.version == version)
        if any(network.prefixlen <= _LONGEST[version] and _public(network) for network in merged):
            return True
        if 2 * sum(_public(network) for network in merged if network.overlaps(whole)) >= _public(whole):
            return True
    return False


def _merged(networks: Iterable[IPNetwork]) -> list[IPNetwork]:
    return list(ipaddress.collapse_addresses(networks))  # type: ignore[type-var]


def _public(network: IPNetwork) -> int:
    """The addresses of a range that are not special. Two ranges overlap only where one holds the other."""
    return network.num_addresses - sum(
        min(network.num_addresses, special.num_addresses)
        for special in _NETWORKS[network.version]
        if special.overlaps(network)
    )
