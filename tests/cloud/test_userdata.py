"""User data on its way through Terraform, the provider and Nova: byte for byte."""

from __future__ import annotations

from openstack.connection import Connection

from ivc import Instance, Network, OpenStackStack, UserData
from tests.cloud import witness
from tests.cloud.terraform import Deployment

# Whatever Terraform, JSON, base64 or a careless line reader could change on the way.
TRICKY = (
    "#!/bin/sh\r\n"
    "echo ${HOME} $${HOME} %{http_code} %%{x} $$ \\${x} \\n {{ '{{ v1.region }}' }}\n"
    "\techo 'single' \"double\" `back` \\ \r\n"
    "echo grüß Gott 你好 🐧 \u00a0 \u2028|\n"
    "price: ${{ instance.addresses['Ext-Net'] }} %{{ instance.addresses['Ext-Net'] }}\n"
    "no newline at the end: {{ text }}"
)


def test_what_nova_stores_is_what_was_rendered(deployment: Deployment, demo: Connection, admin: Connection) -> None:
    text = "${x} %{y}\r\n\ttab"

    def declare(stack: OpenStackStack) -> None:
        Instance(
            stack,
            "tricky",
            image="Debian 12",
            flavor="d2-2",
            nics=[Network.lookup(stack, "Ext-Net", public=True).nic()],
            user_data=UserData.template("tricky.sh.jinja", text=text),
        )

    deployment.template("tricky.sh.jinja", TRICKY)
    deployment.declare(declare)
    deployment.apply()

    server = witness.server(demo, "tricky")
    (address,) = [ip for ip in server.addresses[0] if ":" not in ip]
    stored = witness.user_data(admin, server.id)
    assert stored == deployment.rendered("tricky").replace("<address of tricky on Ext-Net>", address)
    assert stored.startswith("#!/bin/sh\r\necho ${HOME} $${HOME} %{http_code} %%{x} $$ \\${x} \\n {{ v1.region }}\n")
    assert stored.endswith(f"price: ${address} %{address}\nno newline at the end: {text}")
    assert deployment.plan().changes == {}
