"""Secrets and certificates that the key manager keeps: what the JSON says of them, and what it never says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ivc import Certificate, DeclarationError, KeyManagerSecret, OpenStackStack, Project, Secret, User
from tests.helpers import CERTIFICATE, SECRET, TRIGGER, data_sources, resources, synth

THEIRS = "https://barbican.example.com/v1/secrets/11111111-2222-3333-4444-555555555555"
BOUGHT = THEIRS.replace("555555555555", "666666666666")
PEM = "-----BEGIN CERTIFICATE-----\nMIIB${x}\n-----END CERTIFICATE-----\n"
ROBOT, OTHER = "0a" * 16, "0b" * 32


def secret(stack: OpenStackStack, id_: str, /, **said: Any) -> KeyManagerSecret:
    """A secret whose payload a variable brings."""
    if "payload" not in said:
        said["payload"] = Secret(stack, f"payload_of_{id_.replace('-', '_')}", description="x", longest=4000)
    return KeyManagerSecret(stack, id_, **said)


def certificate(stack: OpenStackStack, id_: str, /, **said: Any) -> Certificate:
    """A certificate in a secret that exists, with a key that a variable brings."""
    given = {"certificate": KeyManagerSecret.lookup(stack, BOUGHT)} | said
    if "private_key" not in said:
        given["private_key"] = secret(stack, f"{id_}-key")
    return Certificate(stack, id_, **given)


def test_its_payload_is_a_sensitive_variable_of_which_the_output_has_the_name_alone(shop: OpenStackStack) -> None:
    key = Secret(shop, "tls_key", description="Of the shop", pattern="(?s)-----BEGIN.*", longest=4000)
    secret(shop, "shop-key", payload=key)
    synthesized = synth(shop)
    assert resources(synthesized, SECRET) == {
        "shop-key": {
            "name": "shop-key",
            "payload": "${var.tls_key}",
            "payload_content_type": "text/plain",
            "lifecycle": {
                "create_before_destroy": True,
                "precondition": [
                    {
                        "condition": "${length(var.tls_key) <= 4000}",
                        "error_message": "Variable tls_key is longer than 4000 characters.",
                    },
                    {
                        "condition": '${can(regex("^(?:(?s)-----BEGIN.*)$", var.tls_key))}',
                        "error_message": "Variable tls_key: all of it must match (?s)-----BEGIN.*",
                    },
                ],
            },
        }
    }
    assert synthesized["variable"]["tls_key"]["sensitive"] is True


def test_a_certificate_is_public_and_may_stand_as_a_text(shop: OpenStackStack) -> None:
    secret(shop, "shop", payload=PEM)
    made = resources(synth(shop), SECRET)["shop"]
    assert made["payload"] == PEM.replace("${", "$${")
    assert "precondition" not in made["lifecycle"]


def test_bytes_are_base64(shop: OpenStackStack) -> None:
    secret(shop, "p12", payload_content_encoding="base64")
    made = resources(synth(shop), SECRET)["p12"]
    assert made["payload_content_type"] == "application/octet-stream"
    assert made["payload_content_encoding"] == "base64"


def test_readers_are_left_alone_until_they_are_said(shop: OpenStackStack) -> None:
    secret(shop, "left")
    secret(shop, "nobody", readers=[])
    secret(shop, "some", readers=[User(OTHER), User(ROBOT), User(ROBOT)], project_access=False)
    made = resources(synth(shop), SECRET)
    assert "acl" not in made["left"]
    assert made["nobody"]["acl"] == {"read": {"project_access": True, "users": []}}
    assert made["some"]["acl"] == {"read": {"project_access": False, "users": [ROBOT, OTHER]}}


def test_a_secret_that_exists_is_its_reference_and_nothing_is_asked(shop: OpenStackStack) -> None:
    found = KeyManagerSecret.lookup(shop, THEIRS)
    assert found.secret_ref == THEIRS
    assert found.l1 is None
    assert {"data", "resource"} & set(synth(shop)) == set()


def test_a_certificate_follows_its_secrets_before_the_old_one_goes(shop: OpenStackStack) -> None:
    made = certificate(shop, "shop", intermediates=secret(shop, "chain", payload=PEM))
    synthesized = synth(shop)
    assert resources(synthesized, CERTIFICATE)["shop"] == {
        "name": "shop",
        "type": "certificate",
        "secret_refs": [
            {"name": "certificate", "secret_ref": BOUGHT},
            {"name": "private_key", "secret_ref": f"${{{SECRET}.shop-key.secret_ref}}"},
            {"name": "intermediates", "secret_ref": f"${{{SECRET}.chain.secret_ref}}"},
        ],
        "lifecycle": {
            "create_before_destroy": True,
            "replace_triggered_by": [f"{TRIGGER}.shop__certificate_secrets"],
        },
    }
    assert resources(synthesized, TRIGGER)["shop__certificate_secrets"]["input"] == {
        "made_of": f"{BOUGHT}, ${{{SECRET}.shop-key.secret_ref}}, ${{{SECRET}.chain.secret_ref}}, -"
    }
    assert made.container_ref == made._reference()
    assert made._reference().as_terraform == f"${{{CERTIFICATE}.shop.container_ref}}"


def test_references_and_names_are_no_secrets_to_a_policy(shop: OpenStackStack) -> None:
    certificate(
        shop, "shop", private_key=KeyManagerSecret.lookup(shop, THEIRS), private_key_passphrase=secret(shop, "p")
    )
    shop.app.synth()


def test_a_certificate_that_exists_is_looked_up_by_name_without_its_payload(shop: OpenStackStack) -> None:
    found = Certificate.lookup(shop, "bought")
    assert data_sources(synth(shop), CERTIFICATE) == {"bought": {"name": "bought"}}
    assert found._reference().as_terraform == f"${{data.{CERTIFICATE}.bought.container_ref}}"


def test_a_certificate_that_exists_is_its_reference_and_nothing_is_asked(shop: OpenStackStack) -> None:
    reference = THEIRS.replace("secrets", "containers")
    assert Certificate.lookup(shop, container_ref=reference).container_ref == reference
    assert "data" not in synth(shop)


def test_no_payload_is_ever_asked_for(shop: OpenStackStack) -> None:
    """The provider's data source of a secret puts the payload into the state."""
    certificate(shop, "shop")
    Certificate.lookup(shop, "bought")
    assert f'"data.{SECRET}' not in json.dumps(synth(shop))
    assert data_sources(synth(shop), SECRET) == {}


