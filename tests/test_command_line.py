"""`ivc render`, `ivc check` and `ivc seed`, as a shell runs them; and what `ivc boot` asks for."""

from __future__ import annotations

import os
import subprocess
import sys
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pycdlib
import pytest
import typer
import yaml

from ivc import Volume
from ivc.cli import boot
from tests.helpers import PROJECT, VOLUME_ID, backend, copy_of_project, new_stack, run_main, server

ALONE = "#cloud-config\nhostname: {{ instance.name }}\nfqdn: {{ fqdn }}\n"
VARIABLES = """\
role: web server
instance:
  addresses: {backend: 10.0.0.11}
  volumes:
    - {id: 3f2504e0-4f89-41d3-9a0c-0305e82c3301, mount_point: /srv, format_if_blank: ext4}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, synthesized."""
    folder = copy_of_project(tmp_path_factory.mktemp("project"))
    (folder / "userdata" / "alone.jinja").write_text(ALONE)
    assert run_main(folder).wait() == 0
    (folder / "vars.yaml").write_text(VARIABLES)
    return folder


def ivc(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ivc", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(PROJECT / "constructs"), "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )


def said(folder: Path, *arguments: str) -> str:
    done = ivc(folder, *arguments)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def refused(folder: Path, *arguments: str) -> str:
    done = ivc(folder, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


def test_an_instances_user_data_is_what_was_synthesized(project: Path) -> None:
    file = (project / "cdktf.out/stacks/shop/userdata/www-1").read_text()
    assert said(project, "render", "www-1") == said(project, "render", "shop/www-1") == file
    label = "address of www-1 on Ext-Net"
    assert f"<{label}>" in file
    filled = said(project, "render", "www-1", "--set", f"{label}=192.0.2.7")
    assert filled == file.replace(f"<{label}>", "192.0.2.7")


def test_a_template_needs_no_declaration(project: Path) -> None:
    given = ("--var", "fqdn=a.example", "--vars", "vars.yaml", "--name", "web")
    text = said(project, "render", "userdata/alone.jinja", *given)
    assert text.startswith("#cloud-config\nhostname: web\nfqdn: a.example\nbootcmd:\n")
    assert "one 3f2504e0-4f89-41d3-9 /srv ext4 ''" in text


def test_all_instances_are_checked(project: Path) -> None:
    assert said(project, "check") == "Checked 3: 0 errors, 0 warnings.\n"


@pytest.mark.parametrize("command", [("check",), ("render", "www-1"), ("summary",), ("review", "--base", "cdktf.out")])
def test_a_file_that_was_changed_by_hand_or_taken_away_is_told(project: Path, command: tuple[str, ...]) -> None:
    file = project / "cdktf.out/stacks/shop/userdata/www-2"
    before = file.read_text()
    file.write_text(before.replace("hostname: www-2", "hostname: www-3"))
    changed = ivc(project, *command)
    file.unlink()
    missing = ivc(project, *command)
    file.write_text(before)
    where = "ivc: cdktf.out/stacks/shop/userdata/www-2"
    assert changed.stderr == (
        f"{where} is not as it was written: somebody changed it, and Terraform would send it so; run `ivc synth` to "
        "write it anew.\n"
    )
    assert missing.stderr == (
        f"{where}, which cdktf.out/stacks/shop/cdk.tf.json reads, is not there: run `ivc synth` to write it anew.\n"
    )
    assert (changed.returncode, missing.returncode) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("render", "nope"), "ivc: nope is neither a file nor an instance of cdktf.out; its instances: db-1,"),
        (("render", "www-1", "--set", "x"), "ivc: --set: 'x' has no sign =; write NAME=VALUE"),
        (("render", "www-2", "--set", "x=y"), "ivc: --set: 'x' is no value known only at apply of shop/www-2; it"),
        (("render", "userdata/base.yaml.jinja"), "ivc: {project}/userdata/base.yaml.jinja, line 11: 'role' is "),
        (("render", "userdata/base.yaml.jinja", "--vars", "none"), "ivc: none cannot be read: No such file"),
        (("render", "userdata/base.yaml.jinja", "--vars", "main.py"), "ivc: main.py is no YAML: "),
        (("check", "nope.yaml"), "ivc: nope.yaml: there is no such file: name a file, or an instance of what was"),
        (("check", "nope/nope"), "ivc: nope/nope is neither a file nor an instance of cdktf.out; its instances:"),
        (("check", "--from", "userdata"), "ivc: userdata was not written by a synthesis"),
        (("seed", "www-2", "-o", "x.iso"), "ivc: shop/www-2: 'address of www-2 on Ext-Net' is known only at "),
        (("seed", "db-1", "-o", "/none/x", "--set", "serial of volume db-data=a"), "ivc: --output: /none/x cannot"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence(project: Path, arguments: tuple[str, ...], sentence: str) -> None:
    message = refused(project, *arguments)
    assert message.startswith(sentence.format(project=project))
    assert message.count("\n") == 1


def test_a_newer_source_is_said(project: Path) -> None:
    source = project / "userdata" / "db.yaml.jinja"
    stamp = source.stat().st_mtime_ns
    os.utime(source, ns=(stamp, 2**62))
    done = [ivc(project, *command) for command in (["render", "www-1"], ["summary"], ["review"])]
    os.utime(source, ns=(stamp, stamp))
    told = "ivc: userdata/db.yaml.jinja is newer than cdktf.out, of which this is told: `ivc synth` writes it anew.\n"
    assert [each.stderr for each in done] == [told, told, f"ivc: without --base or --plan all is new.\n{told}"]
    assert [ivc(project, "summary").stderr, ivc(project, "render", "www-1").stderr] == ["", ""]


@pytest.mark.parametrize(
    ("kind", "label", "path"),
    [("nocloud", "cidata", "/user-data"), ("config-2", "config-2", "/openstack/latest/user_data")],
)
def test_an_image_brings_the_same_bytes(project: Path, kind: str, label: str, path: str) -> None:
    given = ("www-2", "--set", "address of www-2 on Ext-Net=192.0.2.7")
    text = said(project, "render", *given)
    assert ivc(project, "seed", *given, "--kind", kind, "-o", "www-2.iso").returncode == 0
    image = pycdlib.PyCdlib()
    image.open(str(project / "www-2.iso"))
    content = BytesIO()
    image.get_file_from_iso_fp(content, rr_path=path)
    assert content.getvalue() == text.encode()
    assert image.pvd.volume_identifier.decode().strip() == label
    about = BytesIO()
    meta = "/meta-data" if kind == "nocloud" else "/openstack/latest/meta_data.json"
    image.get_file_from_iso_fp(about, joliet_path=meta)
    assert "www-2" in yaml.safe_load(about.getvalue()).values()
    image.close()


def test_a_guest_gets_a_disk_for_each_volume_with_all_places_where_it_is_mounted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = new_stack(tmp_path)
    blank, groups = Volume.lookup(stack, "blank"), Volume.lookup(stack, id="22222222-2222-3333-4444-555555555555")
    server(
        stack,
        "www",
        backend(stack),
        volumes=[
            Volume.lookup(stack, id=VOLUME_ID).mount("/srv/a", folder="a").mount("/srv/b", folder="b"),
            blank.mount("/srv/blank", format_if_blank="ext4"),
            groups.mount("/srv/www", lvm="data/www").mount("/srv/second", partition=2),
        ],
    )
    stack.app.synth()
    ran: list[list[str]] = []

    def run(command: list[str], **_: object) -> SimpleNamespace:
        ran.append(command)
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(typer.Exit):
        boot.boot("www", set_=["serial of volume blank=abc"], from_=Path(stack.app.outdir))
    (command,) = ran
    assert [word for before, word in pairwise(command) if before == "--disk"] == [
        f"{VOLUME_ID[:20]}:ext4@/srv/a@/srv/b",
        "abc:blank@/srv/blank",
    ]
    assert capsys.readouterr().err.splitlines()[-2:] == [
        "not tried: /srv/www, which is the logical volume data/www, for which the image must have lvm2.",
        "not tried: /srv/second, which is a partition.",
    ]
