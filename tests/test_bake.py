"""What `ivc bake` asks for, and what it refuses before any guest is started."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from ivc import Anyone, App, Container, Network, OpenStackStack, UserData, Volume
from ivc.cli import guest
from ivc.cli.bake import bake
from ivc.cli.boot import boot
from tests.helpers import backend, new_stack, server

TEXT = "#cloud-config\nhostname: {{ instance.addresses['Ext-Net'] }}\n"
ADDRESS = "address of www on Ext-Net"


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """What was synthesized: `plain` can be baked, `mail` has a volume, and `www` an address that only apply knows;
    `app` fetches an object of a file and one that a pipeline puts there, `told` says where as well, and `other` is in
    the container too."""
    stack = new_stack(tmp_path)
    network = backend(stack)
    server(stack, "plain", network, user_data=UserData.text("#cloud-config\nhostname: plain\n"))
    server(stack, "mail", network, volumes=[Volume.lookup(stack, "mail").mount("/srv")])
    (tmp_path / "userdata").mkdir(exist_ok=True)
    (tmp_path / "userdata" / "www").write_text(TEXT)
    internet = Network.lookup(stack, "Ext-Net", public=True)
    server(stack, "www", nics=[internet.nic()], user_data=UserData.template("www"))
    (tmp_path / "a.html").write_text("a")
    store = Container(stack, "store", readers=[Anyone()]).waive("IVC161", reason="a test")
    store.file("other/a.html", "a.html")
    fetched = [store.file("pages/a.html", "a.html"), store.object("b.html", sha256="0" * 64)]
    head = "#cloud-config\n{% import 'ivc/objects.jinja' as objects %}\nruncmd:\n"
    a, b = ("  - {{ objects.fetch(%s, '/opt/file') }}\n" % name for name in "ab")  # noqa: UP031 - braces are Jinja's
    (tmp_path / "userdata" / "app").write_text(head + a + b)
    server(stack, "app", network, user_data=UserData.template("app", a=fetched[0], b=fetched[1]))
    (tmp_path / "userdata" / "told").write_text(head + a + "fqdn: {{ a.url }}\n")
    server(stack, "told", network, user_data=UserData.template("told", a=fetched[0]))
    stack.app.synth()
    return Path(stack.app.outdir)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What the guest's program was told; it writes an image of one word."""
    told: list[tuple[str, ...]] = []

    def run(user_data: str, name: str, *options: str) -> int:
        told.append((user_data, name, *options))
        if "--bake" in options:
            Path(options[options.index("--bake") + 1]).write_text("image")
        return 0

    monkeypatch.setattr(guest, "run", run)
    return told


def test_the_guest_gets_the_user_data_and_full_paths(
    output: Path, ran: list[tuple[str, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bake("www", output=Path("www.qcow2"), image=Path("debian.qcow2"), set_=[f"{ADDRESS}=192.0.2.7"], from_=output)
    image, given = str(tmp_path / "www.qcow2"), str(tmp_path / "debian.qcow2")
    assert ran == [("#cloud-config\nhostname: 192.0.2.7\n", "www", "--bake", image, "--image", given)]
    bake("plain", output=Path("plain.qcow2"), from_=output)
    assert ran[1][2:] == ("--bake", str(tmp_path / "plain.qcow2"))


def test_the_guest_finds_the_objects_that_the_instance_fetches(
    output: Path, ran: list[tuple[str, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bake("app", output=Path("app.qcow2"), object_=["store/b.html=b.html"], from_=output)
    with pytest.raises(typer.Exit):
        boot("app", object_=["store/b.html=b.html"], from_=output)
    made, brought = "http://192.0.2.1/store/pages/a.html", "http://192.0.2.1/store/b.html"
    (file,) = (output / "stacks" / "shop" / "objects").glob("*pages*")
    objects = ("--object", f"{made}={file}", "--object", f"{brought}={tmp_path / 'b.html'}")
    (baked, *bakes), (booted, *boots) = ran
    assert baked == booted
    assert [f"set -- '{url}' " in baked for url in (made, brought)] == [True, True]
    assert bakes == ["app", "--bake", str(tmp_path / "app.qcow2"), *objects]
    assert boots == ["app", "--bus", "virtio", "--times", "1", *objects]


def test_a_file_for_what_is_not_fetched_is_refused(output: Path, ran: list[tuple[str, ...]], tmp_path: Path) -> None:
    for name in ("store/c.html", "b.html"):
        with pytest.raises(
            ValueError, match=f"^--object: shop/app fetches no object {name}; write CONTAINER/NAME=FILE"
        ):
            bake("app", output=tmp_path / "app.qcow2", object_=[f"{name}=b.html"], from_=output)
    assert ran == []


def test_an_image_that_is_there_is_written_over_only_by_force(
    output: Path, ran: list[tuple[str, ...]], tmp_path: Path
) -> None:
    image = tmp_path / "plain.qcow2"
    image.write_text("former")
    with pytest.raises(ValueError, match=r"^--output: .*plain.qcow2 is there already: name another, or give --force"):
        bake("plain", output=image, from_=output)
    assert (image.read_text(), ran) == ("former", [])
    bake("plain", output=image, force=True, from_=output)
    assert image.read_text() == "image"


@pytest.mark.parametrize(
    ("instance", "file", "sentence"),
    [
        ("mail", "mail.qcow2", "shop/mail: its user data mounts volumes, which no image has: bake an instance without"),
        ("www", "www.qcow2", f"shop/www: '{ADDRESS}' is known only at apply, and would be in the image: give --set "),
        (
            "app",
            "app.qcow2",
            "shop/app: 'URL of b.html in container store' is known only at apply, and would be in the",
        ),
        (
            "told",
            "told.qcow2",
            "shop/told: 'URL of pages/a.html in container store' is said beside where it is fetched, ",
        ),
        ("plain", "nowhere/plain.qcow2", "--output: there is no folder .*nowhere: make it, or name another"),
        ("plane", "plain.qcow2", "plane is neither a file nor an instance of"),
    ],
)
def test_what_makes_no_image_is_one_sentence(
    output: Path, ran: list[tuple[str, ...]], tmp_path: Path, instance: str, file: str, sentence: str
) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}"):
        bake(instance, output=tmp_path / file, from_=output)
    assert ran == []


def test_where_the_guest_finds_anything_wrong_its_exit_status_is_ours(
    output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(guest, "run", lambda *_: 1)
    with pytest.raises(typer.Exit) as ended:
        bake("plain", output=tmp_path / "plain.qcow2", from_=output)
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err == ""


def test_outside_of_a_project_there_is_no_guest(output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        ValueError, match=r"^the guest comes with the repository of IvC alone: run this in a clone of it"
    ):
        bake("plain", output=tmp_path / "plain.qcow2", from_=output)


def test_of_several_stacks_the_instances_are_named_as_they_are_given(tmp_path: Path) -> None:
    app = App(folder=tmp_path)
    for name in ("one", "two"):
        stack = OpenStackStack(app, name)
        server(stack, "a", backend(stack), user_data=UserData.text("#cloud-config\nhostname: a\n"))
    app.synth()
    with pytest.raises(ValueError, match=r"^b is neither a file nor an instance of .*; its instances: one/a, two/a\.$"):
        bake("b", output=tmp_path / "b.qcow2", from_=Path(app.outdir))
