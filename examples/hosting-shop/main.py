"""Hosting shop: mail, two web sites, a vault for passwords and a backup, on a public network and a private one.

The world reaches mail and web; passwords and backups go over the private network alone.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "constructs"))  # goes away where ivc is installed

from ivc import App, Cidr, FileTree, Instance, Network, OpenStackStack, SecurityGroup, Tcp, UserData, Volume

IMAGE = "Debian 12"
DOMAIN = "hosting.example"
SITES = ["tea.example", "coffee.example"]
ADMINS = Cidr("203.0.113.0/24")
MAIL, WWW, VAULT, BACKUP = (f"10.20.0.{host}" for host in (11, 12, 21, 31))
# Who may fetch which password from the vault, which makes them at its first boot.
PASSWORDS = {
    MAIL: ["mail/rsync", "mail/postmaster"],
    WWW: ["www/rsync"],
    BACKUP: ["mail/rsync", "www/rsync"],
}

app = App()
shop = OpenStackStack(app, "hosting-shop")

internet = Network.lookup(shop, "Ext-Net", public=True)
private = Network(shop, "private", cidr="10.20.0.0/24")

admin, mail, www, backup = (SecurityGroup(shop, name) for name in ("admin", "mail", "www", "backup"))
vault = SecurityGroup(shop, "vault", egress="closed")  # it answers, and asks nobody
admin.allow_from(ADMINS, Tcp("ssh"))
mail.allow_from_anywhere(Tcp("smtp", "submission", "imaps"))
www.allow_from_anywhere(Tcp("http", "https"))
for group in (mail, www):
    group.allow_from(backup, Tcp(873))
vault.allow_from([mail, www, backup], Tcp(8200))

keys = Instance(
    shop,
    "vault-1",
    image=IMAGE,
    flavor="d2-2",
    key_pair="ops",
    nics=[private.nic(vault, ip=VAULT)],  # private only: its user data comes by config drive
    user_data=UserData.template("vault.yaml.jinja", files=[FileTree("vault")], passwords=PASSWORDS),
    volumes=[Volume.lookup(shop, "vault").mount("/var/lib/vault", owner="vault:vault", format_if_blank="ext4")],
)
boxes = Volume.lookup(shop, "mail")
Instance(
    shop,
    "mail-1",
    image=IMAGE,
    flavor="d2-4",
    key_pair="ops",
    nics=[internet.nic(mail, admin), private.nic(mail, ip=MAIL)],
    user_data=UserData.template(
        "mail.yaml.jinja",
        files=[FileTree("backed-up"), FileTree("mail")],
        domain=DOMAIN,
        vault=VAULT,
        backup=BACKUP,
        share="/var/vmail",
    ),
    volumes=[
        boxes.mount("/var/vmail", lvm="mail/boxes", owner="vmail:vmail", mode="0700").mount(
            "/var/spool/postfix", lvm="mail/queue"
        )
    ],
    depends_on=[keys],
)
Instance(
    shop,
    "www-1",
    image=IMAGE,
    flavor="d2-4",
    key_pair="ops",
    nics=[internet.nic(www, admin), private.nic(www, ip=WWW)],
    user_data=UserData.template(
        "www.yaml.jinja",
        files=[FileTree("backed-up"), FileTree("www")],
        sites=SITES,
        vault=VAULT,
        backup=BACKUP,
        share="/srv/www",
    ),
    volumes=[Volume.lookup(shop, "www").mount("/srv/www", format_if_blank="ext4")],
    depends_on=[keys],
)
Instance(
    shop,
    "backup-1",
    image=IMAGE,
    flavor="d2-2",
    key_pair="ops",
    nics=[internet.nic(backup, admin), private.nic(backup, ip=BACKUP)],
    user_data=UserData.template(
        "backup.yaml.jinja", files=[FileTree("backup")], sources={"mail": MAIL, "www": WWW}, vault=VAULT
    ),
    volumes=[Volume.lookup(shop, "backup").mount("/srv/backup", format_if_blank="ext4", mode="0700")],
    depends_on=[keys],
)

app.synth()
