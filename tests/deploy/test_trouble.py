"""What Terraform, the provider and the cloud say is wrong, as a sentence with its place and what to do."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ivc.deploy import stacks
from ivc.deploy.stacks import Stack
from ivc.deploy.terraform import Terraform
from ivc.deploy.trouble import troubles
from tests.deploy.outputs import Json, document, write

TERRAFORM = Terraform("/usr/bin/terraform", "terraform", (1, 11))
QUOTA = (
    "Error creating openstack_networking_port_v2: Expected HTTP response code [201 202] when accessing "
    '[POST http://cloud:9696/v2.0/ports], but got 409 instead: {"NeutronError": {"type": "OverQuota", "message": '
    '"Quota exceeded for resources: [\'port\'].", "detail": ""}}'
)
LOCK = """Error message: resource temporarily unavailable
Lock Info:
  ID:        7b3f
  Path:      terraform.shop.tfstate
  Operation: OperationTypeApply
  Who:       ann@desk
  Version:   1.11.4
  Created:   2026-11-28 12:01:02.123 +0000 UTC
  Info:

Terraform acquires a state lock to protect the state from being written
by multiple users at the same time."""


@pytest.fixture
def shop(tmp_path: Path) -> Stack:
    output = write(tmp_path / "cdktf.out", {"shop": document()})
    places = {
        "openstack_networking_port_v2.www-1_backend": "main.py:29",
        "data.openstack_images_image_v2.Debian-13": "main.py:31",
        "openstack_networking_floatingip_v2.bastion": "main.py:40",
    }
    (output / "stacks/shop/sources.json").write_text(json.dumps(places))
    (stack,) = stacks.read(output)
    return stack


@pytest.mark.parametrize(
    ("diagnostic", "sentence"),
    [
        (
            {"summary": QUOTA, "detail": "", "address": "openstack_networking_port_v2.www-1_backend"},
            "main.py:29: port www-1_backend: cannot be made: Quota exceeded for resources: ['port'] (the cloud's "
            "answer 409); `ivc limits` shows what the project may have: ask for more of it",
        ),
        (
            {
                "summary": "Your query returned no results. Please change your search criteria and try again.",
                "detail": "",
                "address": "data.openstack_images_image_v2.Debian-13",
            },
            "main.py:31: look-up of image Debian-13: Your query returned no results. Please change your search "
            "criteria and try again; correct the name where it is looked up; or are the credentials of another "
            "project or region?",
        ),
        (
            {
                "summary": "Instance cannot be destroyed",
                "detail": "Resource openstack_networking_floatingip_v2.bastion has lifecycle.prevent_destroy set, but "
                "the plan calls for this resource to be destroyed. To avoid this error and continue with the plan, "
                "either disable lifecycle.prevent_destroy or reduce the scope of the plan using the -target option.",
                "snippet": {"context": "resource.openstack_networking_floatingip_v2"},
            },
            "main.py:40: floating IP bastion: the plan would destroy or replace it, and it is protected; say "
            "prevent_destroy=False where it is declared, if you mean it",
        ),
        (
            {
                "summary": "Instance cannot be destroyed",
                "detail": "Resource openstack_blockstorage_volume_v3.db-root has lifecycle.prevent_destroy set, but "
                "the plan calls for this resource to be destroyed.",
            },
            "volume db-root: the plan would destroy or replace it, with the data on it, and it is protected; say "
            "prevent_destroy=False where it is declared, if you mean it",
        ),
        (
            {"summary": "Resource precondition failed", "detail": "Network x is no outside network: name another."},
            "stack shop: Network x is no outside network: name another",
        ),
        (
            {"summary": "Saved plan is stale", "detail": "The given plan file can no longer be applied."},
            "stack shop: Saved plan is stale: The given plan file can no longer be applied; plan and review anew",
        ),
        (
            {
                "summary": "Failed to query available provider packages",
                "detail": "Could not retrieve the list of available versions for provider no/one: could not connect "
                "to registry.terraform.io: dial tcp: lookup registry.terraform.io: no such host",
            },
            "stack shop: Failed to query available provider packages: Could not retrieve the list of available "
            "versions for provider no/one: could not connect to registry.terraform.io: dial tcp: lookup "
            "registry.terraform.io: no such host; the registry, or a mirror, must be in reach",
        ),
        (
            {
                "summary": "Failed to resolve provider packages",
                "detail": "Could not resolve provider nobody/nothing: could not connect to registry.opentofu.org: no "
                "such host",
            },
            "stack shop: Failed to resolve provider packages: Could not resolve provider nobody/nothing: could not "
            "connect to registry.opentofu.org: no such host; the registry, or a mirror, must be in reach",
        ),
        (
            {"summary": "Error refreshing state", "detail": "decryption failed for all provided methods"},
            "stack shop: Error refreshing state: decryption failed for all provided methods; give the passphrase that "
            "it was encrypted with",
        ),
        (
            {"summary": "Something\x1b[31m new", "detail": "that\nnobody knows."},
            "stack shop: Something\\x1b[31m new: that nobody knows",
        ),
    ],
    ids=lambda value: str(value["summary"])[:30] if isinstance(value, dict) else "",
)
def test_an_error_is_one_sentence(shop: Stack, diagnostic: dict[str, object], sentence: str) -> None:
    (found,) = troubles([{"severity": "error", **diagnostic}], shop, TERRAFORM)
    assert str(found) == sentence
    assert found.is_error


@pytest.mark.parametrize(
    ("backend", "advice"),
    [
        ({"local": {"path": "x"}}, "wait for its end"),
        (
            {"pg": {}},
            "wait for its end; if it was killed, `terraform -chdir={folder} force-unlock 7b3f` lifts the lock",
        ),
    ],
)
def test_a_held_lock_says_who_holds_it_and_how_to_lift_it(shop: Stack, backend: Json, advice: str) -> None:
    shop.settings["backend"] = backend
    (found,) = troubles(
        [{"severity": "error", "summary": "Error acquiring the state lock", "detail": LOCK}], shop, TERRAFORM
    )
    assert str(found) == (
        "stack shop: its state is locked by another run (apply by ann@desk, since 2026-11-28 12:01 UTC); "
        + advice.replace("{folder}", str(shop.folder))
    )


def test_what_several_have_is_said_once(shop: Stack) -> None:
    names = [f"openstack_compute_instance_v2.www-{number}" for number in range(1, 31)]
    host = "Error waiting for instance (%s) to become ready: No valid host was found."
    said = [{"severity": "error", "summary": host % "1", "detail": "", "address": name} for name in names]
    found = troubles(said, shop, TERRAFORM)
    assert [str(one).split(": ")[0] for one in found] == ["instance www-1 to instance www-30"]


def test_a_check_that_speaks_later_is_one_line_however_many_there_are(shop: Stack) -> None:
    said = [
        {
            "severity": "warning",
            "summary": "Check block assertion known after apply",
            "detail": "The condition could not be evaluated at this time.",
            "snippet": {"context": f"check.groups_of_{number}.assert[0]"},
        }
        for number in ("a", "b")
    ]
    assert [str(one) for one in troubles(said, shop, TERRAFORM)] == [
        "check groups_of_a, check groups_of_b: is known only after the apply, and speaks then"
    ]


def test_what_the_review_says_of_some_resources_alone_terraform_does_not_say_again(shop: Stack) -> None:
    said = [
        {"severity": "warning", "summary": "Resource targeting is in effect", "detail": "You are creating a plan ..."},
        {"severity": "warning", "summary": "Applied changes may be incomplete", "detail": "The plan was created ..."},
    ]
    assert troubles(said, shop, TERRAFORM) == []


def test_what_is_not_found_may_come_with_a_stack_that_goes_before(shop: Stack) -> None:
    said = [{"severity": "error", "summary": "Your query returned no results.", "detail": ""}]
    (found,) = troubles(said, replace(shop, needs=("net",)), TERRAFORM)
    assert found.advice.endswith("Or does it come with net, which is to be deployed first?")


def test_errors_stand_before_warnings(shop: Stack) -> None:
    said = [{"severity": "warning", "summary": "odd"}, {"severity": "error", "summary": "wrong"}]
    assert [one.what for one in troubles(said, shop, TERRAFORM)] == ["wrong", "odd"]
