"""A load balanced site: two to five web servers behind a load balancer, which alone is reached from outside."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "constructs"))  # goes away where ivc is installed

from ivc import (
    App,
    FloatingIp,
    Listener,
    LoadBalancer,
    Monitor,
    Network,
    OpenStackStack,
    Pool,
    Router,
    SecurityGroup,
    Tier,
    UserData,
    Vip,
)

# isort: split
# After ivc, which chooses the Node that CDKTF starts.
from cdktf import TerraformOutput

FEWEST, MOST = 2, 5
MEMBERS = os.environ.get("MEMBERS", str(FEWEST))
if MEMBERS not in [str(count) for count in range(FEWEST, MOST + 1)]:
    sys.exit(f"MEMBERS: {MEMBERS!r} is no whole number from {FEWEST} to {MOST}")

app = App()
stack = OpenStackStack(app, "load-balanced-site")

internet = Network.lookup(stack, "Ext-Net")
inside = Network(stack, "inside", cidr="10.0.0.0/24", dns_nameservers=["9.9.9.9", "149.112.112.112"])
Router(stack, "gate", external_network=internet).add_interface(inside)

# The pool lets the load balancer in; nobody else gets there.
group = SecurityGroup(stack, "web")
web = Tier(
    stack,
    "web",
    count=int(MEMBERS),
    image="Debian 12",
    flavor="d2-2",
    nics=[inside.nics(group, first="10.0.0.11")],
    user_data=UserData.template("web.yaml.jinja"),
)

# Not protected, so that the example can be taken away again; leave prevent_destroy out for an address that counts.
outside = FloatingIp(stack, "site", network=internet, prevent_destroy=False)
vip = Vip(stack, "site", network=inside, ip="10.0.0.100", floating_ip=outside)
site = LoadBalancer(stack, "site", vip=vip)
pool = Pool(site, "web", protocol="HTTP", port="http", members=web, algorithm="ROUND_ROBIN", monitor=Monitor("TCP"))
Listener(site, "http", protocol="HTTP", port="http", pool=pool)

TerraformOutput(stack, "pool_ip_address", value=vip.address, description="Where the load balancer is, in the network")
TerraformOutput(stack, "website_url", value=f"http://{outside.l1.address}/", description="Where the site is")

app.synth()
