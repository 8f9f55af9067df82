"""The comment: what a reviewer reads of it, and what is left of it where there is little room."""

import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivc.review.model import Action, Danger, FileDiff, Review, StackReview, Thing
from ivc.review.output import markdown, wording
from ivc.words.sentence import say
from tests.review import samples
from tests.review.reading import as_code_hosts_do


def units(text: str) -> int:
    """As a code host may count characters at worst."""
    return len(text.encode("utf-16-le")) // 2


def replaced(number: int, *, name: str = "server-{}", danger: Danger = Danger.REPLACE) -> tuple[Thing, ...]:
    return tuple(
        Thing(
            kind="instance",
            id=name.format(n),
            action=Action.REPLACE,
            headline=say(
                "{} will be replaced: {}; keeps its volume {}", name.format(n), "user data changed", f"data-{n}"
            ),
            details=(say("the new server gets the newest image named {}", "Debian 12"),),
            dangers=(danger,),
        )
        for n in range(number)
    )


def test_no_changes_is_said_plainly() -> None:
    comment = markdown.render(samples.nothing())
    assert comment.splitlines()[3] == "**No changes.** 12 servers stay as they are."
    assert comment.count("\n") == 6


def test_the_first_line_is_what_the_workflow_looks_for() -> None:
    assert markdown.render(samples.typical()).startswith(markdown.MARKER + "\n")
    assert as_code_hosts_do(markdown.MARKER).words == ""


def test_the_top_counts_dangers_first() -> None:
    assert markdown.render(samples.typical()).splitlines()[3] == (
        "**1 destroyed, 1 wiped, 1 replaced, 1 may be replaced, 1 with a volume detached, 1 opened to the world**; "
        "1 created, 1 changed, 1 moved; 1 over quota, 2 changed outside of Terraform, 1 found by policies; "
        "5 servers stay as they are."
    )


