"""The README's first example is a program that runs, as it stands there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]


def test_the_first_example_synthesizes(tmp_path: Path) -> None:
    found = re.search(r"```python\n(.*?)```", (PROJECT / "README.md").read_text(), re.DOTALL)
    assert found is not None
    (tmp_path / "main.py").write_text(found[1])
    (tmp_path / "userdata").mkdir()
    for template, text in (("www", "#cloud-config\n# {{ site }}\n"), ("db", "#cloud-config\n")):
        (tmp_path / "userdata" / f"{template}.yaml.jinja").write_text(text)

    subprocess.run(
        [sys.executable, "main.py"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(PROJECT / "constructs")},
        check=True,
    )

    stack = tmp_path / "cdktf.out" / "stacks" / "shop"
    resources = json.loads((stack / "cdk.tf.json").read_text())["resource"]
    assert sorted(resources["openstack_compute_instance_v2"]) == ["db-1", "www-1"]
    assert resources["openstack_compute_instance_v2"]["db-1"]["config_drive"] is True
    user_data = (stack / "userdata" / "www-1").read_text()
    assert user_data.startswith("#cloud-config\n# shop.example\nbootcmd:\n")
    assert "one <serial of volume www-data> /srv " in user_data
