"""A private cloud: a router, a bastion, and three web servers that share an address, in IPv4 and IPv6.

What the world reaches is two floating IPs: the bastion's, for SSH from the office, and the web servers' shared one.
"""

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
    Protocol,
    Router,
    SecurityGroup,
    Subnet,
    Tcp,
    UserData,
    Vip,
)

IMAGE = "Debian 12"
OFFICE = Cidr("198.51.100.0/24")

app = App()
stack = OpenStackStack(app, "private-cloud")

internet = Network.lookup(stack, "Ext-Net")
private = Network(stack, "private", cidr="10.0.0.0/24", dns_nameservers=["9.9.9.9", "149.112.112.112"])
Subnet(stack, "private-6", network=private, cidr="fd00:10::/64", ipv6_mode="slaac")
Router(stack, "gate", external_network=internet).add_interface(private)

bastion, web = SecurityGroup(stack, "bastion"), SecurityGroup(stack, "web")
bastion.allow_from(OFFICE, Tcp("ssh"))
web.allow_from(bastion, Tcp("ssh"))
web.allow_from_anywhere(Tcp("http"))
web.allow_from(web, Protocol("vrrp"))

# Not protected, so that the example can be taken away again; leave prevent_destroy out for an address that counts.
outside = {name: FloatingIp(stack, name, network=internet, prevent_destroy=False) for name in ("bastion", "web")}
shared = Vip(stack, "web", network=private, ip="10.0.0.100", floating_ip=outside["web"])

Instance(
    stack,
    "bastion-1",
    image=IMAGE,
    flavor="d2-2",
    key_pair="ops",
    nics=[private.nic(bastion, ip="10.0.0.5", floating_ip=outside["bastion"])],
    user_data=UserData.template("bastion.yaml.jinja"),
)
for number in (1, 2, 3):
    Instance(
        stack,
        f"web-{number}",
        image=IMAGE,
        flavor="d2-2",
        key_pair="ops",
        nics=[private.nic(web, ip=f"10.0.0.{10 + number}", vips=[shared])],
        user_data=UserData.template("web.yaml.jinja", shared=shared.address, priority=100 - number),
    )

app.synth()
