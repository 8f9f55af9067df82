"""The measured estate, written with the bare bindings: `python -m bench.bare INSTANCES FOLDER`.

What a competent person would write who wants the same Terraform resources; checks nothing that is declared.
FOLDER is as for `bench.with_library`.
"""

from __future__ import annotations

import hashlib
import ipaddress
import sys
from pathlib import Path
from typing import Any

import jinja2
from cdktf import App, LocalBackend, TerraformOutput, TerraformResourceLifecycle, TerraformStack
from cdktf_cdktf_provider_openstack.compute_instance_v2 import ComputeInstanceV2, ComputeInstanceV2Network
from cdktf_cdktf_provider_openstack.data_openstack_compute_flavor_v2 import DataOpenstackComputeFlavorV2
from cdktf_cdktf_provider_openstack.data_openstack_images_image_v2 import DataOpenstackImagesImageV2
from cdktf_cdktf_provider_openstack.data_openstack_networking_network_v2 import DataOpenstackNetworkingNetworkV2
from cdktf_cdktf_provider_openstack.networking_network_v2 import NetworkingNetworkV2
from cdktf_cdktf_provider_openstack.networking_port_v2 import NetworkingPortV2, NetworkingPortV2FixedIp
from cdktf_cdktf_provider_openstack.networking_secgroup_rule_v2 import NetworkingSecgroupRuleV2
from cdktf_cdktf_provider_openstack.networking_secgroup_v2 import NetworkingSecgroupV2
from cdktf_cdktf_provider_openstack.networking_subnet_v2 import NetworkingSubnetV2
from cdktf_cdktf_provider_openstack.provider import OpenstackProvider

# Plain references: reading `resource.id` would be a call to Node for each.
IMAGE = "${data.openstack_images_image_v2.Debian_12_1711d4.id}"
FLAVOR = "${data.openstack_compute_flavor_v2.b2-7.id}"
EXT_NET = "${data.openstack_networking_network_v2.Ext-Net.id}"
NETWORK = "${openstack_networking_network_v2.backend.id}"
SUBNET = "${openstack_networking_subnet_v2.backend.id}"
GROUP = "${openstack_networking_secgroup_v2.web.id}"


def main(instances: int, folder: str) -> None:
    app = App(outdir=f"{folder}/cdktf.out", stack_traces=False)
    stack = TerraformStack(app, "bench")
    settings(stack)
    shared(stack)
    template = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(folder) / "userdata"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - user data is neither HTML nor XML
        keep_trailing_newline=True,
    ).get_template("server.yaml.jinja")
    first = ipaddress.ip_address("10.0.0.10")
    ports: dict[str, Any] = {}
    triggers: dict[str, Any] = {}
    outputs: dict[str, Any] = {}
    written = Path(folder) / "cdktf.out" / "stacks" / "bench" / "userdata"
    for number in range(instances):
        name = f"www-{number + 1}"
        text = server(stack, name, number, str(first + number), template, written)
        ports |= worn(name)
        triggers[f"{name}__image"] = {"input": {"image": "Debian 12"}}
        triggers[f"{name}__user_data"] = {"input": {"user_data": hashlib.sha256(text.encode()).hexdigest()}}
        outputs[name] = output(name)
    stack.add_override("locals.security_groups_of_ports", ports)
    stack.add_override("check.security_groups", check())
    # Not cdktf.DataResource: it runs `terraform version` for each one, 60 ms that would make us look good.
    stack.add_override("resource.terraform_data", triggers)
    TerraformOutput(stack, "instances", value=outputs)
    app.synth()


def settings(stack: TerraformStack) -> None:
    OpenstackProvider(stack, "openstack")
    LocalBackend(stack, path="../../../terraform.bench.tfstate")
    stack.add_override("terraform.required_version", ">= 1.5")
    stack.add_override("terraform.required_providers.openstack.version", "3.4.0")


