"""Synthesize the stacks of main.py and hand them to cdktf: `stacks.py synth|diff|deploy|destroy [STACK...]`.

cdktf alone would do, were it not for two things. Without a lock file of Terraform's in a stack's folder it
asks the registry for one, even where a mirror on this machine has the provider: so `terraform init` goes
first. And it leaves Terraform at 10 calls at a time, while an estate of ports and rules has many more to make.
"""

import argparse
import fnmatch
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any, NoReturn

TERRAFORM = os.environ.get("TERRAFORM_BINARY_NAME", "terraform")
CALLS_AT_A_TIME = 40


@dataclass(frozen=True)
class Stack:
    name: str
    folder: Path
    #: The block `terraform` of the synthesized JSON.
    settings: dict[str, Any]

    @property
    def is_remote(self) -> bool:
        """Whether Terraform runs it elsewhere: in Terraform Cloud or its like."""
        return "cloud" in self.settings or "remote" in self.settings.get("backend", {})

    def keeps_state_in(self, folder: Path) -> bool:
        """Whether the state is a file in or under `folder`."""
        path = self.settings.get("backend", {}).get("local", {}).get("path")
        return path is not None and (self.folder / path).resolve().is_relative_to(folder.resolve())


def main() -> None:
    arguments = _parser().parse_intermixed_args()
    output: Path = arguments.output
    if arguments.command != "synth" and not which(TERRAFORM):
        _fail(
            f"{TERRAFORM} is not on PATH: install Terraform or OpenTofu; "
            "`make` shows without it what would be deployed."
        )
    output.parent.mkdir(parents=True, exist_ok=True)
    _synthesize(output)
    stacks = _select(_read(output), arguments.stack)
    if arguments.command == "synth":
        print(f"Synthesized in {output}: {', '.join(stack.name for stack in stacks)}.")
        return
    for stack in stacks:
        if arguments.state_beside and not stack.keeps_state_in(output.parent):
            _fail(
                f"stack {stack.name} does not keep its state in {output.parent}, and the demo must not touch "
                "another: give it the default local backend for the demo."
            )
    for stack in stacks:
        _run_quietly(
            [TERRAFORM, f"-chdir={stack.folder}", "init", "-input=false", "-no-color"],
            f"stack {stack.name} could not be initialized: its backend, and a registry or a mirror "
            "that has its provider, must be within reach",
        )
    sys.exit(_cdktf(arguments.command, stacks, output))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Synthesize the stacks of main.py and hand them to cdktf.")
    parser.add_argument("command", choices=["synth", "diff", "deploy", "destroy"])
    parser.add_argument("stack", nargs="*", default=["*"], help="names or patterns (default: all)")
    parser.add_argument("--output", type=Path, default=Path("cdktf.out"), help="where to synthesize")
    parser.add_argument(
        "--state-beside", action="store_true", help="refuse stacks whose state is not beside the output"
    )
    return parser


def _read(output: Path) -> list[Stack]:
    manifest = json.loads((output / "manifest.json").read_text())
    stacks = []
    for name, entry in manifest["stacks"].items():
        content = json.loads((output / entry["synthesizedStackPath"]).read_text())
        stacks.append(Stack(name, output / entry["workingDirectory"], content.get("terraform", {})))
    return stacks


def _select(stacks: Sequence[Stack], patterns: Sequence[str]) -> list[Stack]:
    for pattern in patterns:
        if not any(fnmatch.fnmatchcase(stack.name, pattern) for stack in stacks):
            names = ", ".join(stack.name for stack in stacks) or "none"
            _fail(f"no stack is called {pattern}: main.py declares {names}.")
    return [stack for stack in stacks if any(fnmatch.fnmatchcase(stack.name, one) for one in patterns)]


def _cdktf(command: str, stacks: Sequence[Stack], output: Path) -> int:
    options = ["--skip-synth", "--output", str(output)]
    if not any(stack.is_remote for stack in stacks):  # which refuses the flag
        options += [f"--terraform-parallelism={CALLS_AT_A_TIME}"]
    names = [stack.name for stack in stacks]
    if command == "diff":  # takes one stack
        return max(_run_openly(["cdktf", "diff", *options, name]) for name in names)
    if os.environ.get("AUTO_APPROVE") == "1" or not sys.stdin.isatty():
        return _run_openly(["cdktf", command, *options, "--auto-approve", *names])
    # Asks, so it must draw on whatever it has.
    return subprocess.run(["cdktf", command, *options, *names], check=False).returncode


def _run_openly(command: list[str]) -> int:
    """Run and show, without the spinner where nobody watches."""
    quiet = {} if sys.stdout.isatty() else {"CI": "1"}
    return subprocess.run(command, check=False, env=os.environ | quiet).returncode


def _synthesize(output: Path) -> None:
    """What `cdktf synth` does, whose dozen lines would stand around the sentence of a mistake."""
    app = shlex.split(json.loads(Path("cdktf.json").read_text())["app"])
    if subprocess.run(app, check=False, env=os.environ | {"CDKTF_OUTDIR": str(output)}).returncode:
        sys.exit(1)


def _run_quietly(command: list[str], failure: str) -> None:
    """Run, and show what was said only if it fails."""
    done = subprocess.run(command, check=False, env=os.environ | {"CI": "1"}, capture_output=True, text=True)
    if done.returncode != 0:
        # cdktf repeats on stdout, as log lines, what it says on stderr.
        print((done.stderr if "Command output" in done.stderr else done.stdout + done.stderr).strip(), file=sys.stderr)
        _fail(f"{failure} (see above).")


def _fail(sentence: str) -> NoReturn:
    print(f"make: {sentence}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
