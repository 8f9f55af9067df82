"""Baked or booted: one application, fetched by the server at its first boot, or in its image already."""

import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "constructs"))  # goes away where ivc is installed

from ivc import Anyone, App, Container, Image, Instance, Network, OpenStackStack, SecurityGroup, Tcp, UserData

GREETING = "Hello from the shop"

app = App()
stack = OpenStackStack(app, "baked-or-booted")


def booted() -> dict[str, Any]:
    """The application's files are in a container, and the server fetches them at its first boot."""
    # What is in it are copies of files here.
    store = Container(stack, "page", name="baked-or-booted-page", readers=[Anyone()], prevent_destroy=False)
    store.waive("IVC161", reason="it is free software")
    application = {
        "/usr/local/lib/page.py": store.file("page.py", "page/page.py"),
        "/etc/systemd/system/page.service": store.file("page.service", "page/page.service"),
    }
    user_data = UserData.template("page.yaml.jinja", application=application, greeting=GREETING)
    return {"image": "Debian 12", "user_data": user_data}


def baked() -> dict[str, Any]:
    """They are in the image; what is of this server alone comes with the user data still."""
    image = Image(stack, "page", file="images/page.qcow2", properties={"os_distro": "debian"})
    return {"image": image, "user_data": UserData.template("page.yaml.jinja", application={}, greeting=GREETING)}


made = {"booted": booted, "baked": baked}[os.environ.get("PAGE", "booted")]

internet = Network.lookup(stack, "Ext-Net", public=True)
web = SecurityGroup(stack, "web")
web.allow_from_anywhere(Tcp("http"))

Instance(stack, "page-1", flavor="d2-2", nics=[internet.nic(web)], **made())

app.synth()
