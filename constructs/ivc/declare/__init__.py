"""What people declare: one file for each kind of thing, on the one base in `declaration.py`.

Nothing here reads back what was written; everything that does stands below (`estate`, `policies`).
"""

import os
import shutil

from ivc.declare.bindings import load_on_demand
from ivc.errors import MachineError

# CDKTF's classes run in Node, and jsii, which starts it, says so in two tracebacks.
_NODE = os.environ.get("JSII_NODE") or "node"
if shutil.which(_NODE) is None:
    raise MachineError(
        f"CDKTF needs Node.js, and there is no {_NODE!r} on PATH: install Node 20 or 22, or name it in JSII_NODE"
    )

load_on_demand()
