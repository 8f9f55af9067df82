"""Certificates that the key manager (Barbican) keeps, with their keys, for a load balancer's listener.

certificate = Certificate(
    shop,
    "shop",
    certificate=KeyManagerSecret(shop, "shop-certificate", payload=Path("shop.pem").read_text()),
    private_key=KeyManagerSecret(shop, "shop-key", payload=Secret(shop, "shop_key", description="...", longest=4000)),
)
"""

from __future__ import annotations

from collections.abc import Sequence

from ivc.declare.cdktf import Construct, TerraformResourceLifecycle, struct
from ivc.declare.declaration import Declaration, LookedUp, Made, Ordered
from ivc.declare.key_manager_provider import (
    DataOpenstackKeymanagerContainerV1,
    KeymanagerContainerV1,
    KeymanagerContainerV1SecretRefs,
)
from ivc.declare.key_manager_secret import LONGEST_REFERENCE, AnyKeyManagerSecret, KeyManagerSecret, uuid_of
from ivc.declare.references import ValueOf, same_stack
from ivc.declare.terraform_text import as_terraform, literal
from ivc.errors import DeclarationError
from ivc.estate import families
from ivc.estate.triggers import OF_CERTIFICATES
from ivc.userdata import AtApply


class AnyCertificate(Declaration):
    """A certificate with its key, made here or there already.

    container_ref: the reference that a listener takes.
    """

    family = families.CERTIFICATE
    container_ref: str | AtApply

    def _reference(self) -> AtApply:
        return ValueOf(
            f"{self.terraform_address}.container_ref", f"reference of certificate {self.name}", LONGEST_REFERENCE, self
        )


class LookedUpCertificate(LookedUp, AnyCertificate):
    """A certificate that is there already, and is left alone; made by `Certificate.lookup`.

    l1: None where it was given by its reference, since then nothing is asked of the cloud.
    """

    l1: DataOpenstackKeymanagerContainerV1 | None


class Certificate(Made, AnyCertificate):
    """A container of Barbican's of the type `certificate`: secrets that belong together.

    Barbican changes no such container. Another secret in it, or another payload of one, makes it anew, under another
    reference; what uses it follows before the old one goes, so that a listener serves all the time.

    certificate, private_key: PEM texts, each in a secret that the key manager keeps.
    intermediates: the certificates between it and what browsers know, one after the other.
    private_key_passphrase: of a key that is encrypted.
    name: what the cloud shows; by default the id. Another one makes it anew.
    depends_on: what is to be there first, declarations or CDKTF's elements.
    renamed_from: the id that this declaration had before; then `name` must be said.

    The cloud has no field for a mark on it. Raises DeclarationError for an id that Terraform cannot carry or that is
    taken, for a secret that is given twice, and for one that says who reads it.
    """

    @same_stack
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        certificate: AnyKeyManagerSecret,
        private_key: AnyKeyManagerSecret,
        intermediates: AnyKeyManagerSecret | None = None,
        private_key_passphrase: AnyKeyManagerSecret | None = None,
        name: str | None = None,
        depends_on: Sequence[Ordered] = (),
        renamed_from: str | None = None,
    ) -> None:
        self._declare(scope, id, name=name, renamed_from=renamed_from, depends_on=depends_on)
        given = {
            "certificate": certificate,
            "private_key": private_key,
            "intermediates": intermediates,
            "private_key_passphrase": private_key_passphrase,
        }
        secrets = {role: one for role, one in given.items() if one is not None}
        self._check(secrets)
        self._open()
        what = f"{OF_CERTIFICATES}secrets"
        declared = self._stack._record.trigger(
            self._called,
            former=f"{self.former_key}__{what}",
            name=f"{self.key}__{what}",
            input={
                "made_of": ", ".join("-" if one is None else as_terraform(one.secret_ref) for one in given.values())
            },
        )
        self.l1: KeymanagerContainerV1 = self._make(
            KeymanagerContainerV1,
            name=literal(self.name),
            type="certificate",
            secret_refs=[
                struct(KeymanagerContainerV1SecretRefs, name=role, secret_ref=as_terraform(one.secret_ref))
                for role, one in secrets.items()
            ],
            # By their references: a secret that is only made, since somebody deleted it, replaces nothing by itself.
            lifecycle=struct(TerraformResourceLifecycle, create_before_destroy=True, replace_triggered_by=[declared]),
        )
        self.container_ref: str | AtApply = self._reference()

    @staticmethod
    @same_stack
    def lookup(scope: Construct, name: str | None = None, *, container_ref: str | None = None) -> LookedUpCertificate:
        """A certificate that exists, by the name of its container or by its reference, of which nothing is asked. No
        payload comes into the state.

        A name that no container or several have fails at plan, at the address
        `data.openstack_keymanager_container_v1.<name>`. Raises DeclarationError for what is no reference of a
        container.
        """
        if name is not None and "://" in name:
            raise DeclarationError(f"Certificate.lookup({name!r}): name: it is a reference; give it as container_ref=")
        found = LookedUpCertificate._new()
        if container_ref is not None:
            where = f"Certificate.lookup({container_ref!r}): container_ref"
            uuid = uuid_of(where, "containers", container_ref)
            found._look_up(scope, DataOpenstackKeymanagerContainerV1, name=name, id=uuid)
            found.container_ref = container_ref
        else:
            found._look_up(scope, DataOpenstackKeymanagerContainerV1, name=name, id=None)
            found.container_ref = found._reference()
        return found

    def _check(self, secrets: dict[str, AnyKeyManagerSecret]) -> None:
        roles: dict[str, str] = {}
        for role, one in secrets.items():
            other = roles.setdefault(one.terraform_address, role)
            if other != role:
                raise DeclarationError(
                    f"{self._called}: {role}: {one._called} is its {other} already; give another secret"
                )
            if isinstance(one, KeyManagerSecret) and one._is_public and role.startswith("private_key"):
                raise DeclarationError(
                    f"{self._called}: {role}: {one._called} is the text of a certificate; give the secret of the key"
                )
            if isinstance(one, KeyManagerSecret) and one._says_who_reads:
                raise DeclarationError(
                    f"{self._called}: {role}: {one._called} says who reads it, and Octavia adds its own user there, "
                    "which the next plan would take away; leave its readers and project_access out"
                )
