"""The SVG: nothing in it is covered, crossed or cut, whatever is drawn."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivc.diagram import of_stack, svg
from ivc.diagram.picture import WORLD, Box, DrawnNetwork, Member, Passage, Picture, Tie
from ivc.diagram.text_width import is_known, width
from tests.diagram.estates import forty_servers
from tests.diagram.geometry import faults, read

PICTURE = of_stack(forty_servers())
LONG = "fd00:1234:5678:9abc:def0:1111:2222:3333"

names = st.one_of(
    st.from_regex(r"[a-z]{1,8}-[0-9]{1,3}", fullmatch=True),
    st.text(min_size=1, max_size=300),
    st.sampled_from(["W" * 255, "a b " * 60, "</text><script>", "日本" * 40, "\u202eabc", LONG]),
)
addresses = st.sampled_from(["10.0.0.11", LONG, "an automatic address"])


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    publicity, ranges = st.sampled_from([True, False, None]), st.lists(addresses, max_size=4)
    networks = tuple(
        DrawnNetwork(f"n{number}", name, draw(publicity), None, tuple(draw(ranges)))
        for number, name in enumerate(draw(st.lists(names, max_size=9)))
    )
    ids = st.sampled_from([None, *(network.id for network in networks)])
    count = draw(st.integers(0, 8))
    ties = st.builds(
        Tie,
        ids,
        st.lists(names, max_size=3).map(tuple),
        st.lists(names, max_size=3).map(tuple),
        st.sampled_from(["joined", "floating", "outside"]),
    )
    sources = st.sampled_from([WORLD, *(f"b{number}" for number in range(count))])
    passages = st.builds(Passage, st.lists(sources, min_size=1, unique=True).map(tuple), names, st.booleans())
    members = st.builds(Member, names, st.lists(st.tuples(ids, addresses), max_size=3).map(tuple))
    boxes = tuple(
        Box(
            f"b{number}",
            draw(st.sampled_from(["router", "servers", "vip", "port", "load balancer", "floating IP"])),
            draw(names),
            tuple(draw(st.lists(ties, max_size=6))),
            tuple(draw(st.lists(names, max_size=2))),
            tuple(draw(st.lists(members, max_size=12))),
            draw(st.none() | st.lists(passages, max_size=4).map(tuple)),
        )
        for number in range(count)
    )
    return Picture(draw(names), count, networks, boxes, tuple(draw(st.lists(names, max_size=3))))


@settings(deadline=None, max_examples=40)
@given(picture=pictures())
@example(picture=PICTURE)
@example(picture=Picture("empty", 0, (), (), ()))
def test_no_label_is_covered_crossed_or_cut(picture: Picture) -> None:
    drawn = read(svg.render(picture))
    assert drawn.texts
    assert faults(drawn) == []
    assert drawn.whole.right == 1280


def test_forty_servers_are_all_there_with_their_addresses() -> None:
    words = read(svg.render(PICTURE)).words
    wanted = [f"web-{n}" for n in range(1, 19)] + [f"10.0.1.{10 + n}" for n in range(1, 19)]
    assert [each for each in wanted if each not in words] == []


def test_servers_that_follow_each_other_are_told_as_one_source() -> None:
    boxes = [Box(f"s{n}", "servers", f"web-{n}", ()) for n in (1, 2, 3)]
    everybody = Passage((WORLD, "s1", "s2", "s3", "s4"), "icmp", certain=True)
    db = Box("s4", "servers", "db", (), members=(Member("db-1", ()), Member("db-2", ())), reached=(everybody,))
    words = read(svg.render(Picture("shop", 5, (), (*boxes, db), ()))).words
    start = words.index("reached by")
    assert words[start + 1 : start + 5] == ["The Internet", "web-1 to web-3,", "each other", "icmp"]


def test_with_very_many_networks_the_picture_is_wider() -> None:
    networks = tuple(DrawnNetwork(f"n{number}", f"net-{number}", False, True, ()) for number in range(120))
    box = Box("s0", "servers", "www-1", tuple(Tie(network.id, ("10.0.0.1",)) for network in networks))
    drawn = read(svg.render(Picture("shop", 1, networks, (box,), ())))
    assert drawn.whole.right > 1280
    assert faults(drawn) == []


def test_a_name_that_is_shortened_is_told_in_full_to_who_points_at_it() -> None:
    name = "a-very-long-name-of-a-server-" * 5
    source = svg.render(Picture("shop", 1, (), (Box("s0", "servers", name, ()),), ()))
    assert f"<title>{name}</title>" in source
    (shown,) = (words for words in read(source).words if words.startswith("a-very"))
    assert shown.endswith("…")


@pytest.mark.parametrize("name", ["</text><script>alert(1)</script>", "a\x1b[31m\x00b", "]]>", "\ud800"])
def test_a_name_is_text_whatever_it_holds(name: str) -> None:
    source = svg.render(Picture(name, 1, (DrawnNetwork("n0", name, None, None, (name,)),), (), (name,)))
    source.encode()
    root = ET.fromstring(source)  # noqa: S314 - our own
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {
        "svg", "title", "desc", "style", "rect", "line", "circle", "text"
    }  # fmt: skip


def test_one_file_is_for_light_and_dark_pages() -> None:
    source = svg.render(PICTURE)
    light, dark = source.split("@media (prefers-color-scheme: dark)")
    assert ".page { fill: #fff; }" in light
    assert ".page { fill: #14171b; }" in dark


def test_the_same_picture_gives_the_same_bytes() -> None:
    assert svg.render(of_stack(forty_servers())) == svg.render(PICTURE)


# As DejaVu Sans and DejaVu Sans Bold have them, in thousandths of the size.
MEASURED = [("www-1 10.0.0.11", False, 8540), ("The Internet", True, 7022), ("WWWWmmmm%%@@", False, 11752)]


@pytest.mark.parametrize(("words", "bold", "measured"), MEASURED)
def test_no_usual_font_is_wider_than_is_taken(words: str, bold: bool, measured: int) -> None:
    taken = width(words, 1000, bold=bold)
    assert measured <= taken <= 1.2 * measured


def test_what_no_font_is_known_for_is_given_its_width() -> None:
    source = svg.render(Picture("日本", 0, (), (), ()))
    assert 'textLength="' in source
    assert is_known("Müller, 10.0.0.1")
    assert 'textLength="' not in svg.render(Picture("Müller", 0, (), (), ()))
