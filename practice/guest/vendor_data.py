"""Vendor data that puts the probe into a guest whose image has it not: a boothook, which leaves nothing but in /run.

cloud-init runs it at each boot, before the user data's own (cloud-init, "Vendor data").
"""

import base64
import json
from collections.abc import Mapping

from practice.guest.image import INSIDE

_UNITS = ("ivc-watch.service", "ivc-probe.service")
_BOOTHOOK = """#cloud-boothook
#!/bin/sh
set -e
mkdir -p /run/ivc /run/systemd/system
{files}
systemctl daemon-reload
systemctl --no-block start {units}
"""


def vendor_data(files: Mapping[str, bytes]) -> bytes:
    """What a config drive says as vendor_data.json. files: by name, what the probe finds in /run/ivc."""
    all_of_them = {f"/run/ivc/{name}": content for name, content in files.items()}
    all_of_them |= {f"/run/systemd/system/{unit}": (INSIDE / unit).read_bytes() for unit in _UNITS}
    lines = "\n".join(
        f"base64 -d >{path} <<'end'\n{base64.encodebytes(content).decode()}end" for path, content in all_of_them.items()
    )
    return json.dumps({"cloud-init": _BOOTHOOK.format(files=lines, units=" ".join(_UNITS))}).encode()
