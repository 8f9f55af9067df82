"""docs/policies.md explains every policy where its page says, and its example does what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ivc.pages import REPOSITORY
from ivc.policies import BUILT_IN, ON_REQUEST, Policy
from ivc.policies.services import SERVICES
from tests.helpers import PROJECT, run_program, shown_on

PAGE = (PROJECT / "docs" / "policies.md").read_text()
POLICIES = (*BUILT_IN, *ON_REQUEST)
# A code host makes an anchor of a heading: in lower case.
SECTIONS = dict(re.findall(r"^### (IVC\d+)\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE))


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
def test_each_policy_has_its_section(policy: Policy) -> None:
    assert policy.page == f"{REPOSITORY}/docs/policies.md#{policy.id.lower()}"
    section = SECTIONS[policy.id]
    assert f"**{policy.title}** ({policy.severity}" in section
    assert "\nMend it:\n" in section
    assert f'waive("{policy.id}"' in section
    assert f"| [{policy.id}](#{policy.id.lower()}) | {policy.severity}" in PAGE


def test_it_explains_no_policy_that_is_not() -> None:
    assert sorted(SECTIONS) == sorted(policy.id for policy in POLICIES)


def test_the_sections_of_one_kind_say_what_the_help_says() -> None:
    """The help of a policy goes to code hosts; both are read by the same people."""
    assert set(POLICIES) > set(SERVICES)
    for policy in POLICIES:
        if policy not in SERVICES:
            why, mend = policy.help.split("\n\n", 1)
            assert f"{why}\n\nMend it:\n{mend}\n" in SECTIONS[policy.id], policy.id


def test_the_ports_of_a_service_are_those_that_are_looked_for() -> None:
    assert SERVICES
    for service in SERVICES:
        first_line = SECTIONS[service.id].strip().splitlines()[0]
        said = {int(number) for number in re.findall(r"\d+", first_line.partition("): ")[2])}
        looked_for = {port for ports in service.ports.values() for port in ports}
        assert said <= looked_for, service.id
        assert {min(looked_for), max(looked_for)} <= said, service.id


def test_the_example_stops_as_the_page_says(tmp_path: Path) -> None:
    stops = re.search(r"This stops with `(.*?)`", PAGE)
    assert stops is not None
    done = run_program(tmp_path, shown_on("docs/policies.md"))
    assert done.returncode == 1
    assert f"{stops[1]};" in done.stderr
