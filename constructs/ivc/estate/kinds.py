"""How people call what a Terraform type stands for."""

from __future__ import annotations

import re

from ivc.estate import families

INSTANCE = families.INSTANCE.type
PORT = families.PORT.type
NETWORK = families.NETWORK.type
SUBNET = families.SUBNET.type
GROUP = families.SECURITY_GROUP.type
RULE = families.RULE.type
ATTACHMENT = families.ATTACHMENT.type
TRIGGER = "terraform_data"
INSTANCES = "instances"
"""The output of a stack that tells of its servers; the library writes it."""

_WORDS = {family.type: family.noun for family in families.FAMILIES}


def kind(type: str, *, else_: str | None = None) -> str:
    """A type in a word or two: `openstack_networking_port_v2` is a port. Whatever the type, these are plain words.

    else_: what to say of a type that has no word of its own.
    """
    known = _WORDS.get(type, else_)
    if known is not None:
        return known
    words = re.sub(r"^openstack_|_v\d+$", "", type).replace("_", " ")
    return words if re.fullmatch(r"[a-z0-9]{1,20}( [a-z0-9]{1,20}){0,4}", words) else "thing"
