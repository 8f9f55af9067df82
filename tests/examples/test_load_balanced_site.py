"""examples/load-balanced-site: what another number of members changes."""

from __future__ import annotations

from pathlib import Path

from tests.examples import pages
from tests.helpers import INSTANCE, PORT, TRIGGER, Json, addresses, run_program, tree, written_stack

EXAMPLE = pages.FOLDER / "load-balanced-site"
MEMBERS = "openstack_lb_members_v2"


def written(outdir: Path, members: str) -> Json:
    """The example's JSON, with so many members."""
    done = run_program(EXAMPLE, MEMBERS=members, CDKTF_OUTDIR=str(outdir))
    assert done.returncode == 0, done.stderr
    return written_stack(outdir, "load-balanced-site")


def test_members_more_are_made_and_told_to_the_pool_and_nothing_else_is_touched(tmp_path: Path) -> None:
    two, four = (written(tmp_path / members, members) for members in ("2", "4"))
    come = {
        address
        for number in (3, 4)
        for address in (
            f"{INSTANCE}.web-{number}",
            f"{PORT}.web-{number}_inside",
            f"{TRIGGER}.web-{number}__image",
            f"{TRIGGER}.web-{number}__user_data",
        )
    }
    assert {*addresses(four)} - {*addresses(two)} == come
    changed = [
        f"{kind}.{name}"
        for kind, named in two["resource"].items()
        for name, one in named.items()
        if four["resource"][kind][name] != one
    ]
    assert changed == [f"{MEMBERS}.site_web"]
    names = [one["name"] for one in four["resource"][MEMBERS]["site_web"]["member"]]
    assert names == ["web-1", "web-2", "web-3", "web-4"]
    texts, more = (
        {path: text for path, text in tree(tmp_path / members).items() if "/userdata/" in path} for members in "24"
    )
    assert texts.items() < more.items()
    assert b"10.0.0.14\n" in more["stacks/load-balanced-site/userdata/web-4"]
