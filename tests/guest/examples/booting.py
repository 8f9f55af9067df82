"""A server of an example, booted in a guest with what only a cloud would know made up."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

from practice.errors import PracticeError
from practice.guest import Disk, Nic, Report, boot

from ivc.cli.guest import store
from ivc.cli.options import declared
from tests.examples import pages
from tests.helpers import clean_environment
from tests.running import cannot_be_had


def synthesized(name: str, folder: Path) -> Path:
    """The folder, with what an example's program writes in it."""
    main = pages.FOLDER / name / "main.py"
    subprocess.run([sys.executable, str(main)], env=clean_environment(CDKTF_OUTDIR=str(folder)), check=True)
    return folder


def boots(
    name: str,
    server: str,
    folder: Path,
    *,
    values: Mapping[str, str] | None = None,
    before: str | None = None,
    disks: Sequence[Disk] = (),
    nics: Sequence[Nic] = (Nic("192.0.2.17/24"),),
    packages: Sequence[str] = (),
    commands: Sequence[str] = (),
) -> Report:
    """Boots a server of an example.

    values: by the words that stand for it in the rendered user data, what only the cloud knows, but for where the
        objects are that it fetches.
    before: lines for a shell that make, before the user data is acted on, what its server would find: another server's
        service, a volume's contents. They go with it as a part of their own.
    packages: what the image brings, as the example's page says.
    """
    its = declared(server, synthesized(name, folder))
    fetched = store(its, None)
    text = its.text({**fetched.urls, **(values or {})})
    user_data = text.encode() if before is None else _after(before, text)
    try:
        return boot(
            user_data, name=server, disks=disks, nics=nics, objects=fetched.files, packages=packages, commands=commands
        )
    except PracticeError as error:
        cannot_be_had("a guest", error)


def _after(before: str, text: str) -> bytes:
    message = MIMEMultipart()
    message.attach(MIMEText(f"#cloud-boothook\n#!/bin/sh\nset -eux\n{before}", "cloud-boothook"))
    message.attach(MIMEText(text, "cloud-config"))
    return message.as_bytes()
