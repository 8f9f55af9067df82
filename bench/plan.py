"""Plans of 10, 100 and 300 servers: IvC's JSON against hand-written HCL, over the same servers on the practice cloud.

./run python -m bench.plan              10, 100 and 300 servers, three pairs of each plan
./run python -m bench.plan 100 5        100 servers, five pairs

It needs the practice cloud up, with nothing else at work in it; it lifts the quotas of the project demo, and makes and
destroys servers there. They are deployed once, from IvC's JSON, each size on top of the one before; the other side
gets a state that says of the same objects what they are called there, and its plan must be empty. How long the
deployment takes, and what it waits for, is printed too; TF_CLI_ARGS_apply=-parallelism=40 gives it more at a time.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from practice.access import DEMO
from practice.cloud import Cloud

from bench.deploy import STEPS, TERRAFORM, Side, by_hand, library, login
from bench.process import Run, measured, spread

SIZES = (10, 100, 300)
PAIRS = 3
#: By name, the arguments and the exit code that a plan must have: 2 is one that changes something.
PLANS = {
    "first": (("-state=none.tfstate",), 2),
    "second": ((), 0),
    "-refresh=false": (("-refresh=false",), 0),
}
#: How the hand-written side calls what IvC calls by one name each: by type, a pattern of IvC's name, its name and key.
NAMES = {
    "openstack_compute_instance_v2": [(r"(?P<key>www-\d+)", "www")],
    "openstack_networking_port_v2": [
        (r"(?P<key>www-\d+)_Ext-Net", "internet"),
        (r"(?P<key>www-\d+)_backend", "backend"),
    ],
    "openstack_networking_network_v2": [("backend", "backend")],
    "openstack_networking_subnet_v2": [("backend", "backend")],
    "openstack_networking_secgroup_v2": [("web", "web")],
    "openstack_networking_secgroup_rule_v2": [
        (r"web_egress_any_anywhere_(?P<family>\w+)", "out"),
        (r"web_ingress_icmp_anywhere_(?P<family>\w+)", "icmp"),
        (r"web_ingress_tcp-(?P<port>80|443)_anywhere_(?P<family>\w+)", "http"),
        (r"web_ingress_tcp-3306_group-web_(?P<family>\w+)", "database"),
    ],
}


def at_hand(kind: str, name: str) -> tuple[str, str | None]:
    """Name and key that a resource of IvC's has on the other side."""
    for pattern, other in NAMES[kind]:
        if found := re.fullmatch(pattern, name):
            said = found.groupdict()
            family = said.get("family", "").replace("ipv", "IPv")
            return other, said.get("key") or "-".join(filter(None, (family, said.get("port")))) or None
    sys.exit(f"Nothing is known of {kind}.{name}: NAMES in bench/plan.py.")


def forged(state: dict[str, Any]) -> dict[str, Any]:
    """The state that the hand-written side would have of the objects in a state of IvC's."""
    gathered: dict[tuple[str, str], dict[str, Any]] = {}
    for resource in state["resources"]:
        kind = resource["type"]
        if resource["mode"] == "data" or kind == "terraform_data":
            continue
        name, key = at_hand(kind, resource["name"])
        (instance,) = resource["instances"]
        instance = {part: value for part, value in instance.items() if part != "dependencies"}
        place = gathered.setdefault((kind, name), {**resource, "name": name, "instances": []})
        place["instances"].append(instance if key is None else {"index_key": key, **instance})
    return {**state, "outputs": {}, "resources": [*gathered.values()], "check_results": None}


@dataclass(frozen=True)
class Planned(Side):
    """A side whose state stands apart from its folder, which each size has of its own."""

    state: Path

    def apply(self, *arguments: str) -> str:
        return self.terraform("apply", "-auto-approve", "-input=false", "-no-color", f"-state={self.state}", *arguments)

    def plan(self, which: str) -> Run:
        arguments, expected = PLANS[which]
        # The last one of two counts.
        state = f"-state={self.state}"
        command = [TERRAFORM, "plan", "-input=false", "-no-color", "-detailed-exitcode", state, *arguments]
        return measured(command, self.environment, self.folder, expected)


