"""Plan, deploy and destroy of ten servers through `ivc`: against Terraform alone, and against hand-written HCL.

./run python -m bench.through_ivc              three rounds
./run python -m bench.through_ivc 1            one round
./run python -m bench.through_ivc calls 40     so many servers, with 10 and with 40 calls at a time, once

It needs the practice cloud up, with nothing else at work in it, and makes and destroys servers in its project demo.
`ivc` plans, shows the review and applies that plan, of an output that is there; Terraform alone, over the same JSON,
plans and applies.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from practice.cloud import Cloud

from bench.deploy import SERVERS, Side, by_hand, library, login, sides
from bench.process import spread

STEPS = {
    "first plan": ("plan",),
    "deploy": ("deploy", "--yes"),
    "second plan": ("plan",),
    "destroy": ("destroy", "--yes"),
}


@dataclass(frozen=True)
class Ivc:
    """The same estate, by `ivc`. output: the folder that was synthesized."""

    output: Path
    environment: Mapping[str, str]
    options: tuple[str, ...] = ()

    def seconds(self, step: str) -> float:
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "ivc", *STEPS[step], "--from", str(self.output), *self.options],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(f"ivc {step} failed:\n{done.stdout[-2000:]}{done.stderr[-3000:]}")
        return time.perf_counter() - began


def rounds(number: int, ivc: Ivc, alone: Side, hand: Side) -> None:
    """Print what each step takes, each side first in turn."""
    named: dict[str, Ivc | Side] = {"ivc": ivc, "alone": alone, "hand": hand}
    times: dict[str, dict[str, list[float]]] = {step: {name: [] for name in named} for step in STEPS}
    for each in range(number):
        order = [*named][each % 3 :] + [*named][: each % 3]
        for name in order:
            for step in STEPS:
                times[step][name].append(named[name].seconds(step))
                print(f"round {each + 1}, {name}: {step} {times[step][name][-1]:.1f} s", file=sys.stderr, flush=True)
    heading = f"{SERVERS} servers, rounds: {number:<8}ivc     alone   by hand   ivc - alone"
    print(f"{heading}       alone / by hand       ivc / by hand")
    for step, of in times.items():
        medians = "".join(f"{statistics.median(of[name]):>8.1f} s" for name in named)
        more = statistics.median(one - other for one, other in zip(of["ivc"], of["alone"], strict=True))
        by_hand_ratio = spread([one / other for one, other in zip(of["alone"], of["hand"], strict=True)])
        ivc_ratio = spread([one / other for one, other in zip(of["ivc"], of["hand"], strict=True)])
        print(f"{step:<20}{medians}{more:>+11.1f} s   {by_hand_ratio:>20}{ivc_ratio:>20}")


def calls(servers: int) -> None:
    """Print what each step takes with 10 and with 40 calls at a time."""
    print(f"{servers} servers" + "".join(f"{step:>14}" for step in STEPS))
    for number in (10, 40):
        with tempfile.TemporaryDirectory() as name:
            folder = library(Path(name) / "library", servers)
            ivc = Ivc(folder.parents[1], login(), ("--parallelism", str(number)))
            print(f"{number:>2} at a time" + "".join(f"{ivc.seconds(step):>12.1f} s" for step in STEPS), flush=True)


def main() -> None:
    if not Cloud().is_up():
        sys.exit("The practice cloud is not up: run `python -m practice up` first.")
    if sys.argv[1:2] == ["calls"]:
        calls(int(sys.argv[2]))
        return
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as name:
        ours, theirs = library(Path(name) / "library", SERVERS), by_hand(Path(name) / "hand")
        with sides(ours, theirs, login()) as (alone, hand):
            rounds(number, Ivc(ours.parents[1], login()), alone, hand)


if __name__ == "__main__":
    main()
