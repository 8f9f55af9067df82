"""What this machine has of what is needed: to declare and review, and to plan and deploy."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from ivc import node
from ivc.deploy import calls, clouds_yaml, credentials
from ivc.deploy.errors import DeployError
from ivc.deploy.terraform import Terraform
from ivc.errors import MachineError
from ivc.terraform import provider
from ivc.words.foreign_text import visible

DISTRIBUTION = "ivc-openstack"
"""The name that the library is installed by."""
_LOGIN = "OS_"


@dataclass(frozen=True)
class Part:
    """A part of what is needed. name: as people call it. said: what is there, or what is wrong and how to mend it."""

    name: str
    said: str
    is_right: bool = True


def version() -> str:
    """The library's own version, as it was installed."""
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return "(not installed)"


def to_declare() -> Iterator[Part]:
    """What a synthesis and a review need."""
    yield Part("Python", f"{platform.python_version()}, {sys.executable}")
    yield Part("IvC", f"{version()}, {Path(__file__).parents[1]}")
    try:
        program, more = node.program(), node.environment()
    except MachineError as error:
        yield Part("Node.js", str(error), is_right=False)
        return
    came = "comes with IvC" if more else "JSII_NODE names it"
    done = _output(program, "--version")
    if done is None:
        yield Part("Node.js", f"{program} cannot be run here ({came}): name another in JSII_NODE", is_right=False)
        return
    yield Part("Node.js", f"{done.strip().removeprefix('v')}, {program} ({came})")
    # In a program of its own: it starts Node, which may end this one.
    if _output(sys.executable, "-c", "from ivc import App") is None:
        yield Part("CDKTF", f"it does not start: install {DISTRIBUTION} anew in an empty environment", is_right=False)
    else:
        yield Part("CDKTF", f"{metadata.version('cdktf')}, on jsii {metadata.version('jsii')}")


def to_deploy(folder: Path, environment: Mapping[str, str]) -> Iterator[Part]:
    """What a plan and a deploy need beside that. Asks the provider's registry, and no cloud.

    folder: where the stacks are.
    """
    try:
        terraform = Terraform.find()
    except DeployError as error:
        yield Part("Terraform", str(error), is_right=False)
    else:
        yield Part(terraform.name, f"{'.'.join(map(str, terraform.version))}, {terraform.path}")
        yield _provider(terraform)
    yield _credentials(folder, environment)


def _provider(terraform: Terraform) -> Part:
    """Whether Terraform gets the OpenStack provider, from wherever it is set up to."""
    name = f"provider {provider.VERSION}"
    wanted = {"openstack": {"source": provider.SOURCE, "version": provider.VERSION}}
    with tempfile.TemporaryDirectory(prefix="ivc-doctor-") as scratch:
        (Path(scratch) / "main.tf.json").write_text(json.dumps({"terraform": {"required_providers": wanted}}))
        arguments = ("init", "-backend=false", "-input=false", "-no-color")
        done = terraform.run(*arguments, folder=Path(scratch), environment={})
    if done.returncode == 0:
        return Part(name, "is there")
    errors = calls.errors(done.stdout + done.stderr)
    why = " ".join(f"{errors[0]['summary']}: {errors[0]['detail']}".split()) if errors else "it did not say why"
    return Part(
        name,
        f"{terraform.name} does not get it; the registry, or a mirror, must be in reach ({visible(why)})",
        is_right=False,
    )


def _credentials(folder: Path, environment: Mapping[str, str]) -> Part:
    """Who says how to log in, by names alone; whether a cloud takes it is told by `ivc plan`."""
    given = sorted(name for name, value in environment.items() if name.startswith(_LOGIN) and value)
    clouds = ", ".join(map(visible, clouds_yaml.known(environment, folder)))
    named = environment.get("OS_CLOUD")
    if named or "OS_AUTH_URL" in given:
        try:
            found = (
                clouds_yaml.find(
                    named, region=environment.get("OS_REGION_NAME", ""), environment=environment, folder=folder
                )
                if named
                else None
            )
            credentials.check_told(environment=environment, folder=folder)
        except DeployError as error:
            return Part("credentials", str(error), is_right=False)
        return Part("credentials", f"{f'{found}; ' if found else ''}in the environment {', '.join(given)}")
    if clouds:
        return Part("credentials", f"clouds.yaml has {clouds}: set OS_CLOUD to one, unless each stack says its cloud=")
    return Part(
        "credentials",
        "there are none: source the openrc file of your project, or write a clouds.yaml and set OS_CLOUD",
        is_right=False,
    )


def _output(*command: str) -> str | None:
    """What a program prints; None where it fails."""
    try:
        done = subprocess.run(command, env=dict(os.environ), capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None