def test_dangers_come_first_the_worst_before_the_others() -> None:
    headings = re.findall(r"^#### \W*(.+)$", markdown.render(samples.typical()), re.MULTILINE)
    assert headings == [
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


def test_what_is_uncertain_is_said_as_may_be() -> None:
    assert "- **May be replaced:** `www-2` may be replaced" in markdown.render(samples.typical())


def test_a_thing_with_two_dangers_stands_once_and_says_both() -> None:
    thing = Thing("instance", "a", Action.REPLACE, say("{} goes", "a"), dangers=(Danger.OPEN, Danger.REPLACE))
    comment = markdown.render(Review((StackReview("s", (thing,)),), "plan"))
    assert comment.count("`a` goes") == 1
    assert "#### 🟠 Replaced: 1\n\n- **Replaced, opened to the world:** `a` goes" in comment
    assert "**1 replaced, 1 opened to the world**" in comment


def test_all_parts_of_a_review_are_there() -> None:
    comment = markdown.render(samples.typical())
    for part in (
        "(the cloud shows it as `cache-1.shop.example`)",
        "  +  - php8.2-fpm\n",
        "`user_data` from `(a hash)` to `(another hash)`; this forces the replacement",
        "**newly open to the world:** `tcp 22` at `203.0.113.5`",
        "- Somebody deleted the server `mail-1`: it will be made anew",
        "- 🔴 **Over quota:** `cores`: 36 with this change, limit 32, 4 too many",
        "**error** `IVC101`, `security group web` in `main.py:31`: the world reaches SSH (`tcp 22`) "
        "([why](https://ivc.example/policies/IVC101))",
        "accepted: `its data is replicated to db-3`",
        "```mermaid\nflowchart LR\n",
    ):
        assert part in comment
    assert "Shortened or left out" not in comment


def test_what_a_policy_found_before_is_folded_away() -> None:
    page = as_code_hosts_do(markdown.render(samples.typical()))
    assert "1 found as before" in page.words
    assert page.tags("details") == page.tags("summary") == 14


def test_a_diff_with_fences_stays_in_its_own() -> None:
    diff = FileDiff("/a", "new", ("+```", " ````", " ```", "+</details>", "+", "+\t@octocat"))
    thing = Thing("instance", "a", Action.UPDATE, say("{} changes", "a"), user_data=(diff,))
    page = as_code_hosts_do(markdown.render(Review((StackReview("s", (thing,)),), "plan")))
    assert "+```\n ````\n ```\n+</details>\n+\n+\t@octocat\n" in page.code
    assert page.tags("pre") == 1


def test_an_estate_of_300_servers_with_20_changes_fits_and_loses_no_danger() -> None:
    review = samples.large()
    started = time.process_time()
    comment = markdown.render(review)
    assert time.process_time() - started < 0.5
    assert units(comment) <= 65_536
    assert "**1 destroyed, 19 replaced**; 280 servers stay as they are." in comment
    for number in range(1, 20):
        assert f"- `www-{number}` will be replaced: user data changed; keeps its address `10.0.{number}.7`" in comment


def test_2000_dangers_keep_a_line_each_where_there_is_room() -> None:
    things = (*replaced(2_000), *replaced(1, name="precious-{}", danger=Danger.DESTROY))
    comment = markdown.render(Review((StackReview("farm", things),), "plan"), limit=120_000)
    assert "- `precious-0` will be replaced: `user data changed`; keeps its volume `data-0`" in comment
    assert all(
        f"- `server-{number}`: replaced\n" in comment or f"- `server-{number}` will" in comment
        for number in range(2_000)
    )
    assert re.search(r"[\d,]+ sentences on dangerous changes", comment.splitlines()[-1])


def test_2000_dangers_keep_their_names_where_there_is_less() -> None:
    things = (*replaced(2_000), *replaced(1, name="precious-{}", danger=Danger.DESTROY))
    comment = markdown.render(Review((StackReview("farm", things),), "plan"))
    assert units(comment) <= 65_536
    assert "**1 destroyed, 2,000 replaced**" in comment
    assert "#### 🟠 Replaced: 2,000" in comment
    assert comment.index("precious-0` will be") < comment.index("server-0")
    assert all(f"`server-{number}`" in comment for number in range(2_000))


def test_names_that_have_no_room_are_counted() -> None:
    things = replaced(2_000, name="x" * 50 + "{}")
    comment = markdown.render(Review((StackReview("farm", things),), "plan"), limit=10_000)
    assert "#### 🟠 Replaced: 2,000" in comment
    assert "2,000 sentences on dangerous changes" in comment
    assert 8_500 < units(comment) <= 10_000


def test_a_sign_that_some_count_as_two_characters_is_counted_as_two() -> None:
    comment = markdown.render(
        Review((StackReview("farm", replaced(400, name="🦄" * 20 + "{}")),), "plan"), limit=10_000
    )
    assert 9_000 < units(comment) <= 10_000


def test_the_least_important_is_left_out_first() -> None:
    review = samples.typical()
    whole = units(markdown.render(review))
    gone = []
    marks = (
        "Terraform resource",
        "```mermaid",
        "`www-3` is new",
        "php8.2-fpm",
        "is given back",
        "`www-1` will be replaced",
    )
    for limit in range(whole, markdown.SMALLEST_LIMIT, -50):
        comment = markdown.render(review, limit=limit)
        gone += [mark for mark in marks if mark not in comment and mark not in gone]
    assert gone == [mark for mark in marks if mark in gone]
    assert gone[:3] == list(marks[:3])


def test_what_was_left_out_is_said_with_its_counts() -> None:
    end = markdown.render(samples.typical(), limit=5_000).splitlines()[-1]
    assert end.startswith("**Shortened or left out**, since a comment has at most 5,000 characters: ")
    assert "6 lists of the resources of dangerous changes" in end


def test_a_limit_without_room_for_anything_is_refused() -> None:
    with pytest.raises(ValueError, match="limit: 2999 characters have no room for a review: give at least 3000"):
        markdown.render(samples.nothing(), limit=2_999)


COUNTED = {
    Danger.DESTROY: "destroyed",
    Danger.WIPE: "wiped",
    Danger.REPLACE: "replaced",
    Danger.DETACH: "with a volume",
    Danger.STOP: "stopped",
    Danger.OPEN: "opened",
}


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None, max_examples=40)
@given(review=samples.reviews, limit=st.integers(markdown.SMALLEST_LIMIT, 20_000))
def test_any_review_fits_counts_all_dangers_and_closes_what_it_opens(review: Review, limit: int) -> None:
    comment = markdown.render(review, limit=limit)
    assert units(comment) <= limit
    page = as_code_hosts_do(comment)
    assert page.tags("details") == page.tags("summary")
    glance = comment.splitlines()[3].split("**")[1]
    for danger, count in wording.danger_counts(review).items():
        numbers = re.findall(rf"([\d,]+) (?:may be )?{COUNTED[danger]}", glance)
        assert sum(int(number.replace(",", "")) for number in numbers) == count
