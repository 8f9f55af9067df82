"""A server of an example, booted in a guest with what only a cloud would know made up."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from practice.errors import PracticeError
from practice.guest import Disk, Nic, Report, boot

from ivc.cli.options import declared
from tests.examples import pages
from tests.helpers import clean_environment
from tests.running import cannot_be_had


def boots(
    name: str,
    server: str,
    folder: Path,
    *,
    values: Mapping[str, str] | None = None,
    disks: Sequence[Disk] = (),
    nics: Sequence[Nic] = (Nic("192.0.2.17/24"),),
    packages: Sequence[str] = (),
    commands: Sequence[str] = (),
) -> Report:
    """Boots a server of an example.

    values: by the words that stand for it in the rendered user data, what only the cloud knows.
    packages: what the image brings, as the example's page says.
    """
    main = pages.FOLDER / name / "main.py"
    subprocess.run([sys.executable, str(main)], env=clean_environment(CDKTF_OUTDIR=str(folder)), check=True)
    text = declared(server, folder).text(values or {})
    try:
        return boot(
            text.encode(), name=server, disks=disks, nics=nics, packages=packages, commands=commands, timeout=1200
        )
    except PracticeError as error:
        cannot_be_had("a guest", error)
