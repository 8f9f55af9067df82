"""Servers that go one after another: their order, what stops it, and how it goes on.

The cloud and Terraform stand aside here: a plan is a review, and to apply it takes its things away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivc.deploy import outcome, stacks
from ivc.deploy.one_at_a_time import Rolled, Rolling, in_row, not_approved, without_at_once
from ivc.deploy.progress import Progress
from ivc.deploy.run import Applied, Planned
from ivc.deploy.server_check import Judge, ServerCheck
from ivc.deploy.standing import Standing
from ivc.review.model import Action, Attribute, Danger, Resource, Review, StackReview, Thing
from ivc.terraform.plan_document import UNKNOWN
from ivc.words.sentence import say
from tests.deploy.outputs import document, write

SERVER, GROUP, RULE = (
    "openstack_compute_instance_v2",
    "openstack_networking_secgroup_v2",
    "openstack_networking_secgroup_rule_v2",
)
_ACTIONS = {
    Danger.REPLACE: Action.REPLACE,
    Danger.WIPE: Action.WIPE,
    Danger.STOP: Action.UPDATE,
    Danger.DETACH: Action.UPDATE,
    Danger.DESTROY: Action.DESTROY,
    Danger.OPEN: Action.UPDATE,
}


def a_server(name: str, *dangers: Danger, action: Action | None = None, after: str = "b") -> Thing:
    """A change of a server, by its dangers; by default it is replaced."""
    dangers = dangers or ((Danger.REPLACE,) if action is None else ())
    action = action or _ACTIONS[dangers[0]]
    resource = Resource(f"{SERVER}.{name}", action, (Attribute("user_data", "a", after, True),))
    return Thing("instance", name, action, say("{} changes", name), resources=(resource,), dangers=dangers)


def other(kind: str, address: str, action: Action, *more: str) -> Thing:
    resources = tuple(Resource(one, action) for one in (address, *more))
    return Thing(kind, address.partition(".")[2], action, say("{} changes", address), resources=resources)


@dataclass
class Estate:
    """A stack, what is to be done to it, and what was done. needs: by address, what a plan of it takes along.

    instead: what a plan of an address alone says, in the place of what was approved. failing: whose apply fails, or is
    interrupted.
    """

    folder: Path
    things: list[Thing]
    document: dict[str, Any] = field(default_factory=document)
    needs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    instead: Mapping[str, Thing] = field(default_factory=dict)
    failing: str = ""
    interrupted: str = ""
    standing_: dict[str, Standing] = field(default_factory=dict)
    seen: dict[str, Standing] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    reviews: dict[Path, StackReview] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.stack,) = stacks.read(write(self.folder / "cdktf.out", {"shop": self.document}))
        (self.folder / "broken").touch()
        of_servers = [one for one in self.things if one.kind == "instance" and one.action is not Action.CREATE]
        self.standing_ |= {one.id: Standing(id=one.id) for one in of_servers}

    def review(self, targets: Sequence[str] = ()) -> StackReview:
        wanted = {*targets, *(each for one in targets for each in self.needs.get(one, ()))}
        found = []
        for thing in self.things:
            part = tuple(one for one in thing.resources if not targets or one.address in wanted)
            if part:
                alone = self.instead.get(part[0].address) if targets else None
                found.append(alone or replace(thing, resources=part))
        return StackReview("shop", things=tuple(found))

    def whole(self) -> tuple[Planned, StackReview]:
        return self.plan([])

    def plan(self, targets: Sequence[str]) -> tuple[Planned, StackReview]:
        review = self.review(targets)
        file = self.folder / f"plan-{len(self.reviews)}"
        file.touch()
        self.reviews[file] = review
        return Planned(self.stack, file, file, has_changes=bool(review.things)), review

    def forget(self, planned: Planned) -> None:
        planned.file.unlink(missing_ok=True)

    def apply(self, planned: Planned) -> Applied:
        review = self.reviews[planned.file]
        planned.file.unlink()
        names = [thing.id for thing in review.things]
        self.log.append(" ".join(names))
        failed, interrupted = self.failing in names, self.interrupted in names
        if not failed:
            done = {one.address for thing in review.things for one in thing.resources}
            left = [replace(x, resources=tuple(y for y in x.resources if y.address not in done)) for x in self.things]
            self.things = [one for one in left if one.resources]
            made = [one for one in review.things if one.kind == "instance" and one.action is not Action.DESTROY]
            self.standing_ |= {one.id: Standing(id=one.id) for one in made}
        return Applied(planned, int(failed or interrupted), interrupted, Progress(), ())

    def standing(self, seen_by: Planned | None = None) -> Mapping[str, Standing]:
        """What is in the cloud only a plan sees; the state knows the servers as they were when it was written."""
        return self.standing_ | (self.seen if seen_by is not None else {})

    @property
    def kept_plans(self) -> list[Path]:
        return [*self.folder.glob("plan-*")]

    def breaks(self, *servers: str) -> None:
        """Have these fail their check, and no others."""
        (self.folder / "broken").write_text("".join(f"{one}\n" for one in servers))

    def rolling(self) -> Rolling:
        check = ServerCheck.parse(f"! grep -qx {{name}} {self.folder}/broken")
        return Rolling(*self.whole(), self, Judge(check, 1.0), self.said.append)

    said: list[str] = field(default_factory=list)

    def deploy(self) -> Rolled:
        """What `ivc deploy --one-at-a-time` does."""
        self.log.clear()
        return self.rolling().go()


def tier(folder: Path, *names: str, **more: Any) -> Estate:
    return Estate(folder, [a_server(name) for name in names], **more)


def test_who_goes_one_at_a_time_is_who_does_not_do_its_work_meanwhile() -> None:
    gone = [a_server(f"{danger}-1", danger) for danger in Danger]
    harmless = [a_server("new-1", Danger.OPEN, action=Action.CREATE), a_server("tags-1", action=Action.UPDATE)]
    group = replace(other("security group", f"{GROUP}.web", Action.REPLACE), dangers=(Danger.REPLACE,))
    review = StackReview("shop", things=(*gone, *harmless, group, a_server("www-10"), a_server("www-9")))
    assert in_row(review) == ["detach-1", "replace-1", "stop-1", "wipe-1", "www-9", "www-10"]


def test_each_goes_by_itself_and_the_first_of_a_tier_first(tmp_path: Path) -> None:
    estate = tier(tmp_path, "www-10", "www-2", "www-1")
    rolled = estate.deploy()
    assert (rolled.succeeded, estate.log) == (True, ["www-1", "www-2", "www-10"])
    assert (rolled.done, rolled.untouched, estate.kept_plans) == (["www-1", "www-2", "www-10"], [], [])
    assert outcome.sentence_of_rolled("shop", rolled) == "shop: one at a time, and well: www-1, www-2, www-10."


def test_it_stops_at_the_first_that_fails_and_judges_it_before_it_goes_on(tmp_path: Path) -> None:
    estate = tier(tmp_path, "www-1", "www-2", "www-3")
    estate.breaks("www-2")
    stopped = estate.deploy()
    assert (estate.log, stopped.done, stopped.failed, stopped.untouched) == (
        ["www-1", "www-2"],
        ["www-1"],
        "www-2",
        ["www-3"],
    )
    assert outcome.sentence_of_rolled("shop", stopped) == (
        f"shop: stopped: www-2 fails its check: ! grep -qx {{name}} {tmp_path}/broken (! grep -qx www-2 "
        f"{tmp_path}/broken): it ends with status 1. Done, and well: www-1; not touched: www-3. "
        "`ivc deploy shop --one-at-a-time`, with the options of before, goes on from there. It judges www-2 before it "
        "touches another."
    )
    assert estate.kept_plans == []
    again = estate.deploy()
    assert (estate.log, again.failed, again.untouched, estate.kept_plans) == ([], "www-2", ["www-3"], [])
    estate.breaks()
    mended = estate.deploy()
    assert (mended.succeeded, estate.log, mended.done) == (True, ["www-3"], ["www-3"])


def test_one_that_failed_last_is_judged_though_nothing_is_left_to_do(tmp_path: Path) -> None:
    estate = tier(tmp_path, "db")
    estate.breaks("db")
    assert estate.deploy().failed == "db"
    assert (estate.deploy().failed, estate.log) == ("db", [])
    estate.breaks()
    assert (estate.deploy().succeeded, estate.log) == (True, [])
    estate.breaks("db")
    assert estate.deploy().succeeded, "it is judged once"


def test_one_that_failed_and_changes_again_goes_first(tmp_path: Path) -> None:
    """It is down already: the others are not put at stake before it."""
    estate = tier(tmp_path, "www-1", "www-2", "www-3")
    estate.breaks("www-2")
    estate.deploy()
    estate.things = [a_server(name, after="c") for name in ("www-1", "www-2", "www-3")]
    estate.breaks()
    assert estate.deploy().succeeded
    assert estate.log == ["www-2", "www-1", "www-3"]


def test_a_member_of_a_tier_that_is_not_well_stops_it_before_another_goes(tmp_path: Path) -> None:
    """Also where nobody noted it: the note stays on the machine that made it."""
    estate = tier(tmp_path, "www-3", standing_={"www-1": Standing(id="www-1"), "db-1": Standing(id="db-1")})
    estate.breaks("www-1", "db-1")
    assert (estate.deploy().failed, estate.log) == ("www-1", [])
    estate.breaks("db-1")
    assert (estate.deploy().succeeded, estate.log) == (True, ["www-3"])


def test_one_that_was_shut_off_by_hand_is_seen_by_the_plan(tmp_path: Path) -> None:
    estate = tier(tmp_path, "www-3", standing_={"www-1": Standing(id="www-1")})
    estate.seen["www-1"] = Standing(id="www-1", status="shutoff")
    assert estate.deploy().why == "www-1 fails its check: its status is shutoff, not active"
    del estate.seen["www-1"]
    assert estate.deploy().succeeded


def test_those_that_go_one_at_a_time_do_not_go_at_once() -> None:
    told = (say("both servers of the tier {} are replaced at once", "www"),)
    going = StackReview("shop", things=(a_server("www-1"), a_server("www-2")), at_once=told)
    gone = StackReview(
        "lab", things=(a_server("www-1", Danger.DESTROY), a_server("www-2", Danger.DESTROY)), at_once=told
    )
    review = without_at_once(Review((going, gone), source="plan"))
    assert [one.at_once for one in review.stacks] == [(), told]


def test_a_note_of_a_server_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    estate = tier(tmp_path, "db")
    estate.breaks("db")
    estate.deploy()
    del estate.standing_["db"]
    assert estate.deploy().succeeded
    assert not (tmp_path / ".ivc/shop/unjudged.json").exists()


def test_one_that_an_interrupted_run_took_away_is_made_before_another_goes(tmp_path: Path) -> None:
    estate = tier(tmp_path, "www-1", "www-2", "www-3", interrupted="www-2")
    stopped = estate.deploy()
    assert (stopped.interrupted, stopped.done, stopped.untouched) == (True, ["www-1"], ["www-3"])
    del estate.standing_["www-2"]
    estate.things.append(a_server("www-2", action=Action.CREATE))
    estate.interrupted = ""
    assert (estate.deploy().succeeded, estate.log) == (True, ["www-2", "www-3"])


def test_one_that_was_interrupted_and_ended_all_the_same_is_judged_first(tmp_path: Path) -> None:
    estate = tier(tmp_path, "www-1", "www-2", interrupted="www-1")
    estate.deploy()
    estate.breaks("www-1")
    estate.interrupted = ""
    assert (estate.deploy().failed, estate.log) == ("www-1", [])


def test_an_apply_that_fails_stops_it(tmp_path: Path) -> None:
    estate = tier(tmp_path, "www-1", "www-2", "www-3", failing="www-2")
    stopped = estate.deploy()
    assert (stopped.why, stopped.failed, estate.log) == ("www-2, 2 of 3: it failed", None, ["www-1", "www-2"])
    assert (stopped.done, stopped.untouched, estate.kept_plans) == (["www-1"], ["www-3"], [])


def test_ctrl_c_while_one_is_judged_says_what_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    estate = tier(tmp_path, "www-1", "www-2")
    rolling = estate.rolling()

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ServerCheck, "failure", stop)
    stopped = rolling.go()
    assert (stopped.why, stopped.interrupted, stopped.untouched) == ("it was interrupted", True, ["www-2"])
    assert outcome.rolled(stopped, {})["status"] == "interrupted"


def test_what_only_comes_goes_first_and_all_the_rest_last(tmp_path: Path) -> None:
    """A group with its rules, and a new server; what refers to one of the row waits, directly or by a local list."""
    shop = document()
    shop["locals"] = {"of_www": [f"${{{SERVER}.www-1.id}}"]}
    shop["resource"] |= {
        RULE: {"web-in": {"security_group_id": f"${{{GROUP}.web.id}}"}},
        "openstack_lb_member_v2": {"www-1": {"address": f"${{{SERVER}.www-1.access_ip_v4}}"}},
        "openstack_dns_recordset_v2": {"www": {"records": "${local.of_www}"}},
    }
    things = [
        a_server("www-1"),
        a_server("www-2"),
        a_server("old-1", Danger.DESTROY),
        a_server("new-1", action=Action.CREATE),
        other("security group", f"{GROUP}.web", Action.CREATE, f"{RULE}.web-in"),
        other("security group", f"{GROUP}.old", Action.DESTROY),
        other("load balancer", "openstack_lb_member_v2.www-1", Action.CREATE),
        other("recordset", "openstack_dns_recordset_v2.www", Action.CREATE),
    ]
    estate = Estate(tmp_path, things, shop)
    assert estate.deploy().succeeded
    assert estate.log == ["new-1 web", "www-1", "www-2", "old-1 old www-1 www"]


def test_a_new_server_is_judged_before_one_that_stands_is_touched(tmp_path: Path) -> None:
    estate = Estate(tmp_path, [a_server("www-1"), a_server("www-9", action=Action.CREATE)])
    estate.breaks("www-9")
    stopped = estate.deploy()
    assert (estate.log, stopped.failed, stopped.untouched) == (["www-9"], "www-9", ["www-1"])


def test_servers_that_are_all_new_are_made_by_the_plan_that_was_approved_and_judged(tmp_path: Path) -> None:
    estate = Estate(tmp_path, [a_server(name, action=Action.CREATE) for name in ("www-1", "www-2")])
    estate.breaks("www-2")
    stopped = estate.deploy()
    assert (estate.log, len(estate.reviews), stopped.done, stopped.failed) == (["www-1 www-2"], 1, ["www-1"], "www-2")


def test_one_that_another_needs_goes_before_it(tmp_path: Path) -> None:
    estate = tier(tmp_path, "www-1", "www-2", "db-9", needs={f"{SERVER}.www-1": [f"{SERVER}.www-2"]})
    assert estate.deploy().succeeded
    assert estate.log == ["db-9", "www-2", "www-1"]


def test_two_that_need_each_other_cannot_go_one_at_a_time(tmp_path: Path) -> None:
    one, two = f"{SERVER}.www-1", f"{SERVER}.www-2"
    stopped = (estate := tier(tmp_path, "www-1", "www-2", needs={one: [two], two: [one]})).deploy()
    assert stopped.why == (
        "www-2, 1 of 2: its plan replaces or restarts www-1 as well, so that they cannot go one at a time"
    )
    assert (estate.log, estate.kept_plans) == ([], [])


def test_what_others_use_does_not_go_with_one_of_them(tmp_path: Path) -> None:
    network = other("network", "openstack_networking_network_v2.backend", Action.REPLACE)
    needs = {f"{SERVER}.www-1": [network.resources[0].address]}
    stopped = Estate(tmp_path, [a_server("www-1"), a_server("www-2"), network], needs=needs).deploy()
    assert stopped.why.startswith("www-1, 1 of 2: its plan takes away what others use, so that it cannot go alone: ")


@pytest.mark.parametrize(
    ("alone", "said"),
    [
        (a_server("www-2", after="c"), "instance www-2: user_data a → c"),
        (a_server("www-2", Danger.WIPE), "instance www-2 (wipe)"),
        (other("port", "openstack_networking_port_v2.x", Action.UPDATE), "port x (update)"),
        (
            replace(
                a_server("www-2"), resources=(replace(a_server("www-2").resources[0], moved_from=f"{SERVER}.old"),)
            ),
            "instance www-2 (replace)",
        ),
    ],
)
def test_what_was_not_approved_stops_it(tmp_path: Path, alone: Thing, said: str) -> None:
    estate = tier(tmp_path, "www-1", "www-2", "www-3", instead={f"{SERVER}.www-2": alone})
    stopped = estate.deploy()
    assert stopped.why == f"www-2, 2 of 3: its plan is no part of what was approved: {said}"
    assert (estate.log, stopped.untouched, estate.kept_plans) == (["www-1"], ["www-2", "www-3"], [])


def test_a_value_that_was_to_be_known_only_at_apply_may_be_known_by_now(tmp_path: Path) -> None:
    told = a_server("www-2")
    (resource,) = told.resources
    groups = tuple(Attribute(f"network[{number}].port", None, f"port-{number}") for number in range(2))
    told = replace(told, resources=(replace(resource, attributes=groups),))
    waits = replace(told, resources=(replace(resource, attributes=(Attribute("network[0].port", "old", UNKNOWN),)),))
    estate = Estate(tmp_path, [a_server("www-1"), waits], instead={f"{SERVER}.www-2": told})
    assert estate.deploy().succeeded


_changes = st.lists(
    st.builds(
        Resource,
        st.sampled_from([f"{SERVER}.www-{number}" for number in range(4)]),
        st.just(Action.REPLACE),
        st.lists(
            st.builds(Attribute, st.sampled_from(["image_id", "user_data", "tags[0]"]), st.just("a"), st.text()),
            unique_by=lambda one: one.path,
            max_size=3,
        ).map(tuple),
    ),
    unique_by=lambda one: one.address,
    min_size=1,
)


@given(_changes, st.data())
def test_any_part_of_what_was_approved_is_one_and_anything_else_is_not(changes: list[Resource], data: Any) -> None:
    def review(resources: Sequence[Resource]) -> StackReview:
        return StackReview("shop", things=(Thing("x", "x", Action.UPDATE, say("x"), resources=tuple(resources)),))

    approved = review(changes)
    kept = data.draw(st.lists(st.sampled_from(changes), unique_by=lambda one: one.address))
    fewer = [replace(one, attributes=one.attributes[: data.draw(st.integers(0, 3))]) for one in kept]
    assert [*not_approved(approved, review(fewer))] == []
    one = data.draw(st.sampled_from(changes))
    more = replace(one, attributes=(*one.attributes, Attribute("flavor_id", "a", "b")))
    otherwise = data.draw(st.sampled_from([more, replace(one, action=Action.WIPE), replace(one, imported="id")]))
    assert len([*not_approved(approved, review([*fewer, otherwise]))]) == 1


def test_a_renamed_server_is_refused_before_anybody_is_asked(tmp_path: Path) -> None:
    moved = Resource(f"{SERVER}.db", Action.MOVE, moved_from=f"{SERVER}.mysql")
    renamed = Thing("instance", "db", Action.MOVE, say("db is mysql"), resources=(moved,))
    rolling = Estate(tmp_path, [a_server("www-1"), renamed]).rolling()
    with pytest.raises(
        ValueError, match=r"^stack shop: db: renamed, and Terraform plans no part .* deploy the rename alone, and"
    ):
        rolling.check()


def test_a_check_that_needs_an_address_that_is_not_there_is_refused_before_anybody_is_asked(tmp_path: Path) -> None:
    estate = tier(tmp_path, "www-1")
    rolling = Rolling(*estate.whole(), estate, Judge(ServerCheck.parse("tcp://{address}:22"), 1.0), print)
    with pytest.raises(ValueError, match=r"^--check: \{address\}: www-1 has no such address: "):
        rolling.check()


def test_it_is_told_to_programs_too(tmp_path: Path) -> None:
    estate = tier(tmp_path, "www-1", "www-2", "www-3")
    estate.breaks("www-2")
    told = outcome.rolled(estate.deploy(), {})
    assert told["status"] == "failed"
    assert told["servers"] == {"done": ["www-1"], "failed": "www-2", "untouched": ["www-3"]}
    assert told["errors"][0].startswith("www-2 fails its check: ")
