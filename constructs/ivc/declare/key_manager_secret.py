"""Secrets that the key manager (Barbican) keeps.

password = Secret(shop, "database_password", description="What the back end shows to MySQL")
kept = KeyManagerSecret(shop, "database-password", payload=password, readers=[User("0123...")])
theirs = KeyManagerSecret.lookup(shop, "https://barbican.example.com/v1/secrets/11111111-2222-3333-4444-555555555555")
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

from ivc.declare.access_list import User
from ivc.declare.cdktf import Construct, TerraformResourceLifecycle, struct
from ivc.declare.declaration import Declaration, LookedUp, Made, Ordered
from ivc.declare.key_manager_provider import KeymanagerSecretV1, KeymanagerSecretV1Acl, KeymanagerSecretV1AclRead
from ivc.declare.names import check_known
from ivc.declare.references import ValueOf, same_stack
from ivc.declare.secret import rules
from ivc.declare.terraform_text import literal
from ivc.errors import DeclarationError
from ivc.estate import families
from ivc.userdata import AtApply

LONGEST_REFERENCE = 255
"""How long a reference of Barbican's may be, as far as the limit on user data is concerned."""
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_PUBLIC = re.compile(r"\s*-----BEGIN CERTIFICATE-----\s.*-----END CERTIFICATE-----\s*", re.DOTALL)


class AnyKeyManagerSecret(Declaration):
    """A secret that the key manager keeps, made here or there already.

    secret_ref: the reference by which the key manager and other services know it.
    """

    family = families.SECRET
    secret_ref: str | AtApply


class LookedUpKeyManagerSecret(LookedUp, AnyKeyManagerSecret):
    """A secret that is there already; made by `KeyManagerSecret.lookup`.

    l1: None, since nothing is asked of the cloud.
    """

    l1: None
    secret_ref: str


class KeyManagerSecret(Made, AnyKeyManagerSecret):
    """A secret that is put into the key manager. Terraform's state holds its payload, in clear, and every plan fetches
    it: docs/secrets.md says what does without.

    payload: a `Secret`, or another value known only at apply; or the text of certificates, which are public. Another
    one replaces the secret: the new one is there before the old one goes, under another reference.
    payload_content_encoding: `base64` where the payload is that of bytes, such as a PKCS12 file, in one line; by
    default it is text.
    readers: who reads it besides those of its project who may, also from other projects: `User(...)`. By default they
    are left as they are, `[]` is nobody. What a load balancer uses takes none: Octavia adds its own user.
    project_access: False leaves it to whoever made it and the readers.
    name: what the cloud shows; by default the id. Another one replaces it.
    depends_on: what is to be there first, declarations or CDKTF's elements.
    renamed_from: the id that this declaration had before; then `name` must be said.

    The cloud has no field for a mark on it that its first call takes. Raises DeclarationError for an id that Terraform
    cannot carry or that is taken, and for a text that is no certificate.
    """

    @same_stack
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        payload: str | AtApply,
        payload_content_encoding: Literal["base64"] | None = None,
        readers: Sequence[User] | None = None,
        project_access: bool = True,
        name: str | None = None,
        depends_on: Sequence[Ordered] = (),
        renamed_from: str | None = None,
    ) -> None:
        self._declare(scope, id, name=name, renamed_from=renamed_from, depends_on=depends_on)
        optional: dict[str, Any] = {}
        if payload_content_encoding is not None:
            optional["payload_content_encoding"] = payload_content_encoding
        self._says_who_reads = readers is not None or not project_access
        self._is_public, self._is_of_bytes = isinstance(payload, str), payload_content_encoding is not None
        if self._says_who_reads:
            optional["acl"] = _access_list(f"{self._called}: readers", readers or (), project_access)
        self._open()
        self.l1: KeymanagerSecretV1 = self._make(
            KeymanagerSecretV1,
            name=literal(self.name),
            payload=_payload(f"{self._called}: payload", payload),
            # Barbican says `text/plain` of every text, so that another one would replace it at each plan.
            payload_content_type="text/plain" if payload_content_encoding is None else "application/octet-stream",
            lifecycle=struct(
                TerraformResourceLifecycle, create_before_destroy=True, precondition=rules([payload]) or None
            ),
            **optional,
        )
        self.secret_ref: str | AtApply = ValueOf(
            f"{self.terraform_address}.secret_ref", f"reference of secret {self.name}", LONGEST_REFERENCE, self
        )

    @staticmethod
    @same_stack
    def lookup(scope: Construct, secret_ref: str) -> LookedUpKeyManagerSecret:
        """A secret that exists, by its reference, as `openstack secret list` shows it. Nothing is asked of the cloud:
        the provider's look-up by name would put the payload into the state.

        Raises DeclarationError for what is no reference of a secret.
        """
        uuid = uuid_of(f"KeyManagerSecret.lookup({secret_ref!r}): secret_ref", "secrets", secret_ref)
        found = LookedUpKeyManagerSecret._new()
        found._stand_for(scope, None, uuid)
        found._ask_nothing()
        found.secret_ref = secret_ref
        return found


def uuid_of(where: str, kind: Literal["secrets", "containers"], reference: str) -> str:
    """The id in a reference of Barbican's; raises DeclarationError for what is none of the kind."""
    found = re.fullmatch(rf"https?://[^\s?#\"'\\]+/{kind}/({_UUID})", check_known(where, reference))
    if found is None:
        raise DeclarationError(
            f"{where}: it is no reference of Barbican's; give it as `openstack secret "
            f"{'list' if kind == 'secrets' else 'container list'}` shows it, such as "
            f"'https://barbican.example.com/v1/{kind}/11111111-2222-3333-4444-555555555555'"
        )
    return found[1]


def _payload(where: str, payload: str | AtApply) -> str:
    if isinstance(payload, AtApply):
        return payload.as_terraform
    if not _PUBLIC.fullmatch(payload) or "PRIVATE KEY" in payload:
        raise DeclarationError(
            f"{where}: it is a text, which would stand in the output in clear, and no certificate; give a "
            'Secret(stack, "...", description="...")'
        )
    return literal(payload)


def _access_list(where: str, readers: Sequence[User], project_access: bool) -> KeymanagerSecretV1Acl:
    for one in readers:
        if one.project is not None:
            raise DeclarationError(
                f"{where}: Barbican knows users, whatever project they logged in with; leave project= of {one.id} out"
            )
    return struct(
        KeymanagerSecretV1Acl,
        read=struct(
            KeymanagerSecretV1AclRead, project_access=project_access, users=sorted({one.id for one in readers})
        ),
    )
