"""What a person reads in a terminal."""

import io
import re
import time

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from ivc.review.model import Review
from ivc.review.output import terminal
from tests.review import samples


def shown(review: Review, *, width: int = 80, colour: bool = False) -> str:
    console = Console(
        file=io.StringIO(), width=width, force_terminal=colour, color_system="truecolor" if colour else None
    )
    return terminal.render(review, console)


def test_no_changes_is_said_plainly() -> None:
    assert shown(samples.nothing()) == (
        "No changes.\n12 servers stay as they are.\nRead from Terraform's plan and the synthesized folders.\n"
    )


def test_dangers_come_first() -> None:
    text = shown(samples.typical())
    assert text.startswith(
        "1 destroyed, 1 wiped, 1 replaced, 1 may be replaced, 1 with a volume detached, 1\nopened to"
    )
    sections = re.findall(r"\n\n([A-Z].*)", text)
    assert sections == [
        "Stack shop",
        "Destroyed: 1",
        "Wiped: 1",
        "Replaced: 2",
        "Volume detached: 1",
        "Opened to the world: 1",
        "Changed outside of Terraform",
        "Policies",
        "Quota",
        "Nothing dangerous",
        "Notes",
    ]


def test_sentences_fold_behind_their_bullets() -> None:
    assert (
        "* www-1 will be replaced: user data changed; keeps its addresses 203.0.113.5 and\n"
        "  10.0.0.11 and its volume www-data\n"
        "  - the new server gets the newest image named Debian 12\n"
    ) in shown(samples.typical())


def test_what_is_uncertain_is_said_as_may_be() -> None:
    assert "\n* may be replaced: www-2 may be replaced" in shown(samples.typical())


def test_a_diff_stands_line_by_line_under_its_server() -> None:
    text = shown(samples.typical())
    assert "  - user data: 2 lines added, 1 line removed\n      @@ -3,7 +3,8 @@\n       packages:\n" in text
    assert "\n      -  - php8.1-fpm\n      +  - php8.2-fpm\n" in text


def test_what_else_there_is_to_know() -> None:
    text = shown(samples.typical())
    assert "* over quota: cores: 36 with this change, limit 32, 4 too many\n* instances" in text
    assert "* 1 accepted, with a reason:\n  - warning IVC202, instance db-1: it has a volume" in text
    assert "user_data from (a hash) to (another hash); this forces the replacement" in text


def test_it_is_coloured_only_where_there_is_colour() -> None:
    assert "\x1b" not in shown(samples.typical())
    assert "\x1b[1;31mDestroyed: 1\x1b[0m" in shown(samples.typical(), colour=True)


@settings(deadline=None, max_examples=30)
@given(width=st.integers(20, 200))
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert all(cell_len(line) <= width for line in shown(samples.typical(), width=width).split("\n"))


def test_300_servers_with_20_changes_are_fast() -> None:
    shown(samples.typical())
    started = time.process_time()
    text = shown(samples.large())
    assert time.process_time() - started < 1
    assert "1 destroyed, 19 replaced.\n280 servers stay as they are.\n" in text
