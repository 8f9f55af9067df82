"""A small shop: web servers that the world reaches, and a database that only they reach.

`ivc synth` writes what it declares, `ivc summary` shows it, `ivc plan` says what a deploy would do.
"""

from ivc import App, Instance, Network, OpenStackStack, SecurityGroup, Tcp, Tier, UserData, Volume

IMAGE = "Debian 12"
SITE = "shop.example"


def shop(app: App, *, web_servers: int = 2) -> OpenStackStack:
    """Declare the shop; tests declare it with another number of web servers."""
    stack = OpenStackStack(app, "shop")

    # What is looked up, images, flavors and the key pair too, goes by the names that your cloud has.
    internet = Network.lookup(stack, "Ext-Net", public=True)
    backend = Network(stack, "backend", cidr="10.0.0.0/24")

    web = SecurityGroup(stack, "web", description="Web servers: the world reads them")
    db = SecurityGroup(stack, "db", description="Databases: the web servers ask them")
    web.allow_from_anywhere(Tcp("http", "https"))
    db.allow_from(web, Tcp("mysql"))

    # On the private network alone: a config drive brings its user data, and it installs nothing.
    database = Instance(
        stack,
        "db-1",
        image=IMAGE,
        flavor="b2-15",
        key_pair="ops",
        nics=[backend.nic(db, ip="10.0.0.21")],
        user_data=UserData.template("db.yaml.jinja"),
        # Exists already. It is attached and mounted, and never made, formatted or deleted.
        volumes=[Volume.lookup(stack, "db-data").mount("/var/lib/mysql")],
    )
    Tier(
        stack,
        "www",
        count=web_servers,
        image=IMAGE,
        flavor="b2-7",
        key_pair="ops",
        nics=[internet.nic(web), backend.nics(web, first="10.0.0.11")],
        user_data=UserData.template("www.yaml.jinja", site=SITE, database=database.address_on(backend)),
    )
    return stack


if __name__ == "__main__":
    app = App()
    shop(app)
    app.synth()
