"""Key pairs: the public keys that images let in.

ops = KeyPair(shop, "ops", public_key=Path("ops.pub").read_text())
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence

from ivc.declare.cdktf import Construct
from ivc.declare.declaration import Made, Ordered
from ivc.declare.provider import ComputeKeypairV2
from ivc.declare.references import same_stack
from ivc.declare.terraform_text import literal
from ivc.errors import DeclarationError
from ivc.estate import families

# RFC 4253, section 6.6: a key begins with its own type, behind that text's length.
_OPENSSH = re.compile(r"(?P<type>[a-z0-9@.-]+) (?P<key>[A-Za-z0-9+/]+={0,2})( [^\r\n]*)?")


class KeyPair(Made):
    """A public key under a name. It belongs to the user whose credentials make it, in Nova as in every plan.

    Another user's plan does not find it and makes it anew, so a stack with one is planned with one user's credentials;
    a key pair that somebody keeps by hand is a text, `Instance(..., key_pair="ops")`.

    public_key: one line as OpenSSH writes it, such as `ssh-ed25519 AAAA... ops@example`. White space around it is left
    out. Another key or comment replaces the key pair, and the servers stay, with the key that they were born with.
    name: what the cloud shows; by default the id. Another name replaces it and every server that has it.
    depends_on: what is to be there first, declarations or CDKTF's resources and data sources.
    renamed_from: the id that this declaration had before; then `name` must be said.

    The cloud has no field for a mark on it. Raises DeclarationError for an id that Terraform cannot carry or that is
    taken, and for what is no public key.
    """

    family = families.KEY_PAIR

    @same_stack
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        public_key: str,
        name: str | None = None,
        depends_on: Sequence[Ordered] = (),
        renamed_from: str | None = None,
    ) -> None:
        self._declare(scope, id, name=name, renamed_from=renamed_from, depends_on=depends_on)
        self.public_key = _checked(f"{self._called}: public_key", public_key)
        self._open()
        self.l1: ComputeKeypairV2 = self._make(
            ComputeKeypairV2, name=literal(self.name), public_key=literal(self.public_key)
        )

    def _takes(self) -> Iterator[str]:
        yield f"the key pair {self.name}"

    @property
    def _name(self) -> str:
        """Its name as Terraform's text, by which an instance has it."""
        return f"${{{self.terraform_address}.name}}"


def _checked(where: str, text: str) -> str:
    """The key; what is none is never shown, since it may be the private half."""
    if "PRIVATE KEY" in text:
        raise DeclarationError(
            f"{where}: it is a private key; give the public one, from the file whose name ends in .pub"
        )
    key = text.strip()
    match = _OPENSSH.fullmatch(key)
    if match is None:
        raise DeclarationError(
            f"{where}: it is no public key of OpenSSH; give the text of a .pub file, one line such as "
            "'ssh-ed25519 AAAA... ops@example'"
        )
    try:
        whole = base64.b64decode(match["key"], validate=True)
    except binascii.Error:
        whole = b""
    named = match["type"].encode()
    if not whole.startswith(len(named).to_bytes(4, "big") + named):
        raise DeclarationError(
            f"{where}: its second word is no key of the type {match['type']!r}; copy the whole line of the .pub file"
        )
    return key
