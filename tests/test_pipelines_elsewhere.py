"""The files in docs/pipelines-elsewhere.md: they are well-formed, and the script for Terraform Cloud does what it says.

The script speaks to a stand-in of the service on loopback, which knows the few calls that it makes.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers import PROJECT, clean_environment

_BLOCK = re.compile(r"^```(yaml|bash)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _blocks(kind: str) -> list[str]:
    text = (PROJECT / "docs" / "pipelines-elsewhere.md").read_text()
    return [block for said, block in _BLOCK.findall(text) if said == kind]


def _yaml(first_line: str) -> dict[str, Any]:
    block = next(block for block in _blocks("yaml") if block.startswith(f"# {first_line}"))
    document: dict[str, Any] = yaml.load(block, Loader=yaml.CSafeLoader)
    return document


def _shells() -> Iterator[tuple[str, str]]:
    for block in _blocks("bash"):
        yield "terraform-cloud.sh", block
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


@dataclass
class Service:
    """A stand-in for Terraform Cloud. planned: the status that a run comes to; asked: what was asked of it."""

    planned: str = "planned"
    asked: list[str] = field(default_factory=list)
    sent: dict[str, Any] = field(default_factory=dict)
    address: str = ""

    def answer(self, method: str, path: str) -> object:
        answers: dict[str, object] = {
            "GET /organizations/acme/workspaces/shop": {"id": "ws-1"},
            "POST /workspaces/ws-1/configuration-versions": {
                "id": "cv-1",
                "attributes": {"upload-url": f"{self.address}/upload"},
            },
            "GET /configuration-versions/cv-1": {"attributes": {"status": "uploaded"}},
            "POST /runs": {"id": "run-1"},
            "GET /runs/run-1": {
                "attributes": {"status": self.planned, "actions": {"is-confirmable": self.planned == "planned"}},
                "relationships": {"plan": {"data": {"id": "plan-1"}}},
            },
        }
        return {"data": answers.get(f"{method} {path}", {})}


@pytest.fixture
def service() -> Iterator[Service]:
    told = Service()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            path = self.path.removeprefix("/api/v2")
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            told.asked.append(f"{self.command} {path}")
            told.sent[f"{self.command} {path}"] = body
            allowed = path == "/upload" or self.headers.get("Authorization") == "Bearer not-a-token"
            if path == "/plans/plan-1/json-output":
                text = b'{"format_version": "1.2"}'
            else:
                text = json.dumps(told.answer(self.command, path)).encode()
            self.send_response(200 if allowed else 401)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = _answer  # noqa: N815

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    told.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield told
    server.shutdown()
    server.server_close()


def _run(service: Service, folder: Path, what: str, status: int) -> subprocess.CompletedProcess[str]:
    """The script, with a stand-in for ivc that ends with a status and keeps the plan that it was given."""
    if not (shutil.which("jq") and shutil.which("curl")):
        pytest.skip("jq or curl is not installed, so the script for Terraform Cloud is NOT run")
    (folder / "head" / "stacks" / "shop").mkdir(parents=True)
    (folder / "head" / "stacks" / "shop" / "cdk.tf.json").write_text("{}")
    ivc = folder / "ivc"
    keep = 'for plan; do case $plan in shop=*) cat "${plan#*=}" > plan;; esac; done'
    ivc.write_text(f'#!/bin/sh\necho "$*" > said\n{keep}\nexit {status}\n')
    ivc.chmod(0o755)
    return subprocess.run(
        ["bash", "-c", _blocks("bash")[0], "terraform-cloud.sh", what, "base", "head", "shop"],
        cwd=folder,
        env=clean_environment(
            TFC_TOKEN="not-a-token",
            TFC_ORGANIZATION="acme",
            TFC_ADDRESS=service.address,
            TFC_PAUSE="0",
            FAIL_ON="replace,destroy",
            IVC=str(ivc),
            no_proxy="127.0.0.1",
        ),
        capture_output=True,
        text=True,
        check=False,
    )


def test_terraform_cloud_plans_speculatively_and_the_plan_is_reviewed(service: Service, tmp_path: Path) -> None:
    service.planned = "planned_and_finished"
    done = _run(service, tmp_path, "review", 2)
    assert done.returncode == 2, done.stderr
    version = json.loads(service.sent["POST /workspaces/ws-1/configuration-versions"])
    assert version["data"]["attributes"] == {"auto-queue-runs": False, "speculative": True}
    assert service.sent["PUT /upload"].startswith(b"\x1f\x8b"), "the stack's folder, as a tarball"
    assert "--base base --head head --plan shop=" in (tmp_path / "said").read_text()
    assert json.loads((tmp_path / "plan").read_text()) == {"format_version": "1.2"}
    assert not any("/actions/" in asked for asked in service.asked)


@pytest.mark.parametrize(("status", "action"), [(0, "apply"), (2, "discard"), (1, "discard")])
def test_terraform_cloud_applies_only_the_plan_that_the_gate_lets_through(
    service: Service, tmp_path: Path, status: int, action: str
) -> None:
    done = _run(service, tmp_path, "apply", status)
    assert done.returncode == status, done.stderr
    assert [asked for asked in service.asked if "/actions/" in asked] == [f"POST /runs/run-1/actions/{action}"]


def test_a_run_that_fails_there_fails_here(service: Service, tmp_path: Path) -> None:
    service.planned = "errored"
    done = _run(service, tmp_path, "apply", 0)
    assert done.returncode == 1
    assert "run run-1 did not plan" in done.stderr
    assert not (tmp_path / "said").exists()
