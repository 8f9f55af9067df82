"""What docs/day-two.md says that the review says is what it says: each edit of its program is made, and reviewed."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from ivc.review import reviewer
from ivc.review.output import terminal
from tests.day_two import EXAMPLES, PROGRAM, TEMPLATES, Example


def synthesized(program: str, folder: Path) -> Path:
    """What the program writes in a folder of its own."""
    (folder / "userdata").mkdir(parents=True)
    for name, text in TEMPLATES.items():
        (folder / "userdata" / name).write_text(text)
    # In this process, which is not the program that `App()` looks for.
    program = program.replace("App()", f"App(folder={str(folder)!r}, outdir={str(folder / 'cdktf.out')!r})")
    exec(compile(program, str(folder / "main.py"), "exec"), {"__name__": "__main__"})  # noqa: S102
    return folder / "cdktf.out"


def test_the_page_has_an_edit_for_each_of_its_tasks() -> None:
    headings = {example.heading for example in EXAMPLES}
    assert headings >= {"An SSH key for all", "A new image", "A bigger flavor", "One volume more", "Another name"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.heading)
def test_the_review_says_what_the_page_says(example: Example, tmp_path: Path) -> None:
    base = synthesized(PROGRAM, tmp_path / "before")
    head = synthesized(example.edited(PROGRAM), tmp_path / "after")
    console = Console(file=io.StringIO(), width=100, highlight=False)
    review = terminal.render(reviewer.review(base=base, head=head, plan=[]), console)

    quoted = [line for line in example.said.splitlines() if line != "..." and not line.startswith("$ ")]
    assert quoted
    rest = iter(review.splitlines())
    assert [line for line in quoted if line not in rest] == [], review
