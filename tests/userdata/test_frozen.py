"""What the library writes into user data, byte for byte as its releases wrote it.

What its templates and filters write is a part of the user's own text, which is compared: other bytes replace each
server that has them. So `compared.yaml` and `fetched.yaml` are never written anew. The command that mounts volumes is
compared apart from its text: `volumes.sh` may change, which replaces nothing; write it anew with IVC_WRITE_FROZEN=1,
and try it by the test of guests.
"""

from __future__ import annotations

import os
from pathlib import Path

from ivc.userdata import volumes
from ivc.userdata.template import render
from ivc.userdata.volumes import Mount

FROZEN = Path(__file__).parent / "frozen"
TEMPLATE = """\
{% import "ivc/users.jinja" as users %}
{% import "ivc/ntp.jinja" as time %}
{% import "ivc/packages.jinja" as packages %}
{% import "ivc/secrets.jinja" as secrets %}
users:
  - default
  - {{ users.user("ops", keys=["ssh-ed25519 AAAA ops: # 1"], sudo=true) }}
  - {{ users.user("guest", keys=[]) }}
{{ time.ntp(servers=["10.0.0.1", "fd00::1"]) }}
{{ packages.install("apt", apt=["apache2"], dnf=["httpd"]) }}
runcmd:
  - {{ secrets.file("/etc/it's", "vault read x", owner="app:app") }}
  - echo {{ "it's $HOME" | quote }}
texts:
  - {{ "a: #b" | to_yaml }}
  - {{ {"b": [1, 2.5, none, true, "yes", "é\\u2028"], "a": "a\\nb\\n"} | to_yaml }}
  - {{ {"b": [1, 2.5, none, true, "é"], "a": "x"} | to_json }}
"""


def test_what_templates_and_filters_write_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "t").write_text("#cloud-config\n" + TEMPLATE)
    assert render("t", {}, folder=tmp_path).readable == (FROZEN / "compared.yaml").read_text()


FETCHED = """\
{% import "ivc/objects.jinja" as objects %}
runcmd:
  - {{ objects.fetch(app, "/opt/it's an app") }}
  - {{ objects.fetch(app, "/opt/app", owner="app:app", permissions="0600", patience=60) }}
"""


def test_the_command_that_fetches_an_object_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "t").write_text("#cloud-config\n" + FETCHED)
    app = {"url": "https://swift.example.com/v1/AUTH_x/releases/app", "sha256": "0a" * 32}
    assert render("t", {"app": app}, folder=tmp_path).readable == (FROZEN / "fetched.yaml").read_text()


def test_the_command_that_mounts_volumes_is_the_one_that_was_tried() -> None:
    mounts = [
        Mount("data", "11111111-2222-3333-4", "/srv", "ext4", options=("noatime",), owner="app:app", mode="0750"),
        Mount("log", "55555555-6666-7777-8", "/var/log/www", lvm="data/log"),
    ]
    text = volumes.boothook(mounts).readable
    if os.environ.get("IVC_WRITE_FROZEN"):
        (FROZEN / "volumes.sh").write_text(text)
    assert text == (FROZEN / "volumes.sh").read_text()
