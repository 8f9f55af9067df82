"""Examples against hand-written HCL of the same meaning, one also against a Heat template: lines, time, API calls.

./run python -m bench.examples         three pairs for the time, one for the calls
./run python -m bench.examples 1       one pair for the time
./run python -m bench.examples lines   lines alone, without a cloud

It needs the practice cloud up, with nothing else at work in it; it makes and destroys servers in its project demo, and
the volumes that the examples look up. Both sides send the same user data, which IvC renders. Heat's lines are counted
alone.
"""

from __future__ import annotations

import ast
import io
import os
import shutil
import subprocess
import sys
import tempfile
import tokenize
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from practice import wanted
from practice.cloud import Cloud

from bench.deploy import HAND_WRITTEN, login, measure, sides

ROOT = Path(__file__).parents[1]
EXAMPLES = ("private-cloud", "four-nodes", "three-tiers")
VARIABLES = {"TF_VAR_database_password": "only-for-the-measurement"}
#: Tokens that make no line of code.
LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def python_lines(text: str) -> int:
    """Lines of Python without blank ones, comments and the module's docstring."""
    docstring = ast.parse(text).body[0]
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in LAYOUT:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines - set(range(docstring.lineno, (docstring.end_lineno or 0) + 1)))


def other_lines(text: str) -> int:
    """Lines of HCL or YAML without blank ones and comments."""
    return sum(not line.lstrip().startswith("#") for line in text.splitlines() if line.strip())


def synthesized(example: str, folder: Path) -> Path:
    """IvC's estate of an example, in a copy of its folder; returns the folder of its stack."""
    shutil.copytree(ROOT / "examples" / example, folder, ignore=shutil.ignore_patterns("cdktf.out", "*.tfstate*"))
    environment = os.environ | {"PYTHONPATH": str(ROOT / "constructs")}
    subprocess.run([sys.executable, "main.py"], cwd=folder, env=environment, check=True)
    return folder / "cdktf.out/stacks" / example


def by_hand(example: str, folder: Path, ours: Path) -> Path:
    """The hand-written estate, with the user data that IvC rendered."""
    shutil.copytree(HAND_WRITTEN / example, folder)
    shutil.copytree(ours / "userdata", folder / "userdata")
    return folder


@contextmanager
def volumes(cloud: Cloud, names: Sequence[str]) -> Iterator[None]:
    """The volumes that an example mounts: those that are there, as `make example` leaves them, others for meanwhile."""
    connection = cloud.connect()
    made = [
        connection.create_volume(size=1, name=name, wait=True) for name in names if not connection.search_volumes(name)
    ]
    try:
        yield
    finally:
        for volume in made:
            connection.delete_volume(volume.id, wait=True)


def count(example: str) -> None:
    """Print how many lines an example has, and what stands beside it."""
    python = python_lines((ROOT / "examples" / example / "main.py").read_text())
    hcl = other_lines((HAND_WRITTEN / example / "main.tf").read_text())
    stack = HAND_WRITTEN / example / "stack.yaml"
    heat = f", {other_lines(stack.read_text())} of a Heat template" if stack.exists() else ""
    print(f"{example}: {python} lines of Python, {hcl} of HCL: {python / hcl:.2f}{heat}", flush=True)


def main() -> None:
    if sys.argv[1:] == ["lines"]:
        for example in EXAMPLES:
            count(example)
        return
    cloud = Cloud()
    if not cloud.is_up():
        sys.exit("The practice cloud is not up: run `python -m practice up` first.")
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as name:
        for example in EXAMPLES:
            count(example)
            ours = synthesized(example, Path(name) / example / "library")
            theirs = by_hand(example, Path(name) / example / "hand", ours)
            output = ours.parents[1]
            cloud.up(wanted.extras(output))
            with volumes(cloud, wanted.volumes(output)), sides(ours, theirs, login() | VARIABLES) as made:
                measure(pairs, example, *made)


if __name__ == "__main__":
    main()
