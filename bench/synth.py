"""Synthesis with IvC against the same Terraform resources written with the bare bindings, whole processes.

./run python -m bench.synth            1, 100 and 1,000 instances
./run python -m bench.synth 100 7      100 instances, seven pairs
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.process import Run, measured, spread

PROJECT = Path(__file__).parent.parent
LIBRARY, BARE = "bench.with_library", "bench.bare"
PAIRS = {1: 7, 100: 5, 1000: 3}
LONGEST_TEMPLATE = 20 * 1024


def template() -> str:
    """20 KB of what user data is made of: some variables, much plain text, braces that Terraform must not see."""
    head = (
        "#cloud-config\n"
        "hostname: {{ instance.name }}\n"
        "write_files:\n"
        "  - path: /etc/server.env\n"
        "    content: |\n"
        "      SITE={{ site }}\n"
        "      NUMBER={{ number }}\n"
        "      ADDRESS={{ instance.addresses['backend'] }}\n"
        "{% if number % 2 %}      # an odd one\n{% endif %}"
        "  - path: /usr/local/bin/first-boot\n"
        "    content: |\n"
        "      #!/bin/sh\n"
    )
    lines = [head]
    size = len(head)
    while size < LONGEST_TEMPLATE:
        number = len(lines)
        value = "{{ address }}" if number % 40 == 0 else "%{time_total}" if number % 20 == 0 else "${HOME}/data"
        lines.append(f'      step_{number:04} --with "{value}" --and-write "/srv/log/{number:04}.log"\n')
        size += len(lines[-1])
    return "".join(lines)


def run(program: str, instances: int, folder: Path) -> Run:
    """Synthesize once, into a folder that has no output yet; raises CalledProcessError if it fails."""
    (folder / "userdata").mkdir(parents=True)
    (folder / "userdata" / "server.yaml.jinja").write_text(template())
    command = [sys.executable, "-m", program, str(instances), str(folder)]
    environment = os.environ | {"PYTHONPATH": f"{PROJECT / 'constructs'}{os.pathsep}{PROJECT}"}
    environment.pop("CDKTF_OUTDIR", None)
    return measured(command, environment)


def document(folder: Path) -> dict[str, Any]:
    """What Terraform is given, without CDKTF's comments on where each resource was declared."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(below) for key, below in value.items() if key != "//"}
        return [plain(below) for below in value] if isinstance(value, list) else value

    read: dict[str, Any] = plain(json.loads((folder / "cdktf.out/stacks/bench/cdk.tf.json").read_text()))
    return read


def differences(ours: Any, theirs: Any, where: str = "") -> list[str]:
    """Where two documents differ."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return [
            found
            for key in sorted(ours.keys() | theirs.keys())
            for found in differences(ours.get(key), theirs.get(key), f"{where}/{key}")
        ]
    return [] if ours == theirs else [f"{where}: {str(ours)[:100]} | {str(theirs)[:100]}"]


def compare(instances: int, pairs: int) -> None:
    """Measure pairs, each side first in turn, and print the line of the table."""
    measured: dict[str, list[Run]] = {LIBRARY: [], BARE: []}
    for pair in range(pairs):
        with tempfile.TemporaryDirectory() as name:
            folders = {program: Path(name) / program for program in (LIBRARY, BARE)}
            for program in sorted(folders, reverse=pair % 2 == 1):
                measured[program].append(run(program, instances, folders[program]))
            found = differences(document(folders[LIBRARY]), document(folders[BARE]))
            if found:
                sys.exit("The two do not declare the same:\n" + "\n".join(found[:20]))
    ours, bare = measured[LIBRARY], measured[BARE]
    print(
        f"{instances:>9,} {pairs:>5}"
        + spread([one.seconds / other.seconds for one, other in zip(ours, bare, strict=True)])
        + spread([one.busy / other.busy for one, other in zip(ours, bare, strict=True)])
        + "".join(f"{statistics.median(run.seconds for run in side):>9.2f} s" for side in (ours, bare))
        + "".join(f"{statistics.median(run.mebibytes for run in side):>6.0f} MiB" for side in (ours, bare)),
        flush=True,
    )


def main() -> None:
    sizes = PAIRS
    if len(sys.argv) > 1:
        instances = int(sys.argv[1])
        sizes = {instances: int(sys.argv[2]) if len(sys.argv) > 2 else PAIRS.get(instances, 3)}
    # The first run of a machine reads Node and Python from the disk.
    with tempfile.TemporaryDirectory() as name:
        run(LIBRARY, 1, Path(name) / "warm")
    print("instances pairs   ratio of wall time   of processor time    library       bare   library      bare")
    for instances, pairs in sizes.items():
        compare(instances, pairs)


if __name__ == "__main__":
    main()
