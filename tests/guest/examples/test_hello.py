"""examples/hello in a guest."""

from __future__ import annotations

import pytest

from tests.guest.examples.booting import boots

pytestmark = pytest.mark.guest


def test_it_greets_who_logs_in_and_who_reads_the_console(tmp_path_factory: pytest.TempPathFactory) -> None:
    report = boots(
        "hello",
        "hello-1",
        tmp_path_factory.mktemp("hello"),
        values={"address of hello-1 on Ext-Net": "192.0.2.17"},
    )

    assert (report.problems, report.hostname) == ((), "hello-1")
    motd = report.file("/etc/motd")
    assert motd is not None
    assert motd.content == b"Hello, world! This is hello-1, 192.0.2.17.\n"
    assert "Hello, world, says hello-1 after " in report.output
