"""What is sensitive is shown nowhere: a canary in every argument, in every format, by folders and by a plan."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from ivc.review.model import Review, StackReview
from ivc.review.output import as_json, html, markdown, terminal
from tests.policies.documents import Json, group, instance, merged, port, resource, tcp
from tests.review.test_dangers import DATA, ON_VOLUME, RECORDS, SUBNET, by_folders, by_plan, dangers

FORMATS: Mapping[str, Callable[[Review], str]] = {
    "markdown": markdown.render,
    "html": html.render,
    "json": as_json.render,
    "terminal": lambda review: terminal.render(review, Console(width=200, force_terminal=False)),
}
RANGES = {
    "remote_ip_prefix": "198.51.{}.77/32",
    "cidr": "10.{}.77.0/24",
    "ip_address": "10.77.{}.9",
    "records": "192.0.2.{}",
}
# What each is, not what it holds.
STRUCTURE = ("direction", "ethertype", "protocol", "source_type", "destination_type", "type")
ESTATE = merged(
    instance(
        "a",
        "p",
        name="x",
        image_id=None,
        image_name="x",
        flavor_name="x",
        key_pair="x",
        availability_zone="x",
        metadata={"role": "x"},
        tags=["x"],
        user_data="x",
        admin_pass="x",
        block_device=ON_VOLUME,
    ),
    port("p", "web", fixed_ip=[{"ip_address": "x"}], description="x", dns_name="x"),
    group("web", name="x", description="x"),
    tcp(22, remote_ip_prefix="x", description="x"),
    merged(DATA, resource("openstack_blockstorage_volume_v3", "data", name="x", metadata={"of": "x"})),
    resource(SUBNET, "s", name="x", network_id="x", cidr="x", dns_nameservers=["x"]),
    resource(RECORDS, "r", zone_id="x", name="x", type="A", records=["x"]),
)  # fmt: skip


def with_canaries(side: int) -> tuple[Json, list[str]]:
    """The estate with a sensitive variable for each text in it, and their values."""
    variables: Json = {}
    canaries: list[str] = []

    def canary(path: tuple[str, ...]) -> str:
        number = len(canaries) * 2 + side
        key = next((step for step in reversed(path) if step in RANGES), "")
        value = RANGES[key].format(number) if key else f"canary{number}x"
        canaries.append(value)
        variables[f"v{number}"] = {"default": value, "sensitive": True}
        return f"${{var.v{number}}}"

    def changed(value: Any, path: tuple[str, ...]) -> Any:
        if isinstance(value, dict):
            return {key: changed(each, (*path, key)) for key, each in value.items()}
        if isinstance(value, list):
            return [changed(each, path) for each in value]
        if isinstance(value, str) and "${" not in value and path[-1] not in STRUCTURE:
            return canary(path)
        return value

    resources = changed(ESTATE["resource"], ())
    return merged({**ESTATE, "resource": resources}, {"variable": variables}), canaries


BEFORE, AFTER = with_canaries(0), with_canaries(1)
STEPS = {
    "made": ({}, AFTER[0]),
    "changed": (BEFORE[0], AFTER[0]),
    "destroyed": (BEFORE[0], {}),
}  # fmt: skip


@pytest.mark.parametrize("way", [by_folders, by_plan], ids=["folders", "plan"])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("form", FORMATS)
def test_no_canary_is_in_any_output(
    tmp_path: Path, way: Callable[[Path, Json, Json], StackReview], step: str, form: str
) -> None:
    stack = way(tmp_path, *STEPS[step])
    assert stack.things
    written = FORMATS[form](Review((stack,), "plan"))
    canaries = [*BEFORE[1], *AFTER[1]]
    assert len(canaries) > 40
    assert [each for each in canaries if re.search(rf"(?<![\d.]){re.escape(each)}(?![\d.])", written)] == []


@pytest.mark.parametrize("way", [by_folders, by_plan], ids=["folders", "plan"])
def test_a_sensitive_range_that_changes_may_open(
    tmp_path: Path, way: Callable[[Path, Json, Json], StackReview]
) -> None:
    def side(source: str) -> Json:
        rule = tcp(22, remote_ip_prefix="${var.source}")
        secret = {"variable": {"source": {"default": source, "sensitive": True}}}
        return merged(instance("a", "p"), port("p", "web"), rule, secret)

    (tmp_path / "same").mkdir()
    assert dangers(way(tmp_path / "same", side("10.0.0.0/8"), side("10.0.0.0/8"))) == set()
    assert dangers(way(tmp_path, side("10.0.0.0/8"), side("0.0.0.0/0"))) == {("security group", "open?")}
