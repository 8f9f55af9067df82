"""A stack: the servers of one project in one region of one cloud, with one Terraform state."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from functools import cache
from typing import Any

from cdktf_cdktf_provider_openstack.data_openstack_identity_auth_scope_v3 import (
    DataOpenstackIdentityAuthScopeV3,
)
from cdktf_cdktf_provider_openstack.provider import OpenstackProvider

from ivc.declare.app import App
from ivc.declare.backend import TerraformCloud, local_state_path
from ivc.declare.cdktf import (
    CloudBackend,
    Construct,
    LocalBackend,
    NamedCloudWorkspace,
    Postcondition,
    TerraformElement,
    TerraformOutput,
    TerraformResourceLifecycle,
    TerraformStack,
)
from ivc.declare.ledger import Ledger
from ivc.declare.names import check_name
from ivc.declare.terraform_text import literal
from ivc.policies.facts import STACK
from ivc.policies.waiver import Waiver, Waivers
from ivc.source import Source

PROVIDER_VERSION = "3.4.0"
"""The OpenStack provider's version that is asked for unless a stack says otherwise."""

# `check` blocks, the youngest thing that the output uses, came with Terraform 1.5; OpenTofu always had them.
_TERRAFORM_VERSION = ">= 1.5"


class OpenStackStack(TerraformStack):
    """The servers of one OpenStack project and region.

    Credentials come from the environment (`OS_*`) or clouds.yaml (`OS_CLOUD`) when Terraform runs.

    project: the name or id of the project that the stack belongs to: a credential for another fails at plan.
    region: likewise the region.
    backend: where the state is kept. By default in `terraform.<stack>.tfstate` beside the output folder, or in
    Terraform Cloud where the environment says `TF_CLOUD_ORGANIZATION`.
    provider_version: of the OpenStack provider, as Terraform's version constraints are written.

    Raises ValueError for a name that Terraform cannot carry, and for an app that is not `ivc.App`.
    """

    def __init__(
        self,
        app: App,
        name: str,
        *,
        project: str | None = None,
        region: str | None = None,
        backend: TerraformCloud | None = None,
        provider_version: str = PROVIDER_VERSION,
    ) -> None:
        check_name("OpenStackStack", name)
        if not isinstance(app, App):
            raise ValueError(
                f"OpenStackStack {name}: its app is a {type(app).__name__}, which would not write the user data; "
                "make it of ivc.App()"
            )
        self.name: str = name
        app.add(self)
        super().__init__(app, name)
        self.app = app
        self.ledger = Ledger(stack=name, folder=app.folder)
        self.ledger.note_source(STACK)
        self.waivers = Waivers(app.policy_ids)
        self._output: TerraformOutput | None = None
        self._data: dict[tuple[str, str], tuple[Any, TerraformElement]] = {}
        # What the stack makes for itself stands apart: a server may be called `backend`.
        self._own = Construct(self, "stack settings")
        self.provider = OpenstackProvider(self._own, "openstack")
        self._add_backend(backend or TerraformCloud.from_environment())
        self.add_override("terraform.required_version", _TERRAFORM_VERSION)
        self.add_override("terraform.required_providers.openstack.version", provider_version)
        self._guard(project=project, region=region)

    def lookup(self, type: type[Any], name: str, where: str, /, **config: Any) -> str:
        """The address of a data source, made once for each distinct look-up of the stack.

        type: the L1 class. name: its Terraform name. config: its arguments.
        """
        key = (terraform_type(type), name)  # type: ignore[arg-type]
        known = self._data.get(key)
        if known is None:
            element = type(self._own, f"{key[0]} {name}", **config)
            element.override_logical_id(name)
            self._data[key] = (config, element)
            self.ledger.note_source(f"data.{key[0]}.{name}")
        elif known[0] != config:
            raise ValueError(
                f"{where}: it is looked up twice in stack {self.name}, once with {_said(known[0])} and once with "
                f"{_said(config)}; look it up once and use that"
            )
        return f"data.{key[0]}.{name}"

    def data_source(self, address: str) -> TerraformElement:
        """The L1 data source at an address that `lookup` gave."""
        _, type_, name = address.split(".")
        return self._data[(type_, name)][1]

    def waive(self, id: str, *, reason: str, of: str = STACK) -> OpenStackStack:
        """Accept what a policy finds about the stack itself, or about what no declaration of the library holds.

        id: the policy's, such as `IVC402`. reason: why it is right here; a reviewer reads it.
        of: the Terraform address of a resource that was made by hand, or of the look-up of an image, such as
        `data.openstack_images_image_v2.Debian-12`.

        Raises ValueError for an id that no policy has, and for an empty reason. A waiver of what is not found is an
        error at synthesis. Returns the stack.
        """
        about = f" ({of})" if of else ""
        self.waivers.add(Waiver(f"OpenStackStack {self.name}{about}", of, id, reason))
        return self

    @property
    def sources(self) -> Mapping[str, Source]:
        """Where the declarations stand in the project, by Terraform address; the stack's own under the empty text."""
        return self.ledger.sources

    @property
    def declared(self) -> Collection[str]:
        """The Terraform addresses that the library's declarations made."""
        return self.ledger.declared

    @property
    def checked_user_data(self) -> Collection[str]:
        """The user data that the library's checks have looked through, as it stands in the JSON."""
        return self.ledger.checked_user_data

    @property
    def user_data(self) -> Mapping[str, str]:
        """The readable user data, by instance."""
        return self.ledger.user_data

    @property
    def warnings(self) -> Sequence[str]:
        """What the checks of user data found odd, a sentence each."""
        return [
            f"{self.name}/{name}: user_data: {warning}"
            for name, notes in self.ledger.notes.items()
            for warning in notes.get("warnings", ())
        ]

    def finish(self) -> None:
        """Say in the output what only all declarations together tell; `App.synth` does it.

        Raises ValueError where they contradict each other.
        """
        moved = self.ledger.moved_blocks()
        if moved:
            self.add_override("moved", moved)
        if self.ledger.checks:
            self.add_override("check", self.ledger.checks)
        if self.ledger.triggers:
            # CDKTF's own DataResource runs `terraform version` for each one, and fails where there is no Terraform.
            self.add_override("resource.terraform_data", self.ledger.triggers)
        waiting: dict[str, Any] = {}
        for local, preceding, ports in self.ledger.waits():
            # One local for all, so that the output grows with the ports and not with their square.
            self.add_override(f"locals.{local}", preceding)
            waiting |= {port: {"depends_on": [f"local.{local}"]} for port in ports}
        if waiting:
            self.add_override("resource.openstack_networking_port_v2", waiting)
        notes = {name: note for name, note in self.ledger.notes.items() if note}
        if notes:
            # Terraform reads nothing of this; `ivc` does.
            self.add_override("//.ivc", notes)
        if self.ledger.instances:
            if isinstance(self.node.try_find_child("instances"), TerraformOutput):
                raise ValueError(
                    f"OpenStackStack {self.name}: it has an output called 'instances', as the library's own is; "
                    "give yours another name"
                )
            if self._output is None:
                # Not an override: `cdktf deploy` shows what CDKTF knows of.
                self._output = TerraformOutput(self._own, "instances", value=self.ledger.instances)
                self._output.override_logical_id("instances")
            self._output.value = self.ledger.instances

    def mark(self, declaration: str) -> str:
        """What everything made by a declaration carries from birth: the stack and the declaration."""
        return f"ivc:{self.name}/{declaration}"

    def _add_backend(self, cloud: TerraformCloud | None) -> None:
        if cloud is None:
            LocalBackend(self._own, path=local_state_path(self.name))
            return
        CloudBackend(
            self._own,
            organization=cloud.organization,
            hostname=cloud.hostname,
            workspaces=NamedCloudWorkspace(cloud.workspace or self.name),
        )

    def _guard(self, *, project: str | None, region: str | None) -> None:
        """Stop a plan with the credentials of another project, which would plan everything anew there."""
        wanted = []
        if project is not None:
            name = literal(project.replace("\\", "\\\\").replace('"', '\\"'))
            wanted.append(
                Postcondition(
                    condition=f'${{contains([self.project_name, self.project_id], "{name}")}}',
                    error_message=f"Stack {self.name} belongs to the project {literal(project)}, and these credentials "
                    "are for ${self.project_name}: use the credentials of the right project.",
                )
            )
        if region is not None:
            name = literal(region.replace("\\", "\\\\").replace('"', '\\"'))
            wanted.append(
                Postcondition(
                    condition=f'${{self.region == "{name}"}}',
                    error_message=f"Stack {self.name} belongs to the region {literal(region)}, and these credentials "
                    'are for "${self.region}": set OS_REGION_NAME, or region_name in clouds.yaml.',
                )
            )
        if wanted:
            self.lookup(
                DataOpenstackIdentityAuthScopeV3,
                "credentials",
                f"OpenStackStack {self.name}",
                name="credentials",
                lifecycle=TerraformResourceLifecycle(postcondition=wanted),
            )


@cache  # each read of it is a call to Node
def terraform_type(l1: Hashable) -> str:
    """The Terraform type of an L1 class, such as `openstack_compute_instance_v2`."""
    return str(l1.TF_RESOURCE_TYPE)  # type: ignore[attr-defined]


def _said(config: dict[str, Any]) -> str:
    return ", ".join(f"{key}={value!r}" for key, value in config.items())
