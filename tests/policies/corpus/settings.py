"""What is wrong with servers, their NICs and secrets, and with the provider's settings."""

from __future__ import annotations

from collections.abc import Callable

from cdktf import TerraformVariable
from cdktf_cdktf_provider_openstack.networking_port_v2 import NetworkingPortV2

from ivc import ImageId, Instance, Network, OpenStackStack, SecurityGroup, Volume
from tests.policies.corpus.case import Case, group, typical_server

# Made up, and put together here so that no scanner takes this file for a leak.
PASSWORD = "-".join(("correct", "horse", "battery", "staple"))
ACCESS_KEY = "AKIA" + "QYLPMN5HHHFPZAM2"


def _provider(**said: object) -> Callable[[OpenStackStack], None]:
    def declare(stack: OpenStackStack) -> None:
        group(stack)
        for key, value in said.items():
            stack.provider.add_override(key, value)

    return declare


def _provider_password_from_variable(stack: OpenStackStack) -> None:
    secret = TerraformVariable(stack, "secret", type="string", default=PASSWORD)
    group(stack)
    stack.provider.add_override("password", secret.string_value)


def _instance(**said: object) -> Callable[[OpenStackStack], None]:
    """A server with arguments that the library does not take."""

    def declare(stack: OpenStackStack) -> None:
        made = typical_server(stack, SecurityGroup(stack, "web", description="Web servers", egress="closed"))
        for key, value in said.items():
            made.l1.add_override(key, value)

    return declare


def _admin_password_from_variable(stack: OpenStackStack) -> None:
    secret = TerraformVariable(stack, "secret", type="string", sensitive=True)
    _instance(admin_pass=secret.string_value)(stack)


def _default_group(stack: OpenStackStack) -> None:
    network = Network.lookup(stack, "Ext-Net", public=True)
    nic = network.nic(SecurityGroup.lookup(stack, "default"))
    Instance(stack, "www-1", image="Debian 12", flavor="b2-7", key_pair="ops", nics=[nic])


def _port_without_groups(stack: OpenStackStack) -> None:
    network = Network.lookup(stack, "Ext-Net", public=True)
    NetworkingPortV2(stack, "by-hand", name="by-hand", network_id=network.id)


def _port_security_off(stack: OpenStackStack) -> None:
    network = Network.lookup(stack, "Ext-Net", public=True)
    nic = network.nic(port_security=False)
    Instance(stack, "www-1", image="Debian 12", flavor="b2-7", key_pair="ops", nics=[nic])


def _volume(stack: OpenStackStack) -> None:
    made = SecurityGroup(stack, "web", description="Web servers", egress="closed")
    typical_server(stack, made, volumes=[Volume.lookup(stack, "www-data")])


def _two_of_a_tier(stack: OpenStackStack) -> None:
    made = SecurityGroup(stack, "web", description="Web servers", egress="closed")
    network = Network.lookup(stack, "Ext-Net", public=True)
    for name in ("www-1", "www-2"):
        Instance(stack, name, image="Debian 12", flavor="b2-7", key_pair="ops", nics=[network.nic(made)])


def _image_by_id(stack: OpenStackStack) -> None:
    made = SecurityGroup(stack, "web", description="Web servers", egress="closed")
    typical_server(stack, made, image=ImageId("99999999-8888-7777-6666-555555555555"))


SETTINGS = (
    # What checkov looks for (CKV_OPENSTACK_1).
    Case("provider-password", "a password stands in the output", _provider(password=PASSWORD)),
    Case("provider-token", "a token stands in the output", _provider(token=PASSWORD)),
    Case(
        "provider-application-credential",
        "a secret stands in the output",
        _provider(application_credential_secret=PASSWORD),
    ),
    Case(
        "provider-password-from-variable",
        "a password stands in the output, as a variable's default",
        _provider_password_from_variable,
    ),
    Case("provider-insecure", "certificates are not checked", _provider(insecure=True)),
    Case(
        "provider-unpinned",
        "any newer provider may run",
        lambda stack: stack.add_override("terraform.required_providers.openstack.version", ">= 3.0"),
    ),
    # What both look for (CKV_OPENSTACK_4, OPNSTK-0001).
    Case("admin-password", "a password stands in the output", _instance(admin_pass=PASSWORD)),
    Case("admin-password-from-variable", "the server is entered by a password", _admin_password_from_variable),
    Case(
        "secret-in-user-data",
        "a key stands in the output",
        _instance(user_data=f"#cloud-config\nruncmd:\n- aws configure set aws_access_key_id {ACCESS_KEY}\n"),
    ),
    Case("secret-in-metadata", "a key stands in the output", _instance(metadata={"aws_access_key_id": ACCESS_KEY})),
    # What nobody else looks for.
    Case("public-without-group", "a public server has no group of its own", typical_server),
    Case("port-security-off", "no group holds on the NIC", _port_security_off),
    Case("default-group", "the project's default group is anybody's", _default_group),
    Case("port-without-groups", "the port gets the project's default group", _port_without_groups),
    Case("volume-unprotected", "a plan may destroy the server with its data attached", _volume),
    Case("two-on-one-host", "both servers of a tier may stand on one host", _two_of_a_tier),
    Case("image-by-id", "nobody knows which image it is", _image_by_id),
)
