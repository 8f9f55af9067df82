"""checkov and trivy, run over the corpus.

checkov is installed from toolchain/checkov.lock into an environment of its own, once, in pytest's cache. trivy is 23
minutes of compiling, so what it said is recorded, in corpus/trivy.json; record_trivy.py records it.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.helpers import INSTANCE, Json
from tests.own_environment import program
from tests.policies.corpus.hcl import hcl

RECORDED = Path(__file__).parent / "corpus" / "trivy.json"


def write(documents: Mapping[str, Json], folder: Path) -> None:
    """Write the corpus as both scanners read it: a folder for each case."""
    for name, document in documents.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "main.tf").write_text(hcl(document))


def digest(documents: Mapping[str, Json]) -> str:
    """Tells whether a record is one of this corpus.

    Of what any check of theirs looks at, since to record anew takes a trivy.
    """
    looked_at = {name: _looked_at(document) for name, document in documents.items()}
    return hashlib.sha256(json.dumps(looked_at, sort_keys=True).encode()).hexdigest()


def _looked_at(document: Json) -> Json:
    resources = document.get("resource", {})
    servers = resources.get(INSTANCE, {})
    return {key: document.get(key) for key in ("provider", "variable", "locals")} | {
        "filters": {kind: made for kind, made in resources.items() if "secgroup" in kind or "_fw_" in kind},
        "servers": {
            name: {key: made.get(key) for key in ("admin_pass", "metadata", "user_data")}
            for name, made in servers.items()
        },
    }


def checkov(folder: Path) -> dict[str, set[str]]:
    """The ids of what checkov finds, by case. Raises NotToBeHadError where it is not here and cannot be installed."""
    command = [str(program("checkov")), "--directory", str(folder), "--framework", "terraform", "secrets"]
    done = subprocess.run(
        [*command, "--output", "json", "--compact", "--quiet", "--skip-download", "--soft-fail"],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, set[str]] = {}
    reports = json.loads(done.stdout)
    for report in reports if isinstance(reports, list) else [reports]:
        if report["results"].get("parsing_errors"):
            raise ValueError(f"checkov: it could not read {report['results']['parsing_errors']}")
        for failed in report["results"]["failed_checks"]:
            found.setdefault(Path(failed["file_path"].lstrip("/")).parent.name, set()).add(failed["check_id"])
    return found


def trivy(path: str, folder: Path) -> dict[str, set[str]]:
    """The ids of what trivy finds, by case. It has its checks built in: none are downloaded."""
    command = [path, "filesystem", "--scanners", "misconfig,secret", "--misconfig-scanners", "terraform"]
    done = subprocess.run(
        [*command, "--skip-check-update", "--skip-version-check", "--format", "json", "--quiet", str(folder)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"TRIVY_DISABLE_TELEMETRY": "true"},
    )
    found: dict[str, set[str]] = {}
    for result in json.loads(done.stdout).get("Results", []):
        case = Path(result["Target"]).parts[0]
        ids = [said["ID"] for said in result.get("Misconfigurations", []) if said["Status"] == "FAIL"]
        ids += [f"secret:{said['RuleID']}" for said in result.get("Secrets", [])]
        if ids:
            found.setdefault(case, set()).update(ids)
    return found