KEY = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"payload": "hunter2"}, "KeyManagerSecret s: payload: it is a text, which would stand in the output in clear"),
        ({"payload": PEM + KEY}, "KeyManagerSecret s: payload: it is a text, which would stand in the output in clear"),
        ({"payload": KEY + PEM}, "KeyManagerSecret s: payload: it is a text, which would stand in the output in clear"),
        (
            {"readers": [User(ROBOT, project=ROBOT)]},
            f"KeyManagerSecret s: readers: Barbican knows users, whatever project they logged in with; leave project= "
            f"of {ROBOT} out",
        ),
        (
            {"readers": [Project(ROBOT)]},
            "KeyManagerSecret s: readers: item 1, Project(id='0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a'), is a Project; give "
            'User("...") with its id',
        ),
        (
            {"renamed_from": "t"},
            "KeyManagerSecret s: renamed_from: its name in the cloud would change too, which replaces it; give the "
            "name that it has there, such as name='t'",
        ),
    ],
)
def test_a_secret_that_cannot_be_is_one_sentence(shop: OpenStackStack, said: dict[str, Any], sentence: str) -> None:
    with pytest.raises(DeclarationError) as raised:
        secret(shop, "s", **said)
    assert str(raised.value).startswith(sentence)
    assert "hunter2" not in str(raised.value)
    assert "MIIB" not in str(raised.value)


def test_what_octavia_gives_itself_is_not_taken_away_again(shop: OpenStackStack) -> None:
    for id_, said in (("a", {"readers": []}), ("b", {"project_access": False})):
        key = secret(shop, id_, **said)
        with pytest.raises(
            DeclarationError, match=rf"^Certificate {id_}: private_key: KeyManagerSecret {id_} says who"
        ):
            certificate(shop, id_, private_key=key)


def test_a_secret_stands_in_a_certificate_once(shop: OpenStackStack) -> None:
    key = secret(shop, "key")
    with pytest.raises(
        DeclarationError, match=r"^Certificate shop: private_key: KeyManagerSecret key is its certificate already; give"
    ):
        certificate(shop, "shop", certificate=key, private_key=key)


@pytest.mark.parametrize(
    "wrong", ["shop-key", "11111111-2222-3333-4444-555555555555", THEIRS + "/payload", THEIRS.replace("secrets", "x")]
)
def test_what_is_no_reference_is_one_sentence(shop: OpenStackStack, wrong: str) -> None:
    with pytest.raises(
        DeclarationError, match=r"secret_ref: it is no reference of Barbican's; give it as `openstack se"
    ):
        KeyManagerSecret.lookup(shop, wrong)
    with pytest.raises(DeclarationError, match=r"container_ref: it is no reference of Barbican's; give it as"):
        Certificate.lookup(shop, container_ref=wrong)


def test_a_certificate_and_its_key_are_not_taken_for_each_other(shop: OpenStackStack) -> None:
    public = secret(shop, "public", payload=PEM)
    with pytest.raises(DeclarationError) as raised:
        certificate(shop, "shop", certificate=secret(shop, "key"), private_key=public)
    assert str(raised.value) == (
        "Certificate shop: private_key: KeyManagerSecret public is the text of a certificate; give the secret of the "
        "key"
    )


def test_a_reference_is_no_name(shop: OpenStackStack) -> None:
    with pytest.raises(
        DeclarationError, match=r"^Certificate\.lookup\('https://.*'\): name: it is a reference; give it as "
    ):
        Certificate.lookup(shop, "https://barbican.example.com/v1/containers/11111111-2222-3333-4444-555555555555")
