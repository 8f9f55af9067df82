# mypy: ignore-errors
"""Runs inside Nova's Python: nova-compute for several hosts, each in a fork of one process that has imported Nova once,
as the import takes longer than all that follows.

    computes.py nova-compute.conf HOST=STATE_FOLDER...

All or none: when one host's ends, whatever the reason, the others end too, and so they do when this process is killed.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

from nova.cmd import compute

# From <sys/prctl.h>: the signal that a process gets when its parent ends.
PR_SET_PDEATHSIG = 1

config_file, *hosts = sys.argv[1:]
children = set()


def end(*_):
    for child in children:
        os.kill(child, signal.SIGTERM)


for place in hosts:
    host, _, state = place.partition("=")
    Path(state, "instances").mkdir(parents=True, exist_ok=True)
    child = os.fork()
    if not child:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        # Said by the environment, an option wins over the file that all hosts share.
        os.environ |= {"OS_DEFAULT__HOST": host, "OS_DEFAULT__STATE_PATH": state}
        sys.argv = ["nova-compute", "--config-file", config_file]
        sys.exit(compute.main())
    children.add(child)

signal.signal(signal.SIGTERM, end)
codes = []
while children:
    child, status = os.wait()
    children.remove(child)
    codes.append(os.waitstatus_to_exitcode(status))
    end()
sys.exit(max(map(abs, codes)))
