"""What becomes of containers, objects, secrets and certificates, told with two folders and with a plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ivc import Anyone, Container, KeyManagerSecret, OpenStackStack, Secret
from ivc.review import reviewer
from ivc.review.model import StackReview
from tests.helpers import CERTIFICATE, CONTAINER, OBJECT, SECRET, TRIGGER, new_stack
from tests.policies.documents import Json, resource
from tests.review.test_dangers import BY_WAY, Way, dangers
from tests.review.test_plan import change, document, headlines, review
from tests.test_key_manager_secret import PEM, certificate

Case = tuple[Json, Json, set[tuple[str, str]], str]

OPEN = resource(CONTAINER, "c", name="c", container_read=".r:*")
KEPT = resource(CONTAINER, "c", name="c")
APP = resource(OBJECT, "app", container_name="c", name="app", content="a", metadata={"v": "1"})
CASES: Mapping[str, Case] = {
    "a container opens": (KEPT, OPEN, {("container", "open")}, "anybody can read its objects"),
    "a container comes": (
        {}, KEPT, set(),
        "where the project has a container of that name already, it is taken over, with what is in it",
    ),
    "a container goes": (KEPT, {}, {("container", "destroy")}, "unless it is empty the cloud refuses to delete it"),
    "a container goes with all in it": (
        resource(CONTAINER, "c", name="c", force_destroy=True), {}, {("container", "destroy")},
        "lost with it: all objects in it",
    ),
    "a container is called otherwise by hand": (
        KEPT, resource(CONTAINER, "c", name="d"), set(),
        "nothing is sent of that, and every later plan says it again",
    ),
    "an object's metadata change by hand": (
        APP, resource(OBJECT, "app", container_name="c", name="app", content="a", metadata={"v": "2"}),
        {("object", "stop")}, "it is written anew, and without its content where that does not change too",
    ),
    "a secret's payload changes": (
        resource(SECRET, "s", name="s", payload="x"), resource(SECRET, "s", name="s", payload="y"),
        {("secret", "replace")}, "payload changed",
    ),
    "a certificate is changed in place": (
        resource(CERTIFICATE, "c", type="certificate", secret_refs=[{"name": "certificate", "secret_ref": "a"}]),
        resource(CERTIFICATE, "c", type="certificate", secret_refs=[{"name": "certificate", "secret_ref": "b"}]),
        set(), "the cloud changes one of the type generic alone; of any other the apply will fail",
    ),
}  # fmt: skip


def texts(stack: StackReview) -> str:
    return "\n".join(str(one) for thing in stack.things for one in (thing.headline, *thing.details))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@BY_WAY
def test_what_becomes_of_it_is_said(tmp_path: Path, way: Way, case: Case) -> None:
    before, after, expected, words = case
    found = way(tmp_path, before, after)
    assert {(kind, danger.rstrip("?")) for kind, danger in dangers(found)} == expected
    assert words in texts(found)
    assert "BEGIN CERTIFICATE" not in texts(found)


Declare = Callable[[OpenStackStack], object]


def by_declaration(folder: Path, before: Declare, after: Declare) -> StackReview:
    for name, declare in (("base", before), ("head", after)):
        stack = new_stack(folder / name)
        declare(stack)
        stack.app.synth()
    sides = [folder / name / "cdktf.out" for name in ("base", "head")]
    (found,) = reviewer.review(base=sides[0], head=sides[1]).stacks
    return found


def app(content: bytes, **said: Any) -> Declare:
    def declare(stack: OpenStackStack) -> None:
        (stack.app.folder / "app").write_bytes(content)
        Container(stack, "releases", **said).waive("IVC161", reason="public").file("app", "app")

    return declare


def test_an_object_of_other_content_is_replaced(tmp_path: Path) -> None:
    (thing,) = by_declaration(tmp_path, app(b"1", readers=[Anyone()]), app(b"2", readers=[Anyone()])).things
    assert str(thing.headline) == (
        "object releases_app will be replaced: content changed; nobody finds it from when the old one goes until the "
        "new one is there"
    )


def test_a_container_of_another_name_is_replaced_with_its_objects(tmp_path: Path) -> None:
    found = by_declaration(tmp_path, app(b"1", readers=[Anyone()]), app(b"1", readers=[Anyone()], name="downloads"))
    said = {thing.id: str(thing.headline) for thing in found.things}
    assert said["releases"].startswith("container releases will be replaced: name changed; lost with it: all objects")
    assert said["releases_app"].startswith("object releases_app will be replaced: name changed; nobody finds it")
    assert "it is protected (prevent_destroy), so that Terraform will refuse the whole plan" in texts(found)


def keyed(payload: str) -> Declare:
    def declare(stack: OpenStackStack) -> None:
        key = Secret(stack, "key", description="x")
        certificate(
            stack,
            "shop",
            certificate=KeyManagerSecret(stack, "pem", payload=payload),
            private_key=KeyManagerSecret(stack, "key", payload=key),
        )

    return declare


def test_a_renewed_certificate_is_made_anew_with_its_container(tmp_path: Path) -> None:
    found = by_declaration(tmp_path, keyed(PEM), keyed(PEM.replace("MIIB", "MIIC")))
    said = {(thing.kind, thing.id): str(thing.headline) for thing in found.things}
    assert said[("certificate", "shop")] == "certificate shop will be replaced: secrets changed"
    assert said[("secret", "pem")].startswith("secret pem will be replaced: payload changed")
    assert texts(found).count("it gets another reference: what knows it by the old one finds it no more") == 2
    assert "MIIC" not in texts(found)


def test_a_plan_says_what_replaces_it(tmp_path: Path) -> None:
    trigger = change(f"{TRIGGER}.app__object_content", "update", after={"input": {"sha256": "1"}})
    replaced = [
        change(address, "delete", "create", after={"name": "it"}, action_reason="replace_by_triggers")
        for address in (f"{OBJECT}.app", f"{CERTIFICATE}.shop")
    ]
    for one, was in zip(
        (trigger, *replaced), ({"input": {"sha256": "0"}}, {"name": "it"}, {"name": "it"}), strict=True
    ):
        one["change"]["before"] = was
    found = headlines(review(tmp_path, document(trigger, *replaced)))
    assert found == [
        "object app will be replaced: content changed",
        "certificate shop will be replaced, with what it is made of",
    ]
