"""The files in docs/pipelines-elsewhere.md: they are well-formed. What is on Terraform Cloud's page is tried in
tests/terraform_cloud/.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.helpers import PROJECT

_BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _yaml(first_line: str) -> dict[str, Any]:
    text = (PROJECT / "docs" / "pipelines-elsewhere.md").read_text()
    block = next(block for block in _BLOCK.findall(text) if block.startswith(f"# {first_line}"))
    document: dict[str, Any] = yaml.load(block, Loader=yaml.CSafeLoader)
    return document


def _shells() -> Iterator[tuple[str, str]]:
    for name, job in _yaml(".gitlab-ci.yml").items():
        if isinstance(job, dict) and "script" in job:
            yield f"GitLab {name}", "#!/bin/bash\n" + "\n".join(job["script"])
    for step in _yaml("repos.yaml")["workflows"]["ivc"]["plan"]["steps"]:
        if isinstance(step, dict):
            run = step["run"]
            yield "Atlantis", "#!/bin/sh\n" + (run if isinstance(run, str) else run["command"])


@pytest.mark.parametrize(("name", "text"), list(_shells()), ids=lambda value: value if len(value) < 30 else "")
def test_shellcheck_finds_nothing(name: str, text: str) -> None:
    program = shutil.which("shellcheck")
    if program is None:
        pytest.skip(f"shellcheck is not installed here, so the shell of {name} is NOT checked")
    done = subprocess.run([program, "-"], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_gitlabs_jobs_need_jobs_that_are_there_and_come_before() -> None:
    document = _yaml(".gitlab-ci.yml")
    jobs = {name: job for name, job in document.items() if isinstance(job, dict) and "script" in job}
    assert set(jobs) == {"head", "review", "say", "terraform", "plan", "apply"}
    stages = document["stages"]
    for name, job in jobs.items():
        for needed in job.get("needs", ()):
            assert stages.index(jobs[needed]["stage"]) <= stages.index(job["stage"]), f"{name} needs {needed}"


def test_gitlabs_jobs_with_secrets_have_an_environment() -> None:
    secret = re.compile(r"GITLAB_TOKEN|CLOUDS_YAML|PLAN_PASSPHRASE|BACKEND")
    jobs = {name: job for name, job in _yaml(".gitlab-ci.yml").items() if secret.search(json.dumps(job))}
    assert jobs
    assert [name for name, job in jobs.items() if "environment" not in job] == []


def test_atlantis_takes_no_commands_from_a_pull_request() -> None:
    document = _yaml("repos.yaml")
    assert document["repos"][0]["allow_custom_workflows"] is False
    assert document["repos"][0]["allowed_overrides"] == []
    assert "workflows" not in _yaml("atlantis.yaml")
