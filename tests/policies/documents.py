"""Terraform JSON in a few words, and what policies say of it: no CDKTF, so that a test takes no time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from ivc.policies import BUILT_IN, ON_REQUEST, Facts, Policy
from ivc.policies.facts import GROUP, INSTANCE, NETWORK, PORT, RULE
from ivc.policies.judgement import judge
from ivc.policies.policy_finding import PolicyFinding
from ivc.terraform.document import Document

Json = dict[str, Any]
POLICIES = (*BUILT_IN, *ON_REQUEST)


def merged(*documents: Json) -> Json:
    """One document of several."""
    whole: Json = {}
    for document in documents:
        for key, value in document.items():
            both = isinstance(value, dict) and isinstance(whole.get(key), dict)
            whole[key] = merged(whole[key], value) if both else value
    return whole


def resource(kind: str, id: str, /, **given: Any) -> Json:
    return {"resource": {kind: {id: {key: value for key, value in given.items() if value is not None}}}}


def data(kind: str, id: str, /, **given: Any) -> Json:
    return {"data": {kind: {id: given}}}


def provider(**given: Any) -> Json:
    return {"provider": {"openstack": [given]}}


def group(id: str = "web", /, **given: Any) -> Json:
    return resource(GROUP, id, **{"name": id, "description": "Web servers"} | given)


def rule(id: str = "r", /, *, of: str = "web", **given: Any) -> Json:
    """A rule that lets TCP in, and its group."""
    said = {"direction": "ingress", "ethertype": "IPv4", "protocol": "tcp"} | given
    said |= {"security_group_id": f"${{{GROUP}.{of}.id}}"}
    return merged(group(of), resource(RULE, id, **said))


def tcp(low: int | str | None, high: int | None = None, *, name: str = "r", of: str = "web", **given: Any) -> Json:
    """A rule for TCP ports, from anywhere unless said."""
    ports = {"port_range_min": low, "port_range_max": low if high is None else high}
    return rule(name, of=of, **({"remote_ip_prefix": "0.0.0.0/0"} | ports | given))


def port(id: str, /, *groups: str, network: str = f"data.{NETWORK}.Ext-Net", public: bool = True, **given: Any) -> Json:
    """A port that wears groups made here; in a network that is looked up unless said, and public unless said."""
    worn = {"security_group_ids": [f"${{{GROUP}.{each}.id}}" for each in groups]} if groups else {}
    made = resource(PORT, id, name=id, network_id=f"${{{network}.id}}", **worn, **given)
    note = {"//": {"ivc": {f"data.{NETWORK}.Ext-Net": {"public": public}}}}
    return merged(made, data(NETWORK, "Ext-Net", name="Ext-Net", tenant_id="theirs"), note)


def instance(id: str, /, *ports: str, **given: Any) -> Json:
    """A server with ports."""
    nics = [{"port": f"${{{PORT}.{each}.id}}"} for each in ports]
    said = {"name": id, "image_id": "${data.openstack_images_image_v2.Debian.id}", "flavor_name": "b2-7"}
    return resource(INSTANCE, id, **said | {"network": nics} | given)


def judged(*documents: Json, policies: Sequence[Policy] = POLICIES, **facts: Collection[str]) -> list[PolicyFinding]:
    """What policies find in a document."""
    seen = Facts(document=Document.of("shop", merged(*documents)), **facts)
    return list(judge(seen, policies, waivers=(), sources={}).findings)


def ids(*documents: Json, at_least: str = "info") -> list[str]:
    """The ids of what they find, of a severity or a graver one."""
    grave = ("error", "warning", "info")
    return [finding.id for finding in judged(*documents) if grave.index(finding.severity) <= grave.index(at_least)]


def said(id: str, *documents: Json) -> list[str]:
    """What one of them says, with what it is about."""
    return [f"{finding.subject}: {finding.message}" for finding in judged(*documents) if finding.id == id]
