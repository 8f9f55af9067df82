"""User data on its way through Terraform, the provider and Nova: byte for byte."""

from __future__ import annotations

from openstack.connection import Connection

from ivc import FileTree, Instance, Network, OpenStackStack, UserData
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
            user_data=UserData.template("tricky.sh.jinja", text=text).waive("typographic", reason="it is the test"),
        )

    deployment.template("tricky.sh.jinja", TRICKY)
    deployment.declare(declare)
    deployment.apply()

    server = witness.running(demo, "tricky")
    (address,) = [ip for ip in server.addresses[0] if ":" not in ip]
    stored = witness.stored_user_data(admin, server.id)
    assert stored == deployment.rendered("tricky").replace("<address of tricky on Ext-Net>", address)
    assert stored.startswith("#!/bin/sh\r\necho ${HOME} $${HOME} %{http_code} %%{x} $$ \\${x} \\n {{ v1.region }}\n")
    assert stored.endswith(f"price: ${address} %{address}\nno newline at the end: {text}")
    assert deployment.plan().changes == {}


def test_nova_stores_every_form_as_it_was_rendered(deployment: Deployment, demo: Connection, admin: Connection) -> None:
    config, script = UserData.template("config.jinja"), UserData.template("once.sh.jinja")
    forms = {
        "files": UserData.template("config.jinja", files=[FileTree("tree")]),
        "parts": UserData.multipart([config, script, UserData.include("https://shop.example/more")]),
        "include": UserData.include("https://shop.example/user-data"),
        "on-guest": UserData.template("guest.jinja"),
    }

    def declare(stack: OpenStackStack) -> None:
        nic = Network.lookup(stack, "Ext-Net", public=True).nic()
        for name, user_data in forms.items():
            Instance(stack, name, image="Debian 12", flavor="d2-2", nics=[nic], user_data=user_data)

    ip = "{{ instance.addresses['Ext-Net'] }}"
    deployment.template("config.jinja", f"#cloud-config\nhostname: {{{{ instance.name }}}}\nfqdn: 'a.{ip}'\n")
    deployment.template("once.sh.jinja", f"#!/bin/sh\necho ${{HOME}} {ip}\r\n")
    deployment.template("guest.jinja", "## template: jinja\n#cloud-config\nfqdn: {{ v1.local_hostname }}.example\n")
    for path, content in (
        ("etc/a.conf", b"text ${x}\n\n"),
        ("etc/crlf", b"a\r\nb"),
        ("var/lib/blob", bytes(range(256)) * 40),
        ("etc/ip.jinja", f"{ip} %{{x}}\n".encode()),
    ):
        deployment.file(f"tree/{path}", content)
    deployment.declare(declare)
    deployment.apply()

    for name in forms:
        server = witness.running(demo, name)
        (address,) = [ip for ip in server.addresses[0] if ":" not in ip]
        rendered = deployment.rendered(name)
        assert witness.stored_user_data(admin, server.id) == rendered.replace(
            f"<address of {name} on Ext-Net>", address
        ), name
    assert "{{ v1.local_hostname }}" in deployment.rendered("on-guest")
    assert "Content-Type: text/x-include-url" in deployment.rendered("parts")
    assert deployment.plan().changes == {}
