"""Hello: a server on what a cloud has already, and nothing else."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "constructs"))  # goes away where ivc is installed

from ivc import App, Cidr, Instance, Network, OpenStackStack, SecurityGroup, Tcp, UserData

ADMINS = Cidr("203.0.113.0/24")

app = App()
hello = OpenStackStack(app, "hello")

internet = Network.lookup(hello, "Ext-Net", public=True)
admins = SecurityGroup(hello, "admins")
admins.allow_from(ADMINS, Tcp("ssh"))

Instance(
    hello,
    "hello-1",
    image="Debian 12",
    flavor="d2-2",
    key_pair="ops",
    nics=[internet.nic(admins)],
    user_data=UserData.template("hello.yaml.jinja", greeting="Hello, world"),
)

app.synth()
