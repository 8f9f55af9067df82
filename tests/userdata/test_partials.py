"""The library's own templates, which any template may import."""

from __future__ import annotations

import hashlib
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from ivc.userdata import AtApply
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
    with pytest.raises(ValueError, match=r"/t, line 2: .*'apk'.* \(in ivc/packages\.jinja, line 5\)$"):
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


class Store(BaseHTTPRequestHandler):
    """A store on loopback: how often it was asked, and what it answers the first time and from then on."""

    asked = 0
    first: bytes | None = None
    content = b"the app"

    def do_GET(self) -> None:
        kind = type(self)
        kind.asked += 1
        said = kind.first if kind.asked == 1 and kind.first is not None else kind.content
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def store() -> Iterator[tuple[type[Store], str]]:
    kind = type("Store", (Store,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield kind, f"http://127.0.0.1:{server.server_address[1]}/v1/AUTH_x/releases/app"
    server.shutdown()
    server.server_close()
    thread.join()


def fetch(
    folder: Path, url: str, place: Path, *, patience: int = 1, without: str = ""
) -> subprocess.CompletedProcess[str]:
    """What a guest runs of it, and what comes after it, without waiting. without: a test of it that is to fail."""
    (folder / "sleep").write_text("#!/bin/sh\n")
    (folder / "sleep").chmod(0o755)
    text = (
        '{% import "ivc/objects.jinja" as objects %}runcmd:\n'
        "  - {{ objects.fetch(app, path, owner=owner, permissions='0640', patience=patience) }}\n  - echo next\n"
    )
    app = {"url": url, "sha256": hashlib.sha256(b"the app").hexdigest()}
    owner = f"{folder.owner()}:{folder.group()}"
    script = "\n".join(document(folder, text, app=app, path=str(place), owner=owner, patience=patience)["runcmd"])
    assert without in script
    return subprocess.run(
        ["sh", "-c", script.replace(without, "false") if without else script],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
    )


def test_an_object_is_fetched_whole_with_its_owner_and_permissions(
    tmp_path: Path, store: tuple[type[Store], str]
) -> None:
    place = tmp_path / "opt" / "shop" / "it's an app"
    done = fetch(tmp_path, store[1], place)
    assert (done.returncode, done.stdout, done.stderr) == (0, "next\n", "")
    assert place.read_bytes() == b"the app"
    assert place.stat().st_mode & 0o777 == 0o640
    assert [each.stat().st_mode & 0o777 for each in place.parents[:2]] == [0o755, 0o755]


def test_an_object_that_comes_late_is_waited_for(tmp_path: Path, store: tuple[type[Store], str]) -> None:
    store[0].first = b"half of the a"
    assert fetch(tmp_path, store[1], tmp_path / "app", patience=600).stdout == "next\n"
    assert (store[0].asked, (tmp_path / "app").read_bytes()) == (2, b"the app")


def test_without_curl_python_fetches_it(tmp_path: Path, store: tuple[type[Store], str]) -> None:
    done = fetch(tmp_path, store[1], tmp_path / "app", without="command -v curl")
    assert (done.returncode, done.stdout) == (0, "next\n")
    assert (tmp_path / "app").read_bytes() == b"the app"


def test_other_content_is_never_taken_and_nothing_is_run_after_it(
    tmp_path: Path, store: tuple[type[Store], str]
) -> None:
    store[0].content = b"another app"
    (tmp_path / "app").write_text("the former one")
    done = fetch(tmp_path, store[1], tmp_path / "app")
    assert done.returncode == 1
    assert done.stdout.startswith(f"ivc: {tmp_path}/app: {store[1]} does not give what was declared, of SHA-256 ")
    assert "next" not in done.stdout
    assert sorted(one.name for one in tmp_path.iterdir() if one.name.startswith("app")) == ["app"]
    assert (tmp_path / "app").read_text() == "the former one"


def test_a_fetch_of_ours_is_right(tmp_path: Path) -> None:
    (tmp_path / "t").write_text(
        '#cloud-config\n{% import "ivc/objects.jinja" as objects -%}\nruncmd:\n'
        '  - {{ objects.fetch(app, "/opt/app") }}\n'
    )
    app = {"url": AtApply("local.url", "URL of app in container releases", 300), "sha256": "0" * 64}
    text = render("t", {"app": app}, folder=tmp_path)
    assert findings(text, key_pair=True) == ()
    assert "set -- '<URL of app in container releases>' 000" in text.readable


def test_a_projects_own_folder_does_not_hide_the_librarys(tmp_path: Path) -> None:
    (tmp_path / "ivc").mkdir()
    (tmp_path / "ivc" / "ntp.jinja").write_text("{% macro ntp() %}mine: 1{% endmacro %}")
    assert "ntp" in document(tmp_path, '{% import "ivc/ntp.jinja" as time %}{{ time.ntp() }}')
