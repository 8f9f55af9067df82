"""What README says may be committed of the output, and that nothing in it differs between machines."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from ivc import App, Instance, Network, OpenStackStack, SecurityGroup, Tcp, UserData
from tests.helpers import PROJECT


def ignored() -> str:
    """The lines that README gives for `.gitignore`."""
    (block,) = re.findall(r"```gitignore\n(.*?)```", (PROJECT / "README.md").read_text(), re.DOTALL)
    return str(block)


def synthesize(folder: Path) -> None:
    """A small estate, written to the folder's `cdktf.out`."""
    (folder / "userdata").mkdir(parents=True, exist_ok=True)
    (folder / "userdata" / "www.yaml").write_text("#cloud-config\npackages: [nginx]\n")
    app = App(folder=folder)
    stack = OpenStackStack(app, "shop")
    network = Network(stack, "backend", cidr="10.0.0.0/24")
    group = SecurityGroup(stack, "web")
    group.allow_from_anywhere(Tcp(443))
    Instance(
        stack,
        "www-1",
        image="Debian 12",
        flavor="b2-7",
        nics=[network.nic(group)],
        user_data=UserData.template("www.yaml"),
    )
    app.synth()


def git(folder: Path, *arguments: str) -> list[str]:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_just_what_a_reviewer_reads_is_committed(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    (tmp_path / ".gitignore").write_text(ignored())
    synthesize(tmp_path)
    stack = tmp_path / "cdktf.out" / "stacks" / "shop"
    for left_by_terraform in (".terraform/providers/x", ".terraform.lock.hcl", "plan", "terraform.tfstate"):
        (stack / left_by_terraform).parent.mkdir(parents=True, exist_ok=True)
        (stack / left_by_terraform).write_text("x")

    git(tmp_path, "add", "--all", "cdktf.out")

    assert git(tmp_path, "diff", "--cached", "--name-only") == [
        "cdktf.out/manifest.json",
        "cdktf.out/stacks/shop/cdk.tf.json",
        "cdktf.out/stacks/shop/userdata/www-1",
    ]


def test_what_is_committed_is_the_same_in_another_folder(tmp_path: Path) -> None:
    texts = []
    for name in ("a", "b/much deeper"):
        synthesize(tmp_path / name)
        out = tmp_path / name / "cdktf.out"
        texts.append(
            {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}
        )

    assert texts[0] == texts[1]
    assert str(tmp_path).encode() not in b"".join(texts[0].values())
