"""`ivc limits`, which alone of the commands asks a cloud."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from openstack.connection import Connection
from practice.cloud import Cloud

from ivc.review import quota
from ivc.review.quota import Flavor


def limits(credentials: dict[str, str]) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    return subprocess.run(
        [sys.executable, "-m", "ivc", "limits"],
        env=environment | credentials,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_the_cloud_allows_is_what_a_review_reads(
    cloud: Cloud, admin: Connection, demo: Connection, tmp_path: Path
) -> None:
    project = demo.current_project_id
    assert project is not None
    admin.compute.update_quota_set(project, instances=700)
    try:
        done = limits(dict(cloud.credentials()))
    finally:
        admin.compute.revert_quota_set(project)

    assert done.returncode == 0, done.stderr
    (tmp_path / "limits.yaml").write_text(done.stdout)
    read = quota.read(tmp_path / "limits.yaml")
    # The practice cloud sets no other limit. Designate has its own, where it is up.
    of_dns = {what for key, what in quota.LIMITS.items() if key.startswith(("zone", "recordset"))}
    assert {what: most for what, most in read.limits.items() if what not in of_dns} == {"instances": 700}
    assert read.flavors["b2-7"] == Flavor(cores=2, ram=7000)


def test_a_cloud_that_cannot_be_asked_is_said_in_one_sentence() -> None:
    done = limits({})

    assert done.returncode == 1
    assert done.stderr.startswith("ivc: the cloud does not answer: ")
    assert done.stderr.count("\n") == 1
