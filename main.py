"""The estate of this repository: a small shop, two web servers and their database.

`make` shows what it would be, `make demo` runs it on a cloud of this machine.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "constructs"))

from ivc import App, Icmp, Instance, Network, OpenStackStack, SecurityGroup, Tcp, UserData, Volume

IMAGE = "Debian 12"
SITE = "shop.example"

app = App()
shop = OpenStackStack(app, "shop")

internet = Network.lookup(shop, "Ext-Net", public=True)
backend = Network(shop, "backend", cidr="10.0.0.0/24")

web = SecurityGroup(shop, "web", description="Web servers: the world reads them")
db = SecurityGroup(shop, "db", description="Databases: the web servers ask them")
web.allow_from_anywhere(Tcp("http", "https"), Icmp())
web.allow_from(db, Icmp())
db.allow_from(web, Tcp("mysql"), Icmp())

# On the private network alone: a config drive brings its user data, and it installs nothing.
database = Instance(
    shop,
    "db-1",
    image=IMAGE,
    flavor="b2-15",
    key_pair="ops",
    nics=[backend.nic(db, ip="10.0.0.21")],
    user_data=UserData.template("db.yaml.jinja", role="database", site=SITE),
    volumes=[Volume.lookup(shop, "db-data").mount("/var/lib/mysql")],
    tags=["database"],
)

www_data = Volume.lookup(shop, "www-data").mount("/srv")
for name, address, volumes in (("www-1", "10.0.0.11", [www_data]), ("www-2", "10.0.0.12", [])):
    Instance(
        shop,
        name,
        image=IMAGE,
        flavor="b2-7",
        key_pair="ops",
        nics=[internet.nic(web), backend.nic(web, ip=address)],
        user_data=UserData.template(
            "www.yaml.jinja", role="web server", site=SITE, database=database.address_on(backend)
        ),
        volumes=volumes,
        tags=["web"],
    )

app.synth()
