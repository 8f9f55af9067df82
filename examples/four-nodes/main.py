"""Four nodes: a web UI, the REST interface that it asks, the back end behind that, and the back end's MySQL.

Who reaches whom is all that the groups let through: users the web UI and REST, REST the back end, the back end MySQL.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "constructs"))  # goes away where ivc is installed

from ivc import App, FileTree, Instance, Network, OpenStackStack, Secret, SecurityGroup, Tcp, UserData, Volume

IMAGE = "Debian 12"
# The private network has no way out: the image brings what its servers run, mariadb-server and python3-pymysql.
PRIVATE_IMAGE = "Debian 12"
SITE = "shop.example"
API = "api.shop.example"

app = App()
stack = OpenStackStack(app, "four-nodes")

# 16 to 64 letters, digits, - and _: openssl rand -hex 24.
password = Secret(
    stack, "database_password", description="What the back end shows to MySQL", pattern="[A-Za-z0-9_-]{16,64}"
)

internet = Network.lookup(stack, "Ext-Net", public=True)
private = Network(stack, "private", cidr="10.0.0.0/24")

web_ui, rest, back_end, mysql = groups = [
    SecurityGroup(stack, name, egress="closed") for name in ("web-ui", "rest", "back-end", "mysql")
]
web_ui.allow_from_anywhere(Tcp("http", "https"))
rest.allow_from_anywhere(Tcp("https"))
back_end.allow_from(rest, Tcp(8080))
mysql.allow_from(back_end, Tcp("mysql"))
for group in groups:
    group.allow_booting()

Instance(
    stack,
    "web-ui-1",
    image=IMAGE,
    flavor="d2-2",
    key_pair="ops",
    nics=[internet.nic(web_ui)],
    config_drive=True,
    user_data=UserData.template("web-ui.yaml.jinja", files=[FileTree("web-ui")], site=SITE, api=API),
)
database = Instance(
    stack,
    "mysql-1",
    image=PRIVATE_IMAGE,
    flavor="b2-7",
    key_pair="ops",
    nics=[private.nic(mysql, ip="10.0.0.31")],
    config_drive=True,
    user_data=UserData.template("mysql.yaml.jinja", client="10.0.0.21", password=password),
    volumes=[Volume.lookup(stack, "mysql").mount("/var/lib/mysql", owner="mysql:mysql", format_if_blank="ext4")],
)
orders = Instance(
    stack,
    "back-end-1",
    image=PRIVATE_IMAGE,
    flavor="d2-4",
    key_pair="ops",
    nics=[private.nic(back_end, ip="10.0.0.21")],
    config_drive=True,
    user_data=UserData.template(
        "back-end.yaml.jinja",
        files=[FileTree("back-end")],
        database=database.address_on(private),
        password=password,
    ),
)
Instance(
    stack,
    "rest-1",
    image=IMAGE,
    flavor="d2-2",
    key_pair="ops",
    nics=[internet.nic(rest), private.nic(rest, ip="10.0.0.11")],
    config_drive=True,
    user_data=UserData.template("rest.yaml.jinja", site=SITE, api=API, back_end=orders.address_on(private)),
)

app.synth()
