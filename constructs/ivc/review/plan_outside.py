"""What a plan reports that somebody did in the cloud, outside of Terraform."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ivc.estate.kinds import kind
from ivc.review.model import Resource
from ivc.review.plan_values import attributes
from ivc.terraform.plan_document import PlanDocuments
from ivc.words.sentence import Sentence, listed, say

_OUR_CHECK = re.compile(r"its port (\S+) has")
# What the provider reads back and no configuration says, and a person did by hand all the same.
_BY_HAND = frozenset({"all_security_group_ids", "all_fixed_ips", "power_state"})


def outside(plan: Mapping[str, Any], documents: PlanDocuments, resources: Sequence[Resource]) -> Iterator[Sentence]:
    """Drift, also as the library's own checks found it.

    resources: what the plan itself does; a check speaks also where that is the reason, and then nothing is said.
    """
    for change in plan.get("resource_drift", []):
        if change["mode"] == "managed":
            yield from _drift(change, documents)
    yield from _by_hand(plan, resources)


def _drift(change: Mapping[str, Any], documents: PlanDocuments) -> Iterator[Sentence]:
    what = say("{} {}", Sentence((f"the {kind(change['type'])}",)), change["name"])
    actions = change["change"]["actions"]
    if actions == ["delete"]:
        yield say("{} was deleted outside of Terraform", what)
    elif actions == ["update"]:
        interesting = (documents.configured(change["address"]) or frozenset()) | _BY_HAND
        changed = [one for one in attributes(documents, change) if one.top in interesting]
        if changed:
            said = [
                say("{} from {} to {}", one.path, one.before or "nothing", one.after or "nothing") for one in changed
            ]
            yield say("{} was changed outside of Terraform: {}", what, listed(said))


def _by_hand(plan: Mapping[str, Any], resources: Sequence[Resource]) -> Iterator[Sentence]:
    """What the library's own checks found at ports, unless the plan itself is why."""
    changing = {
        resource.name
        for resource in resources
        if any(one.top in ("security_group_ids", "no_security_groups") for one in resource.attributes)
    }
    for _, line in _problems(plan):
        port = _OUR_CHECK.search(line)
        if port is not None and port[1] not in changing:
            yield say("{}", line)


def failing(plan: Mapping[str, Any]) -> Iterator[Sentence]:
    """Other checks, preconditions and postconditions that fail."""
    for check, line in _problems(plan):
        if _OUR_CHECK.search(line) is None:
            address = check.get("address") or {}
            what = "the check" if address.get("kind") == "check" else "a condition of"
            yield say(f"{what} {{}} fails: {{}}", str(address.get("to_display", "")), line)


def _problems(plan: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    for check in plan.get("checks", []):
        found = False
        for instance in check.get("instances", []):
            for problem in instance.get("problems", []):
                # A check of the library tells of each port in a line.
                for line in str(problem.get("message", "")).strip().split("\n"):
                    found = True
                    yield check, line.strip().rstrip(".")
        if check.get("status") in ("fail", "error") and not found:
            yield check, "it says no more"
