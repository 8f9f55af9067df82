"""Where the settings of a stack say that its state is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ivc import S3, Backend, GitLab, Http, Local, Postgres, TerraformCloud
from ivc.estate import synthesized
from ivc.estate.reading import stack_of
from ivc.terraform.state_place import state_place
from tests.conftest import StackFactory
from tests.helpers import Json, synth

FOLDER = Path("/srv/app/cdktf.out/stacks/shop")
OVH = "https://s3.gra.io.cloud.ovh.net"


def s3(**said: Any) -> Json:
    return {"backend": {"s3": {"bucket": "b"} | said}}


@pytest.mark.parametrize(
    ("backend", "words"),
    [
        (Local(), "/srv/app/terraform.shop.tfstate"),
        (TerraformCloud("acme"), "Terraform Cloud, acme/shop at app.terraform.io"),
        (S3("states", region="eu-west-3"), "s3://states/shop.tfstate"),
        (S3("states", region="gra", endpoint=OVH), f"s3://states/shop.tfstate at {OVH}"),
        (Http("https://states.example.com/shop?branch=a"), "https://states.example.com/shop"),
        (GitLab("42"), "https://gitlab.com/api/v4/projects/42/terraform/state/shop"),
        (Postgres(), "PostgreSQL, schema terraform_shop"),
    ],
)
def test_a_place_is_told_in_words(make_stack: StackFactory, backend: Backend, words: str) -> None:
    assert str(state_place(synth(make_stack(backend=backend))["terraform"], FOLDER)) == words


def test_a_summary_tells_it_too(make_stack: StackFactory) -> None:
    stack = make_stack(backend=Postgres())
    stack.app.synth()
    (written,) = synthesized(Path(stack.app.outdir))
    assert stack_of(written.document).state == "PostgreSQL, schema terraform_shop"


@pytest.mark.parametrize(
    "same",
    [
        (s3(key="k"), s3(key="k", profile="x", use_lockfile=True)),
        (s3(), {"backend": [{"s3": [{"bucket": "b"}]}]}),
        (s3(endpoints={"s3": "x"}), s3(endpoints={"s3": "x", "sts": None})),
        ({"cloud": {"organization": "a"}}, {"cloud": {"organization": "a", "hostname": "app.terraform.io"}}),
        ({}, {"backend": {"local": {}}}),
    ],
)
def test_how_it_is_reached_makes_no_other_place(same: tuple[Any, Any]) -> None:
    assert state_place(same[0]) == state_place(same[1])


@pytest.mark.parametrize(
    "other",
    [
        s3(bucket="c", key="k"),
        s3(key="l"),
        s3(key="k", endpoints={"s3": "https://a"}),
        {"backend": {"gcs": {"bucket": "b", "key": "k"}}},
        {"backend": {"s3": {"bucket": "b", "key": "k"}, "local": {"path": "x"}}},
        {"cloud": {"organization": "b"}},
        {},
    ],
)
def test_another_place_is_another(other: dict[str, Any]) -> None:
    assert state_place(other) != state_place(s3(key="k"))


def test_a_password_in_an_address_is_not_told() -> None:
    told = str(state_place({"backend": {"http": {"address": "https://user:s3cret@states.example.com/shop"}}}))
    assert told == "https://states.example.com/shop"
