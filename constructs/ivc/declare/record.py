"""What the declarations of one stack have said, where one must know of the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ivc.declare.addresses import Addresses
from ivc.declare.cdktf import TerraformResource
from ivc.declare.network_plan import NetworkPlan
from ivc.declare.record_sets import RecordSets
from ivc.declare.routing import Routing
from ivc.errors import DeclarationError
from ivc.policies.waiver import Waivers
from ivc.source import Line, line_of_caller
from ivc.words.order import as_counted

if TYPE_CHECKING:
    from ivc.declare.membership import Membership
    from ivc.declare.subnet import AnySubnet

_GROUPS_OF_PORTS = "security_groups_of_ports"
"""The Terraform local that the check of groups reads."""


class Deciding(Protocol):
    """A declaration, of which something may depend on others."""

    terraform_address: str
    _called: str

    def _takes(self) -> Iterator[str]:
        """What of the project it has for itself alone, in words."""

    def _complete(self) -> None:
        """Declare for others what follows of it, now that all is declared and nothing is decided yet."""

    def _decide(self) -> None:
        """Say what all declarations together tell of it; raises DeclarationError where they contradict each other."""


class VolumesInUse:
    """Which volume is attached to which instance, or is its root disk."""

    def __init__(self) -> None:
        self._instances: dict[str, str] = {}

    def take(self, instance: str, argument: str, *, volume: str, volume_name: str) -> None:
        """Attach a volume to an instance; raises DeclarationError if it is attached already.

        argument: of the instance, where the volume is given. volume: its Terraform address.
        """
        if volume in self._instances:
            raise DeclarationError(
                f"{instance}: {argument}: volume {volume_name} is already attached to {self._instances[volume]}; "
                "a volume is attached once"
            )
        self._instances[volume] = instance


class Record:
    """Kept by each stack for its declarations, and read by the app when it writes.

    addresses, networks, routing, volumes, record_sets: who has what, and what leads where.
    subnets, parts: of what is looked up, however often: the subnets of a network that are declared, and the Terraform
    addresses of a thing and of all that is made for it here.
    waivers: what is accepted of what policies find.
    declarations: all that are made, in the order in which they were declared.
    members: by instance, which member of which tier it is; of those that are.
    lists, values: Terraform's locals by name: the ids that others wait for, and what several refer to.
    groups_of_ports: by port, the security groups that it was declared with and has.
    triggers, outputs: Terraform's blocks by name: `terraform_data`, and the parts of `instances`.
    notes: what the JSON does not hold otherwise and `ivc` reads, by instance or by Terraform address.
    images: the files that images are made from, by image.
    user_data: the readable texts, by instance. checked_user_data: what the JSON says of those that the checks
    looked through.
    objects: the contents of objects that are made of files, by the object's name in Terraform.
    """

    def __init__(self, *, stack: str, folder: Path, policies: Collection[str]) -> None:
        self.stack = stack
        self.addresses = Addresses(stack=stack, folder=folder)
        self.networks = NetworkPlan()
        self.routing = Routing()
        self.volumes = VolumesInUse()
        self.record_sets = RecordSets(self.addresses)
        self.subnets: dict[str, list[AnySubnet]] = defaultdict(list)
        self.parts: dict[str, list[str]] = {}
        self.waivers = Waivers(policies)
        self.declarations: list[Deciding] = []
        self.members: dict[str, Membership] = {}
        self.lists: dict[str, Sequence[str]] = {}
        self.values: dict[str, str] = {}
        self.groups_of_ports: dict[str, Any] = {}
        self.triggers: dict[str, Any] = {}
        self.outputs: dict[str, Any] = {}
        self.notes: dict[str, dict[str, Any]] = {}
        self.images: dict[str, Path] = {}
        self.user_data: dict[str, str] = {}
        self.checked_user_data: set[str] = set()
        self.objects: dict[str, bytes] = {}
        self._owned: dict[str, tuple[str, Line | None]] = {}

    def trigger(self, where: str, *, former: str, name: str, input: dict[str, str]) -> str:
        """The address of a `terraform_data` that holds a declared value; it changes when the value does."""
        self.triggers[name] = {"input": input}
        return self.addresses.claim(where, type="terraform_data", name=name, former=former)

    @property
    def warnings(self) -> list[str]:
        """What the checks of user data found odd, a sentence each; equal ones of several instances are one."""
        of: dict[str, list[str]] = {}
        for name in sorted(self.notes, key=as_counted):
            for warning in self.notes[name].get("warnings", ()):
                of.setdefault(warning, []).append(name)
        return [
            f"{self.stack}/{names[0]}{f' and {len(names) - 1} more' if len(names) > 1 else ''}: user_data: {warning}"
            for warning, names in of.items()
        ]

    def decide(self) -> None:
        """Have each declaration say what depends on others; raises where they contradict each other."""
        # First, since others may wait for a zone with all that is in it.
        self.record_sets.decide()
        in_order = sorted(self.declarations, key=lambda declaration: declaration.terraform_address)
        for decide in ("_complete", "_decide"):
            for declaration in in_order:
                try:
                    getattr(declaration, decide)()
                except DeclarationError as error:
                    error.is_about(self.addresses.line_of(declaration.terraform_address))
                    raise
        self.routing.decide(self.networks)
        for wait in self.networks.waits():
            listed = self.listed(wait.local, wait.addresses)
            for resource in wait.resources:
                wait_for(resource, listed)

    def own(self, what: str, where: str) -> None:
        """Have the stack be the one owner of what a second one would silently take over, in words; raises
        DeclarationError where another declaration of the stack is that already.
        """
        if what in self._owned:
            other, _ = self._owned[what]
            raise DeclarationError(f"{where}: {what} is that of {other} already; give another name")
        self._owned[what] = where, line_of_caller()

    def owned(self) -> Iterator[tuple[str, str, Line | None]]:
        """What other stacks of the same place may not declare as well: whichever is deployed last would win."""
        yield from self.record_sets.taken()
        for what, (where, line) in self._owned.items():
            yield what, where, line

    def taken(self) -> Iterator[tuple[str, str, Line | None]]:
        """What of the project the stack has for itself alone, in words, which declaration has it, and its line."""
        for one in self.declarations:
            for what in one._takes():
                yield what, one._called, self.addresses.line_of(one.terraform_address)
        for what, where in self.routing.taken():
            yield what, where, None

    def listed(self, local: str, addresses: Sequence[str]) -> str:
        """What a resource waits for that waits for a list of Terraform addresses, which many may do and stands once."""
        self.lists[local] = [f"${{{address}.id}}" for address in addresses]
        return f"local.{local}"

    def blocks(self) -> dict[str, Any]:
        """What stands in the JSON beside the elements of CDKTF, by its path there.

        Raises DeclarationError for an address that was given away by a rename and is declared again.
        """
        blocks: dict[str, Any] = {
            "moved": self.addresses.moved_blocks(),
            "check": _check_of_groups() if self.groups_of_ports else {},
            f"locals.{_GROUPS_OF_PORTS}": self.groups_of_ports,
            # CDKTF's own DataResource runs `terraform version` for each one, and fails where there is no Terraform.
            "resource.terraform_data": self.triggers,
            # Terraform reads nothing of this; `ivc` does.
            "//.ivc": {name: note for name, note in self.notes.items() if note},
        }
        local = {**self.lists, **self.values, **self.networks.locals()}
        blocks |= {f"locals.{name}": value for name, value in local.items()}
        return {path: block for path, block in blocks.items() if block}


def wait_for(resource: TerraformResource, *addresses: str) -> None:
    """Have a resource wait for what stands at Terraform addresses, beside what it waits for already."""
    resource.depends_on = sorted({*(resource.depends_on or ()), *addresses})


def _check_of_groups() -> dict[str, Any]:
    """That each port has the groups that it was declared with; the message names those that have not.

    One check for all ports: of each that is known only after apply Terraform warns in every plan of new servers, and
    reads the whole JSON anew to do so. It also speaks in the one plan that changes the groups.
    """
    ports = f"port in local.{_GROUPS_OF_PORTS}"
    as_declared = 'join(",", sort(port.found)) == join(",", sort(port.declared))'
    sentence = (
        "${port.called} has other security groups than the declared ones (${port.groups}); somebody changed them, or "
        "this plan does."
    )
    assertion = {
        "condition": f"${{alltrue([for {ports} : {as_declared}])}}",
        "error_message": f'${{join("\\n", [for {ports} : "{sentence}" if !({as_declared})])}}',
    }
    return {"security_groups": {"assert": [assertion]}}
