# mypy: ignore-errors
"""Runs inside a service's Python: several commands of one tool, one after the other, each in a fork of one
process that has imported the tool once. The import takes longer than most of the commands.

    steps.py MODULE:FUNCTION '[[["nova-manage", "db", "sync"], [0]], ...]'

Each command stands with the exit codes that mean it is done; with any other one, the rest is not run.
"""

import importlib
import json
import os
import sys

module, _, function = sys.argv[1].partition(":")
main = getattr(importlib.import_module(module), function)
for command, done in json.loads(sys.argv[2]):
    child = os.fork()
    if not child:
        sys.argv = command
        sys.exit(main())
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code not in done:
        sys.exit(f"{' '.join(command)} ended with {code}.")
