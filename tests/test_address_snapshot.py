"""The addresses of main.py, against the committed ones: Terraform finds what runs by its address.

A change here makes every estate out there plan the new address as a new server and the old one as destroyed. Where
it is meant (main.py itself changed), write the snapshot anew:  IVC_WRITE_SNAPSHOT=1 ./run pytest THIS_FILE
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.helpers import addresses, copy_of_project, run_main

SNAPSHOT = Path(__file__).with_name("addresses_of_main.txt")


def test_the_addresses_of_main_py_are_a_contract(tmp_path: Path) -> None:
    run = run_main(copy_of_project(tmp_path / "project"))
    _, error = run.communicate(timeout=120)
    assert run.returncode == 0, error
    synthesized = json.loads((tmp_path / "project" / "cdktf.out" / "stacks" / "shop" / "cdk.tf.json").read_text())
    now = addresses(synthesized)
    if os.environ.get("IVC_WRITE_SNAPSHOT"):
        SNAPSHOT.write_text("\n".join(now) + "\n")
    then = SNAPSHOT.read_text().splitlines()
    gone, new = sorted(set(then) - set(now)), sorted(set(now) - set(then))
    assert (gone, new) == ([], []), (
        "Addresses are a contract: Terraform would destroy what stands at one that is gone and make what stands at a "
        f"new one. Gone: {gone}. New: {new}. If only main.py's declarations changed, and on purpose, write the "
        f"snapshot anew with IVC_WRITE_SNAPSHOT=1; if the library changed, old states need `moved` blocks."
    )
