"""The workflows of this repository: what may stand in them, and what their shell does, run here on real folders."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers import PROJECT, clean_environment, copy_of_project, run_main

WORKFLOWS = PROJECT / ".github" / "workflows"
FILES = sorted(WORKFLOWS.glob("*.yml"))
TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


@dataclass(frozen=True)
class Step:
    """A step of a job, with the names that its own file gives them."""

    workflow: str
    job: str
    said: dict[str, Any]

    @property
    def run(self) -> str:
        return str(self.said.get("run", ""))


def _read(file: Path) -> dict[Any, Any]:
    document: dict[Any, Any] = yaml.load(file.read_text(), Loader=yaml.CSafeLoader)
    return document


def _jobs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for file in FILES:
        for name, job in _read(file)["jobs"].items():
            yield file.name, name, job


def _steps() -> Iterator[Step]:
    for file, name, job in _jobs():
        for step in job.get("steps", ()):
            yield Step(file, name, step)


def _step(workflow: str, name: str) -> str:
    """The shell of a step, as GitHub runs it."""
    return next(step.run for step in _steps() if step.workflow == workflow and step.said.get("name") == name)


# What may stand in them.


def test_there_are_workflows() -> None:
    assert {file.name for file in FILES} == {
        "apply.yml",
        "pull-request.yml",
        "release.yml",
        "review.yml",
        "say.yml",
        "tests.yml",
    }


def test_every_action_is_pinned_to_a_commit_and_says_its_version() -> None:
    used = [
        line.strip() for file in FILES for line in file.read_text().splitlines() if re.match(r"\s*(- )?uses:", line)
    ]
    assert used
    for line in used:
        pinned = re.fullmatch(r"(- )?uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)
        own = re.match(r"uses: \./\.github/workflows/\w+\.yml\b", line)
        assert pinned or own, line


def test_one_action_has_one_version() -> None:
    pins: dict[str, set[str]] = {}
    for step in _steps():
        action, _, commit = step.said.get("uses", "").partition("@")
        pins.setdefault(action, set()).add(commit)
    assert {action: commits for action, commits in pins.items() if len(commits) > 1} == {}


def test_nothing_is_pasted_into_a_shell() -> None:
    assert [step for step in _steps() if "${{" in step.run] == []


def test_a_shell_stops_at_what_fails_in_a_pipe() -> None:
    """GitHub's own default has no pipefail."""
    assert FILES
    for file in FILES:
        assert _read(file)["defaults"] == {"run": {"shell": "bash"}}, file.name


def test_no_workflow_runs_with_the_rights_of_the_target_of_a_pull_request() -> None:
    assert FILES
    for file in FILES:
        assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(_read(file)[True]), file.name


def test_every_right_is_given_to_a_job_and_none_to_a_workflow() -> None:
    assert FILES
    for file in FILES:
        assert _read(file)["permissions"] == {}, file.name
    for workflow, name, job in _jobs():
        assert job["permissions"], f"{workflow}: {name}"
        assert "uses" in job or job["timeout-minutes"], f"{workflow}: {name}"


def test_what_may_write_runs_no_code_of_the_repository() -> None:
    writing = [(file, name, job) for file, name, job in _jobs() if "write" in job["permissions"].values()]
    assert writing
    for file, name, job in writing:
        for step in job.get("steps", ()):
            assert not step.get("uses", "").startswith("actions/checkout@"), f"{file}: {name}"


