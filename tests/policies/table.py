"""Who finds what: IvC, checkov and trivy over the corpus. `./run python -m tests.policies.table` writes it down."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from ivc import Instance, OpenStackStack
from ivc.estate.template_text import template
from ivc.policies import BUILT_IN, ON_REQUEST, Facts
from ivc.policies.facts import INSTANCE
from ivc.terraform.document import Document
from tests.helpers import Json, synth
from tests.policies import others
from tests.policies.corpus import CASES

TABLE = Path(__file__).parent / "corpus" / "table.md"

Found = Mapping[str, set[str]]
"""The ids of what was found, by case."""

EVERYWHERE = {"IVC302"}
"""What is mentioned of any stack with a look-up by name, which is how the library looks things up: it tells no case
from another, so it does not count as finding one."""

_GRAVE = ("error", "warning")
_ABOUT = """Made by `./run python -m tests.policies.table`, and held by a test. In brackets: only mentioned.
Each case is a stack of its own in `tests/policies/corpus/`; checkov and trivy read it in Terraform's own language."""


@dataclass(frozen=True)
class Ours:
    """What IvC's policies find, without `EVERYWHERE`: all of it, and the errors and warnings alone; by case."""

    everything: Found
    grave: Found


@dataclass(frozen=True)
class Corpus:
    """The corpus, synthesized, and what IvC's policies find in it. documents: Terraform's JSON by case."""

    documents: Mapping[str, Json]
    ours: Ours


def corpus(folder: Path) -> Corpus:
    """Declare and judge all cases, with the policies on request as well. folder: an empty one to work in."""
    documents, everything, grave = {}, {}, {}
    for case in CASES:
        stack = case.stack(folder / case.name)
        document = synth(stack)
        documents[case.name] = _as_others_read(document, stack)
        facts = Facts(
            # What the library notes beside the document, the others know nothing of.
            document=Document.of(
                stack.name, documents[case.name] | {"//": {"ivc": stack._record.blocks().get("//.ivc", {})}}
            ),
            declared=stack._record.addresses.claimed,
            checked_user_data=stack._record.checked_user_data,
        )
        found = [policy for policy in (*BUILT_IN, *ON_REQUEST) for _ in policy.check(facts)]
        everything[case.name] = {policy.id for policy in found} - EVERYWHERE
        grave[case.name] = {policy.id for policy in found if policy.severity in _GRAVE}
    return Corpus(documents, Ours(everything, grave))


def _as_others_read(document: Json, stack: OpenStackStack) -> Json:
    """The document with its user data in place, since not every scanner follows `file()`, and without the library's own
    check of groups.
    """
    document = deepcopy(document)
    for instance in stack.node.find_all():
        if isinstance(instance, Instance) and instance._prepared is not None:
            given = document["resource"][INSTANCE][instance.key]
            given["user_data"] = template(instance._prepared.text.parts)
    document.pop("check", None)
    own = document.get("locals", {})
    own.pop("security_groups_of_ports", None)
    if not own:
        document.pop("locals", None)
    return document


def recorded() -> tuple[str, str, Found]:
    """trivy's version, the digest of the corpus that it saw, and what it found."""
    record = json.loads(others.RECORDED.read_text())
    return record["version"], record["corpus"], {case: set(ids) for case, ids in record["found"].items()}


def text(ours: Ours, checkov: Found, trivy: Found) -> str:
    """The table, in Markdown. What IvC only mentions, as `info`, stands in brackets."""
    version, _, _ = recorded()
    rows: list[tuple[str, ...]] = [("Case", "What is wrong", "IvC", "checkov", f"trivy {version}")]
    for case in CASES:
        what = case.wrong or (f"nothing: {case.meant}" if case.meant else "nothing")
        rows.append((case.name, what, _ours(ours, case.name), _ids(checkov.get(case.name)), _ids(trivy.get(case.name))))
    for verdict, mine, cases in (
        ("wrong, and found", ours.everything, [case.name for case in CASES if case.wrong]),
        ("right, and complained of", ours.grave, [case.name for case in CASES if not case.wrong]),
    ):
        counts = (f"**{sum(bool(found.get(name)) for name in cases)}**" for found in (mine, checkov, trivy))
        rows.append((f"**of {len(cases)}**", f"**{verdict}**", *counts))
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join(["# Who finds what", "", _ABOUT, "", head, "| --- | --- | --- | --- | --- |", *body]) + "\n"


def _ours(ours: Ours, case: str) -> str:
    grave = ours.grave[case]
    return _ids(found if found in grave else f"({found})" for found in sorted(ours.everything[case]))


def _ids(ids: Iterable[str] | None) -> str:
    return ", ".join(sorted(ids or ())) or "-"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = corpus(Path(folder) / "made")
        others.write(made.documents, Path(folder) / "corpus")
        TABLE.write_text(text(made.ours, others.checkov(Path(folder) / "corpus"), recorded()[2]))
    print(f"Written: {TABLE}")


if __name__ == "__main__":
    main()
