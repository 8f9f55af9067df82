"""The library's own templates, which any template may import."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ivc.userdata.checks import findings
from ivc.userdata.template import render
from tests.helpers import PUBLIC_KEY

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0000000000000000000000000000000000000000000 ops: the # first"


def document(folder: Path, text: str, /, **variables: object) -> Any:
    (folder / "t").write_text(f"#cloud-config\n{text}\n")
    return yaml.safe_load(render("t", variables, folder=folder).readable)


def test_users_and_their_keys(tmp_path: Path) -> None:
    text = (
        '{% import "ivc/users.jinja" as users %}users:\n  - default\n'
        '  - {{ users.user("ops", keys=[key], sudo=true) }}\n  - {{ users.user("guest", keys=[]) }}\n'
    )
    common = {"shell": "/bin/bash", "lock_passwd": True, "groups": []}
    assert document(tmp_path, text, key=KEY)["users"] == [
        "default",
        {"name": "ops", **common, "ssh_authorized_keys": [KEY], "sudo": "ALL=(ALL) NOPASSWD:ALL"},
        {"name": "guest", **common, "ssh_authorized_keys": []},
    ]


def test_a_user_of_ours_is_right(tmp_path: Path) -> None:
    (tmp_path / "t").write_text(
        '#cloud-config\n{% import "ivc/users.jinja" as users -%}\nusers:\n  - default\n'
        '  - {{ users.user("guest", keys=[]) }}\n  - {{ users.user("ops", keys=[key]) }}\n'
    )
    assert findings(render("t", {"key": PUBLIC_KEY}, folder=tmp_path), key_pair=True) == ()


def test_time_servers(tmp_path: Path) -> None:
    text = '{% import "ivc/ntp.jinja" as time %}{{ time.ntp(servers=["10.0.0.1"]) }}'
    assert document(tmp_path, text) == {"ntp": {"enabled": True, "servers": ["10.0.0.1"], "pools": []}}


@pytest.mark.parametrize(("family", "package"), [("apt", "apache2"), ("dnf", "httpd")])
def test_packages_by_the_name_that_the_family_has_for_them(tmp_path: Path, family: str, package: str) -> None:
    text = '{% import "ivc/packages.jinja" as p %}{{ p.install(family, apt=["apache2"], dnf=["httpd"]) }}'
    assert document(tmp_path, text, family=family) == {"package_update": True, "packages": [package]}


def test_a_family_that_is_not_known_is_an_error(tmp_path: Path) -> None:
    text = '{% import "ivc/packages.jinja" as p %}{{ p.install("apk", apt=["apache2"]) }}'
    with pytest.raises(ValueError, match=r"packages\.jinja, line \d+: .*'apk'"):
        document(tmp_path, text)


def test_a_file_from_a_secret_store_is_whole_and_private(tmp_path: Path) -> None:
    place = tmp_path / "it's a secret"
    owner = f"{place.parent.owner()}:{place.parent.group()}"
    text = '{% import "ivc/secrets.jinja" as s %}runcmd:\n  - {{ s.file(path, command, owner=owner) }}\n'
    good = document(tmp_path, text, path=str(place), command="printf '%s: #' top", owner=owner)["runcmd"][0]
    subprocess.run(good, check=True)
    assert place.read_text() == "top: #"
    assert place.stat().st_mode & 0o777 == 0o600
    bad = document(tmp_path, text, path=str(place), command="echo half; false", owner=owner)["runcmd"][0]
    assert subprocess.run(["sh", "-c", f"({bad[2]})"], check=False).returncode
    assert place.read_text() == "top: #"


def test_a_projects_own_folder_does_not_hide_the_librarys(tmp_path: Path) -> None:
    (tmp_path / "ivc").mkdir()
    (tmp_path / "ivc" / "ntp.jinja").write_text("{% macro ntp() %}mine: 1{% endmacro %}")
    assert "ntp" in document(tmp_path, '{% import "ivc/ntp.jinja" as time %}{{ time.ntp() }}')
