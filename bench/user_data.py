"""How long the checks of user data take: for an estate's texts, and for texts that are hard to read.

./run python -m bench.user_data
"""

from __future__ import annotations

import base64
import gzip
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

from bench.synth import template
from ivc.userdata import Document
from ivc.userdata import template as templates
from ivc.userdata.checks import findings

INSTANCES, RUNS = 300, 5
"""Texts of an estate; and how often each hard text is read, each time with another first word, so that no cache knows
it."""


def shell(line: str) -> str:
    return f"#!/bin/sh\n{line}\n"


def value(line: str) -> str:
    return f"#cloud-config\nfinal_message: '{line}'\n"


def packed(content: bytes) -> str:
    encoded = base64.b64encode(gzip.compress(content, mtime=0)).decode()
    return f"#cloud-config\nwrite_files:\n- path: /srv/a\n  encoding: gz+b64\n  content: {encoded}\n"


def repeated(unit: str, size: int) -> str:
    return (unit * (size // len(unit) + 1))[:size]


def noise(size: int) -> str:
    return base64.b64encode(random.Random(1).randbytes(size)).decode()[:size]  # noqa: S311 - the same each time


HARD: dict[str, tuple[Callable[[int], str], int]] = {
    "a word with -._": (lambda size: value(repeated("aB3-x._", size)), 48_000),
    "passwords in a word": (lambda size: shell(repeated("password=", size)), 48_000),
    "addresses in a word": (lambda size: shell(repeated("://a:", size)), 48_000),
    "commands in a line": (lambda size: shell(repeated("useradd -p ", size)), 48_000),
    "a line of base64": (lambda size: shell(f"echo {noise(size)}"), 1_000_000),
    "a line of words": (lambda size: shell(repeated("aB3 x._, ", size)), 1_000_000),
    "packed zeros": (lambda size: packed(b"\0" * size), 30_000_000),
    "packed equal lines": (lambda size: packed(b"%d\n" % size + b"0\n" * (size // 2)), 30_000_000),
}


def seconds(document: Document) -> float:
    begun = time.perf_counter()
    findings(document)
    return time.perf_counter() - begun


def of_a_size(make: Callable[[int], str], size: int) -> float:
    # Another size each time: what was read once is known.
    return min(seconds(Document((make(size + number),))) for number in range(RUNS))


def estate() -> list[float]:
    """Seconds for each text of servers that share most of their lines."""
    documents = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "server.yaml.jinja").write_text(template())
        for number in range(INSTANCES):
            address = f"10.0.{number // 250}.{number % 250}"
            instance = SimpleNamespace(name=f"www-{number}", addresses={"backend": address})
            given = {"instance": instance, "address": address, "number": number, "site": "shop.example"}
            documents.append(templates.render("server.yaml.jinja", given, folder=folder))
    seconds(documents[0])
    return [seconds(each) for each in documents[1:]]


def main() -> None:
    times = sorted(1000 * each for each in estate())
    print(
        f"{INSTANCES} texts of 20 KB that share most lines: {statistics.median(times):.2f} ms each "
        f"({times[0]:.2f}-{times[-1]:.2f})"
    )
    for name, (make, size) in HARD.items():
        half, whole = of_a_size(make, size // 2), of_a_size(make, size)
        print(f"{name}, {size:>10,}: {whole:.2f} s; {whole / half:.1f} times as long as half of it")


if __name__ == "__main__":
    main()
