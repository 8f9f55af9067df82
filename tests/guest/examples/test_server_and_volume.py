"""examples/server-and-volume in a guest."""

from __future__ import annotations

import pytest
from practice.guest import Disk, Files, Report

from tests.guest.examples.booting import boots

pytestmark = pytest.mark.guest

VOLUME = "f11e5000-1111-4222-8333-000000000001"
ASK = "curl -s --resolve files.acme.example:80:127.0.0.1 http://files.acme.example"
HEAD = f"{ASK}/report.txt -D - -o /dev/null"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return boots(
        "server-and-volume",
        "files-1",
        tmp_path_factory.mktemp("files"),
        values={"var.site": "files.acme.example", "var.cache_minutes": "30", "serial of volume files": VOLUME[:20]},
        disks=[Disk(VOLUME, Files({"report.txt": b"of last year\n"}), mounted_at=("/srv/files",))],
        commands=[
            f"{ASK}/report.txt",
            HEAD,
            f"{ASK}/",
            f"{ASK}/report.txt -X PUT -d other -o /dev/null -w '%{{http_code}}'",
            f"{ASK}/lost+found/ -o /dev/null -w '%{{http_code}}'",
        ],
    )


def test_nothing_is_wrong(report: Report) -> None:
    assert report.problems == ()


def test_it_serves_what_stands_on_the_volume_and_nothing_else(report: Report) -> None:
    file, _, folder, written, lost = (answer.output for answer in report.answers)
    assert file == "of last year\n"
    assert '<a href="report.txt">' in folder
    assert (written, lost) == ("405", "403")


def test_a_browser_may_keep_a_file_as_long_as_is_said(report: Report) -> None:
    assert "Cache-Control: max-age=1800" in report.answer(HEAD).output
