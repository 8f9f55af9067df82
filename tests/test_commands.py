"""What holds for every command of `ivc`: its options, its help, and what none of them says."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from ivc.__main__ import app
from ivc.deploy.terraform import Terraform
from tests.helpers import PROJECT, clean_environment

LIBRARY = PROJECT / "constructs" / "ivc"
COMMANDS: dict[str, Any] = dict(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
NAMES = sorted(COMMANDS)
TARGETS = re.findall(r"^([a-z-]+):.*##", (PROJECT / "Makefile").read_text(), re.MULTILINE)
OF_THE_REPOSITORY = re.compile(
    rf"\bmake (?:{'|'.join(TARGETS)})\b|`make\b|\./run\b|-m practice|\bpractice/|\btoolchain\b|\bconstructs/"
    r"|(?<!/)\b(?:docs|tests|examples|bench)/"
)


def ivc(*arguments: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ivc", *arguments],
        cwd=cwd,
        env=clean_environment(PYTHONPATH=str(PROJECT / "constructs"), **more),
        capture_output=True,
        text=True,
        check=False,
    )


def options(name: str) -> dict[str, Any]:
    return {said: each for each in COMMANDS[name].params for said in each.opts if said.startswith("-")}


@pytest.mark.parametrize("name", NAMES)
def test_the_help_is_there_by_its_short_name_too(name: str) -> None:
    short, long = (CliRunner().invoke(app, [name, option], prog_name="ivc") for option in ("-h", "--help"))
    assert (short.exit_code, short.output) == (0, long.output)
    assert short.output.startswith(f"Usage: ivc {name} ")
    assert OF_THE_REPOSITORY.search(short.output) is None


def test_what_a_synthesis_wrote_is_named_in_one_way() -> None:
    """Only a comparison names two, as the sides that they are; and `init` names what is to be made."""
    reads = [name for name in NAMES if name != "init"]
    arguments = [each for name in reads for each in COMMANDS[name].params if not each.opts[0].startswith("-")]
    assert arguments
    assert [each.name for each in arguments if each.metavar == "FOLDER"] == []
    reading = {name for name in NAMES if "--from" in options(name)}
    assert {"summary", "diagram", "plan", "deploy", "outputs", "render", "check", "boot"} <= reading
    assert {options(name)["--from"].metavar for name in reading} == {"FOLDER"}
    assert {name for name in NAMES if {"--base", "--head"} & {*options(name)}} - reading == {"review"}


def test_json_is_asked_for_in_one_way() -> None:
    giving = [name for name in NAMES if "--json" in options(name)]
    assert {"review", "check", "plan", "deploy", "replace", "destroy", "outputs"} == {*giving}
    assert {(options(name)["--json"].metavar, options(name)["--json"].is_flag) for name in giving} == {("FILE", False)}


@pytest.mark.parametrize(
    "command",
    [("review", "--json"), ("check", "--sarif"), ("deploy", "--json"), ("outputs", "--json"), ("diagram", "-o")],
)
def test_an_option_is_not_taken_for_the_file_that_was_forgotten(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = ivc(*command, "--from", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "'--from' is an option, where the name of a file was to come; - is stdout" in done.stderr
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-C", "none", "summary"), "ivc: -C: none: No such file or directory\n"),
        (("-C", "a-file", "summary"), "ivc: -C: a-file: Not a directory\n"),
        (
            ("synth",),
            "ivc: there is no cdktf.json here or above: change into a project, or write one beside your program, "
            '{"app": "python main.py"}\n',
        ),
        (("plam",), "ivc: No such command 'plam'. Did you mean 'plan'?\n"),
        (("sumary",), "ivc: No such command 'sumary'. Did you mean 'summary'?\n"),
        (("summary", "--form", "x"), "ivc: No such option: --form (Possible options: --from)\n"),
        (("deploy", "--json", "-"), "ivc: --json: nobody can be asked on stdout then; give --yes as well\n"),
        (("deploy", "--json", "none/a", "--yes"), "ivc: --json: there is no folder none: make it, or name another\n"),
    ],
)  # fmt: skip
def test_what_was_mistyped_is_one_sentence(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    (tmp_path / "a-file").touch()
    done = ivc(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", said)


def test_another_folder_is_worked_in(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "cdktf.json").write_text('{"app": "python main.py"}')
    (project / "main.py").write_text("from ivc import App\nApp().synth()\n")
    done = ivc("-C", "project", "synth", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "Synthesized in cdktf.out: no stack.\n")
    assert (project / "cdktf.out" / "manifest.json").is_file()


def test_the_version_is_told(tmp_path: Path) -> None:
    assert re.fullmatch(r"ivc \S.*\n", ivc("--version", cwd=tmp_path).stdout)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands(tmp_path: Path, shell: str) -> None:
    asked = {"_IVC_COMPLETE": f"complete_{shell}", "COMP_WORDS": "ivc pl", "COMP_CWORD": "1"}
    asked |= {"_TYPER_COMPLETE_ARGS": "ivc pl", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    found = ivc(cwd=tmp_path, **asked)
    assert re.search(r"\bplan\b", found.stdout), found
    assert "deploy" not in found.stdout.splitlines()


def texts_of(file: Path) -> Iterator[str]:
    """The texts in a module but for docstrings; those of commands are help, which is looked at by itself."""
    tree = ast.parse(file.read_text())
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.value


def test_no_message_names_what_only_the_repository_has() -> None:
    files = sorted(LIBRARY.rglob("*.py"))
    texts = [(file.relative_to(LIBRARY).as_posix(), text) for file in files for text in texts_of(file)]
    assert len(texts) > 5000
    assert [(file, text) for file, text in texts if OF_THE_REPOSITORY.search(text)] == []


@pytest.mark.parametrize("text", ["run `make synth`", "see docs/review.md", "./run ivc plan", "python -m practice up"])
def test_such_a_message_would_be_found(text: str) -> None:
    assert OF_THE_REPOSITORY.search(text)


class TestDoctor:
    """`ivc doctor`, on a machine that has this or that."""

    def doctor(self, folder: Path, **environment: str) -> tuple[int, list[str]]:
        found = ivc(
            "doctor", cwd=folder, **{"PATH": "/none", "HOME": str(folder), "OS_CLIENT_CONFIG_FILE": "", **environment}
        )
        assert found.stderr == ""
        return found.returncode, found.stdout.splitlines()

    def test_what_is_missing_is_told_with_what_to_do(self, tmp_path: Path) -> None:
        status, lines = self.doctor(tmp_path)
        assert status == 1
        assert lines[0] == "To declare and review:"
        assert [line[:8].strip() for line in lines[1:5]] == ["ok"] * 4
        assert (
            "  missing  Terraform: terraform or tofu is not on PATH: install Terraform 1.5 or newer, or OpenTofu"
            in lines
        )

    def test_credentials_are_told_by_their_names(self, tmp_path: Path) -> None:
        said = {"OS_AUTH_URL": "https://keystone.example.com", "OS_PASSWORD": "s3cret", "OS_USERNAME": ""}
        status, lines = self.doctor(tmp_path, **said)
        assert (status, lines[-1]) == (
            1,
            "  missing  credentials: the credentials in the environment (OS_*): username is missing; set OS_USERNAME",
        )
        said |= {"OS_USERNAME": "ops", "OS_USER_DOMAIN_NAME": "Default"}
        _, lines = self.doctor(tmp_path, **said)
        assert lines[-1] == (
            "  ok       credentials: in the environment OS_AUTH_URL, OS_PASSWORD, OS_USERNAME, OS_USER_DOMAIN_NAME"
        )
        clouds = tmp_path / "clouds.yaml"
        auth = "{auth_url: 'https://keystone.example.com', username: ops, password: s3cret, user_domain_name: Default}"
        clouds.write_text(f"clouds: {{acme: {{auth: {auth}}}, gra: {{}}}}\n")
        given = {"OS_CLIENT_CONFIG_FILE": str(clouds)}
        _, lines = self.doctor(tmp_path, **given)
        assert lines[-1] == (
            "  ok       credentials: clouds.yaml has acme, gra: set OS_CLOUD to one, unless each stack says its cloud="
        )
        _, lines = self.doctor(tmp_path, OS_CLOUD="acme", **given)
        assert lines[-1] == (
            f"  ok       credentials: cloud 'acme' of {clouds}; in the environment OS_CLIENT_CONFIG_FILE, OS_CLOUD"
        )
        status, lines = self.doctor(tmp_path, OS_CLOUD="gra", **given)
        assert (status, "auth_url is missing" in lines[-1]) == (1, True)
        status, lines = self.doctor(tmp_path, OS_CLOUD="acne", **given)
        assert (status, lines[-1].startswith("  missing  credentials: ")) == (1, True)
        assert "acme" in lines[-1]

    def test_a_file_of_clouds_where_terraform_does_not_look_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "clouds.yaml").write_text("clouds: {acme: {}}\n")
        status, lines = self.doctor(tmp_path, OS_CLOUD="acme")
        assert status == 1
        assert lines[-1].startswith("  missing  credentials: cloud 'acme': ")

    def test_a_node_that_does_not_run_is_told(self, tmp_path: Path) -> None:
        broken = tmp_path / "node"
        broken.write_text("#!/bin/sh\nexit 1\n")
        broken.chmod(0o755)
        status, lines = self.doctor(tmp_path, JSII_NODE=str(broken))
        assert status == 1
        assert (
            f"  missing  Node.js: {broken} cannot be run here (JSII_NODE names it): name another in JSII_NODE" in lines
        )

    @pytest.mark.terraform
    def test_a_provider_that_cannot_be_had_is_told(self, tmp_path: Path) -> None:
        mirror, settings = tmp_path / "mirror", tmp_path / "terraform.rc"
        settings.write_text(f'provider_installation {{ filesystem_mirror {{ path = "{mirror}" }} }}\n')
        asked = {"PATH": os.environ["PATH"], "TF_CLI_CONFIG_FILE": str(settings)}
        status, lines = self.doctor(tmp_path, **asked)
        (line,) = (line for line in lines if " provider " in line)
        assert status == 1
        assert re.match(
            r"  missing  provider 3\.4\.0: \w+ does not get it; the registry, or a mirror, must be in ", line
        )
        program = Terraform.find()
        version = program.run("version", "-json", folder=tmp_path, environment={}).stdout
        for host in ("registry.terraform.io", "registry.opentofu.org"):
            folder = mirror / host / "terraform-provider-openstack" / "openstack" / "3.4.0"
            # Nothing runs it.
            (folder / json.loads(version)["platform"]).mkdir(parents=True)
            (folder / json.loads(version)["platform"] / "terraform-provider-openstack_v3.4.0").touch(mode=0o755)
        assert "  ok       provider 3.4.0: is there" in self.doctor(tmp_path, **asked)[1]
