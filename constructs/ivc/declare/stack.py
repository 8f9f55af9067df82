"""A stack: the servers of one project in one region of one cloud, with one Terraform state."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from ivc.arguments import checked
from ivc.declare.app import App
from ivc.declare.backend import Backend
from ivc.declare.backend_environment import backend_of_environment
from ivc.declare.cdktf import (
    Construct,
    Postcondition,
    TerraformElement,
    TerraformOutput,
    TerraformResourceLifecycle,
    TerraformStack,
)
from ivc.declare.environment import Environment
from ivc.declare.membership import said_of_tiers
from ivc.declare.names import check_name
from ivc.declare.one_backend import OneBackend
from ivc.declare.provider import DataOpenstackIdentityAuthScopeV3, OpenstackProvider
from ivc.declare.record import Record
from ivc.declare.state_encryption import StateEncryption
from ivc.declare.terraform_text import literal
from ivc.errors import DeclarationError
from ivc.estate.environment import KEY as OF_ENVIRONMENT
from ivc.estate.environment import Environment as OfEnvironment
from ivc.estate.families import IMAGE
from ivc.estate.kinds import INSTANCES
from ivc.policies.facts import STACK
from ivc.policies.waiver import Waiver
from ivc.source import line_of_caller, source_of_caller
from ivc.terraform.provider import VERSION as PROVIDER_VERSION

# `check` blocks, the youngest thing that any output uses, came with Terraform 1.5; OpenTofu always had them.
_TERRAFORM_VERSION = (1, 5)

_RUNS_ELSEWHERE = ("cloud", "remote")
"""Kinds of backends that not only keep the state."""


class OpenStackStack(TerraformStack):
    """The servers of one OpenStack project and region.

    Credentials come from the environment (`OS_*`) or clouds.yaml (`OS_CLOUD`) when Terraform runs.

    app: or an environment (`Environment.read`): the stack is then called `shop-prod`, and stands in the cloud, project
    and region that its settings say, unless they are given here.
    cloud: the entry of clouds.yaml that the stack is deployed with, whatever `OS_CLOUD` says. `OS_REGION_NAME` and
    `OS_CACERT` of the environment win over the entry, and other `OS_*` stand in for what it leaves out.
    project: the name or id of the project that the stack belongs to: a credential for another fails at plan.
    region: likewise the region.
    backend: where the state is kept. By default where the environment says (`IVC_BACKEND`, `TF_CLOUD_ORGANIZATION`),
    else in `terraform.<stack>.tfstate` beside the output folder. A backend of CDKTF's own in the stack takes the
    default's place.
    encryption: how OpenTofu encrypts the state and the plans; Terraform then refuses the stack.
    provider_version: of the OpenStack provider, as Terraform's version constraints are written.

    Raises DeclarationError for a name that Terraform cannot carry, for an app that is not `ivc.App`, and where the
    environment asks for a backend that there is not; at synthesis for `backend=` beside one of CDKTF's.
    """

    _is_declared = False

    @checked
    def __init__(
        self,
        app: App | Environment[Any],
        name: str,
        *,
        cloud: str | None = None,
        project: str | None = None,
        region: str | None = None,
        backend: Backend | None = None,
        encryption: StateEncryption | None = None,
        provider_version: str = PROVIDER_VERSION,
    ) -> None:
        check_name("OpenStackStack", name)
        environment = app if isinstance(app, Environment) else None
        self.app: App = app.app if isinstance(app, Environment) else app
        self._environment: Environment[Any] | None = environment
        called = name
        if environment is not None:
            name = environment.name_of(called)
            cloud = environment.cloud if cloud is None else cloud
            project = environment.project if project is None else project
            region = environment.region if region is None else region
        self.name: str = name
        self._place = (cloud, project, region)
        self._record = Record(stack=name, folder=self.app.folder, policies=self.app.policy_ids)
        self._finished_with: int | None = None
        self._declared_at = line_of_caller()
        self.app._add(self)
        super().__init__(self.app, name)
        self._record.addresses.note_source(STACK)
        self._instances: TerraformOutput | None = None
        self._looked_up: dict[tuple[str, str], tuple[Mapping[str, object], TerraformElement]] = {}
        # What the stack makes for itself stands apart: a server may be called `backend`.
        self._own = Construct(self, "stack settings")
        if cloud is not None and not cloud.strip():
            raise DeclarationError(f"OpenStackStack {name}: cloud: it is empty; give its name in clouds.yaml")
        self.provider = OpenstackProvider(self._own, "openstack", cloud=None if cloud is None else literal(cloud))
        otherwise = None if backend else backend_of_environment(name)
        self._backend = OneBackend(self._own, name, backend, otherwise, self._declared_at)
        oldest = max(
            _TERRAFORM_VERSION, self._backend.terraform_version, encryption._terraform_version if encryption else ()
        )
        self.add_override("terraform.required_version", f">= {'.'.join(map(str, oldest))}")
        if encryption is not None:
            self.add_override("terraform.encryption", encryption._add(self._own))
        self.add_override("terraform.required_providers.openstack.version", provider_version)
        if environment is not None:
            self.add_override(f"//.{OF_ENVIRONMENT}", OfEnvironment(environment.name, called).said())
        self._guard(project=project, region=region)
        self._is_declared = True

    @checked
    def waive(self, id: str, *, reason: str, of: str = STACK) -> OpenStackStack:
        """Accept what a policy finds about the stack itself, or about what no declaration of the library holds.

        id: the policy's, such as `IVC402`. reason: why it is right here; a reviewer reads it.
        of: the Terraform address of a resource that was made by hand, or of the look-up of an image, such as
        `data.openstack_images_image_v2.Debian-12`.

        Raises DeclarationError for an id that no policy has, and for an empty reason. A waiver of what is not found is
        an error at synthesis. Returns the stack.
        """
        about = f" ({of})" if of else ""
        source = source_of_caller(self.app.folder)
        self._record.waivers.add(Waiver(f"OpenStackStack {self.name}{about}", of, id, reason, source))
        return self

    @checked
    def add_override(self, path: str, value: Any) -> None:
        """Set what the JSON says at a path, such as `terraform.required_providers.openstack.version`, as CDKTF does."""
        self._backend.note_override(path, value)
        super().add_override(path, value)

    def __setattr__(self, name: str, value: object) -> None:
        if self._is_declared and name in inspect.signature(OpenStackStack.__init__).parameters:
            raise DeclarationError(f"OpenStackStack {self.name}: {name}: it is set where it is declared; set it there")
        super().__setattr__(name, value)

    def _look_up(
        self,
        source: type[Any],
        type: str,
        name: str,
        where: str,
        /,
        *,
        said: Mapping[str, object] | None = None,
        **arguments: Any,
    ) -> TerraformElement:
        """The data source of a type at a Terraform name, made once for each distinct look-up of the stack.

        said: what only the declaration knows of it, noted for those who read the output.

        Raises DeclarationError where it was looked up already with other arguments, or something else was said of it.
        """
        all_of_it = {**arguments, **(said or {})}
        known = self._looked_up.get((type, name))
        if known is None:
            element: TerraformElement = source(self._own, f"{type} {name}", **arguments)
            element.override_logical_id(name)
            self._looked_up[type, name] = (all_of_it, element)
            address = f"data.{type}.{name}"
            self._record.addresses.note_source(address)
            self._record.notes[address] = dict(said or {})
            return element
        if known[0].get("name") != all_of_it.get("name"):
            # The name of the stack's environment is no part of it.
            raise DeclarationError(
                f"{where}: its address data.{type}.{name} is that of {known[0].get('name')!r} already; look one of the "
                "two up by its id"
            )
        if known[0] != all_of_it:
            raise DeclarationError(
                f"{where}: it is looked up twice in stack {self.name}, once {_differing(known[0], all_of_it)} "
                f"and once {_differing(all_of_it, known[0])}; look it up once and use that"
            )
        return known[1]

    def _finish(self) -> None:
        """Say in the output what only all declarations together tell; the app does it before it writes.

        Raises DeclarationError where they contradict each other.
        """
        self._backend.settle()
        self._check_images()
        with said_of_tiers(self._record.members.values()):
            self._record.decide()
            blocks = self._record.blocks()
        for path, block in blocks.items():
            self.add_override(path, block)
        if self._record.outputs:
            if isinstance(self.node.try_find_child(INSTANCES), TerraformOutput):
                raise DeclarationError(
                    f"OpenStackStack {self.name}: it has an output called {INSTANCES!r}, as the library's own is; "
                    "give yours another name"
                )
            if self._instances is None:
                # Not an override: `cdktf deploy` shows what CDKTF knows of.
                self._instances = TerraformOutput(self._own, INSTANCES, value=self._record.outputs)
                self._instances.override_logical_id(INSTANCES)
            self._instances.value = self._record.outputs
        self._finished_with = len(self._record.addresses.claimed)

    def _check_images(self) -> None:
        """Raise DeclarationError where Terraform does not run where the files of images are."""
        for image in self._record.images if self._backend.kind in _RUNS_ELSEWHERE else ():
            raise DeclarationError(
                f"Image {image}: file: the runs of stack {self.name} are made in Terraform Cloud, which has it not; "
                "upload it by hand and give its name, or keep the state elsewhere",
                line=self._record.addresses.line_of(f"{IMAGE.type}.{image}"),
            )

    def _name_of(self, id: str) -> str:
        """What the cloud shows for an id, unless its declaration says otherwise."""
        return id if self._environment is None else self._environment.name_of(id)

    @property
    def _is_finished(self) -> bool:
        """Whether nothing was declared since that was said."""
        return self._finished_with == len(self._record.addresses.claimed)

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
            self._look_up(
                DataOpenstackIdentityAuthScopeV3,
                "openstack_identity_auth_scope_v3",
                "credentials",
                f"OpenStackStack {self.name}",
                name="credentials",
                lifecycle=TerraformResourceLifecycle(postcondition=wanted),
            )


def _differing(said: Mapping[str, object], other: Mapping[str, object]) -> str:
    more = ", ".join(f"{key}={value!r}" for key, value in said.items() if key not in other or other[key] != value)
    return f"with {more}" if more else "without that"
