"""The printed logins."""

import json
import os
import subprocess
import sys

import pytest
import yaml
from practice import access
from practice.cli import app
from practice.cloud import Cloud
from practice.errors import PracticeError
from typer.testing import CliRunner


def test_the_openrc_lines_set_the_login_and_drop_what_contradicts_it() -> None:
    script = access.openrc() + f'"{sys.executable}" -c "import json, os; print(json.dumps(dict(os.environ)))"'
    before = {**os.environ, "OS_CLOUD": "elsewhere", "OS_PROJECT_ID": "123", "OS_TOKEN": "abc"}
    done = subprocess.run(["sh", "-euc", script], env=before, capture_output=True, text=True, check=True)
    after = {name: value for name, value in json.loads(done.stdout).items() if name.startswith("OS_")}
    assert after == access.credentials("demo")


def test_clouds_yaml_has_a_cloud_for_demo_and_one_for_the_admin() -> None:
    clouds = yaml.safe_load(access.clouds_yaml())["clouds"]
    assert clouds["practice"]["auth"]["project_name"] == "demo"
    assert clouds["practice-admin"]["auth"]["username"] == "admin"
    assert {one["auth"]["auth_url"] for one in clouds.values()} == {access.KEYSTONE_URL}


def test_the_project_other_is_another_project_of_the_same_user() -> None:
    demo, other = Cloud().credentials("demo"), Cloud().credentials("other")
    assert {name for name in demo if demo[name] != other[name]} == {"OS_PROJECT_NAME"}


def test_an_unknown_project_is_named_with_those_there_are() -> None:
    with pytest.raises(PracticeError, match=r"'shop'.*demo, other, admin"):
        access.credentials("shop")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], access.openrc("demo")),
        (["--admin"], access.openrc("admin")),
        (["--clouds-yaml"], access.clouds_yaml()),
    ],
)
def test_env_prints_nothing_but_the_login(options: list[str], expected: str) -> None:
    assert CliRunner().invoke(app, ["env", *options]).stdout == expected
