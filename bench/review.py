"""A review of two folders, 300 servers of which 20 change, against only reading their JSON, whole processes.

./run python -m bench.review
"""

from __future__ import annotations

import ipaddress
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.synth import template
from ivc import App, Instance, Network, OpenStackStack, SecurityGroup, Tcp, UserData

SERVERS, CHANGED, RUNS = 300, 20, 7
READ = """
import json, pathlib, sys
for folder in sys.argv[1:]:
    for path in pathlib.Path(folder).rglob("*.json"):
        json.loads(path.read_bytes())
"""


def synthesize(folder: Path, side: str, *, changed: int) -> Path:
    """The servers, of which some have another text in their user data, another flavor, or are gone, by turns."""
    app = App(folder=folder, outdir=folder / side)
    stack = OpenStackStack(app, "bench")
    internet = Network.lookup(stack, "Ext-Net", public=True)
    backend = Network(stack, "backend", cidr="10.0.0.0/20")
    web = SecurityGroup(stack, "web")
    web.allow_from_anywhere(Tcp(80, 443))
    first = ipaddress.ip_address("10.0.0.10")
    for number in range(SERVERS):
        edit = number % 3 if number < changed else None
        if edit == 0:
            continue
        address = str(first + number)
        site = "other.example" if edit == 1 else "shop.example"
        Instance(
            stack,
            f"www-{number + 1}",
            image="Debian 12",
            flavor="b2-15" if edit == 2 else "b2-7",
            nics=[internet.nic(web), backend.nic(web, ip=address)],
            user_data=UserData.template("server.yaml.jinja", address=address, number=number, site=site),
        )
    app.synth()
    return folder / side


def timed(*command: str) -> float:
    """Seconds of a whole process."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begun


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "userdata").mkdir()
        (folder / "userdata" / "server.yaml.jinja").write_text(template())
        base = synthesize(folder, "base", changed=0)
        head = synthesize(folder, "head", changed=CHANGED)
        comment = folder / "comment.md"
        review = ("-m", "ivc", "review", "--base", str(base), "--head", str(head), "--markdown", str(comment))
        pairs = [(timed(*review), timed("-c", READ, str(base), str(head))) for _ in range(RUNS)]
        text = comment.read_text()
    reviews, reads = zip(*pairs, strict=True)
    ratio = statistics.median(one / other for one, other in pairs)
    print(
        f"{SERVERS} servers, {CHANGED} changes: "
        f"{statistics.median(reviews):.2f} s ({min(reviews):.2f}-{max(reviews):.2f})"
    )
    print(f"reading the JSON alone: {statistics.median(reads):.2f} s; ratio {ratio:.1f}")
    print(f"the comment: {len(text):,} characters")


if __name__ == "__main__":
    main()
