"""`ivc limits`."""

from __future__ import annotations

import sys


def show_limits() -> None:
    """Print what the project may have and what the flavors take, for `ivc review --limits`.

    Asks the cloud that the environment (OS_*) or clouds.yaml (OS_CLOUD) names, and changes nothing in it.
    """
    import yaml

    try:
        import openstack
        from openstack import exceptions
    except ImportError:
        raise ValueError("asking the cloud needs openstacksdk: pip install 'ivc[cloud]'") from None
    # Keystoneauth's own errors are no SDKException.
    from keystoneauth1.exceptions import ClientException

    try:
        cloud = openstack.connect()
        project = cloud.current_project_id
        if project is None:
            raise ValueError("the credentials are for no project: set OS_PROJECT_NAME, or project_name in clouds.yaml")
        compute, network = cloud.compute.get_quota_set(project), cloud.network.get_quota(project)
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
    }
    yaml.safe_dump({"limits": limits, "flavors": dict(sorted(flavors.items()))}, sys.stdout, sort_keys=False)