def sides_of(folder: Path, servers: int) -> tuple[Planned, Planned]:
    """Both estates of so many servers, ready to be planned."""
    root = folder / str(servers)
    sides = (
        Planned("library", library(root / "library", servers), login(), folder / "library.tfstate"),
        Planned(
            "by hand",
            by_hand(root / "hand"),
            login() | {"TF_VAR_instances": str(servers)},
            folder / "hand.tfstate",
        ),
    )
    for side in sides:
        side.terraform("init", "-input=false", "-no-color")
    return sides


def deploy(side: Planned, servers: int) -> None:
    """Apply, and print how long it took and what it waited for."""
    began = time.perf_counter()
    said = side.apply("-json")
    seconds = time.perf_counter() - began
    waited: dict[str, list[float]] = defaultdict(list)
    for line in map(json.loads, said.splitlines()):
        if line["type"] == "apply_complete":
            waited[line["hook"]["resource"]["resource_type"]].append(line["hook"]["elapsed_seconds"])
    print(f"{servers} servers deployed in {seconds:.0f} s; one after the other this would be:")
    for kind, each in sorted(waited.items(), key=lambda item: -sum(item[1])):
        print(f"    {kind:<42}{len(each):>5}{sum(each):>8.0f} s, {sum(each) / len(each):>5.1f} s each")


def take_over(ours: Planned, theirs: Planned) -> None:
    """Give the hand-written side the servers that are there; stops if it would have others."""
    theirs.state.write_text(json.dumps(forged(json.loads(ours.state.read_text()))))
    # Its outputs are new, and nothing else may be.
    said = theirs.apply()
    if "0 added, 0 changed, 0 destroyed" not in said:
        sys.exit(f"The two do not declare the same:\n{said[-3000:]}")


def measure(sizes: Sequence[int], pairs: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sides = sides_of(folder, sizes[0])
        try:
            for servers in sizes:
                ours, theirs = sides = sides_of(folder, servers) if servers != sizes[0] else sides
                compare(sides, servers, ["first"], pairs)
                deploy(ours, servers)
                take_over(ours, theirs)
                compare(sides, servers, ["second", "-refresh=false"], pairs)
        finally:
            # Also after a failure or Ctrl-C: nothing may stay in the cloud.
            ours, _ = sides
            ours.terraform(*STEPS["destroy"], "-input=false", "-no-color", f"-state={ours.state}")


def compare(sides: tuple[Planned, Planned], servers: int, plans: list[str], pairs: int) -> None:
    """Measure pairs of plans, each side first in turn, and print a line for each plan."""
    for which in plans:
        runs: dict[str, list[Run]] = {side.name: [] for side in sides}
        for pair in range(pairs):
            for side in sides if pair % 2 == 0 else sides[::-1]:
                runs[side.name].append(side.plan(which))
        ours, theirs = runs.values()
        print(
            f"{servers:>7} {which:<15}"
            + spread([one.seconds / other.seconds for one, other in zip(ours, theirs, strict=True)])
            + spread([one.busy / other.busy for one, other in zip(ours, theirs, strict=True)])
            + "".join(f"{statistics.median(run.seconds for run in side):>9.1f} s" for side in (ours, theirs))
            + "".join(f"{statistics.median(run.mebibytes for run in side):>7.0f} MiB" for side in (ours, theirs)),
            flush=True,
        )


def lift_quotas(cloud: Cloud) -> None:
    """Let the project demo have as many servers as it likes."""
    admin = cloud.admin()
    admin.set_compute_quotas(DEMO, instances=-1, cores=-1, ram=-1)
    admin.set_network_quotas(DEMO, port=-1)


def main() -> None:
    cloud = Cloud()
    if not cloud.is_up():
        sys.exit("The practice cloud is not up: run `python -m practice up` first.")
    lift_quotas(cloud)
    print("servers plan              ratio of wall time   of processor time    library   by hand    library    by hand")
    given = [int(argument) for argument in sys.argv[1:]]
    measure(given[:1] or SIZES, given[1] if len(given) > 1 else PAIRS)


if __name__ == "__main__":
    main()
