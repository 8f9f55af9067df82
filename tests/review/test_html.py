"""The page: what a person sees of it, and that it needs nothing but itself."""

import base64
import hashlib
import re
import time

from ivc.review.output import html
from tests.review import samples
from tests.review.reading import Page


def test_the_page_needs_no_network_and_runs_nothing() -> None:
    page = html.render(samples.typical())
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    style = re.search(r"<style>(.*)</style>", page, re.DOTALL)
    assert policy
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy[1].replace("&#39;", "'") == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    found = Page(page)
    assert {element.tag for element in found.elements}.isdisjoint({"script", "link", "img", "iframe", "object", "svg"})
    assert not re.search(r"url\(|@import", style[1])
    names = {name for element in found.elements for name, _ in element.attributes}
    assert names <= {"lang", "charset", "http-equiv", "content", "name", "class", "href", "open"}


def test_the_page_suits_a_phone_and_a_dark_room() -> None:
    page = html.render(samples.typical())
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in page
    assert "@media (prefers-color-scheme: dark)" in page


def test_no_changes_is_said_plainly() -> None:
    words = Page(html.render(samples.nothing())).words
    assert "No changes. 12 servers stay as they are." in words
    assert "Dangerous" not in words


def test_dangers_come_first_with_a_colour_and_a_word() -> None:
    page = html.render(samples.typical())
    badges = re.findall(r'class="headline"><span class="badge (\w+)">([^<]+)</span>', page)
    assert badges == [
        ("destroy", "destroyed"),
        ("wipe", "wiped"),
        ("replace", "replaced"),
        ("replace", "may be replaced"),
        ("detach", "volume detached"),
        ("open", "opened to the world"),
        ("create", "created"),
        ("update", "changed"),
        ("move", "moved"),
    ]


def test_lines_of_a_diff_have_their_colours() -> None:
    page = html.render(samples.typical())
    assert '<span class="less">-  - php8.1-fpm</span><span class="more">+  - php8.2-fpm</span>' in page


def test_the_topology_is_a_table_of_servers_by_networks() -> None:
    page = html.render(samples.typical())
    chart = Page(
        page[page.index('<table class="chart">') : page.index("</table>", page.index('<table class="chart">')) + 8]
    )
    assert chart.words.startswith("Ext-Net public backend moved db-2 destroyed 10.0.0.22 goes cache-1 wiped automatic")
    assert "And 4 servers without any change." in page


def test_what_else_there_is_to_know() -> None:
    page = Page(html.render(samples.typical()))
    for words in ("Over quota", "cores 28 36 limit 32 4 too many", "accepted: its data is replicated to db-3", "Notes"):
        assert words.lower() in page.words.lower()


def test_300_servers_with_20_changes_are_fast() -> None:
    review = samples.large()
    html.render(samples.nothing())
    started = time.process_time()
    page = html.render(review)
    assert time.process_time() - started < 0.5
    assert page.count("<article") == 20
