"""A set of ranges is the world however it is split, and a private one never is."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivc.cidr import IPNetwork
from ivc.estate.public_ranges import reaches_world

PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "fc00::/7", "fe80::/10")


@pytest.mark.parametrize(
    "prefixes",
    [
        [None],
        [""],
        ["0.0.0.0/0"],
        ["::/0"],
        ["0/0"],
        ["0.0.0.0/0.0.0.0"],
        ["203.0.113.9/0"],
        ["0.0.0.0/1"],
        ["128.0.0.0/1"],
        ["64.0.0.0/2"],
        ["8.0.0.0/7"],
        ["10.0.0.0/7"],
        ["8.0.0.0/8", "9.0.0.0/8"],
        ["::/1"],
        ["8000::/1"],
        ["2000::/3"],
        ["2a00::/12"],
        ["10.0.0.0/8", None],
        ["${var.office}", "0.0.0.0/0"],
    ],
)
def test_the_world(prefixes: list[str | None]) -> None:
    assert reaches_world(prefixes)


@pytest.mark.parametrize(
    "prefixes",
    [
        [],
        ["8.0.0.0/8"],
        ["8.0.0.0/8", "12.0.0.0/8", "17.0.0.0/8"],
        ["203.0.113.0/24", "198.51.100.7"],
        ["0.0.0.0"],  # noqa: S104 (a range of one address)
        ["224.0.0.0/3"],
        ["::1/128"],
        ["2a01:e34::/20"],
        ["2001:db8::/32"],
        ["fc00::/7", "fe80::/10", "ff00::/8"],
        ["${var.office}"],
        ["no range"],
        ["300.0.0.0/0"],
        ["0.0.0.0/33"],
        [*PRIVATE],
    ],
)
def test_not_the_world(prefixes: list[str | None]) -> None:
    assert not reaches_world(prefixes)


def test_half_of_all_public_addresses_in_scattered_pieces() -> None:
    no_neighbours = [f"{126 if number == 127 else number}.0.0.0/8" for number in range(1, 224, 2)]
    assert reaches_world(no_neighbours)
    assert not reaches_world(no_neighbours[:100])


def pieces(network: IPNetwork, data: st.DataObject, left: int) -> Iterator[IPNetwork]:
    """The network cut at random, at most `left` times deep."""
    if left and network.prefixlen < network.max_prefixlen and data.draw(st.booleans()):
        for half in network.subnets():
            yield from pieces(half, data, left - 1)
    else:
        yield network


@given(data=st.data(), whole=st.sampled_from(["0.0.0.0/0", "::/0", "2000::/3"]))
def test_the_world_is_the_world_however_it_is_split(data: st.DataObject, whole: str) -> None:
    parts = [str(part) for part in pieces(ipaddress.ip_network(whole), data, 7)]
    extra = data.draw(st.lists(st.sampled_from([*PRIVATE, "${var.office}", "8.8.8.0/24"])))
    assert reaches_world(data.draw(st.permutations([*parts, *extra])))


@given(data=st.data(), whole=st.sampled_from(["0.0.0.0/0", "2000::/3"]))
def test_to_leave_a_hole_in_it_is_no_way_around(data: st.DataObject, whole: str) -> None:
    network = ipaddress.ip_network(whole)
    hole = data.draw(st.integers(min_value=0, max_value=network.num_addresses - 1))
    single = ipaddress.ip_network((int(network.network_address) + hole, network.max_prefixlen))
    assert reaches_world(str(part) for part in network.address_exclude(single))  # type: ignore[arg-type]


@st.composite
def private(draw: st.DrawFn) -> str:
    """A range within a private one."""
    network = ipaddress.ip_network(draw(st.sampled_from(PRIVATE)))
    length = draw(st.integers(min_value=network.prefixlen, max_value=network.max_prefixlen))
    offset = draw(st.integers(min_value=0, max_value=network.num_addresses - 1))
    return f"{network.network_address + offset}/{length}"


@given(st.lists(private()))
def test_private_space_never_is(prefixes: list[str]) -> None:
    assert not reaches_world(prefixes)


@given(st.lists(st.one_of(private(), st.sampled_from(["8.0.0.0/8", "2a00::/12", "0.0.0.0/4", "x"]))), st.text())
def test_more_ranges_never_reach_less(prefixes: list[str], more: str) -> None:
    if reaches_world(prefixes):
        assert reaches_world([*prefixes, more])
