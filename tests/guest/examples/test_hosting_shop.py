"""examples/hosting-shop in guests: the vault as a Libvirt guest, the others with a stand-in for what they ask."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Callable

import pytest
from practice.errors import PracticeError
from practice.guest import Disk, Files, Guest, Nic, Report

from ivc.cli.options import declared
from tests.examples import pages
from tests.guest.examples.booting import boots, synthesized
from tests.running import cannot_be_had
from tests.test_summary import ivc

pytestmark = pytest.mark.guest

MAC = "52:54:00:0a:14:15"
VAULT, MAIL, BACKUP = "10.20.0.21", "10.20.0.11", "10.20.0.31"
DISK = "7a017000-1111-4222-8333-000000000001"
CODE = "-o /dev/null -w '%{http_code}'"


def said(report: Report) -> list[str]:
    assert report.problems == ()
    return [answer.output.strip() for answer in report.answers]


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The vault, booted from an image that `ivc seed` writes."""
    folder = tmp_path_factory.mktemp("vault")
    image = folder / "vault.iso"
    serial = {"serial of volume vault": DISK[:20]}
    output = synthesized("hosting-shop", folder)
    sets = [word for label, value in serial.items() for word in ("--set", f"{label}={value}")]
    done = ivc("seed", "vault-1", "--from", output, "--nic", f"private={MAC}", *sets, "-o", image)
    assert done.returncode == 0, done.stderr
    ask = f"curl -s http://{VAULT}:8200"
    commands = [
        f"ip address add {MAIL}/24 dev lo; ip address add {BACKUP}/24 dev lo",
        f"{ask}/mail/rsync --interface {MAIL}",
        f"{ask}/mail/rsync --interface {BACKUP}",
        f"systemctl restart vault && sleep 5 && {ask}/mail/rsync --interface {MAIL}",
        f"{ask}/mail/postmaster --interface {BACKUP} {CODE}",
        f"{ask}/mail/rsync {CODE}",
        f"{ask}/../../etc/passwd --path-as-is --interface {MAIL} {CODE}",
        "stat -c '%u %a' /var/lib/vault/www/rsync; ps -o uid= -p $(systemctl show -P MainPID vault)",
    ]
    disk = Disk(DISK, mounted_at=("/var/lib/vault",))
    try:
        text = declared("vault-1", output).text(serial).encode()
        with Guest(text, name="vault-1", seed=image, disks=[disk], nics=[Nic(f"{VAULT}/24", mac=MAC)]) as guest:
            return guest.boot(commands=commands)
    except PracticeError as error:
        cannot_be_had("a guest", error)


def test_the_user_data_seeds_a_libvirt_guest(vault: Report) -> None:
    assert (vault.problems, vault.hostname, "NoCloud" in vault.datasource) == ((), "vault-1", True)


def test_the_vault_gives_each_password_to_those_who_need_it_and_to_nobody_else(vault: Report) -> None:
    _, of_mail, of_backup, once_more, others, anybody, outside, place = said(vault)
    assert (len(of_mail), of_backup, once_more) == (32, of_mail, of_mail)
    assert (others, anybody, outside) == ("403", "403", "403")
    assert place.split() == ["900", "600", "900"]


PASSWORDS = {"mail/rsync": "of-rsync-on-mail", "www/rsync": "of-rsync-on-www", "mail/postmaster": "of-postmaster"}
# What a guest that has the vault's own address asks comes from there as well.
ALLOWED = json.dumps({VAULT: [*PASSWORDS]})
PROGRAM = pages.FOLDER / "hosting-shop" / "userdata" / "vault" / "usr" / "local" / "lib" / "vault" / "vault.py"
STAND_IN = f"""
mkdir -p /run/stand-in/mail /run/stand-in/www
echo {base64.b64encode(PROGRAM.read_bytes()).decode()} | base64 -d >/run/stand-in/vault.py
echo {shlex.quote(ALLOWED)} >/run/stand-in/allowed
{"".join(f"printf {password} >/run/stand-in/{name}{chr(10)}" for name, password in PASSWORDS.items())}
setsid python3 /run/stand-in/vault.py /run/stand-in/allowed /run/stand-in >/dev/null 2>&1 &
"""
AT_VAULT = Nic(f"{VAULT}/24", mac="fa:16:3e:00:00:0f")

