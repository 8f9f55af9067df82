"""What users wrote by mistake, and the one sentence that it costs: in a test, and where their program runs."""

from __future__ import annotations

import inspect
import re
import runpy
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import ivc
from ivc.errors import DeclarationError, told
from tests.helpers import run_program, tree

HEAD = """\
import enum
from pathlib import Path

from ivc import *

import cdktf

app = App(folder=Path(__file__).parent)
shop = OpenStackStack(app, "shop")
internet = Network.lookup(shop, "Ext-Net", public=True)
backend = Network(shop, "backend", cidr="10.0.0.0/24")
web, db = SecurityGroup(shop, "web"), SecurityGroup(shop, "db")
data = Volume.lookup(shop, "www-data")
zone = Zone(shop, "example.com", email="ops@example.com")
variable = cdktf.TerraformVariable(shop, "variable", type="string")


class Kind(str, enum.Enum):
    SMALL = "b2-7"


def server(id="www-1", **given):
    return Instance(shop, id, **{"image": "Debian 12", "flavor": "b2-7", "nics": [backend.nic(web)]} | given)


"""
LINE = HEAD.count("\n") + 1
INSTANCE = 'Instance(shop, "www-1", image="Debian 12", flavor="b2-7", nics={nics}{more})'


def instance(nics: str = "[backend.nic(web)]", more: str = "") -> str:
    return INSTANCE.format(nics=nics, more=more and f", {more}")


