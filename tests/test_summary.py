"""`ivc summary`: what a person reads of a synthesized folder."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cdktf_cdktf_provider_openstack.data_openstack_networking_network_v2 import DataOpenstackNetworkingNetworkV2
from cdktf_cdktf_provider_openstack.images_image_v2 import ImagesImageV2
from cdktf_cdktf_provider_openstack.objectstorage_container_v1 import ObjectstorageContainerV1
from cdktf_cdktf_provider_openstack.sharedfilesystem_share_access_v2 import SharedfilesystemShareAccessV2
from cdktf_cdktf_provider_openstack.sharedfilesystem_share_v2 import SharedfilesystemShareV2
from rich.console import Console

from ivc import (
    Anyone,
    App,
    Certificate,
    Cidr,
    Container,
    EphemeralDisk,
    FloatingIp,
    Instance,
    Listener,
    LoadBalancer,
    Mx,
    Network,
    OpenStackStack,
    Pool,
    PortRange,
    RootDisk,
    RootVolume,
    Router,
    SecurityGroup,
    Tcp,
    Tier,
    Udp,
    UserData,
    Vip,
    Volume,
    Zone,
    estate,
)
from ivc.cli import summary_view

PROJECT = Path(__file__).parent.parent


def ivc(*arguments: str | Path, cwd: Path = PROJECT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a shell would, its output piped."""
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "CDKTF_OUTDIR")}
    return subprocess.run(
        [sys.executable, "-m", "ivc", *arguments],
        cwd=cwd,
        env=kept | {"PYTHONPATH": str(PROJECT / "constructs")} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def summary_of(folder: Path, *, width: int = 80, colour: bool = False) -> str:
    console = Console(width=width, highlight=False, force_terminal=colour, color_system="truecolor" if colour else None)
    return summary_view.render(estate.read(folder), console)


def words(text: str) -> str:
    """Text without its folding and without a table's rulers."""
    return " ".join(re.sub("─+", " ", text).split())


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What main.py is synthesized to."""
    folder = tmp_path_factory.mktemp("shop") / "cdktf.out"
    environment = os.environ | {"CDKTF_OUTDIR": str(folder)}
    subprocess.run([sys.executable, "main.py"], cwd=PROJECT, env=environment, check=True, capture_output=True)
    return folder


@pytest.fixture
def stack(tmp_path: Path) -> OpenStackStack:
    return OpenStackStack(App(folder=tmp_path, outdir=tmp_path / "out"), "test")


def synthesized(stack: OpenStackStack) -> Path:
    stack.app.synth()
    return Path(stack.app.outdir)


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A synthesized stack with nothing in it; tests take a copy."""
    folder = tmp_path_factory.mktemp("bare")
    return synthesized(OpenStackStack(App(folder=folder, outdir=folder / "out"), "test"))


@pytest.fixture
def folder(bare: Path, tmp_path: Path) -> Path:
    return shutil.copytree(bare, tmp_path / "out")


class TestEstateOfMain:
    def test_begins_with_what_there_is(self, shop: Path) -> None:
        first = summary_of(shop).split("\n")[0]
        assert first == "Stack shop: 3 instances, 2 networks, 2 security groups, 2 volumes"

    def test_instances_with_their_nics_in_order(self, shop: Path) -> None:
        text = words(summary_of(shop))
        assert "db-1 Debian 12 backend 10.0.0.21 db volume db-data b2-15 config drive" in text
        assert "www-1 Debian 12 Ext-Net automatic web volume www-data b2-7 backend 10.0.0.11 web" in text
        assert "www-2 Debian 12 Ext-Net automatic web b2-7 backend 10.0.0.12 web" in text

    def test_networks(self, shop: Path) -> None:
        text = words(summary_of(shop))
        assert "backend private, made by this stack 10.0.0.0/24" in text
        assert "Ext-Net public, looked up" in text

    def test_groups_as_sentences(self, shop: Path) -> None:
        rows = [line.strip() for line in summary_of(shop).split("\n")]
        assert "web                                  in: tcp 80, 443 and icmp from anywhere" in rows
        assert "Web servers: the world reads them    in: icmp from group db" in rows
        assert "out: anything to anywhere" in rows
        assert "db                                   in: tcp 3306 and icmp from group web" in rows

    def test_files_with_their_sizes(self, shop: Path) -> None:
        lines = summary_of(shop).split("\n")
        for path in (shop / "stacks/shop/cdk.tf.json", *sorted((shop / "stacks/shop/userdata").iterdir())):
            assert [line.split() for line in lines if str(path) in line] == [
                [f"{path.stat().st_size:,}", "bytes", str(path)]
            ]

    def test_state_is_beside_the_output(self, shop: Path) -> None:
        lines = summary_of(shop).split("\n")
        assert lines[lines.index("State") + 1].strip() == str(shop.parent / "terraform.shop.tfstate")

    def test_marks_are_ours_and_not_shown(self, shop: Path) -> None:
        assert "ivc:" not in summary_of(shop)


class TestWhatElseADeclarationSays:
    def test_empty_stack(self, folder: Path) -> None:
        text = summary_of(folder)
        assert text.startswith("Stack test: 0 instances, 0 networks, 0 security groups, 0 volumes\n")
        assert "Instance " not in text
        assert "Terraform JSON" in text

    def test_no_stack(self, tmp_path: Path) -> None:
        App(folder=tmp_path, outdir=tmp_path / "out").synth()
        assert "holds no stack: the program declares none." in words(summary_of(tmp_path / "out"))

    def test_live_volume_protection_zone_and_another_name(self, stack: OpenStackStack) -> None:
        network = Network(stack, "net", cidr="10.0.0.0/24")
        Instance(
            stack,
            "a",
            image="i",
            flavor="f",
            name="a.example.com",
            nics=[network.nic(ip=("10.0.0.5", "10.0.0.6"))],
            volumes=[Volume.lookup(stack, "first disk"), Volume.lookup(stack, "second").attach(live=True)],
            prevent_destroy=True,
            availability_zone="nova",
        )
        text = summary_of(synthesized(stack), width=120)
        assert 'called "a.example.com"' in text
        assert "volume first disk\n" in text
        assert "volume second, live\n" in text
        assert re.search(r"10\.0\.0\.5 +none", text)
        assert re.search(r"\n +10\.0\.0\.6\b", text)
        assert re.search(r"\bprotected\n", text)
        assert re.search(r"\bzone nova\n", text)

    def test_disks_and_what_becomes_of_them(self, stack: OpenStackStack) -> None:
        nics = [Network(stack, "net", cidr="10.0.0.0/24").nic()]
        root = RootVolume(stack, "root", image="Debian 12", size=20)
        Instance(stack, "a", image="Debian 11", flavor="f", nics=nics, root_disk=RootDisk(size=1200))
        Instance(stack, "b", flavor="f", nics=nics, root_disk=root, volumes=[Volume.lookup(stack, "data")])
        Instance(stack, "c", flavor="f", nics=nics, root_disk=Volume.lookup(stack, "boot"))
        scratch = [EphemeralDisk(size=40)]
        Instance(stack, "d", image="i", flavor="f", nics=nics, ephemeral_disks=scratch, swap=2048)
        text = summary_of(synthesized(stack), width=140)
        # What the server itself says no image of says that of its volume.
        assert re.search(r"\n *b +Debian 12 .* root volume root of 20 GiB, which stays\n", text)
        assert re.search(r"\n *c +net .* root volume boot, which stays\n", text)
        assert re.search(r"\n *a +Debian 11 .* root disk of 1,200 GiB, a volume that goes with it\n", text)
        assert re.search(r" volume data\n", text)
        assert re.search(r" ephemeral disk of 40 GiB\n", text)
        assert re.search(r" swap of 2,048 MiB\n", text)

    def test_port_security_off(self, stack: OpenStackStack) -> None:
        network = Network(stack, "net", cidr="10.0.0.0/24", port_security=False)
        Instance(stack, "a", image="i", flavor="f", nics=[network.nic()])
        assert re.search(r"automatic +unfiltered", summary_of(synthesized(stack)))

    def test_a_looked_up_network_is_public_where_its_declaration_says_so(self, stack: OpenStackStack) -> None:
        Network.lookup(stack, "office")
        Network.lookup(stack, "Ext-Net", public=True)
        DataOpenstackNetworkingNetworkV2(stack, "by-hand", name="by-hand")
        text = words(summary_of(synthesized(stack)))
        assert "office private, looked up" in text
        assert "Ext-Net public, looked up" in text
        assert "by-hand looked up" in text

    def test_rules_of_every_kind(self, stack: OpenStackStack) -> None:
        group = SecurityGroup(stack, "g", egress="closed")
        group.allow_from(Cidr("192.0.2.0/24"), Tcp(22, PortRange(8000, 8010)), Udp.all())
        group.allow_from(group, Tcp.all())
        looked_up = SecurityGroup.lookup(stack, "theirs")
        SecurityGroup(stack, "shut", egress="closed")
        group.allow_from(looked_up, Udp(53))
        text = summary_of(synthesized(stack))
        assert "in: tcp 22, 8000-8010 and udp from 192.0.2.0/24\n" in text
        assert "in: tcp from group g\n" in text
        assert "in: udp 53 from group theirs\n" in text
        assert "out: tcp to group g\n" in text
        assert "out: nothing\n" in text
        assert re.search(r"theirs +looked up: its rules stand in the cloud\n", text)

    def test_a_rule_of_one_family_says_so(self, stack: OpenStackStack) -> None:
        SecurityGroup(stack, "g").allow_from_anywhere(Tcp(80))
        folder = synthesized(stack)
        path = folder / "stacks/test/cdk.tf.json"
        document = json.loads(path.read_text())
        del document["resource"]["openstack_networking_secgroup_rule_v2"]["g_ingress_tcp-80_anywhere_ipv6"]
        path.write_text(json.dumps(document))
        assert "in: tcp 80 from anywhere, IPv4 only\n" in summary_of(folder)


HOSTILE = [
    ("[red]www[/red]", "[red]www[/red]"),
    ("[/]", "[/]"),
    ("\x1b[31mwww\x1b[0m", r"\x1b[31mwww\x1b[0m"),
    ("`id`", "`id`"),
    ("a\rb", r"a\rb"),
    ("a\u202eb", r"a\u202eb"),
    ("${HOME} %{x}", "${HOME} %{x}"),
    (":smile:", ":smile:"),
    ("löwe 日本", "löwe 日本"),
]


@pytest.mark.parametrize(("name", "shown"), HOSTILE)
def test_hostile_names_are_text(stack: OpenStackStack, name: str, shown: str) -> None:
    network = Network(stack, "net", cidr="10.0.0.0/24", name=f"N{name}")
    group = SecurityGroup(stack, "g", name=f"G{name}", description=f"D{name}")
    Instance(
        stack,
        "a",
        image=f"I{name}",
        flavor=f"F{name}",
        name=f"C{name}",
        nics=[network.nic(group)],
        volumes=[Volume.lookup(stack, f"V{name}")],
    )
    folder = synthesized(stack)
    plain, coloured = (summary_of(folder, width=300, colour=colour) for colour in (False, True))
    for kind in "NGDIFCV":
        assert f"{kind}{shown}" in plain
        assert f"{kind}{shown}" in coloured
    assert "\x1b" not in plain
    assert "\x1b[1m" in coloured
    assert "\x1b[31mwww" not in coloured


def test_containers_images_and_shares_and_who_may_use_them(stack: OpenStackStack) -> None:
    ObjectstorageContainerV1(stack, "files", name="files", container_read=".r:*,p:u")
    ObjectstorageContainerV1(stack, "own", name="own")
    ImagesImageV2(stack, "golden", name="golden", container_format="bare", disk_format="qcow2", visibility="community")
    share = SharedfilesystemShareV2(stack, "homes", name="homes", share_proto="NFS", size=20)
    for name, to in (("office", "10.0.0.0/8"), ("world", "0.0.0.0/0")):
        SharedfilesystemShareAccessV2(stack, name, share_id=share.id, access_type="ip", access_to=to, access_level="rw")
    stack.waive("IVC163", of="openstack_sharedfilesystem_share_access_v2.world", reason="it is a test")
    text = summary_of(synthesized(stack), width=140)
    table = text[text.index("Container, image, share") : text.index("Terraform JSON")]
    assert [re.sub(" {2,}", " | ", line.strip()) for line in table.splitlines()[2:] if line.strip()] == [
        "files | container | anybody can read its objects",
        "read: .r:*, p:u",
        "own | container | its project",
        "golden | image, community | every project of the cloud can use it",
        "homes | share of 20 GiB | ip 10.0.0.0/8",
        "every address can use its share",
    ]


def test_names_are_told_with_what_they_lead_to(stack: OpenStackStack) -> None:
    network = Network(stack, "backend", cidr="10.0.0.0/24")
    www = Instance(stack, "www", image="Debian 12", flavor="b2-7", nics=[network.nic()])
    zone = Zone(stack, "example.com", email="ops@example.com")
    zone.address("www", www)
    zone.address("vip", Vip(stack, "front", network=network, ip="10.0.0.100"))
    zone.mx("@", Mx(10, "www"), Mx(20, "mail.example.net."))
    other = Zone.lookup(stack, "example.org")
    other.address("@", FloatingIp(stack, "out", network=Network.lookup(stack, "Ext-Net")))
    text = summary_of(synthesized(stack), width=140)
    table = text[text.index("DNS zone, name") : text.index("Terraform JSON")]
    assert [re.sub(" {2,}", " | ", line.strip()) for line in table.splitlines()[2:] if line.strip()] == [
        "example.com. | made by this stack",
        "example.com. | MX | 10 www.example.com.",
        "20 mail.example.net.",
        "vip.example.com. | A | 10.0.0.100 (VIP front)",
        "www.example.com. | A | known only at apply: of server www",
        "example.org. | looked up",
        "example.org. | A | known only at apply: of floating IP out",
    ]


def test_a_load_balancer_with_its_address_and_what_leads_to_it(stack: OpenStackStack) -> None:
    internet, network = Network.lookup(stack, "Ext-Net"), Network(stack, "backend", cidr="10.0.0.0/24")
    Router(stack, "gate", external_network=internet).add_interface(network)
    floating = FloatingIp(stack, "www", network=internet)
    www = LoadBalancer(stack, "www", vip=Vip(stack, "of-www", network=network, ip="10.0.0.100", floating_ip=floating))
    Listener(www, "dns", protocol="UDP", port=53, pool=Pool(www, "dns", protocol="UDP", port=53))
    text = words(summary_of(synthesized(stack), width=140))
    assert "an address that the cloud chooses Ext-Net load balancer www" in text
    assert (
        "www 10.0.0.100 on backend the Internet reaches udp 53 at the floating IP www dns UDP 53 pool dns "
        "pool dns UDP nobody"
    ) in text
    assert "of-www" not in text


def rows(text: str, first: str) -> list[str]:
    """The rows of a table, by its first column."""
    table = text[text.index(first) :].partition("\n\n")[0]
    return [re.sub(" {2,}", " | ", line.strip()) for line in table.splitlines()[2:] if line.strip()]


def test_what_a_load_balancer_does_and_what_it_is_called(stack: OpenStackStack) -> None:
    network = Network(stack, "backend", cidr="10.0.0.0/24")
    nics = [network.nics(SecurityGroup(stack, "web"), first="10.0.0.11")]
    tier = Tier(stack, "web", count=2, image="Debian 12", flavor="b2-7", nics=nics)
    www = LoadBalancer(stack, "www", vip=Vip(stack, "www", network=network, ip="10.0.0.100"))
    web = Pool(www, "web", protocol="HTTP", port=8080, members=tier)
    api = Pool(www, "api", protocol="HTTP", port=8081, members=[tier.instances[0]])
    Listener(www, "http", protocol="HTTP", port=80, redirect_to_https="www.example.com")
    https = Listener(
        www,
        "https",
        protocol="TERMINATED_HTTPS",
        port=443,
        pool=web,
        certificate=Certificate.lookup(stack, "www.example.com"),
        sni_certificates=[Certificate.lookup(stack, "api.example.com")],
        allowed_cidrs=[Cidr("198.51.100.0/24")],
    )
    https.route("api", to=api, host="api.example.com", path="/v1/")
    https.route("old", to=api, host="*.old.example")
    zone = Zone(stack, "example.com", email="ops@example.com")
    zone.address("www", www.vip)
    zone.cname("shop", "www")
    text = summary_of(synthesized(stack), width=160)
    assert rows(text, "Load balancer, listener, pool") == [
        "www | 10.0.0.100 on backend",
        "http | HTTP 80 | /* → the same path at https://www.example.com (301)",
        "https | TERMINATED_HTTPS 443 | api.example.com/v1/* → pool api",
        "from 198.51.100.0/24 | *.old.example → pool api",
        "certificate www.example.com, api.example.com | all else → pool web",
        "pool api | HTTP | web-1 (10.0.0.11:8081)",
        "pool web | HTTP | web-1 (10.0.0.11:8080)",
        "web-2 (10.0.0.12:8080)",
    ]
    assert "www.example.com. | A | 10.0.0.100 (load balancer www)" in rows(text, "DNS zone, name")


def test_objects_and_who_fetches_them(stack: OpenStackStack, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files/app").write_text("app")
    (tmp_path / "userdata").mkdir(exist_ok=True)
    fetching = "{% import 'ivc/objects.jinja' as objects %}\nruncmd:\n  - {{ objects.fetch(app, '/opt/app') }}\n"
    (tmp_path / "userdata/www.jinja").write_text(f"#cloud-config\n{fetching}")
    store = Container(stack, "releases", readers=[Anyone()]).waive("IVC161", reason="it is free")
    app = store.file("app.tar.gz", "files/app")
    store.file("other.txt", "files/app")
    Container.lookup(stack, "builds").file("there.txt", "files/app")
    nics = [Network(stack, "backend", cidr="10.0.0.0/24").nic()]
    said = UserData.template("www.jinja", app=app)
    Instance(stack, "www", image="Debian 12", flavor="b2-7", nics=nics, user_data=said)
    assert rows(summary_of(synthesized(stack), width=160), "Container, image, share") == [
        "releases | container | anybody can read its objects",
        "read: .r:*",
        "app.tar.gz | object | fetched by www",
        "other.txt | object",
        "builds | container, another's",
        "there.txt | object",
    ]


class TestCommandLine:
    def test_piped_it_is_plain_and_80_wide(self, shop: Path) -> None:
        done = ivc("summary", "--from", "cdktf.out", cwd=shop.parent)
        assert done.returncode == 0, done.stderr
        assert "\x1b" not in done.stdout
        assert max(map(len, done.stdout.split("\n"))) <= 80
        assert not [line for line in done.stdout.split("\n") if line != line.rstrip()]

    def test_long_names_fold_and_lose_nothing(self, stack: OpenStackStack) -> None:
        flavor = "x" * 200
        Instance(stack, "a", image="i", flavor=flavor, nics=[Network(stack, "n", cidr="10.0.0.0/24").nic()])
        text = summary_of(synthesized(stack))
        tables = text[: text.index("Terraform JSON")]
        assert max(map(len, tables.split("\n"))) <= 80
        assert text.count("x") >= len(flavor)

    def test_by_default_the_project_is_summarized_from_any_folder_of_it(self, shop: Path) -> None:
        (shop.parent / "cdktf.json").write_text("{}")
        below = shop.parent / "below"
        below.mkdir(exist_ok=True)
        assert " cdktf.out/stacks/shop/cdk.tf.json\n" in ivc("summary", cwd=shop.parent).stdout
        assert " ../cdktf.out/stacks/shop/cdk.tf.json\n" in ivc("summary", cwd=below).stdout

    def test_a_terminal_that_knows_few_characters(self, stack: OpenStackStack) -> None:
        Network(stack, "n", name="日本", cidr="10.0.0.0/24")
        done = ivc("summary", "--from", synthesized(stack), PYTHONIOENCODING="ascii")
        assert done.returncode == 0, done.stderr
        assert r"\u65e5\u672c" in done.stdout

    def test_alone_it_prints_help_with_examples(self) -> None:
        alone, asked = ivc(), ivc("--help")
        assert (alone.returncode, asked.returncode) == (0, 0)
        assert alone.stdout == asked.stdout
        assert "\n    ivc render www-1 " in asked.stdout

    def test_it_imports_neither_cdktf_nor_the_bindings(self, shop: Path) -> None:
        program = (
            "import sys; from pathlib import Path; from ivc import __main__, estate; from ivc.cli import summary_view;"
            f"estate.read(Path({str(shop)!r}));"
            "print(sorted({name.split('.')[0] for name in sys.modules} & {'cdktf', 'jsii', 'constructs'}))"
        )
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONPATH": str(PROJECT / "constructs")},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == "[]"


def test_every_public_name_is_there() -> None:
    import ivc as package  # as a program imports it

    assert {name for name in package.__all__ if getattr(package, name, None) is None} == set()
    with pytest.raises(AttributeError, match="no attribute 'Server'"):
        package.Server  # noqa: B018


class TestErrors:
    """Each one sentence on stderr, nothing on stdout, exit status 1."""

    def said(self, *arguments: str | Path, cwd: Path = PROJECT) -> str:
        done = ivc("summary", *(("--from", *arguments) if arguments else ()), cwd=cwd)
        assert done.returncode == 1
        assert done.stdout == ""
        assert re.fullmatch(r"ivc: [^\n]+\.\n", done.stderr), done.stderr
        return done.stderr

    def test_no_folder(self, tmp_path: Path) -> None:
        assert "no folder cdktf.out: run `ivc synth`" in self.said(cwd=tmp_path)

    def test_a_folder_of_something_else(self, tmp_path: Path) -> None:
        assert "it has no manifest.json" in self.said(tmp_path)

    @pytest.mark.parametrize("manifest", ['{"name": "a web site"}', '{"version": "36", "artifacts": {}}'])
    def test_another_tools_manifest(self, tmp_path: Path, manifest: str) -> None:
        (tmp_path / "manifest.json").write_text(manifest)
        assert "was written by another tool" in self.said(tmp_path)

    def test_a_stack_of_another_cloud(self, tmp_path: Path) -> None:
        (tmp_path / "manifest.json").write_text('{"stacks": {"a": {"synthesizedStackPath": "a.json"}}}')
        (tmp_path / "a.json").write_text('{"provider": {"aws": [{}]}}')
        assert "none of its stacks is on OpenStack" in self.said(tmp_path)

    @pytest.mark.parametrize("broken", ["manifest.json", "stacks/test/cdk.tf.json"])
    @pytest.mark.parametrize("text", [b'{"stacks": ', b"", b"\xff\xfe", b"[]", b"[" * 100_000])
    def test_broken_json(self, folder: Path, broken: str, text: bytes) -> None:
        (folder / broken).write_bytes(text)
        said = self.said(folder)
        assert str(folder / broken) in said
        assert "ivc synth" in said

    def test_a_stack_that_is_gone(self, folder: Path) -> None:
        (folder / "stacks/test/cdk.tf.json").unlink()
        assert "is not there: run `ivc synth`" in self.said(folder)

    @pytest.mark.parametrize("resource", [[], {"openstack_compute_instance_v2": {"a": []}}])
    def test_json_of_another_shape(self, folder: Path, resource: object) -> None:
        path = folder / "stacks/test/cdk.tf.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"resource": resource}))
        assert "is not as a synthesis writes it" in self.said(folder)
