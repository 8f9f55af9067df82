"""What the world reaches through rules, told port by port."""

from __future__ import annotations

from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from ivc.estate import Rule
from ivc.estate.reach import EVERYTHING, Opening, beyond, openings
from ivc.estate.rules import ALL_PORTS
from ivc.review.exposure import words


def rule(
    protocol: str | None,
    ports: tuple[int, int] | None = None,
    peer: str | None = None,
    *,
    families: tuple[str, ...] = ("IPv4",),
    direction: Literal["ingress", "egress"] = "ingress",
    group: bool = False,
) -> Rule:
    # No ports, and 0/0 as people write it for none, are all of them.
    some = ports if ports and (ports != (0, 0) or protocol == "icmp") else ALL_PORTS
    return Rule(
        address="r",
        group="g",
        direction=direction,
        families=families,
        protocol=protocol,
        ports=some,
        prefixes=() if group else (peer,),
        peer=peer if group else None,
    )


def said(*rules: Rule) -> str:
    return str(words(openings(rules)))


def test_a_rule_without_a_peer_is_open_to_the_world() -> None:
    both = ("IPv4", "IPv6")

    assert said(rule("tcp", (80, 80), families=both), rule("tcp", (443, 443), families=both)) == "tcp 80, 443"
    assert said(rule("icmp", families=both), rule("udp", (53, 60), families=both)) == "udp 53-60 and icmp"
    assert said(rule("tcp", (80, 80))) == "tcp 80 (IPv4 only)"


def test_no_ports_and_zero_are_all_ports() -> None:
    assert openings([rule("tcp")]) == openings([rule("tcp", (0, 0))]) == openings([rule("tcp", (0, 65535))])
    assert said(rule("tcp", families=("IPv4", "IPv6"))) == "tcp on every port"
    assert said(rule(None, families=("IPv4", "IPv6"))) == "everything"


def test_a_range_a_group_and_egress_are_not_the_world() -> None:
    assert not openings(
        [
            rule("tcp", (22, 22), "203.0.113.0/24"),
            rule("tcp", (22, 22), "web", group=True),
            rule("tcp", (22, 22), direction="egress"),
            rule("tcp", (22, 22), "10.0.0.0/8"),
        ]
    )


def test_ranges_that_are_the_world_together_open_just_the_ports_they_share() -> None:
    found = openings([rule("tcp", (20, 30), "0.0.0.0/1"), rule("tcp", (25, 40), "128.0.0.0/1")])

    # Each half alone is as good as the world.
    assert found == {Opening("tcp", 20, 40, "IPv4")}
    quarters = [rule("tcp", (20, 30), f"{first}.0.0.0/8") for first in range(1, 120)]
    halves = [*quarters, *(rule("tcp", (25, 40), f"{first}.0.0.0/8") for first in range(120, 224))]
    assert Opening("tcp", 25, 30, "IPv4") in {
        Opening("tcp", 25, 30, "IPv4") if one.low <= 25 and one.high >= 30 else one for one in openings(halves)
    }


def test_what_is_beyond_is_only_what_is_new() -> None:
    before = openings([rule("tcp", (8000, 8010))])
    after = openings([rule("tcp", (7990, 8020))])

    assert beyond(after, before) == {Opening("tcp", 7990, 7999, "IPv4"), Opening("tcp", 8011, 8020, "IPv4")}
    assert not beyond(before, after)
    assert not beyond(after, EVERYTHING)
    assert beyond(openings([rule("tcp", (22, 22), families=("IPv6",))]), openings([rule("tcp", (22, 22))]))


PORTS = st.tuples(st.integers(1, 60), st.integers(1, 60)).map(lambda pair: (min(pair), max(pair)))
RULES = st.lists(
    st.builds(
        rule,
        st.sampled_from(["tcp", "udp", None]),
        st.none() | PORTS,
        st.sampled_from([None, "0.0.0.0/0", "203.0.113.0/24"]),
        families=st.sampled_from([("IPv4",), ("IPv6",), ("IPv4", "IPv6")]),
    ),
    max_size=6,
)


def reaches(rules: list[Rule], protocol: str, port: int, family: str) -> bool:
    """Told anew, rule by rule."""
    return any(
        not {None, "0.0.0.0/0"}.isdisjoint(one.prefixes)
        and family in one.families
        and one.protocol in (protocol, None)
        and one.ports is not None
        and one.ports[0] <= port <= one.ports[1]
        for one in rules
    )


def covered(found: frozenset[Opening], protocol: str, port: int, family: str) -> bool:
    return any(one.protocol in (protocol, "") and one.low <= port <= one.high and one.family == family for one in found)


@given(RULES, st.sampled_from(["tcp", "udp"]), st.integers(1, 61), st.sampled_from(["IPv4", "IPv6"]))
def test_a_port_is_open_where_a_rule_opens_it(rules: list[Rule], protocol: str, port: int, family: str) -> None:
    assert covered(openings(rules), protocol, port, family) == reaches(rules, protocol, port, family)


@given(RULES, RULES, st.sampled_from(["tcp", "udp"]), st.integers(1, 61), st.sampled_from(["IPv4", "IPv6"]))
def test_what_is_beyond_is_open_after_and_was_not_before(
    before: list[Rule], after: list[Rule], protocol: str, port: int, family: str
) -> None:
    new = covered(beyond(openings(after), openings(before)), protocol, port, family)

    came = reaches(after, protocol, port, family) and not reaches(before, protocol, port, family)
    if came:
        assert new
    elif new:
        # Every protocol is more than tcp and udp, which may have been open.
        assert any(one.protocol is None for one in after)
        assert reaches(after, protocol, port, family)
