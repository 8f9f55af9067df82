"""Three tiers: web servers, the API that they ask, and a Galera cluster behind that; a load balancer before each.

Users reach the first load balancer alone, by its floating IP. Each tier has a network of its own, and asks the next one
through that one's load balancer.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "constructs"))  # goes away where ivc is installed

from ivc import (
    App,
    Cidr,
    FileTree,
    FloatingIp,
    Listener,
    LoadBalancer,
    Monitor,
    Network,
    OpenStackStack,
    Pool,
    PoolMember,
    Router,
    Secret,
    SecurityGroup,
    Tcp,
    Tier,
    Udp,
    UserData,
    Vip,
    Volumes,
    Zone,
)

# isort: split
# After ivc, which chooses the Node that CDKTF starts.
from cdktf import TerraformOutput

IMAGE = "Debian 12"
KEY_PAIR = "ops"
DOMAIN = "shop.example"
SITE = f"www.{DOMAIN}"
WEBS, APIS = 2, 2
# What is left of an even number, or of two, when one member is gone is no majority, and takes no more writes.
DATABASES = os.environ.get("DATABASES", "3")
if not DATABASES.isdecimal() or int(DATABASES) < 3 or int(DATABASES) % 2 == 0:
    sys.exit(f"DATABASES: {DATABASES!r} is no odd number from 3 on, of which a majority outlives the loss of one")
WEB, API, DB = Cidr("10.0.1.0/24"), Cidr("10.0.2.0/24"), Cidr("10.0.3.0/24")
API_VIP, DB_VIP = "10.0.2.100", "10.0.3.100"

app = App()
stack = OpenStackStack(app, "three-tiers")

# 16 to 64 letters, digits, - and _: openssl rand -hex 24.
password = Secret(
    stack, "database_password", description="What the API shows to the database", pattern="[A-Za-z0-9_-]{16,64}"
)

internet = Network.lookup(stack, "Ext-Net")
gate = Router(stack, "gate", external_network=internet)
front, middle, back = networks = [
    Network(stack, name, cidr=cidr.text, dns_nameservers=["9.9.9.9", "149.112.112.112"])
    for name, cidr in (("web", WEB), ("api", API), ("db", DB))
]
for network in networks:
    gate.add_interface(network)

# Each pool lets its load balancer in to the members, by the range of their own network. Out goes what is said here.
web, api, db = groups = [SecurityGroup(stack, name, egress="closed") for name in ("web", "api", "db")]
for group in groups:
    group.allow_booting()
web.allow_to(Cidr(f"{API_VIP}/32"), Tcp(8080))
api.allow_to(Cidr(f"{DB_VIP}/32"), Tcp("mysql"))
# Galera among its members: replication, what a member missed, and whole copies.
db.allow_from(db, Tcp(4567, 4568, 4444), Udp(4567))

databases = Tier(
    stack,
    "db",
    count=int(DATABASES),
    image=IMAGE,
    flavor="b2-7",
    key_pair=KEY_PAIR,
    nics=[back.nics(db, first="10.0.3.11")],
    volumes=[Volumes("db-{n}-data").mount("/var/lib/mysql", owner="mysql:mysql", format_if_blank="ext4")],
    user_data=UserData.template("db.yaml.jinja", clients="10.0.3.%", password=password),
)
apis = Tier(
    stack,
    "api",
    count=APIS,
    image=IMAGE,
    flavor="d2-4",
    key_pair=KEY_PAIR,
    nics=[middle.nics(api, first="10.0.2.11")],
    user_data=UserData.template("api.yaml.jinja", files=[FileTree("api")], database=DB_VIP, password=password),
)
webs = Tier(
    stack,
    "web",
    count=WEBS,
    image=IMAGE,
    flavor="d2-2",
    key_pair=KEY_PAIR,
    nics=[front.nics(web, first="10.0.1.11")],
    user_data=UserData.template("web.yaml.jinja", site=SITE, api=API_VIP),
)

# Address and zone are not protected, so that the example can be taken away again; leave that out for your own.
outside = FloatingIp(stack, "www", network=internet, prevent_destroy=False)
www = LoadBalancer(stack, "www", vip=Vip(stack, "www", network=front, ip="10.0.1.100", floating_ip=outside))
Listener(www, "http", protocol="HTTP", port="http", redirect_to_https=SITE)
site = Pool(www, "web", protocol="HTTPS", port="https", members=webs, monitor=Monitor("HTTPS", url_path="/health"))
Listener(www, "https", protocol="HTTPS", port="https", pool=site)

inner = LoadBalancer(stack, "api", vip=Vip(stack, "api", network=middle, ip=API_VIP))
asked = Pool(inner, "api", protocol="HTTP", port=8080, members=apis, monitor=Monitor("HTTP", url_path="/health"))
Listener(inner, "http", protocol="HTTP", port=8080, pool=asked, allowed_cidrs=[WEB])

# One member takes the writes, so that no two of them are at odds; the others stand by.
first, *others = databases.instances
store = LoadBalancer(stack, "db", vip=Vip(stack, "db", network=back, ip=DB_VIP))
galera = Pool(
    store,
    "db",
    protocol="TCP",
    port="mysql",
    members=[first, *(PoolMember(other, backup=True) for other in others)],
)
Listener(store, "mysql", protocol="TCP", port="mysql", pool=galera, allowed_cidrs=[API])

zone = Zone(stack, DOMAIN, email=f"ops@{DOMAIN}", prevent_destroy=False)
zone.address("www", outside)
zone.address("api", inner.vip)
zone.address("db", store.vip)

TerraformOutput(stack, "address", value=outside.l1.address, description="Where the site is")
TerraformOutput(stack, "url", value=f"https://{SITE}/", description="What it is served under")

app.synth()
