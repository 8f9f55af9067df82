"""What docs/objects.md and docs/secrets.md show is a program that runs, and user data that is right."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from ivc import KeyManagerSecret, OpenStackStack, Secret
from tests.helpers import (
    CERTIFICATE,
    OBJECT,
    Json,
    backend,
    rendered,
    run_program,
    server,
    shown_on,
    template,
    written_stack,
)
from tests.terraform.stores import serving
from tests.test_key_manager_secret import PEM


def run(folder: Path, page: str) -> tuple[Json, str]:
    """What a page's program writes, as JSON, and what it says on stderr."""
    done = run_program(folder, shown_on(page))
    assert done.returncode == 0, done.stderr
    return written_stack(folder / "cdktf.out"), done.stderr


def test_the_program_with_objects_runs_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "shop.tar.gz").write_bytes(b"\x1f\x8b")
    (tmp_path / "userdata").mkdir()
    (tmp_path / "userdata" / "www.yaml.jinja").write_text(shown_on("docs/objects.md", "yaml"))
    written, said = run(tmp_path, "docs/objects.md")
    assert said == ""
    (made,) = written["resource"][OBJECT].values()
    assert made["name"] == "shop.tar.gz"
    text = (tmp_path / "cdktf.out/stacks/shop/userdata/www-1").read_text()
    assert "set -- '<URL of shop.tar.gz in container shop-releases>'" in text


def test_the_program_with_a_certificate_runs_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "shop.pem").write_text(PEM)
    written, said = run(tmp_path, "docs/secrets.md")
    assert said == ""
    assert [*written["resource"][CERTIFICATE]] == ["shop"]


def test_the_user_data_that_fetches_a_secret_is_right(shop: OpenStackStack, capsys: pytest.CaptureFixture[str]) -> None:
    with serving() as stores:
        stores.kept["secrets/11111111-2222-3333-4444-555555555555"] = {"payload": b"top: #"}
        password = KeyManagerSecret.lookup(
            shop, f"{stores.url}/key-manager/v1/secrets/11111111-2222-3333-4444-555555555555"
        )
        text = template(
            shop,
            shown_on("docs/secrets.md", "yaml"),
            credential=Secret(shop, "www_1_credential", description="x"),
            credential_id="0a" * 16,
            keystone=f"{stores.url}/v3",
            reference=password.secret_ref,
        )
        server(shop, "db", backend(shop), user_data=text)
        sent = rendered(shop, "db").decode()
        assert capsys.readouterr().err == ""
        assert '"secret": "<var.www_1_credential>"' in sent
        script = yaml.safe_load(sent)["write_files"][0]["content"]
        done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("top: #", 0), done.stderr