MISTAKES: Mapping[str, str] = {
    'web.allow_from("203.0.113.0/24", Tcp(22))': "SecurityGroup web: allow_from: peer: '203.0.113.0/24' is a text; "
    'write Cidr("203.0.113.0/24")',
    'web.allow_from([Cidr("10.0.0.0/8"), "web"], Tcp(22))': "SecurityGroup web: allow_from: peer: item 2, 'web', is a "
    'text; give a SecurityGroup, or SecurityGroup.lookup(stack, "web")',
    'Network(shop, "n", cidr=Secret(shop, "range", description="x"))': "Network n: cidr: Secret range is a Secret; "
    "give a text that is known before the apply",
    'Network(shop, "n", name=Secret(shop, "range", description="x").as_terraform)': "Network n: name: '${var.range}' "
    "is a text; give a text that is known before the apply",
    'KeyPair(shop, "k", public_key=AtApply("data.a.b.id", "an id", 36))': "KeyPair k: public_key: AtApply(<an id>) is "
    "an AtApply; give a text that is known before the apply",
    "web.allow_from([], Tcp(22))": "SecurityGroup web: allow_from: peer: the list is empty; give a group or a range, "
    "or leave the line out",
    "web.allow_from_anywhere(80)": "SecurityGroup web: allow_from_anywhere: traffic: 80 is a number; write Tcp(80) or "
    "Udp(80)",
    'web.allow_from(server("www-2"), Tcp(22))': "SecurityGroup web: allow_from: peer: Instance www-2 is an Instance; "
    "give a security group that it has",
    'Tcp("8000-8010")': "Tcp('8000-8010'): it is a range; write PortRange(8000, 8010)",
    'Tcp("443")': "Tcp('443'): it is a text; write the number, 443",
    "Tcp([80, 443])": "Tcp: ports: [80, 443] is a list; give each by itself, without the list",
    'internet.nic("web")': "Network.lookup('Ext-Net'): nic: groups: 'web' is a text; give a SecurityGroup, or "
    'SecurityGroup.lookup(stack, "web")',
    "internet.nic([web, db])": "Network.lookup('Ext-Net'): nic: groups: it is a list; give each by "
    "itself, without the list",
    instance("backend.nic(web)"): "Instance www-1: nics: it stands alone; give a list, nics=[...]",
    instance("[internet]"): "Instance www-1: nics: item 1, Network.lookup('Ext-Net'), is a LookedUpNetwork; give a "
    "NIC in it, with its .nic(...)",
    instance('["Ext-Net"]'): "Instance www-1: nics: item 1, 'Ext-Net', is a text; give a NIC in it, such as "
    'Network.lookup(stack, "Ext-Net").nic(...)',
    "backend.nic(web, ip=11)": "Network backend: nic: ip: 11 is a number; give a text or a "
    "Subnet, or Subnet.lookup(stack, ...)",
    instance(more='volumes=["www-data"]'): "Instance www-1: volumes: item 1, 'www-data', is a text; give "
    'Volume.lookup(stack, "www-data")',
    instance(more="volumes=data"): "Instance www-1: volumes: Volume.lookup('www-data') stands alone; give a list, "
    "volumes=[Volume.lookup('www-data')]",
    'Container(shop, "c", readers=["*"])': "Container c: readers: item 1, '*', is a text; give Anyone() or "
    'Project("...") with its id or User("...") with its id',
    'Container(shop, "c", writers=[Anyone()])': "Container c: writers: item 1, Anyone(listing=False), is an Anyone; "
    'give Project("...") with its id or User("...") with its id',
    'Container(shop, "c").file("app")': "Container c: file: file: it is missing; give a text or a path",
    'KeyManagerSecret(shop, "k", payload=7)': "KeyManagerSecret k: payload: 7 is a number; give a text or a value "
    "known only at apply, such as a Secret",
    'Certificate(shop, "c", certificate="pem", private_key="key")': "Certificate c: certificate: 'pem' is a text; give "
    "a KeyManagerSecret, or KeyManagerSecret.lookup(stack, ...)",
    'Volume(shop, "x")': "Volume: it exists already and is looked up; write Volume.lookup(stack, ...)",
    'Network.lookup("Ext-Net")': "Network.lookup: scope: 'Ext-Net' is a text; the stack comes first: (stack, "
    '"Ext-Net")',
    'Subnet(shop, "x", network=internet, cidr="10.1.0.0/24")': "Subnet x: network: Network.lookup('Ext-Net') is a "
    "LookedUpNetwork; give one that is made here, Network(stack, ...)",
    instance(more='user_data="#cloud-config\\nhostname: a"'): "Instance www-1: user_data: '#cloud-config\\nhostname: "
    'a\' is a text; write UserData.text("...") for a text, or UserData.template("...") for a file below userdata/',
    "UserData.template(7)": "UserData.template: template: 7 is a number; give a text or a path",
    instance(more='metadata={"n": 1}'): "Instance www-1: metadata: 1, at 'n', is a number; give a text",
    instance(more='key_pair=7'): "Instance www-1: key_pair: 7 is a number; give a text or a KeyPair",
    instance(more='availability_zone=["a"]'): "Instance www-1: availability_zone: ['a'] is a list; give a text",
    instance(more='tags="web"'): "Instance www-1: tags: 'web' stands alone; give a list, tags=['web']",
    instance(more='prevent_destroy="no"'): "Instance www-1: prevent_destroy: 'no' is a text; give True or False",
    'Instance(shop, "www-1", image="Debian 12", flavour="b2-7", nics=[])': "Instance www-1: flavour: there is no such "
    "argument; did you mean flavor?",
    'Zone(shop, id="example.org", email="ops@example.org")': "Zone: id: there is no such argument; did you mean name?",
    'Secret(shop, name="token", description="x")': "Secret: name: there is no such argument; did you mean id?",
    'Network(shop, name="n", cidr="10.1.0.0/24")': "Network: id: it is missing; give a text",
    'Zone(shop, "example.org", name="other", email="ops@example.org")': "Zone example.org: name: it is given twice, "
    "'example.org' by its place and 'other' by its name; give it once",
    instance(more='id="www-2"'): "Instance www-1: id: it is given twice, 'www-1' by its place and 'www-2' by its name; "
    "give it once",
    "web.allow_from(db, Tcp(80), peer=web)": "SecurityGroup web: allow_from: peer: it is given twice, SecurityGroup db "
    "by its place and SecurityGroup web by its name; give it once",
    "backend.nic(self=web)": "Network backend: nic: self: there is no such argument; leave it out",
    "Tcp(port=80)": "Tcp: port: there is no such argument; give each by itself, without a name and behind what has "
    "none",
    'Instance(shop, "www-1", image="Debian 12", nics=[])': "Instance www-1: flavor: it is missing; give a text",
    'Network(shop, "n", cidr="10.1.0.0/24", dns_nameservers="9.9.9.9")': "Network n: dns_nameservers: '9.9.9.9' stands "
    "alone; give a list, dns_nameservers=['9.9.9.9']",
    'Network(shop, "n", cidr="10.1.0.0")': "Network n: cidr: '10.1.0.0' has no mask; write it, such as 10.1.0.0/24",
    'Network(shop, "n", "10.1.0.0/24")': "Network n: '10.1.0.0/24' is one argument too many; give it by its name, one "
    "of cidr=, name=, description=, gateway=, dhcp=, ipv6_mode=, allocation_pools=, dns_nameservers=, host_routes=, "
    "port_security=, mtu=, segment=, shared_with=, depends_on=, renamed_from=",
    'Instance(OpenStackStack(app, "prod"), "a", image="i", flavor="f", nics=[backend.nic(web)])': "Instance a: "
    "nics[0]: Network backend is of stack shop, and this is stack prod; look it up there, with "
    "Network.lookup(prod, ...)",
    instance().replace('"b2-7"', "Kind.SMALL"): "Instance www-1: flavor: it is a member of Kind; give its .value",
    instance("{backend.nic(web)}"): "Instance www-1: nics: it is a set, which has no order; give a list, each item a "
    "NIC, such as backend.nic(web)",
    instance(more='key_pair=" "'): "Instance www-1: key_pair: it is empty; give its name, or leave it out",
    instance(more='tags=["a,b"]'): "Instance www-1: tags: 'a,b' is none for Nova: 1 to 60 characters, without ',' and "
    "'/'; change it",
    instance(more='metadata={"": "x"}'): "Instance www-1: metadata: '': Nova takes keys of 1 to 255 characters, and "
    "values of as many; shorten it",
    'web.egress = "closed"': "SecurityGroup web: egress: it is set where it is declared; set it there",
    "internet.public = False": "Network.lookup('Ext-Net'): public: it is set where it is declared; set it there",
    'shop.name = "other"': "OpenStackStack shop: name: it is set where it is declared; set it there",
    'shop.region = "GRA11"': "OpenStackStack shop: region: it is set where it is declared; set it there",
    "web.allow_form(db, Tcp(80))": "SecurityGroup web: it has no attribute 'allow_form'; did you mean allow_from?",
    "web.allow_from(db, traffic=[Tcp(80)])": "SecurityGroup web: allow_from: traffic: it is given by its name; "
    "give each "
    "by itself, without a name and behind what has none",
    'web.waive("IVC101", "because")': "SecurityGroup web: waive: 'because' is one argument too many; give it by its "
    "name, one of reason=",
    'Icmp("echo-request", 0)': "Icmp: 0 is one argument too many; give it by its name, one of code=",
    'AnyTraffic("all")': "AnyTraffic: 'all' is one argument too many; leave it out",
    'App("shop")': "App: 'shop' is one argument too many; give it by its name, one of folder=, outdir=, policies=",
    'UserData.template("t", x={"b", "a"})': "UserData.template('t'): x: it is a set, whose order differs from run to "
    "run; give a list, sorted(...)",
    'UserData.template("t", x=[(one for one in "ab")])': "UserData.template('t'): x[0]: it is empty once it was read; "
    "give a list, list(...)",
    'UserData.template("t", {"x": 1})': "UserData.template: {'x': 1} is one argument too many; give it by its "
    "name, one "
    "of files=",
    'UserData("#cloud-config")': 'UserData: write UserData.text("...") for a text, or UserData.template("...")',
    'UserData.include("www.example.com/x")': "UserData.include: 'www.example.com/x' is not a full http or https "
    "address "
    "without spaces; write it as in https://example.com/user-data",
    'FileTree("t", permissions="644")': "FileTree('t'): permissions: '644' are not four octal digits in a "
    "string, as in "
    "'0644'",
    'cdktf.TerraformOutput(shop, "ip", value=server().address_on(backend))': "a value known only at apply was given to "
    "CDKTF as it is; give its as_terraform",
    'f"{server().address_on(backend)}"': "<address of www-1 on backend> is known only at apply: insert it as it is, "
    "{{ value }}, with no filter, test or calculation on it; in Python take its as_terraform",
    instance().replace('"b2-7"', "variable.string_value"): "Instance www-1: flavor: it is known only at apply, "
    "and must "
    "be known before; give the text itself",
    instance().replace('"Debian 12"', "ImageId(variable.string_value)"): "ImageId: it is known only at apply, and "
    "must be known before; give the text itself",
    instance().replace('"b2-7"', "variable"): "Instance www-1: flavor: it is a TerraformVariable of cdktf; give its "
    ".string_value",
    'OpenStackStack(cdktf.App(), "x")': "OpenStackStack x: app: it is an App of cdktf; give ivc.App() or one of "
    "Environment.read(app, Settings)",
    instance(more='image_update_policy="rebild"'): "Instance www-1: image_update_policy: 'rebild' is not known; did "
    "you mean 'rebuild'? It is one of 'replace', 'rebuild', 'ignore'",
    'Instance(shop, "www-1", flavor="b2-7", nics=[])': "Instance www-1: image: it is missing; give the image's name, "
    "or a root_disk that is made already, such as RootVolume(stack, ...)",
    instance(more='root_disk=RootVolume(shop, "root", image="Debian 12", size=20)'): "Instance www-1: image: its root "
    "disk, RootVolume root, is made of its own; leave it out",
    'Image(shop, "www", file="www.qcow2")': "Image www: file: 'www.qcow2' cannot be read (No such file or directory); "
    "name an image's file, as from the app's folder",
    'Image(shop, "www", file="main.py")': "Image www: file: 'main.py' is neither in the format qcow2 nor a raw disk "
    "with a boot sector; unpack it, or convert it with `qemu-img convert -O qcow2`",
    instance(more="root_disk=20"): "Instance www-1: root_disk: 20 is a number; give RootDisk(size=20) or "
    'RootVolume(stack, ...) or Volume.lookup(stack, "www-data")',
    instance(more="swap=2"): "Instance www-1: swap: 2 MiB are too little for one, and Nova counts it in MiB; give 64 "
    "or more, such as 2048",
    'Router(shop, "gate").add_interface("backend")': "Router gate: add_interface: to: 'backend' is a text; give a "
    'Network, or Network.lookup(stack, "backend")',
    'Router(shop, "gate", external_network="Ext-Net")': "Router gate: external_network: 'Ext-Net' is a text; give a "
    'Network, or Network.lookup(stack, "Ext-Net")',
    'Router(shop, "gate", external_network=backend)': "Router gate: external_network: network backend is made here, "
    'and is no outside network; look one up, such as Network.lookup(stack, "Ext-Net")',
    'Router(shop, "gate", routes=["10.9.0.0/16"])': "Router gate: routes: item 1, '10.9.0.0/16', is a text; give a "
    'route, such as Route("10.9.0.0/16", next_hop="10.0.0.254")',
    'Router(shop, "gate", routes=[Route("10.9.0.0/16", "10.1.0.9")]).add_interface(backend); app.synth()': "Router "
    "gate: routes: the next hop 10.1.0.9 to 10.9.0.0/16 is in no network that it joins (10.0.0.0/24); join its "
    "network, or give another",
    'Route("10.9.0.0/16", "fd00::1")': "Route('10.9.0.0/16'): next_hop: fd00::1 is IPv6, and the destination IPv4; "
    "give an address of its family",
    'gate = Router(shop, "gate"); gate.add_interface(backend); gate.add_interface(backend)': "Router gate: "
    "add_interface: network backend is joined already; leave one of the two out",
    'Router(shop, "a").add_interface(backend); Router(shop, "b").add_interface(backend.subnets[0])': "Router b: "
    "add_interface: subnet backend is joined already, by router a, and a subnet has one gateway; leave one of the two "
    "out",
    'Router(shop, "gate").add_interface(internet)': "Router gate: add_interface: no subnet of network Ext-Net is "
    "declared; declare one with Subnet(...), or look it up with Subnet.lookup(...)",
    'FloatingIp(shop, "a")': "FloatingIp a: network: it is missing; give a Network, or Network.lookup(stack, ...)",
    'FloatingIp(shop, "a", network=backend)': "FloatingIp a: network: network backend is made here, and is no outside "
    'network; look one up, such as Network.lookup(stack, "Ext-Net")',
    'backend.nic(web, floating_ip="203.0.113.7")': "Network backend: nic: floating_ip: '203.0.113.7' is a text; give "
    'a FloatingIp, or FloatingIp.lookup(stack, "203.0.113.7")',
    instance('[backend.nic(floating_ip=FloatingIp(shop, "a", network=internet))]') + "; app.synth()": "Instance "
    "www-1: nics[0]: floating_ip: it would lead nowhere: no router joins network backend with Ext-Net; declare a "
    "Router with external_network= and its add_interface(backend)",
    instance('[internet.nic(floating_ip=FloatingIp(shop, "a", network=internet))]') + "; app.synth()": "Instance "
    "www-1: nics[0]: floating_ip: network Ext-Net is an outside one itself, and FloatingIp a leads into others; "
    "leave it out",
    'Vip(shop, "vip", network=backend, ip="10.0.0.11"); ' + instance('[backend.nic(ip="10.0.0.11")]'): "Instance "
    "www-1: nics[0].ip: the address 10.0.0.11 in network backend is already Vip vip's; give one of the two another",
    instance('[backend.nic(ip="10.0.0.11", vips=[Vip(shop, "vip", network=backend)])]'): "Instance www-1: "
    "nics[0].vips: VIP vip has an address that the cloud chooses, and it may choose 10.0.0.11, which the NIC declares; "
    "give the VIP its ip=",
    'backend.nic(web, vips="10.0.0.100")': "Network backend: nic: vips: '10.0.0.100' is a text; give a list, each item "
    "a Vip",
    'Pool(shop, "web", protocol="HTTP", port=80)': "Pool web: scope: it is an OpenStackStack; give the "
    "LoadBalancer, which comes first",
    'Pool(LoadBalancer(shop, "www", vip=Vip(shop, "www", network=backend)), "web", protocol="http", port=80)': "Pool "
    "web: protocol: 'http' is not known; it is one of 'HTTP', 'HTTPS', 'TCP', 'UDP', 'PROXY', 'PROXYV2'",
    'LoadBalancer(shop, "www", vip="10.0.0.100")': "LoadBalancer www: vip: '10.0.0.100' is a text; give a Vip",
    'Listener(LoadBalancer(shop, "www", vip=Vip(shop, "www", network=backend)), "tls", protocol="TERMINATED_HTTPS", '
    "port=443)": "Listener tls of LoadBalancer www: certificate: it is missing; give a Certificate, or the protocol "
    "HTTPS, where the members have it",
    'Monitor("HTTP", path="/health")': "Monitor: path: there is no such argument; did you mean url_path?",
    'Network(shop, "n", cidr="fd00::/48", ipv6_mode="slaac")': "Subnet n: ipv6_mode: slaac wants a /64, and fd00::/48 "
    "is none; give one",
    'Network(shop, "n", cidr="fd00::/64", ipv6_mode="SLAAC")': "Network n: ipv6_mode: 'SLAAC' is not known; it is one "
    "of 'slaac', 'dhcpv6-stateful', 'dhcpv6-stateless'",
    'Network(shop, "n", cidr="10.1.0.0/24", gateway="10.1.0.0")': "Subnet n: gateway: 10.1.0.0 is 10.1.0.0/24's own or "
    "its broadcast address; take another, such as 10.1.0.1",
    'Network(shop, "n", cidr="10.1.0.0/24", allocation_pools=[("10.1.0.5", "10.1.0.9")])': "Network n: "
    "allocation_pools: item 1, ('10.1.0.5', '10.1.0.9'), is a list; give "
    'AllocationPool("10.0.0.100", "10.0.0.199")',
    'Zone(shop, "example.org")': "Zone example.org: email: it is missing; give a text",
    'Zone.lookup("example.org")': "Zone.lookup: scope: 'example.org' is a text; the stack comes first: (stack, "
    '"example.org")',
    'zone.address("www", ["192.0.2.1"])': "Zone example.com: address: leads_to: ['192.0.2.1'] is a list; give each by "
    "itself, without the list",
    'zone.address("www", backend)': "Zone example.com: address: leads_to: Network backend is a Network; give an "
    'Instance or a Tier or a FloatingIp, or FloatingIp.lookup(stack, "203.0.113.7") or a Vip or a text',
    'zone.address("www", "web")': "Zone example.com: address www: 'web' is no IP address; write one such as 10.0.0.11",
    'zone.address("www", server(nics=[internet.nic(web), backend.nic(web)]))': "Zone example.com: address www: "
    "Instance www-1 is reached on network Ext-Net or on network backend; say network=",
    'zone.address("www", server(nics=[internet.nic(web)])); app.synth()': "Zone example.com: address www: nobody here "
    "knows whether Instance www-1 on network Ext-Net has an IPv4 address; say which it has, ip_versions=[4], [6] or "
    "[4, 6]",
    'zone.address("www", server(), ip_versions=4)': "Zone example.com: address: ip_versions: 4 stands alone; give a "
    "list, ip_versions=[4]",
    'zone.cname("www.example.com", "web")': "Zone example.com: cname www.example.com: 'www.example.com' would be "
    "www.example.com.example.com., since it does not end with a dot; write 'www' or 'www.example.com.'",
    'zone.cname("blog", "blog.example.net")': "Zone example.com: cname blog: target: 'blog.example.net' does not end "
    "with a dot, and a whole name does; write 'blog.example.net.', or 'blog.example.net.example.com.' for one in the "
    "zone",
    'zone.cname("@", "www")': "Zone example.com: cname @: the zone's own name has records beside it, and an alias "
    "stands alone; give it addresses, with address()",
    'zone.mx("@", "mail")': "Zone example.com: mx: servers: 'mail' is a text; give one such as Mx(10, \"mail\")",
    'zone.mx("@", Mx("mail", 10))': "Mx: preference: 'mail' is a text; give a whole number",
    'zone.mx("@", Mx(10, "192.0.2.1"))': "Zone example.com: mx @: target: 192.0.2.1 is an address, and it takes a "
    "name; give that address a name first",
    'zone.caa("@", Caa("isue", "letsencrypt.org"))': "Caa: tag: 'isue' is not known; did you mean 'issue'? It is "
    "one of 'issue', 'issuewild', 'iodef'",
    'zone.txt("@", variable.string_value)': "Zone example.com: txt @: it is known only at apply, and must be known "
    "before; give the text itself",
}  # fmt: skip


