"""What is sensitive is shown nowhere: a canary in every argument, in every format, by folders and by a plan."""

from __future__ import annotations

import importlib
import pkgutil
import re
import typing
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import cdktf_cdktf_provider_openstack as bindings
import pytest
from cdktf import TerraformResource
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


# What Terraform itself reads of a resource, beside the provider's arguments.
META = {"scope", "id_", "return", "connection", "count", "depends_on", "for_each", "lifecycle", "provider"}
META |= {"provisioners", "timeouts", "id"}


def kinds(annotation: Any) -> Iterator[Any]:
    """The kinds that an annotation of the bindings allows."""
    if typing.get_origin(annotation) is typing.Union:
        for each in typing.get_args(annotation):
            yield from kinds(each)
    else:
        yield annotation


def filled(annotation: Any, secret: Callable[[object], object]) -> object:
    """A value for an argument of the bindings, each text and number in it a secret; None where there is neither."""
    for kind in kinds(annotation):
        inner = typing.get_args(kind)
        if kind in (str, int, float):
            return secret("canary" if kind is str else 0)
        if typing.get_origin(kind) is typing.get_origin(typing.Sequence[str]):
            each = filled(inner[0], secret)
            return None if each is None else [each]
        if typing.get_origin(kind) is typing.get_origin(typing.Mapping[str, str]):
            return {"key": secret("canary")}
        if getattr(kind, "__module__", "").startswith(bindings.__name__):
            return arguments(kind, secret)
    return None


def arguments(made_of: Any, secret: Callable[[object], object]) -> dict[str, object]:
    found = {
        name: filled(annotation, secret)
        for name, annotation in typing.get_type_hints(made_of.__init__).items()
        if name not in META
    }
    return {name: value for name, value in found.items() if value is not None}


@cache
def resource_classes() -> tuple[Any, ...]:
    """The class of each type of resource that the bindings know."""
    modules = [
        importlib.import_module(f"{bindings.__name__}.{one.name}") for one in pkgutil.iter_modules(bindings.__path__)
    ]
    return tuple(
        each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, TerraformResource)
    )


@cache
def of_every_type(side: int, whole: bool) -> tuple[Json, tuple[str, ...]]:
    """A resource of every type with every argument that holds a text or a number, each from a sensitive variable.

    whole: an argument is one sensitive variable as a whole; else each text within it is one.
    """
    variables: Json = {}
    canaries: list[str] = []

    def value(like: object) -> object:
        number = 2 * len(canaries) + side
        canaries.append(f"canary{number}x" if like else str(770_000_000 + number))
        return canaries[-1] if like else int(canaries[-1])

    def variable(default: object) -> str:
        name = f"v{len(variables)}"
        variables[name] = {"default": default, "sensitive": True}
        return f"${{var.{name}}}"

    resources: Json = {}
    for each in resource_classes():
        if whole:
            given: dict[str, object] = {key: variable(one) for key, one in arguments(each, value).items()}
        else:
            given = arguments(each, lambda like: variable(value(like)))
        resources[each.TF_RESOURCE_TYPE] = {"it": given}
    return {"resource": resources, "variable": variables}, tuple(canaries)


@pytest.mark.parametrize("way", [by_folders, by_plan], ids=["folders", "plan"])
@pytest.mark.parametrize("whole", [False, True], ids=["each text", "whole arguments"])
@pytest.mark.parametrize("step", ["made", "changed", "destroyed"])
def test_no_canary_of_any_argument_of_any_type_is_in_any_output(
    tmp_path: Path, way: Callable[[Path, Json, Json], StackReview], whole: bool, step: str
) -> None:
    before, after = of_every_type(0, whole), of_every_type(1, whole)
    assert len(before[0]["resource"]) > 90
    assert len(before[1]) > 800
    then: Json = {} if step == "made" else before[0]
    now: Json = {} if step == "destroyed" else after[0]
    review = Review((way(tmp_path, then, now),), "plan")
    assert len(review.stacks[0].things) > 80
    written = {form: render(review) for form, render in FORMATS.items()}
    found = {
        form: sorted({*re.findall(r"canary\d+x|77\d{7}", text)} & {*before[1], *after[1]})
        for form, text in written.items()
    }
    assert found == {form: [] for form in FORMATS}


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