Boots = Callable[..., Report]


@pytest.fixture
def hosting_shop(tmp_path_factory: pytest.TempPathFactory) -> Boots:
    """Boots a server of the shop beside a vault that has known passwords."""

    def make(server: str, address: str, *, before: str = "", **more: object) -> Report:
        folder = tmp_path_factory.mktemp(server)
        nics = [Nic("198.18.1.11/16"), Nic(f"{address}/24", mac="fa:16:3e:00:00:02"), AT_VAULT]
        return boots("hosting-shop", server, folder, before=STAND_IN + before, nics=nics, **more)  # type: ignore[arg-type]

    return make


@pytest.mark.long
def test_two_sites_are_served_from_the_volume_and_no_other_name_is(hosting_shop: Boots) -> None:
    def ask(url: str) -> str:
        hosts = "--connect-to ::127.0.0.1"
        return f"curl -sk {hosts} {url}"

    files = {"tea.example/index.html": b"tea", "coffee.example/index.html": b"coffee"}
    report = hosting_shop(
        "www-1",
        "10.20.0.12",
        values={"serial of volume www": DISK[:20]},
        disks=[Disk(DISK, Files(files), mounted_at=("/srv/www",))],
        commands=[
            ask("https://tea.example/"),
            ask("https://coffee.example/"),
            ask("http://www.coffee.example/menu -o /dev/null -w '%{http_code} %{redirect_url}'"),
            ask("https://other.example/ || echo refused"),
            ask("http://other.example/ || echo refused"),
            "RSYNC_PASSWORD=of-rsync-on-www rsync rsync://backup@127.0.0.1/data/ 2>&1 | tail -n 1",
        ],
    )
    tea, coffee, plain, tls, other, stranger = said(report)
    assert (tea, coffee) == ("tea", "coffee")
    assert plain == "301 https://coffee.example/menu"
    assert (tls, other) == ("refused", "refused")
    assert "error" in stranger


LOGICAL_VOLUMES = f"""
until disk=$(ls /dev/disk/by-id/virtio-{DISK[:20]}); do sleep 1; done
pvcreate -q $disk && vgcreate -q mail $disk
lvcreate -q -n queue -L 32M mail && lvcreate -q -n boxes -l 100%FREE mail
mkfs.ext4 -q /dev/mail/queue && mkfs.ext4 -q /dev/mail/boxes
vgchange -q -an mail
"""
SEND = r"""
import smtplib
with smtplib.SMTP("198.18.1.11") as server:
    server.sendmail("someone@elsewhere.example", ["abuse@hosting.example"], "Subject: Tea\n\nIt is cold.\n")
    print(server.verify("postmaster@hosting.example")[0])
    try:
        server.sendmail("someone@elsewhere.example", ["else@elsewhere.example"], "Subject: relay\n")
    except smtplib.SMTPRecipientsRefused as error:
        print([code for code, _ in error.recipients.values()])
"""
READ = r"""
import imaplib, ssl, time
context = ssl._create_unverified_context()
for password in ("wrong", "of-postmaster"):
    box = imaplib.IMAP4_SSL("127.0.0.1", ssl_context=context)
    try:
        box.login("postmaster@hosting.example", password)
    except imaplib.IMAP4.error as error:
        print(type(error).__name__, flush=True)
for attempt in range(30):
    if int(box.select("INBOX")[1][0]):
        break
    time.sleep(1)
print(box.fetch("1", "(BODY[HEADER.FIELDS (SUBJECT)])")[1][0][1].decode().strip())
"""
SUBMIT = r"""
import smtplib, ssl
with smtplib.SMTP("127.0.0.1", 587) as server:
    server.starttls(context=ssl._create_unverified_context())
    try:
        server.sendmail("postmaster@hosting.example", ["postmaster@hosting.example"], "Subject: x\n")
    except smtplib.SMTPRecipientsRefused:
        print("not without a password")
    server.login("postmaster", "of-postmaster")
    print(server.sendmail("postmaster@hosting.example", ["postmaster@hosting.example"], "Subject: x\n"))
"""


