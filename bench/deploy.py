"""Plans, deploy and destroy of ten servers: IvC's JSON against hand-written HCL, on the practice cloud.

./run python -m bench.deploy           three pairs for the time, one for the calls
./run python -m bench.deploy 1         one pair for the time

It needs the practice cloud up, with nothing else at work in it, and makes and destroys servers in its project demo.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from practice.cloud import Cloud

from bench import with_library
from bench.process import spread
from bench.synth import template
from ivc.deploy.terraform import Terraform

HAND_WRITTEN = Path(__file__).parent / "hand_written"
SERVERS = 10
STEPS = {
    "first plan": ("plan",),
    "deploy": ("apply", "-auto-approve"),
    "second plan": ("plan", "-detailed-exitcode"),  # fails unless the plan is empty
    "destroy": ("destroy", "-auto-approve"),
}
TERRAFORM = Terraform.find().path
# gophercloud's own line for a request that the provider sends, with OS_DEBUG=1.
REQUEST = re.compile(r"OpenStack Request URL: ", re.MULTILINE)


@dataclass(frozen=True)
class Side:
    """One of the two estates. folder: where Terraform runs. environment: with the credentials."""

    name: str
    folder: Path
    environment: Mapping[str, str]

    def terraform(self, *arguments: str, **environment: str) -> str:
        """Run Terraform; exits with what it said if it fails."""
        done = subprocess.run(
            [TERRAFORM, *arguments],
            cwd=self.folder,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(f"{self.name}: terraform {arguments[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-3000:]}")
        return done.stdout

    def seconds(self, step: str) -> float:
        began = time.perf_counter()
        self.terraform(*STEPS[step], "-input=false", "-no-color")
        return time.perf_counter() - began

    def calls(self, step: str) -> int:
        """How many requests the provider sends; the log makes it slower, so that this is not timed."""
        log = self.folder / "calls.log"
        log.unlink(missing_ok=True)
        self.terraform(*STEPS[step], "-input=false", "-no-color", TF_LOG="DEBUG", OS_DEBUG="1", TF_LOG_PATH=str(log))
        return len(REQUEST.findall(log.read_text(errors="replace")))

    def user_data(self) -> dict[str, str]:
        """By server, the hash of its user data, which is all that the provider keeps of it."""
        found = {}
        for line in json.loads(self.terraform("show", "-json"))["values"]["root_module"]["resources"]:
            if line["type"] == "openstack_compute_instance_v2":
                found[line["values"]["name"]] = line["values"]["user_data"]
        return found


@contextmanager
def sides(ours: Path, theirs: Path, environment: Mapping[str, str]) -> Iterator[list[Side]]:
    """Both estates, each in the folder where Terraform runs, made ready; they are destroyed at the end."""
    made = [Side("library", ours, environment), Side("by hand", theirs, environment)]
    for side in made:
        side.terraform("init", "-input=false", "-no-color")
    try:
        yield made
    finally:
        # Also after a failure or Ctrl-C: nothing may stay in the cloud.
        for side in made:
            side.terraform(*STEPS["destroy"], "-input=false", "-no-color")


def login() -> dict[str, str]:
    """The environment, with the practice cloud's credentials and no others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OS_", "TF_LOG"))}
    return kept | Cloud().credentials()


def library(folder: Path, servers: int) -> Path:
    """IvC's estate, synthesized; returns the folder of its stack."""
    (folder / "userdata").mkdir(parents=True)
    (folder / "userdata" / "server.yaml.jinja").write_text(template())
    with_library.main(servers, str(folder))
    return folder / "cdktf.out/stacks/bench"


def by_hand(folder: Path) -> Path:
    """The hand-written estate, in a folder of its own."""
    shutil.copytree(HAND_WRITTEN, folder)
    text = template().replace("${", "$${").replace("%{", "%%{")
    for jinja, terraform in (
        ("{% if number % 2 %}", "%{ if number % 2 == 1 }"),
        ("{% endif %}", "%{ endif }"),
        ("{{ instance.name }}", "${name}"),
        ("{{ instance.addresses['backend'] }}", "${address}"),
    ):
        text = text.replace(jinja, terraform)
    (folder / "server.yaml.tftpl").write_text(re.sub(r"\{\{ (\w+) \}\}", r"${\1}", text))
    return folder


def measure(pairs: int, title: str, ours: Side, theirs: Side) -> None:
    """Print what each step takes, in so many pairs; exits if the servers of the two differ."""
    times: dict[str, dict[str, list[float]]] = {step: {} for step in STEPS}
    calls: dict[str, dict[str, int]] = {step: {} for step in STEPS}
    for pair in range(pairs):
        for side in (ours, theirs) if pair % 2 == 0 else (theirs, ours):
            for step in STEPS:
                times[step].setdefault(side.name, []).append(side.seconds(step))
    seen = []
    for side in (ours, theirs):
        for step in STEPS:
            calls[step][side.name] = side.calls(step)
            if step == "deploy":
                seen.append(side.user_data())
    if seen[0] != seen[1]:
        sys.exit(f"The two have other servers or other user data:\n{seen[0]}\n{seen[1]}")
    report(title, times, calls)


def report(title: str, times: dict[str, dict[str, list[float]]], calls: dict[str, dict[str, int]]) -> None:
    pairs = len(times["deploy"]["library"])
    print(f"{title + f', pairs: {pairs}':<30}ratio of time       library   by hand    calls: library   by hand")
    for step in STEPS:
        ours, theirs = times[step]["library"], times[step]["by hand"]
        print(
            f"{step:<22}"
            + spread([one / other for one, other in zip(ours, theirs, strict=True)])
            + f"{statistics.median(ours):>10.1f} s{statistics.median(theirs):>8.1f} s"
            + f"{calls[step]['library']:>15}{calls[step]['by hand']:>10}"
        )


def main() -> None:
    if not Cloud().is_up():
        sys.exit("The practice cloud is not up: run `python -m practice up` first.")
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as name:
        ours, theirs = library(Path(name) / "library", SERVERS), by_hand(Path(name) / "hand")
        with sides(ours, theirs, login()) as made:
            measure(pairs, f"{SERVERS} servers", *made)


if __name__ == "__main__":
    main()
