"""`ivc limits`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openstack.connection import Connection

_NOT_EVERYWHERE = {
    # Of either service the project's own: SDK's `get_quota` asks Designate as an administrator does. Octavia's names
    # are of one each.
    "load-balancer": (
        "load balancers (Octavia)",
        "/lbaas/quotas/{project}",
        {
            "load_balancer": "load_balancers",
            "listener": "listeners",
            "pool": "pools",
            "member": "members",
            "health_monitor": "health_monitors",
            "l7policy": "l7_policies",
            "l7rule": "l7_rules",
        },
    ),
    "dns": (
        "DNS (Designate)",
        "/quotas",
        {one: one for one in ("zones", "zone_recordsets", "zone_records", "recordset_records")},
    ),
}
"""The services that not every cloud has: what people call each, where its quota stands, and what that says."""


def show_limits() -> None:
    """Print what the project may have and what the flavors take, for `ivc review --limits`.

    Asks the cloud that the environment (OS_*) or clouds.yaml (OS_CLOUD) names, and changes nothing in it. What the
    cloud has no service for, or does not tell this user, is left out, with a sentence.
    """
    import yaml

    try:
        import openstack
        from openstack import exceptions
    except ImportError:
        raise ValueError("asking the cloud needs openstacksdk: pip install 'ivc-openstack[cloud]'") from None
    # Keystoneauth's own errors are no SDKException.
    from keystoneauth1.exceptions import ClientException

    try:
        cloud = openstack.connect()
        project = cloud.current_project_id
        if project is None:
            raise ValueError("the credentials are for no project: set OS_PROJECT_NAME, or project_name in clouds.yaml")
        compute, network = cloud.compute.get_quota_set(project), cloud.network.get_quota(project)
        more = dict(_of_services(cloud, project))
        flavors = {flavor.name: {"cores": flavor.vcpus, "ram_mib": flavor.ram} for flavor in cloud.compute.flavors()}
    except (exceptions.SDKException, ClientException) as error:
        raise ValueError(f"the cloud does not answer: {' '.join(str(error).split())}") from None
    limits = {
        "instances": compute.instances,
        "cores": compute.cores,
        "ram_mib": compute.ram,
        "server_group_members": compute.server_group_members,
        "ports": network.ports,
        "security_groups": network.security_groups,
        "security_group_rules": network.security_group_rules,
        "floating_ips": network.floating_ips,
        **more,
    }
    yaml.safe_dump({"limits": limits, "flavors": dict(sorted(flavors.items()))}, sys.stdout, sort_keys=False)


def _of_services(cloud: Connection, project: str) -> Iterator[tuple[str, int]]:
    """What the services allow that not every cloud has."""
    from openstack import exceptions

    for service, (called, path, names) in _NOT_EVERYWHERE.items():
        if cloud.config.get_session_endpoint(service) is None:
            _tell(f"the cloud has no service for {called}: its limits are left out")
            continue
        answer = getattr(cloud, service.replace("-", "_")).get(path.format(project=project))
        try:
            exceptions.raise_from_response(answer)
        except exceptions.ForbiddenException:
            _tell(f"the cloud does not tell this user the limits of {called}: they are left out")
            continue
        said: dict[str, Any] = answer.json()
        told = said.get("quota", said)
        # What an older version does not count it does not limit.
        yield from ((name, told[one]) for one, name in names.items() if told.get(one) is not None)


def _tell(sentence: str) -> None:
    print(f"ivc: {sentence}", file=sys.stderr)
