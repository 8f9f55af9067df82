"""Key pairs: public keys under a name."""

from __future__ import annotations

import pytest

from ivc import KeyPair, OpenStackStack
from tests.helpers import KEY_PAIR, PUBLIC_KEY, Json, resources, synth


def made(stack: OpenStackStack) -> Json:
    one: Json
    (one,) = resources(synth(stack), KEY_PAIR).values()
    return one


def test_a_key_pair_is_its_name_and_its_key(shop: OpenStackStack) -> None:
    KeyPair(shop, "ops", public_key=PUBLIC_KEY)
    assert made(shop) == {"name": "ops", "public_key": PUBLIC_KEY}


def test_what_the_cloud_shows_may_be_anything(shop: OpenStackStack) -> None:
    assert KeyPair(shop, "ops", public_key=PUBLIC_KEY, name="The ${ops} team").name == "The ${ops} team"
    assert made(shop)["name"] == "The $${ops} team"


@pytest.mark.parametrize("around", [f"{PUBLIC_KEY}\n", f"  {PUBLIC_KEY}\r\n"])
def test_a_line_feed_does_not_replace_it(shop: OpenStackStack, around: str) -> None:
    KeyPair(shop, "ops", public_key=around)
    assert made(shop)["public_key"] == PUBLIC_KEY


@pytest.mark.parametrize("key", [PUBLIC_KEY.rpartition(" ")[0], f"{PUBLIC_KEY} and more words"])
def test_a_comment_is_anything_or_nothing(shop: OpenStackStack, key: str) -> None:
    KeyPair(shop, "ops", public_key=key)
    assert made(shop)["public_key"] == key


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("-----BEGIN OPENSSH PRIVATE KEY-----\ns3cret\n", "it is a private key; give the public one"),
        ("~/.ssh/id_ed25519.pub", "it is no public key of OpenSSH; give the text of a .pub file"),
        ("", "it is no public key of OpenSSH"),
        (f"{PUBLIC_KEY}\n{PUBLIC_KEY}", "it is no public key of OpenSSH"),
        (PUBLIC_KEY.replace("ssh-ed25519 ", "ssh-rsa "), "its second word is no key of the type 'ssh-rsa'"),
        ("ssh-ed25519 AAAA", "its second word is no key of the type 'ssh-ed25519'"),
        ("ssh-ed25519 AAAAC", "its second word is no key of the type 'ssh-ed25519'"),
    ],
)
def test_what_is_no_public_key_is_refused_and_never_shown(shop: OpenStackStack, key: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as raised:
        KeyPair(shop, "ops", public_key=key)
    assert str(raised.value).startswith("KeyPair ops: public_key: ")
    assert "s3cret" not in str(raised.value)


def test_a_rename_keeps_the_name_in_the_cloud(shop: OpenStackStack) -> None:
    with pytest.raises(ValueError, match=r"^KeyPair admins: renamed_from: its name in the cloud would change too"):
        KeyPair(shop, "admins", public_key=PUBLIC_KEY, renamed_from="ops")
    KeyPair(shop, "operators", public_key=PUBLIC_KEY, name="ops", renamed_from="ops")
    assert made(shop)["name"] == "ops"
    assert synth(shop)["moved"] == [{"from": f"{KEY_PAIR}.ops", "to": f"{KEY_PAIR}.operators"}]
