"""Cluster: a login node, and eight compute nodes as a tier; their home directories come by NFS from an existing volume.

The office reaches the login node alone, which serves the home directories. One more compute node is another count.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "constructs"))  # goes away where ivc is installed

from ivc import (
    App,
    Cidr,
    FloatingIp,
    Instance,
    Network,
    OpenStackStack,
    RootDisk,
    Router,
    SecurityGroup,
    Tcp,
    Tier,
    UserData,
    Volume,
)

IMAGE = "Debian 12"
OFFICE = Cidr("198.51.100.0/24")
NODES = 8
# The nodes take turns in these; nova is the one of a cloud that has no more.
ZONES = os.environ.get("ZONES", "nova").split(",")
PRIVATE = "10.30.0.0/24"
LOGIN = "10.30.0.10"
# Of all nodes that there may be, so that everybody knows the next one already, and another count changes no user data.
HOSTS = {"login-1": LOGIN} | {f"compute-{number}": f"10.30.0.{100 + number}" for number in range(1, 101)}

app = App()
stack = OpenStackStack(app, "cluster")

internet = Network.lookup(stack, "Ext-Net")
private = Network(stack, "private", cidr=PRIVATE, dns_nameservers=["9.9.9.9", "149.112.112.112"])
Router(stack, "gate", external_network=internet).add_interface(private)

login, compute = SecurityGroup(stack, "login"), SecurityGroup(stack, "compute")
login.allow_from(OFFICE, Tcp("ssh"))
login.allow_from(compute, Tcp(2049))
compute.allow_from([login, compute], Tcp("ssh"))

# Not protected, so that the example can be taken away again; leave prevent_destroy out for an address that counts.
outside = FloatingIp(stack, "login", network=internet, prevent_destroy=False)
homes = Instance(
    stack,
    "login-1",
    image=IMAGE,
    flavor="d2-4",
    key_pair="ops",
    nics=[private.nic(login, ip=LOGIN, floating_ip=outside)],
    user_data=UserData.template("login.yaml.jinja", hosts=HOSTS, clients=PRIVATE),
    volumes=[Volume.lookup(stack, "home").mount("/home", format_if_blank="ext4", options=["nosuid", "nodev"])],
)
Tier(
    stack,
    "compute",
    count=NODES,
    image=IMAGE,
    flavor="b2-7",
    key_pair="ops",
    nics=[private.nics(compute, first=HOSTS["compute-1"])],
    availability_zones=ZONES,
    root_disk=RootDisk(size=20),
    user_data=UserData.template("compute.yaml.jinja", hosts=HOSTS),
    depends_on=[homes],
)

app.synth()