def python(program: str) -> str:
    return f"python3 -c {shlex.quote(program)} 2>&1"


@pytest.mark.long
def test_mail_comes_in_and_is_read_and_its_boxes_and_queue_are_logical_volumes(hosting_shop: Boots) -> None:
    report = hosting_shop(
        "mail-1",
        MAIL,
        before=LOGICAL_VOLUMES,
        values={"serial of volume mail": DISK[:20]},
        disks=[Disk(DISK, size=192)],
        commands=[
            python(SEND),
            python(READ),
            python(SUBMIT),
            "findmnt -no SOURCE /var/vmail; findmnt -no SOURCE /var/spool/postfix; stat -c '%U %a' /var/vmail",
            "stat -c '%U:%G %a' /etc/dovecot/users; cut -c 1-28 /etc/dovecot/users",
            "systemctl is-active rsync; cat /etc/rsyncd.secrets",
        ],
    )
    sent, read, submitted, places, users, rsync = said(report)
    assert sent.splitlines() == ["252", "[454]"]
    assert read.splitlines() == ["error", "Subject: Tea"]
    assert submitted.splitlines() == ["not without a password", "{}"]
    assert places.split() == ["/dev/mapper/mail-boxes", "/dev/mapper/mail-queue", "vmail", "700"]
    assert users.splitlines() == ["root:dovecot 640", "postmaster:{SHA512-CRYPT}$6$"]
    assert rsync.split() == ["active", "backup:of-rsync-on-mail"]


# Stands for mail and web: their shares, with their passwords.
SHARES = "".join(
    f"""
mkdir -p /srv/of-{name} && echo {name} >/srv/of-{name}/file && echo same >/srv/of-{name}/same
printf 'address = {address}\n[data]\npath = /srv/of-{name}\nuid = root\nauth users = backup\n' >/run/{name}.conf
printf 'secrets file = /run/{name}.secrets\n' >>/run/{name}.conf
(umask 077 && printf backup:of-rsync-on-{name} >/run/{name}.secrets)
ip address add {address}/24 dev lo && rsync --daemon --config=/run/{name}.conf
"""
    for name, address in (("mail", MAIL), ("www", "10.20.0.12"))
)


@pytest.mark.long
def test_the_backup_fetches_both_and_keeps_what_did_not_change_once(hosting_shop: Boots) -> None:
    report = hosting_shop(
        "backup-1",
        BACKUP,
        values={"serial of volume backup": DISK[:20]},
        disks=[Disk(DISK, mounted_at=("/srv/backup",))],
        commands=[
            SHARES,
            "systemctl start backup && cat /srv/backup/mail/20*/file /srv/backup/www/20*/file",
            "mv /srv/backup/mail/20* /srv/backup/mail/2001-01-01 && echo new >/srv/of-mail/file",
            "systemctl start backup && cat /srv/backup/mail/*/file && stat -c %h /srv/backup/mail/2001-01-01/same",
            "systemctl is-enabled backup.timer; ls -l /etc/backup/mail.password | cut -c 1-10",
            "stat -c %a /srv/backup; systemctl is-failed backup",
        ],
    )
    _, first, _, second, timer, rest = said(report)
    assert first.split() == ["mail", "www"]
    assert second.split() == ["mail", "new", "2"]
    assert timer.split() == ["enabled", "-rw-------"]
    assert rest.split() == ["700", "inactive"]