def test_no_checkout_leaves_a_token_behind() -> None:
    checkouts = [step for step in _steps() if step.said.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    for step in checkouts:
        assert step.said["with"]["persist-credentials"] is False, step


def test_what_runs_the_tests_has_the_last_release_to_compare_with() -> None:
    (checkout,) = (step for step in _steps() if step.workflow == "tests.yml" and "checkout@" in str(step.said))
    assert checkout.said["with"]["fetch-depth"] == 0


def test_secrets_are_an_environments_and_seen_by_single_steps() -> None:
    for file, name, job in _jobs():
        holds = [step for step in job.get("steps", ()) if "secrets." in json.dumps(step)]
        rest = {key: value for key, value in job.items() if key != "steps"}
        assert "secrets." not in json.dumps(rest), f"{file}: {name}"
        assert not holds or "environment" in job, f"{file}: {name}"
        for step in holds:
            assert "secrets." not in json.dumps({key: value for key, value in step.items() if key != "env"}), step
    assert "secrets" not in _read(WORKFLOWS / "review.yml")[True]["workflow_call"]


def test_a_fork_is_never_planned() -> None:
    condition = _read(WORKFLOWS / "pull-request.yml")["jobs"]["plan"]["if"]
    assert "github.event.pull_request.head.repo.full_name == github.repository" in condition
    assert "IVC_PLAN_ENVIRONMENT != ''" in condition


def test_no_two_applies_run_at_once() -> None:
    assert _read(WORKFLOWS / "apply.yml")["concurrency"] == {"group": "apply", "cancel-in-progress": False}


def test_plan_and_apply_run_the_same_terraform() -> None:
    versions = {
        step.said["with"]["terraform_version"]
        for step in _steps()
        if step.said.get("uses", "").startswith("hashicorp/setup-terraform@")
    }
    assert len(versions) == 1


def test_a_release_is_published_as_it_was_tried_and_approved() -> None:
    jobs = _read(WORKFLOWS / "release.yml")["jobs"]
    assert [job for job in jobs if "id-token" in jobs[job]["permissions"]] == ["publish"]
    assert (jobs["publish"]["needs"], jobs["publish"]["environment"]["name"]) == (["build", "try"], "pypi")
    assert all("run" not in step for step in jobs["publish"]["steps"])
    assert jobs["try"]["needs"] == "build"
    assert "build" not in " ".join(step.get("run", "") for step in jobs["try"]["steps"])


# What PyPI has by that name downloads it from a place that not every machine reaches; Go's proxy has it itself.
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"
TOOLS = PROJECT / ".pytest_cache" / "d" / "tools"


@pytest.fixture(scope="module")
def actionlint() -> None:
    """Installs actionlint once, where there is Go."""
    if not (TOOLS / "actionlint").exists() and (go := shutil.which("go")):
        environment = {**os.environ, "GOBIN": str(TOOLS)}
        subprocess.run([go, "install", ACTIONLINT], env=environment, capture_output=True, check=False)


def _tool(name: str, *arguments: str) -> None:
    places = (str(Path(sys.executable).parent), str(TOOLS), os.environ["PATH"])
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        pytest.skip(f"{name} is not installed here, so the workflows are NOT checked by it")
    done = subprocess.run([found, *arguments], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint_finds_nothing(actionlint: None) -> None:
    _tool("actionlint", "-no-color", *map(str, FILES))


def test_zizmor_finds_nothing() -> None:
    _tool("zizmor", "--offline", "--no-progress", "--persona", "auditor", str(WORKFLOWS))


# What their shell does.


@dataclass
class Runner:
    """A folder that stands for GitHub's runner. gh: what its command answers to a path, and what it was asked."""

    folder: Path
    answers: dict[str, Any] = field(default_factory=dict)

    @property
    def temp(self) -> Path:
        return self.folder / "temp"

    def run(self, workflow: str, name: str, **environment: str) -> subprocess.CompletedProcess[str]:
        for made in (self.temp, self.folder / "bin"):
            made.mkdir(parents=True, exist_ok=True)
        (self.folder / "answers.json").write_text(json.dumps(self.answers))
        for program, text in (("gh", _GH), ("terraform", _TERRAFORM)):
            (self.folder / "bin" / program).write_text(text)
            (self.folder / "bin" / program).chmod(0o755)
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", _step(workflow, name)],
            cwd=self.folder,
            env=clean_environment(
                PATH=f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
                RUNNER_TEMP=str(self.temp),
                GITHUB_OUTPUT=str(self.folder / "output"),
                GITHUB_STEP_SUMMARY=str(self.folder / "summary"),
                GITHUB_REPOSITORY="acme/shop",
                GITHUB_SHA="c0ffee",
                GNUPGHOME=str(self.folder / "bin"),
                **environment,
            ),
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def asked(self) -> list[str]:
        asked = self.folder / "asked"
        return asked.read_text().splitlines() if asked.exists() else []


# Answers from answers.json by the path that it is asked for, through jq as the real one; writes down what it was asked.
_GH = """#!/bin/bash
set -eu
here=$(dirname "$(dirname "$0")")
echo "$*" >> "$here/asked"
if [ "$1" = run ]; then
  while [ "$1" != --dir ]; do shift; done
  cp "$here/plan.tar.gpg" "$2/"
  exit
fi
path='' filter=.
while [ $# -gt 0 ]; do
  case $1 in
    --jq) filter=$2; shift ;;
    --method | --input) shift ;;
    repos/*) path=$1 ;;
  esac
  shift
done
jq --raw-output --arg path "$path" 'getpath([$path])' "$here/answers.json" | jq --raw-output "$filter"
"""

# Writes down what it was asked, and whether it could have reached the cloud.
_TERRAFORM = """#!/bin/bash
set -eu
here=$(dirname "$(dirname "$0")")
folder=${1#-chdir=}
[ "$(cat "$OS_CLIENT_CONFIG_FILE")" = "$CLOUDS_YAML" ]
echo "$(basename "$folder"): ${*:2}" >> "$here/asked"
case $2 in
  init) cat "$folder/backend_override.tf.json" >> "$here/backends" ;;
  show) echo '{"format_version": "1.2"}' ;;
esac
"""

needs_jq = pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed, so the steps are NOT run")
needs_gpg = pytest.mark.skipif(shutil.which("gpg") is None, reason="gpg is not installed, so the steps are NOT run")


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`base` and `head`, synthesized from main.py: in `head` the database is gone."""
    folder = tmp_path_factory.mktemp("two")
    started = []
    for name in ("base", "head"):
        copy = copy_of_project(folder / name)
        if name == "head":
            text = (copy / "main.py").read_text()
            (copy / "main.py").write_text(text.replace('("www-2", "10.0.0.12", [])', '("www-3", "10.0.0.13", [])'))
        started.append(run_main(copy))
    for process in started:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    return folder


def _lay(runner: Runner, folders: Path) -> None:
    shutil.copytree(folders / "base" / "cdktf.out", runner.folder / "cdktf.out")
    shutil.copytree(folders / "head" / "cdktf.out", runner.temp / "head")


@pytest.mark.parametrize(("fail_on", "status"), [("replace,destroy", "2"), ("wipe", "0"), ("", "0")])
def test_the_review_is_written_and_its_status_handed_on(
    runner: Runner, folders: Path, fail_on: str, status: str
) -> None:
    _lay(runner, folders)
    done = runner.run("review.yml", "Review", IVC=f"{sys.executable} -m ivc", FAIL_ON=fail_on, LIMITS="")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (runner.folder / "output").read_text() == f"status={status}\n"
    review = runner.temp / "review"
    assert {path.name for path in review.iterdir()} == {"review.md", "review.html", "review.json", "review.sarif"}
    assert (review / "review.md").read_text().startswith("<!-- ivc-review -->\n")
    assert (runner.folder / "summary").read_text() == (review / "review.md").read_text()
    assert "www-2" in (review / "review.md").read_text()


def test_a_folder_that_cannot_be_reviewed_fails_the_run(runner: Runner, folders: Path) -> None:
    _lay(runner, folders)
    (runner.temp / "head" / "stacks" / "shop" / "cdk.tf.json").write_text("{")
    done = runner.run("review.yml", "Review", IVC=f"{sys.executable} -m ivc", FAIL_ON="", LIMITS="")
    assert done.returncode == 1
    assert not (runner.folder / "output").exists()


def test_a_command_line_that_ivc_does_not_know_is_no_review(runner: Runner, folders: Path) -> None:
    """A usage error may well end with status 2, as a review does that found something."""
    _lay(runner, folders)
    done = runner.run("review.yml", "Review", IVC=f"{sys.executable} -m ivc --nonsense", FAIL_ON="", LIMITS="")
    assert done.returncode == 1


def _comments(runner: Runner, *comments: dict[str, Any]) -> None:
    review = runner.folder / "review"
    review.mkdir()
    (review / "review.md").write_text('<!-- ivc-review -->\n`www-1` will be replaced: "$(date)" \\n\n')
    runner.answers["repos/acme/shop/issues/7/comments?per_page=100"] = list(comments)


@needs_jq
def test_the_first_review_is_a_new_comment(runner: Runner) -> None:
    others = {"id": 3, "user": {"login": "mallory"}, "body": "<!-- ivc-review -->\nNo changes"}
    _comments(runner, others, {"id": 4, "user": {"login": "github-actions[bot]"}, "body": "Coverage: 100%"})
    done = runner.run("say.yml", "Write the comment", NUMBER="7")
    assert done.returncode == 0, done.stderr
    assert runner.asked[-1] == "api --silent --method POST repos/acme/shop/issues/7/comments --input comment.json"
    said = json.loads((runner.folder / "comment.json").read_text())
    assert said == {"body": (runner.folder / "review" / "review.md").read_text()}


@needs_jq
def test_a_later_review_takes_the_place_of_the_first(runner: Runner) -> None:
    ours = {"user": {"login": "github-actions[bot]"}, "body": "<!-- ivc-review -->\nwas"}
    _comments(runner, {"id": 12} | ours, {"id": 13} | ours)
    done = runner.run("say.yml", "Write the comment", NUMBER="7")
    assert done.returncode == 0, done.stderr
    assert runner.asked[-1] == "api --silent --method PATCH repos/acme/shop/issues/comments/12 --input comment.json"


@pytest.mark.parametrize(
    ("tag", "changelog", "said"),
    [
        ("v1.2.3", "## 1.2.3 (2027-01-02)\n", ""),
        ("v1.2.4", "## 1.2.3 (2027-01-02)\n", "::error::The tag is v1.2.4, and pyproject.toml says 1.2.3.\n"),
        ("v1.2.3", "## 11.2.3 (2027-01-02)\n", "::error::CHANGELOG.md says nothing of 1.2.3: run towncrier build.\n"),
    ],
)
def test_a_release_is_what_its_tag_says(runner: Runner, tag: str, changelog: str, said: str) -> None:
    (runner.folder / "pyproject.toml").write_text('[project]\nname = "ivc-openstack"\nversion = "1.2.3"\n')
    (runner.folder / "CHANGELOG.md").write_text(changelog)
    done = runner.run("release.yml", "Compare the tag with what is released", GITHUB_REF_NAME=tag)
    assert (done.returncode, done.stdout) == (1 if said else 0, said), done.stderr


REFUSE = "Refuse what could carry the credentials away"


@needs_jq
def test_an_ordinary_change_is_planned(runner: Runner, folders: Path) -> None:
    _lay(runner, folders)
    beside = runner.temp / "head" / "stacks" / "shop" / "evil.tf"
    beside.write_text('data "external" "x" { program = ["env"] }')
    done = runner.run("pull-request.yml", REFUSE)
    assert done.returncode == 0, done.stdout + done.stderr
    planned = runner.temp / "planned" / "stacks" / "shop"
    assert sorted(path.name for path in planned.iterdir()) == ["cdk.tf.json", "userdata"], "and no other file beside it"
    assert (planned / "userdata" / "www-1").is_file()


@needs_jq
def test_user_data_that_is_a_link_is_not_planned(runner: Runner, folders: Path) -> None:
    _lay(runner, folders)
    file = runner.temp / "head" / "stacks" / "shop" / "userdata" / "www-1"
    file.unlink()
    file.symlink_to("/etc/passwd")
    done = runner.run("pull-request.yml", REFUSE)
    assert done.returncode == 1
    assert "user data that is no plain file" in done.stdout


def _put(path: str, value: object) -> Any:
    def change(document: dict[str, Any]) -> None:
        *above, last = path.split("/")
        for key in above:
            document = document.setdefault(key, {})
        document[last] = value

    return change


@needs_jq
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_put("provider/openstack", [{"auth_url": "https://mallory.example"}]), id="another cloud"),
        pytest.param(_put("terraform/backend", {"http": {"address": "https://mallory.example"}}), id="another state"),
        pytest.param(_put("terraform/required_providers/evil", {"source": "mallory/evil"}), id="another provider"),
        pytest.param(_put("data/external/x", {"program": ["env"]}), id="a program"),
        pytest.param(_put("resource/null_resource/x", {}), id="a resource of another provider"),
        pytest.param(_put("resource/terraform_data/x", {"provisioner": [{"local-exec": {}}]}), id="a provisioner"),
        pytest.param(_put("ephemeral/external/x", {}), id="an ephemeral resource"),
        pytest.param(_put("check/x", {"data": {"http": {"x": {}}}}), id="a look-up in a check"),
        pytest.param(_put("module/x", {"source": "mallory/x"}), id="a module"),
        pytest.param(_put("output/x", {"value": '${file("/proc/self/environ")}'}), id="a file"),
        pytest.param(_put("output/x", {"value": '${join("}", [filebase64("/etc/passwd")])}'}), id="a file, hidden"),
        pytest.param(_put("output/x", {"value": '%{ if templatefile("/x", {}) == "" }%{ endif }'}), id="a template"),
        pytest.param(_put("output/x", {"value": '$$${file("/x")}'}), id="signs that are hard to read"),
        pytest.param(_put("data/openstack_identity_auth_scope_v3/x", {"set_token_id": True}), id="a token"),
    ],
)
def test_what_could_carry_credentials_away_is_not_planned(runner: Runner, folders: Path, change: Any) -> None:
    _lay(runner, folders)
    file = runner.temp / "head" / "stacks" / "shop" / "cdk.tf.json"
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))
    done = runner.run("pull-request.yml", REFUSE)
    assert done.returncode == 1
    assert "::error::Stack shop is not planned before the merge" in done.stdout


@needs_jq
def test_user_data_that_speaks_of_files_is_planned(runner: Runner, folders: Path) -> None:
    """The signs of its shell are doubled, so Terraform reads none of it."""
    _lay(runner, folders)
    for folder in (runner.folder / "cdktf.out", runner.temp / "head"):
        file = folder / "stacks" / "shop" / "cdk.tf.json"
        document = json.loads(file.read_text())
        for instance in document["resource"]["openstack_compute_instance_v2"].values():
            instance["user_data"] = "#!/bin/sh\nread $${HOME}/a && file(1) $${b}\n"
        file.write_text(json.dumps(document))
    assert runner.run("pull-request.yml", REFUSE).returncode == 0


@needs_jq
def test_a_stack_that_is_new_is_not_planned_before_the_merge(runner: Runner, folders: Path) -> None:
    _lay(runner, folders)
    shutil.copytree(runner.temp / "head" / "stacks" / "shop", runner.temp / "head" / "stacks" / "lab")
    assert runner.run("pull-request.yml", REFUSE).returncode == 1


def _plan(runner: Runner, *, full: str = "false", backend: str = "") -> subprocess.CompletedProcess[str]:
    stack = runner.temp / "planned" / "stacks" / "shop"
    stack.mkdir(parents=True)
    (stack / "cdk.tf.json").write_text('{"terraform": {"backend": {"local": {"path": "../../../x"}}}}')
    return runner.run("pull-request.yml", "Plan", FULL=full, BACKEND=backend, CLOUDS_YAML="clouds: {}")


BUCKET = '{"s3": {"bucket": "states", "key": "STACK.tfstate"}}'
QUICK = "shop: plan -input=false -lock=false -refresh=false -out=plan"
FULL = "shop: plan -input=false -lock=false -parallelism=40 -out=plan"


@needs_jq
@pytest.mark.parametrize(("full", "plans"), [("false", [QUICK]), ("true", [QUICK, FULL])])
def test_the_quick_plan_goes_first_and_the_full_one_where_it_will_be_applied(
    runner: Runner, full: str, plans: list[str]
) -> None:
    done = _plan(runner, full=full, backend=BUCKET)
    assert done.returncode == 0, done.stdout + done.stderr
    assert runner.asked == ["shop: init -input=false", *plans, "shop: show -json plan"]
    backends = json.loads((runner.folder / "backends").read_text())
    assert backends == {"terraform": {"backend": {"s3": {"bucket": "states", "key": "shop.tfstate"}}}}
    assert (runner.temp / "shop.json").is_file()
    assert not (runner.temp / "clouds.yaml").exists(), "the credential stays no longer than it is needed"


@needs_jq
def test_a_state_in_a_file_of_somebodys_machine_is_not_taken_for_none(runner: Runner) -> None:
    done = _plan(runner)
    assert done.returncode == 1
    assert "::error::Stack shop keeps its state in a file, which is not here" in done.stdout
    assert runner.asked == []


def test_the_apply_takes_the_plan_and_no_other_way(runner: Runner) -> None:
    stack = runner.temp / "planned" / "stacks" / "shop"
    stack.mkdir(parents=True)
    (stack / "backend_override.tf.json").write_text("{}")
    done = runner.run("apply.yml", "Apply", CLOUDS_YAML="clouds: {}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert runner.asked == [
        "shop: init -input=false",
        "shop: apply -input=false -lock-timeout=5m -parallelism=40 plan",
    ]
    assert runner.run("apply.yml", "Take the plan and the credentials away").returncode == 0
    assert list(runner.temp.iterdir()) == []


_PASSPHRASES = {"us": "open sesame", "mallory": "open wheat"}


def _planned(runner: Runner, *, tree: str = TREE, by: str = "us") -> None:
    """A plan as the pull request's run left it, and what GitHub says of that run."""
    stack = runner.temp / "planned" / "stacks" / "shop"
    stack.mkdir(parents=True)
    for name in ("plan", ".terraform.lock.hcl", "cdk.tf.json"):
        (stack / name).write_text(f"{name}: hunter2\n")
    done = runner.run("pull-request.yml", "Lock the plan away", PASSPHRASE=_PASSPHRASES[by], TREE=tree)
    assert done.returncode == 0, done.stderr
    (runner.temp / "plan.tar.gpg").rename(runner.folder / "plan.tar.gpg")
    shutil.rmtree(runner.temp)
    runs = [
        {"expired": False, "created_at": f"2026-01-0{number}", "workflow_run": {"id": number, "head_sha": head}}
        for number, head in ((1, "beef"), (2, "beef"), (3, "other"))
    ]
    runner.answers |= {
        "repos/acme/shop/commits/c0ffee/pulls": [{"merged_at": "2026-01-05", "head": {"sha": "beef"}}],
        "repos/acme/shop/actions/artifacts?name=ivc-plan&per_page=100": {"artifacts": runs},
        "repos/acme/shop/actions/runs/2": {"conclusion": "success"},
        "repos/acme/shop/git/commits/c0ffee": {"tree": {"sha": TREE}},
    }


def _fetch(runner: Runner) -> subprocess.CompletedProcess[str]:
    return runner.run("apply.yml", "Fetch the plan that was reviewed", PASSPHRASE=_PASSPHRASES["us"])


@needs_jq
@needs_gpg
def test_the_plan_that_was_reviewed_is_the_one_that_is_applied(runner: Runner) -> None:
    _planned(runner)
    locked = (runner.folder / "plan.tar.gpg").read_bytes()
    assert b"hunter2" not in locked
    assert base64.b64encode(b"hunter2")[:8] not in locked
    done = _fetch(runner)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "found=true" in (runner.folder / "output").read_text()
    assert (runner.temp / "planned" / "stacks" / "shop" / "plan").read_text() == "plan: hunter2\n"
    assert "run download 2 --repo acme/shop --name ivc-plan" in " ".join(runner.asked), (
        "the newest of this pull request"
    )


@needs_jq
@needs_gpg
def test_a_plan_that_somebody_else_made_or_changed_is_not_applied(runner: Runner) -> None:
    _planned(runner, by="mallory")
    assert _fetch(runner).returncode != 0
    assert not (runner.folder / "output").exists()


@needs_jq
@needs_gpg
def test_a_plan_that_was_tampered_with_is_not_applied(runner: Runner) -> None:
    _planned(runner)
    locked = bytearray((runner.folder / "plan.tar.gpg").read_bytes())
    locked[len(locked) // 2] ^= 1
    (runner.folder / "plan.tar.gpg").write_bytes(locked)
    assert _fetch(runner).returncode != 0
    assert not (runner.folder / "output").exists()


@needs_jq
@needs_gpg
def test_a_plan_for_other_files_than_were_merged_is_not_applied(runner: Runner) -> None:
    _planned(runner, tree="0" * 40)
    done = _fetch(runner)
    assert done.returncode == 1
    assert "::error::The plan was made for other files than were merged" in done.stdout
    assert not (runner.folder / "output").exists()


@needs_jq
@needs_gpg
@pytest.mark.parametrize(
    ("path", "answer", "says", "status"),
    [
        ("repos/acme/shop/commits/c0ffee/pulls", [], "Nothing is applied: this commit came with no pull request.", 0),
        (
            "repos/acme/shop/actions/artifacts?name=ivc-plan&per_page=100",
            {"artifacts": []},
            "Nothing is applied: its pull request has no plan",
            0,
        ),
        ("repos/acme/shop/actions/runs/2", {"conclusion": "failure"}, "The run that made the plan ended: failure.", 1),
    ],
)
def test_without_a_reviewed_plan_nothing_is_applied(
    runner: Runner, path: str, answer: Any, says: str, status: int
) -> None:
    _planned(runner)
    runner.answers[path] = answer
    done = _fetch(runner)
    assert done.returncode == status
    assert says in done.stdout
    assert not (runner.folder / "output").exists()
