"""What could not be judged, and may hold a danger that nothing says: it is said itself, and stops a pipeline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ivc.estate.families import BY_TYPE
from ivc.review.compare import Comparison
from ivc.review.model import Action, Resource
from ivc.review.side import Side
from ivc.terraform.document import Element, blocks
from ivc.terraform.evaluation import unknowns
from ivc.words.order import as_counted
from ivc.words.sentence import Sentence, say, some

_READ_SECTIONS = frozenset(
    {"//", "terraform", "provider", "variable", "locals", "output", "data", "resource", "module", "moved", "removed",
     "import", "check"}
)  # fmt: skip
_KNOWN = frozenset(BY_TYPE) | {
    f"openstack_{name}"
    for name in (
        "blockstorage_qos_association_v3",
        "blockstorage_qos_v3",
        "blockstorage_quotaset_v3",
        "blockstorage_volume_attach_v3",
        "blockstorage_volume_type_v3",
        "compute_aggregate_v2",
        "compute_flavor_v2",
        "compute_floatingip_associate_v2",
        "compute_floatingip_v2",
        "compute_interface_attach_v2",
        "compute_quotaset_v2",
        "compute_secgroup_v2",
        "containerinfra_clustertemplate_v1",
        "db_configuration_v1",
        "dns_quota_v2",
        "identity_limit_v3",
        "identity_registered_limit_v3",
        "lb_flavor_v2",
        "lb_flavorprofile_v2",
        "lb_monitor_v2",
        "lb_quota_v2",
        "networking_addressscope_v2",
        "networking_port_secgroup_associate_v2",
        "networking_qos_bandwidth_limit_rule_v2",
        "networking_qos_dscp_marking_rule_v2",
        "networking_qos_minimum_bandwidth_rule_v2",
        "networking_qos_policy_v2",
        "networking_quota_v2",
        "networking_segment_v2",
        "networking_subnetpool_v2",
        "sharedfilesystem_sharenetwork_v2",
    )
}
"""The types of which it is known what opens, or stops, with a change of them."""
# They are about Terraform itself, or make no more than a value.
_OF_TERRAFORM = ("terraform_data", "null_resource", "random_", "time_", "tls_")


def of_resources(resources: Iterable[Resource], after: Side) -> Iterator[Sentence]:
    """Of what changes: the types of which nobody here knows what their arguments do, and what runs commands."""
    unknown: dict[str, list[str]] = defaultdict(list)
    for one in resources:
        if one.action in (Action.CREATE, Action.UPDATE, Action.REPLACE, Action.IMPORT):
            if one.type not in _KNOWN and not one.type.startswith(_OF_TERRAFORM):
                unknown[one.type].append(one.address)
            element = after.document.elements.get(one.address)
            if element is not None and "provisioner" in element.meta and one.action is not Action.UPDATE:
                yield say("{} runs commands of its own (provisioner)", one.address)
    for type_, addresses in sorted(unknown.items()):
        yield say("what a change of a {} does is not known here: {}", type_, some(addresses))


def of_folders(before: Side, after: Side, comparison: Comparison) -> Iterator[Sentence]:
    """Of two folders: modules, of which only a plan tells what they make, and what nobody tells how many there are."""
    then, now = (side.document.section("module") for side in (before, after))
    for name, given in now.items():
        unchanged = then.get(name) == given and all(comparison.is_same(unknown) for unknown in unknowns(given))
        if not unchanged or _is_elsewhere(given):
            yield _of_module(name)
    for element in after.document.resources.values():
        old = before.document.elements.get(element.address)
        if element.many is not None and (
            old is None or old.many != element.many or not comparison.is_same(element.many)
        ):
            yield _of_count(element)
    for element in after.document.elements.values():
        old = before.document.elements.get(element.address)
        if element.data and element.type == "external" and (old is None or old.given != element.given):
            yield say("{} runs a command whenever a plan is made", element.address)
    for section in sorted({*before.document.raw, *after.document.raw} - _READ_SECTIONS):
        if before.document.raw.get(section) != after.document.raw.get(section):
            yield say("what a change of the section {} does is not known here", section)


def of_folder(side: Side) -> Iterator[Sentence]:
    """What one folder does not tell of what there will be."""
    yield from map(_of_module, side.document.section("module"))
    yield from (_of_count(element) for element in side.document.resources.values() if element.many is not None)


def _of_module(name: str) -> Sentence:
    return say("what the module {} makes stands in no folder: only a plan tells", name)


def _of_count(element: Element) -> Sentence:
    return say("how many there will be of {} only a plan tells", element.address)


def _is_elsewhere(module: Any) -> bool:
    """Whether what a module consists of may change while its call stays: a folder that CDKTF did not copy by hash."""
    source = str(module.get("source", "")) if isinstance(module, Mapping) else ""
    return source.startswith(("./", "../")) and "__cdktf_module_asset_" not in source


def left_as_it_is(before: Side, after: Side, told: Iterable[Resource]) -> Iterator[Sentence]:
    """What is declared no longer and stays all the same, since the provider knows no way to take it away."""
    resources = {one.address: one for one in told}
    for address, new in after.document.resources.items():
        old, change = before.document.elements.get(address), resources.get(address)
        if change is not None and change.action is Action.REPLACE:
            continue
        seen = {each.top for each in change.attributes} if change is not None else set()
        left = [key for key in old.given if old.says(key) and not new.says(key) and key not in seen] if old else []
        if left:
            yield say("{} says no more of {}: what is there stays", address, some(left))


def untold(before: Side, after: Side) -> Iterator[Sentence]:
    """What else is written otherwise in two folders, and changes no resource now."""
    for section, words in (("output", "output"), ("check", "check")):
        then, now = (side.document.raw.get(section) or {} for side in (before, after))
        for name in sorted({*then, *now}, key=as_counted):
            if then.get(name) != now.get(name):
                verb = "comes" if name not in then else "goes" if name not in now else "changes"
                yield say(f"{words} {{}} {verb}", name)
    for address, new in after.document.elements.items():
        old = before.document.elements.get(address)
        if old is None:
            continue
        if new.data:
            if new.given != old.given:
                yield say("{} is looked up otherwise", address)
            continue
        changed = [key for key in sorted({*old.meta, *new.meta} - _MEANT) if _meant(old, key) != _meant(new, key)]
        if changed:
            yield say("{} has another {}", address, some(changed))


_MEANT = frozenset({"//", "count", "for_each", "dynamic"})
"""What has its say in how many there are, or in the arguments."""


def _meant(element: Element, key: str) -> Any:
    """What a resource says besides its arguments; whether it is protected is told elsewhere."""
    value = element.meta.get(key)
    if key != "lifecycle":
        return value
    said = [{name: each for name, each in block.items() if name != "prevent_destroy"} for block in blocks(value)]
    return [block for block in said if block]
