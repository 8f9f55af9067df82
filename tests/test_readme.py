"""The first example of the README, and of the page that a package index shows, is a program that runs as it stands."""

from __future__ import annotations

from pathlib import Path

from tests.helpers import INSTANCE, resources, run_program, shown_on, written_stack


def test_the_first_example_synthesizes(tmp_path: Path) -> None:
    (tmp_path / "userdata").mkdir()
    for template, text in (("www", "#cloud-config\n# {{ site }}\n"), ("db", "#cloud-config\n")):
        (tmp_path / "userdata" / f"{template}.yaml.jinja").write_text(text)

    done = run_program(tmp_path, shown_on("README.md"))
    assert done.returncode == 0, done.stderr

    stack = tmp_path / "cdktf.out" / "stacks" / "shop"
    servers = resources(written_stack(tmp_path / "cdktf.out"), INSTANCE)
    assert sorted(servers) == ["db-1", "www-1"]
    assert servers["db-1"]["config_drive"] is True
    user_data = (stack / "userdata" / "www-1").read_text()
    assert user_data.startswith("#cloud-config\n# shop.example\nbootcmd:\n")
    assert "one <serial of volume www-data> /srv " in user_data


def test_the_package_indexs_example_synthesizes(tmp_path: Path) -> None:
    done = run_program(tmp_path, shown_on("docs/package.md"))
    assert done.returncode == 0, done.stderr
    assert [*resources(written_stack(tmp_path / "cdktf.out"), INSTANCE)] == ["www-1"]
