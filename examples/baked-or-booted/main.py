"""Baked or booted: one application, brought by the user data at first boot, or in the server's image already."""

import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "constructs"))  # goes away where ivc is installed

from ivc import App, Cidr, FileTree, Image, Instance, Network, OpenStackStack, SecurityGroup, Tcp, UserData

VISITORS = Cidr("10.20.0.0/24")
GREETING = "Hello from the shop"

app = App()
stack = OpenStackStack(app, "baked-or-booted")


def booted() -> dict[str, Any]:
    """The application's files come with the user data, and run from the first boot on."""
    files = [FileTree("page")]
    return {"image": "Debian 12", "user_data": UserData.template("page.yaml.jinja", files=files, greeting=GREETING)}


def baked() -> dict[str, Any]:
    """They are in the image; what is of this server alone comes with the user data still."""
    image = Image(stack, "page", file="images/page.qcow2", properties={"os_distro": "debian"})
    return {"image": image, "user_data": UserData.template("page.yaml.jinja", greeting=GREETING)}


made = {"booted": booted, "baked": baked}[os.environ.get("PAGE", "booted")]

backend = Network(stack, "backend", cidr="10.20.0.0/24")
web = SecurityGroup(stack, "web")
web.allow_from(VISITORS, Tcp("http"))

Instance(stack, "page-1", flavor="d2-2", nics=[backend.nic(web, ip="10.20.0.11")], **made())

app.synth()