def shared(stack: TerraformStack) -> None:
    """What all servers have in common."""
    at(
        DataOpenstackImagesImageV2(stack, "image Debian 12", name="Debian 12", most_recent=True),
        "Debian_12_1711d4",
    )
    at(DataOpenstackComputeFlavorV2(stack, "flavor b2-7", name="b2-7"), "b2-7")
    at(DataOpenstackNetworkingNetworkV2(stack, "network Ext-Net", name="Ext-Net"), "Ext-Net")
    at(
        NetworkingNetworkV2(
            stack, "network backend", name="backend", description="ivc:bench/backend", port_security_enabled=True
        ),
        "backend",
    )
    at(
        NetworkingSubnetV2(
            stack,
            "subnet backend",
            network_id=NETWORK,
            name="backend",
            description="ivc:bench/backend",
            cidr="10.0.0.0/20",
            ip_version=4,
            enable_dhcp=True,
            no_gateway=True,
        ),
        "backend",
    )
    at(
        NetworkingSecgroupV2(
            stack, "group web", name="web", description="Web servers [ivc:bench/web]", delete_default_rules=True
        ),
        "web",
    )
    for family, icmp in (("IPv4", "icmp"), ("IPv6", "ipv6-icmp")):
        rule(stack, f"egress_any_anywhere_{family.lower()}", family, direction="egress")
        rule(stack, f"ingress_icmp_anywhere_{family.lower()}", family, protocol=icmp)
        for port in (80, 443):
            rule(stack, f"ingress_tcp-{port}_anywhere_{family.lower()}", family, **tcp(port))
        rule(stack, f"ingress_tcp-3306_group-web_{family.lower()}", family, remote_group_id=GROUP, **tcp(3306))


def tcp(port: int) -> dict[str, Any]:
    return {"protocol": "tcp", "port_range_min": port, "port_range_max": port}


def rule(stack: TerraformStack, words: str, family: str, *, direction: str = "ingress", **config: Any) -> None:
    NetworkingSecgroupRuleV2(
        stack, f"web_{words}", direction=direction, ethertype=family, security_group_id=GROUP, **config
    )


def server(
    stack: TerraformStack, name: str, number: int, address: str, template: jinja2.Template, written: Path
) -> str:
    """A server; its user data, which it gives, goes into the folder `written`."""
    port(stack, f"{name}_Ext-Net", EXT_NET)
    fixed = NetworkingPortV2FixedIp(ip_address=address, subnet_id=SUBNET)
    port(stack, f"{name}_backend", NETWORK, fixed_ip=[fixed])
    instance = {"name": name, "addresses": {"backend": address}}
    text = template.render(instance=instance, address=address, number=number, site="shop.example")
    written.mkdir(parents=True, exist_ok=True)
    (written / name).write_text(text)
    ComputeInstanceV2(
        stack,
        name,
        name=name,
        image_id=IMAGE,
        flavor_id=FLAVOR,
        key_pair="ops",
        network=[
            ComputeInstanceV2Network(port=f"${{openstack_networking_port_v2.{name}_Ext-Net.id}}"),
            ComputeInstanceV2Network(port=f"${{openstack_networking_port_v2.{name}_backend.id}}"),
        ],
        user_data=f'${{file("${{path.module}}/userdata/{name}")}}',
        metadata={"ivc": f"bench/{name}"},
        tags=["web"],
        lifecycle=TerraformResourceLifecycle(
            ignore_changes=['metadata["ivc"]', "user_data", "image_id"],
            replace_triggered_by=[f"terraform_data.{name}__image", f"terraform_data.{name}__user_data"],
        ),
    )
    return text


def port(stack: TerraformStack, name: str, network: str, **config: Any) -> None:
    NetworkingPortV2(
        stack,
        name,
        network_id=network,
        name=name,
        description=f"ivc:bench/{name}",
        security_group_ids=[GROUP],
        lifecycle=TerraformResourceLifecycle(ignore_changes=["description"]),
        **config,
    )


def worn(name: str) -> dict[str, Any]:
    """For the check that the server's ports have the declared groups, which the provider does not read back."""
    return {
        port: {
            "called": f"Instance {name}: its port {port}",
            "groups": "web",
            "declared": [GROUP],
            "found": f"${{openstack_networking_port_v2.{port}.all_security_group_ids}}",
        }
        for port in (f"{name}_Ext-Net", f"{name}_backend")
    }


def check() -> dict[str, Any]:
    """That ports have the declared groups."""
    as_declared = 'join(",", sort(port.found)) == join(",", sort(port.declared))'
    sentence = (
        "${port.called} has other security groups than the declared ones (${port.groups}); somebody changed them, or "
        "this plan does."
    )
    ports = "local.security_groups_of_ports"
    return {
        "assert": [
            {
                "condition": f"${{alltrue([for port in {ports} : {as_declared}])}}",
                "error_message": f'${{join("\\n", [for port in {ports} : "{sentence}" if !({as_declared})])}}',
            }
        ]
    }


def output(name: str) -> dict[str, Any]:
    return {
        "id": f"${{openstack_compute_instance_v2.{name}.id}}",
        "name": name,
        "addresses": {
            network: f"${{sort(openstack_networking_port_v2.{name}_{network}.all_fixed_ips)}}"
            for network in ("Ext-Net", "backend")
        },
    }


def at(element: Any, name: str) -> None:
    element.override_logical_id(name)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
