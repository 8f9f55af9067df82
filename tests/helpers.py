"""What the fast tests share: small declarations, and the synthesized JSON as a plain dict.

Not fixtures, so that hypothesis and tables can call them as often as they like.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cdktf import Testing

from ivc import App, Instance, Network, OpenStackStack, UserData
from ivc.estate import synthesized
from ivc.estate.template_text import template as as_json
from ivc.terraform.value import Unknown
from ivc.userdata import AtApply

PROJECT = Path(__file__).resolve().parents[1]

Json = dict[str, Any]

INSTANCE = "openstack_compute_instance_v2"
ATTACHMENT = "openstack_compute_volume_attach_v2"
PORT = "openstack_networking_port_v2"
NETWORK = "openstack_networking_network_v2"
SUBNET = "openstack_networking_subnet_v2"
ROUTER = "openstack_networking_router_v2"
INTERFACE = "openstack_networking_router_interface_v2"
ROUTE = "openstack_networking_router_route_v2"
HOST_ROUTE = "openstack_networking_subnet_route_v2"
RBAC_POLICY = "openstack_networking_rbac_policy_v2"
FLOATING_IP = "openstack_networking_floatingip_v2"
ASSOCIATION = "openstack_networking_floatingip_associate_v2"
GROUP = "openstack_networking_secgroup_v2"
RULE = "openstack_networking_secgroup_rule_v2"
VOLUME = "openstack_blockstorage_volume_v3"
IMAGE = "openstack_images_image_v2"
FLAVOR = "openstack_compute_flavor_v2"
SERVER_GROUP = "openstack_compute_servergroup_v2"
KEY_PAIR = "openstack_compute_keypair_v2"
CONTAINER = "openstack_objectstorage_container_v1"
OBJECT = "openstack_objectstorage_object_v1"
SECRET = "openstack_keymanager_secret_v1"
CERTIFICATE = "openstack_keymanager_container_v1"
TRIGGER = "terraform_data"

VOLUME_ID = "11111111-2222-3333-4444-555555555555"
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEEKz4A8daCfmFiS3ggQ8dGlpdXzPF/h64Ih0RHU1uyb ops@practice"
IMAGE_ID = "99999999-8888-7777-6666-555555555555"


def new_stack(folder: Path, name: str = "shop", **settings: Any) -> OpenStackStack:
    """A stack in an app of its own, whose templates stand in `folder`/userdata."""
    (folder / "userdata").mkdir(parents=True, exist_ok=True)
    return OpenStackStack(App(folder=folder), name, **settings)


def synth(stack: OpenStackStack) -> Json:
    """The stack's JSON as Terraform reads it, without CDKTF's own notes in it."""
    # CDKTF's Testing.synth asks no stack to prepare itself; App.synth does.
    stack._finish()
    result: Json = json.loads(Testing.synth(stack))
    return result


def resources(synthesized: Json, kind: str) -> Json:
    """All resources of a Terraform type, by name."""
    found: Json = synthesized.get("resource", {}).get(kind, {})
    return found


def data_sources(synthesized: Json, kind: str) -> Json:
    """All data sources of a Terraform type, by name."""
    found: Json = synthesized.get("data", {}).get(kind, {})
    return found


def addresses(synthesized: Json) -> list[str]:
    """Every Terraform address of the stack."""
    return sorted(
        [f"{kind}.{name}" for kind, named in synthesized.get("resource", {}).items() for name in named]
        + [f"data.{kind}.{name}" for kind, named in synthesized.get("data", {}).items() for name in named]
        + [f"check.{name}" for name in synthesized.get("check", {})]
        + [f"output.{name}" for name in synthesized.get("output", {})]
    )


def server(scope: Any, id_: str, network: Any = None, /, **said: Any) -> Instance:
    """An instance with as little said as can be, and what the test says."""
    if network is not None:
        said.setdefault("nics", [network.nic()])
    return Instance(scope, id_, **{"image": "Debian 12", "flavor": "b2-7"} | said)


def backend(scope: Any, id_: str = "backend", /, **said: Any) -> Network:
    """A private network with a subnet."""
    return Network(scope, id_, **{"cidr": "10.0.0.0/24"} | said)


def template(stack: OpenStackStack, text: str, name: str = "t.jinja", /, **variables: Any) -> UserData:
    """User data from a template that holds this text, byte for byte."""
    path = stack.app.templates / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return UserData.template(name, **variables)


def user_data(stack: OpenStackStack, name: str) -> str:
    """An instance's user data as Terraform comes to it, as one template."""
    stack.app.synth()
    (written,) = (one for one in synthesized(Path(stack.app.outdir)) if one.name == stack.name)
    value = written.document.elements[f"{INSTANCE}.{name}"].given["user_data"]
    parts = (value.parts or (value,)) if isinstance(value, Unknown) else (value,)
    return as_json(part if isinstance(part, str) else AtApply(str(part)[2:-1], "", 0) for part in parts)


def rendered(stack: OpenStackStack, name: str) -> bytes:
    """The file beside the JSON, as a person reads it."""
    stack.app.synth()
    return (Path(stack.app.outdir) / "stacks" / stack.name / "userdata" / name).read_bytes()


def a_disk(path: Path) -> Path:
    """A raw disk with nothing but a boot sector and a partition of one sector, written to a path."""
    # Glance refuses a boot sector that tells of none.
    partition = struct.pack("<B3xB3xII", 0x80, 0x83, 1, 1)
    path.write_bytes(bytes(446) + partition + bytes(48) + b"\x55\xaa" + bytes(512))
    return path


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, with its bytes."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def clean_environment(**more: str) -> dict[str, str]:
    """The environment for a program of its own, without what would steer its output."""
    steering = ("TF_CLOUD_", "OS_", "IVC_", "CDKTF_OUTDIR", "CDKTF_CONTEXT_JSON", "PYTHONHASHSEED", "PYTHONPATH")
    return {key: value for key, value in os.environ.items() if not key.startswith(steering)} | more


def copy_of_project(folder: Path) -> Path:
    """What `main.py` needs, at another path."""

    for name in ("constructs", "userdata"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("main.py", "cdktf.json"):
        shutil.copy(PROJECT / name, folder / name)
    return folder


def run_main(folder: Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """`python main.py`, under way."""
    return subprocess.Popen(
        [sys.executable, str(folder / "main.py")],
        cwd=cwd or folder,
        env=clean_environment(**(env or {})),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_program(folder: Path, program: str | None = None, /, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python main.py` in a folder, to its end. program: its text, where the folder is to become a project."""
    if program is not None:
        (folder / "main.py").write_text(program)
        (folder / "cdktf.json").write_text("{}")
    return subprocess.run(
        [sys.executable, "main.py"],
        cwd=folder,
        env=clean_environment(PYTHONPATH=str(PROJECT / "constructs"), **environment),
        capture_output=True,
        text=True,
        check=False,
    )


def written_stack(outdir: Path, name: str = "shop") -> Json:
    """The JSON of a stack, as it stands in what a program wrote."""
    document: Json = json.loads((outdir / "stacks" / name / "cdk.tf.json").read_text())
    return document


def shown_on(page: str, language: str = "python") -> str:
    """The one example of a language on a page, which is named from the project's folder."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", (PROJECT / page).read_text(), re.DOTALL | re.MULTILINE)
    return str(found)


def run_cdktf_synth(folder: Path) -> subprocess.Popen[str]:
    """`./run cdktf synth` in a folder, under way."""
    return subprocess.Popen(
        [str(PROJECT / "run"), "cdktf", "synth"],
        cwd=folder,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
