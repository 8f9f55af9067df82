"""What people declare: one file for each kind of thing, on the one base in `declaration.py`.

Nothing here reads back what was written; everything that does stands below (`estate`, `policies`).
"""

from importlib import import_module

from ivc import node
from ivc.declare.bindings import load_on_demand

# Importing CDKTF starts Node; where none can be had, jsii says so in two tracebacks.
with node.chosen():
    import_module("ivc.declare.cdktf")

load_on_demand()
