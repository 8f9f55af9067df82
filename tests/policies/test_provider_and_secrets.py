"""The provider, credentials and secrets: each policy finds its case, and leaves the near miss alone."""

from __future__ import annotations

import pytest

from tests.policies.documents import Json, ids, instance, judged, provider, resource, said

# Put together here, so that no scanner takes this file for a leak.
TOKEN = "ghp_" + "aB3" * 12
PASSWORD = "-".join(("correct", "horse", "battery"))


def constrained(version: str | None) -> Json:
    given = {"source": "terraform-provider-openstack/openstack"} | ({"version": version} if version else {})
    return {"terraform": {"required_providers": {"openstack": given}}}


@pytest.mark.parametrize(
    "version", ["3.4.0", "= 3.4.0", "~> 3.4", "~>3.4.0", ">= 3.0, < 4.0", "<= 3.4", "!= 3.1, ~> 3.0"]
)
def test_a_provider_that_is_bounded(version: str) -> None:
    assert ids(constrained(version)) == []


@pytest.mark.parametrize("version", [None, "", ">= 3.0", "> 3", "!= 3.1", ">= 3.0, != 3.1", ">=3"])
def test_a_provider_that_may_be_anything(version: str | None) -> None:
    assert ids(constrained(version)) == ["IVC401"]


def test_a_provider_is_named_with_what_is_said_of_it() -> None:
    assert said("IVC401", constrained(">= 3.0")) == [
        "stack shop: the provider openstack may be of any version >= 3.0: set a version, such as 3.4.0 or ~> 3.4"
    ]


def test_insecure() -> None:
    assert ids(provider(insecure=True)) == ["IVC402"]
    assert ids(provider(insecure="${var.lax}"), {"variable": {"lax": {"default": True}}}) == ["IVC402"]
    assert ids(provider(insecure=False), {"variable": {"lax": {"default": True}}}) == []


@pytest.mark.parametrize("argument", ["password", "token", "application_credential_secret"])
def test_a_credential_of_the_provider(argument: str) -> None:
    assert ids(provider(**{argument: PASSWORD})) == ["IVC403"]
    assert "IVC403" in ids(provider(**{argument: "${var.secret}"}), {"variable": {"secret": {"default": PASSWORD}}})
    assert ids(provider(**{argument: "${var.given_at_plan}"})) == []
    assert ids(provider(auth_url="https://cloud.example:5000/v3", user_name="ops")) == []


@pytest.mark.parametrize(
    ("document", "where"),
    [
        (instance("www", metadata={"note": TOKEN}), "instance www: metadata.note"),
        (instance("www", metadata={"db_password": PASSWORD}), "instance www: metadata.db_password"),
        (instance("www", tags=["web", f"token={TOKEN}"]), "instance www: tags[1]"),
        (
            resource("openstack_networking_network_v2", "n", description=f"password: {PASSWORD}"),
            "network n: description",
        ),
        ({"variable": {"db_password": {"default": PASSWORD}}}, "stack shop: variable.db_password.default"),
        ({"locals": {"api_key": PASSWORD}}, "stack shop: locals.api_key"),
        ({"terraform": {"cloud": {"token": TOKEN}}}, "stack shop: terraform.cloud.token"),
        (instance("www", user_data=f"#!/bin/sh\nexport OS_PASSWORD={PASSWORD}\n"), "instance www: user_data"),
    ],
)
def test_a_secret_in_the_json(document: Json, where: str) -> None:
    assert said("IVC404", document) == [
        f"{where} holds what looks like a secret: make it a sensitive variable, or let the guest fetch it"
    ]


def test_no_finding_shows_the_secret() -> None:
    documents = [provider(password=PASSWORD), instance("www", admin_pass=PASSWORD, metadata={"token": TOKEN})]
    found = judged(*documents)
    assert {finding.id for finding in found} == {"IVC201", "IVC403", "IVC404"}
    assert not any(PASSWORD in str(finding) or TOKEN in str(finding) for finding in found)


@pytest.mark.parametrize(
    "document",
    [
        instance("www", metadata={"ivc": "shop/www", "db_password": "${var.db_password}"}, key_pair="ops"),
        instance("www", tags=["passwordless", "a-tag-that-is-as-long-as-a-token-may-be"]),
        {"variable": {"db_password": {"type": "string", "sensitive": True, "description": "The password of the shop"}}},
        {"output": {"address": {"value": "${openstack_networking_port_v2.www-1_Ext-Net.all_fixed_ips[0]}"}}},
        resource("terraform_data", "x", input={"image": "99999999-8888-7777-6666-555555555555"}),
        instance("www", lifecycle={"replace_triggered_by": ["terraform_data.www-production-12__image"]}),
    ],
)
def test_what_is_no_secret(document: Json) -> None:
    assert ids(document) == []


def test_user_data_that_was_checked_is_not_judged_once_more() -> None:
    text = f"#!/bin/sh\nexport OS_PASSWORD={PASSWORD}\n"
    assert [found.id for found in judged(instance("www", user_data=text))] == ["IVC404"]
    assert judged(instance("www", user_data=text), checked_user_data={text}) == []