def write(folder: Path, line: str, end: str = "app.synth()\n") -> Path:
    (folder / "cdktf.json").write_text("{}")
    program = folder / "main.py"
    program.write_text(f"{HEAD}{line}\n{end}")
    return program


def run(program: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return run_program(program.parent, **more)


@pytest.mark.parametrize(("line", "sentence"), MISTAKES.items(), ids=MISTAKES)
def test_a_mistake_is_an_error_of_our_own_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    program = write(tmp_path, line)
    with pytest.raises(DeclarationError) as raised:
        runpy.run_path(str(program))
    assert str(raised.value) == sentence
    assert (raised.value.file, raised.value.line) == (program, LINE)
    assert isinstance(raised.value, ValueError)
    assert told(raised.value) == f"main.py:{LINE}: {sentence}"


# A program takes most of a second, and what each ends with is told above.
SOME = dict([*MISTAKES.items()][::40])


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a program without a mistake wrote."""
    whole = tmp_path_factory.mktemp("whole")
    assert run(write(whole, "")).returncode == 0
    return whole / "cdktf.out"


@pytest.mark.parametrize(("line", "sentence"), SOME.items(), ids=SOME)
def test_a_program_with_a_mistake_ends_with_that_sentence(old: Path, tmp_path: Path, line: str, sentence: str) -> None:
    before = tree(old)
    done = run(write(tmp_path, line), CDKTF_OUTDIR=str(old))
    assert (done.returncode, done.stdout + done.stderr) == (1, f"main.py:{LINE}: {sentence}\n")
    assert tree(old) == before


def test_what_was_meant_is_taken(tmp_path: Path) -> None:
    (tmp_path / "userdata").mkdir()
    (tmp_path / "userdata" / "a.yaml").write_text("#cloud-config\nhostname: a\n")
    program = write(
        tmp_path,
        """
web.allow_from([Cidr("10.0.0.0/8"), db, web], Tcp(22))
here = Path(__file__).parent / "userdata" / "a.yaml"
server("www-1", user_data=UserData.template(here))
server("www-2", user_data=UserData.template(Path("a.yaml")))
web.allow_from_anywhere(Tcp(enum.IntEnum("Port", {"WEB": 8443}).WEB, "HTTP"))
server("www-4", user_data=UserData.text("#!/bin/sh"), nics=(backend.nic(web),), availability_zone=Kind.SMALL.value)
server("www-3", user_data=UserData.text("#cloud-config\\nhostname: a # {{ not rendered }}\\n"))
""",
    )
    done = run(program)
    assert done.returncode == 0, done.stderr
    written = tmp_path / "cdktf.out" / "stacks" / "shop"
    assert [(written / "userdata" / f"www-{number}").read_text() for number in (1, 2, 3)] == [
        *["#cloud-config\nhostname: a\n"] * 2,
        "#cloud-config\nhostname: a # {{ not rendered }}\n",
    ]
    rules = re.findall(r'"(web_ingress_tcp-22_[^"]+)": {', (written / "cdk.tf.json").read_text())
    assert sorted(rules) == [
        "web_ingress_tcp-22_10-0-0-0-8_ipv4",
        "web_ingress_tcp-22_group-db_ipv4",
        "web_ingress_tcp-22_group-db_ipv6",
        "web_ingress_tcp-22_group-web_ipv4",
        "web_ingress_tcp-22_group-web_ipv6",
    ]


# Where a program ends with more than a mistake of a line.


def test_the_traceback_is_there_for_who_asks(tmp_path: Path) -> None:
    done = run(write(tmp_path, "Tcp(0)"), IVC_TRACEBACK="1")
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback (most recent call last):")
    assert "Tcp(0): 0 is no port; ports go from 1 to 65535" in done.stderr.splitlines()[-1]


def test_other_peoples_exceptions_are_left_alone(tmp_path: Path) -> None:
    done = run(write(tmp_path, 'raise ValueError("mine")'))
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback (most recent call last):")
    assert done.stderr.splitlines()[-1] == "ValueError: mine"


def test_what_only_all_declarations_tell_names_the_line_of_the_declaration(tmp_path: Path) -> None:
    line = 'server("a")\n' + instance(more='renamed_from="a"')
    done = run(write(tmp_path, line))
    assert done.returncode == 1
    assert done.stderr.startswith(f"main.py:{LINE + 1}: Instance www-1: renamed_from: ")
    done = run(write(tmp_path, 'server("a")\nweb.allow_from_anywhere(Tcp(22))\nweb.waive("IVC102", reason="x")'))
    sentences = done.stderr.splitlines()
    assert sentences[0].startswith(f"main.py:{LINE + 1}: shop: security group web: the world reaches SSH (tcp 22)")
    assert sentences[1].startswith(f"main.py:{LINE + 2}: SecurityGroup web: the waiver of IVC102 waives nothing")
    assert len(sentences) == 2


def test_a_program_that_forgets_to_write_fails(tmp_path: Path) -> None:
    done = run(write(tmp_path, "", end=""))
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr
        == "main.py:9: OpenStackStack shop: not all of it was written; call app.synth() when all is declared\n"
    )


@pytest.mark.parametrize(
    "late",
    [
        'Network(shop, "late", cidr="10.1.0.0/24")',
        "web.allow_from(db, Icmp())",
        'SecurityGroup.lookup(shop, "late")',
        'OpenStackStack(app, "late")',
    ],
)
def test_what_is_declared_after_the_writing_is_missed(tmp_path: Path, late: str) -> None:
    done = run(write(tmp_path, "", end=f"app.synth()\n{late}\n"))
    assert done.returncode == 1
    assert done.stderr.endswith(": not all of it was written; call app.synth() when all is declared\n")


@pytest.mark.parametrize(
    ("gives", "shown"), [("None", "it gives None; give findings"), ("['x']", "it gives 'x'; give F")]
)
def test_a_policy_that_gives_no_findings_is_named(tmp_path: Path, gives: str, shown: str) -> None:
    policy = f"""
class Mine(Policy):
    id, title, severity = "ACME1", "t", "info"

    def check(self, facts):
        return {gives}


app2 = App(policies=[Mine()])
OpenStackStack(app2, "other")
app2.synth()
"""
    done = run(write(tmp_path, policy))
    assert done.returncode == 1
    assert f"policy ACME1: check: {shown}" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_a_policy_cannot_read_is_its_own_error(tmp_path: Path) -> None:
    policy = """
class Mine(Policy):
    \"\"\"Reads a list of its own.\"\"\"

    id, title, severity = "ACME1", "t", "info"

    def check(self, facts):
        return [open("not-there.txt").read()]


app2 = App(policies=[Mine()])
OpenStackStack(app2, "other")
app2.synth()
"""
    done = run(write(tmp_path, policy))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "FileNotFoundError: [Errno 2] No such file or directory: 'not-there.txt'"


def test_a_value_that_has_no_text_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "userdata").mkdir()
    (tmp_path / "userdata" / "t").write_text("#!/bin/sh\necho {{ x }}\n")
    for given, what in (("backend", "Network"), ("len", "builtin_function_or_method")):
        done = run(write(tmp_path, f'server(user_data=UserData.template("t", x={given}))'))
        assert done.returncode == 1
        assert f"line 2: a value of the class {what} has no text; give the text that is meant" in done.stderr


def test_a_program_that_ends_with_an_error_says_that_alone(tmp_path: Path) -> None:
    done = run(write(tmp_path, 'raise RuntimeError("mine")', end=""))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "RuntimeError: mine"


def test_a_node_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = run(write(tmp_path, ""), JSII_NODE="/none/node")
    assert done.returncode == 1
    assert done.stderr == (
        "JSII_NODE: there is no program '/none/node': name a Node.js, or unset it to take the one that comes with IvC\n"
    )


def test_an_old_python_is_told_so(tmp_path: Path) -> None:
    program = tmp_path / "main.py"
    program.write_text("import sys\nsys.version_info = (3, 9, 2)\nimport ivc\n")
    done = run(program)
    assert done.returncode == 1
    assert re.fullmatch(r"ivc needs Python 3\.11 or newer, and this is [\d.]+: run it with a newer one\n", done.stderr)


def test_an_output_that_cannot_be_written_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "cdktf.out").write_text("a file in the way")
    done = run(write(tmp_path, ""))
    assert done.returncode == 1
    assert re.fullmatch(
        r"\S+/cdktf\.out: the output cannot be written \(Not a directory: .*\); make it .*\n", done.stderr
    )
    assert (tmp_path / "cdktf.out").read_text() == "a file in the way"


# Every parameter of every public function.


def public_functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """The constructors and methods of all that the package exports, and of what those give."""
    classes = {each for name in ivc.__all__ if isinstance(each := getattr(ivc, name), type)}
    bases = {base for each in classes for base in each.__mro__ if base.__module__.startswith("ivc.")}
    for each in sorted({*classes, *bases}, key=lambda one: one.__name__):
        if issubclass(each, BaseException):
            continue
        for name, member in vars(each).items():
            if name.startswith("_") and name != "__init__":
                continue
            function = member.__func__ if isinstance(member, (staticmethod, classmethod)) else member
            if inspect.isfunction(function):
                yield f"{each.__name__}.{name}", function


#: They are for those who read what is declared, and not for those who declare.
INTERNAL = {
    "check_usable",
    "check_in_range",
    "flows",
    "files",
    "render",
    "prepare",
    "draft",
    "places",
    "translated",
    "check",
    "templates",
}
INTERNAL |= {"check_groups", "addresses", "subnets"}
#: Nobody makes them but the methods that give them.
GIVEN = {"Nic.__init__", "Nics.__init__", "Attachment.__init__", "StoredObject.__init__"}


#: What stands before others that have no name.
FIRST = {"peer": ivc.Cidr("10.0.0.0/8"), "protocol": "vrrp", "name": "www"}


def parameters() -> Iterator[Any]:
    for called, function in public_functions():
        for parameter in inspect.signature(function).parameters.values() if called not in GIVEN else ():
            says_type = parameter.annotation not in ("Any", "object", "S", parameter.empty)
            if function.__name__ not in INTERNAL and says_type and not parameter.name.startswith("_"):
                yield pytest.param(function, parameter, id=f"{called}, {parameter.name}")


@pytest.mark.parametrize(("function", "parameter"), [*parameters()])
def test_every_argument_is_checked_first(function: Callable[..., Any], parameter: inspect.Parameter) -> None:
    named: dict[str, Any] = {}
    names = [*inspect.signature(function).parameters]
    given: tuple[Any, ...] = (object(),) if names[0] in ("self", "cls") else ()
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.POSITIONAL_ONLY):
        before = names[len(given) : names.index(parameter.name)]
        given = (*given, *(FIRST[name] for name in before), object())
    else:
        named = {parameter.name: object()}
    with pytest.raises(DeclarationError, match=rf": {parameter.name}: it is an object; give"):
        function(*given, **named)


@pytest.mark.parametrize("made", [ivc.Nic, ivc.Nics, ivc.Attachment, ivc.StoredObject, ivc.UserData, ivc.LookedUpZone])
def test_what_only_a_method_makes_names_it(made: Callable[..., Any]) -> None:
    for given in ({}, {"name": object()}):
        with pytest.raises(DeclarationError, match=rf"^{made.__name__}: .*write \S+\(.*\.\.\."):
            made(**given)


def called() -> Iterator[Any]:
    for name, function in public_functions():
        if name not in {*GIVEN, "UserData.__init__", "LookedUp.__init__"} and function.__name__ not in INTERNAL:
            yield pytest.param(function, id=name)


@pytest.mark.parametrize("function", [*called()])
def test_an_argument_that_is_unknown_or_given_twice_is_named(function: Callable[..., Any]) -> None:
    parameters = [*inspect.signature(function).parameters.values()]
    owner = [one.name for one in parameters[:1] if one.name in ("self", "cls")]
    if not any(one.kind is one.VAR_KEYWORD for one in parameters):
        with pytest.raises(DeclarationError, match=r": unheard_of: there is no such argument; "):
            function(*[object() for _ in owner], unheard_of=object())
    named = [one.name for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD]
    for place, name in enumerate(named):
        problem = "there is no such argument; leave it out" if name in owner else "it is given twice; give it once"
        with pytest.raises(DeclarationError, match=rf": {name}: {problem}$"):
            function(*[object() for _ in named[: place + 1]], **{name: object()})
