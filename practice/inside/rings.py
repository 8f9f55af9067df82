# mypy: ignore-errors
"""Run once with Swift's Python: writes the rings, which say where Swift keeps what. Here it is one folder, once.

rings.py FOLDER HOST NAME=PORT...
"""

import sys
from pathlib import Path

from swift.common.ring import RingBuilder

folder, host, *rings = sys.argv[1:]
for ring in rings:
    name, _, port = ring.partition("=")
    builder = RingBuilder(part_power=4, replicas=1, min_part_hours=0)
    builder.add_dev({"region": 1, "zone": 1, "weight": 1, "ip": host, "port": int(port), "device": "d1"})
    builder.rebalance()
    builder.get_ring().save(str(Path(folder, f"{name}.ring.gz")))
