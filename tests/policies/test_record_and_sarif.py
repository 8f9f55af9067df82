"""The record is read back as it was written; SARIF says the same to code hosts."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivc.estate import EstateError
from ivc.policies import BUILT_IN, ON_REQUEST, record, sarif
from ivc.policies.policy_finding import PolicyFinding
from ivc.words.sentence import Quoted, Sentence, say

SSH = PolicyFinding(
    id="IVC101",
    severity="error",
    subject="security group web",
    message=say("the world reaches SSH by {}", "tcp 20-30"),
    page="docs/policies.md#ivc101",
    file="estate/mäin file.py",
    line=7,
)
WAIVED = replace(SSH, subject="security group bastion", line=9, waived="the way in")
NOWHERE = PolicyFinding(
    id="ACME1", severity="info", subject="stack shop", message=say("odd"), page="https://acme.example/1"
)

texts = st.text(st.characters(), max_size=20)
# What looks like an address of the web is never ours.
ours = st.from_regex(r"[a-z ,;:()'=+/%-]{0,20}", fullmatch=True).filter(lambda words: "://" not in words)
findings = st.builds(
    PolicyFinding,
    id=st.from_regex(r"[A-Z]{1,4}\d{1,3}", fullmatch=True),
    severity=st.sampled_from(["error", "warning", "info"]),
    subject=texts,
    message=st.builds(Sentence, st.lists(st.one_of(ours, st.builds(Quoted, texts))).map(tuple)),
    page=texts,
    file=st.none() | texts,
    line=st.none() | st.integers(min_value=1),
    waived=st.none() | texts,
)


@given(st.lists(findings))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, written: list[PolicyFinding]) -> None:
    folder = tmp_path_factory.mktemp("stack")
    (folder / "policies.json").write_text(record.text(written))
    assert record.read(folder) == tuple(written)


@pytest.mark.parametrize(
    "words", ["@everyone", "<b>", "[x](y)", "https://evil.example", "www.evil.example", "a\nb", "#1"]
)
def test_words_that_are_never_ours_are_read_as_foreign(tmp_path: Path, words: str) -> None:
    (tmp_path / "policies.json").write_text(record.text([replace(SSH, message=Sentence((words,)))]))

    assert record.read(tmp_path)[0].message == Sentence((Quoted(words),))


def test_without_a_record_nothing_was_found(tmp_path: Path) -> None:
    assert record.read(tmp_path) == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"policies\.json is no whole JSON"),
        (b'{"version": 1, "find', r"policies\.json is no whole JSON"),
        (b"\xff\xfe", r"policies\.json is no whole JSON"),
        (b"[" * 100_000, r"policies\.json is no whole JSON"),
        (b"[]", r"policies\.json is of version None, and 1 is read here"),
        (b'{"version": 2, "findings": []}', r"policies\.json is of version 2, and 1 is read here"),
        (b'{"version": 1}', "it lists no findings"),
        (b'{"version": 1, "findings": [7]}', "finding 1 has no fields"),
    ],
)
def test_a_broken_record_is_said_in_a_sentence(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "policies.json").write_bytes(content)
    with pytest.raises(EstateError, match=message):
        record.read(tmp_path)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("id", None, "finding 2 has no text as its id"),
        ("subject", 7, "finding 2 has no text as its subject"),
        ("severity", "fatal", "finding 2 has no known severity"),
        ("message", "text", "finding 2 has no message of texts"),
        ("message", [{"quoted": 7}], "finding 2 has no message of texts"),
        ("line", True, "finding 2 has no number as its line"),
        ("line", 0, "finding 2 has no number as its line"),
        ("file", 7, "finding 2 has no text as its file"),
        ("waived", [], "finding 2 has no text as its waived"),
    ],
)
def test_a_broken_finding_is_said_in_a_sentence(tmp_path: Path, field: str, value: object, message: str) -> None:
    written = json.loads(record.text([SSH, SSH]))
    written["findings"][1][field] = value
    (tmp_path / "policies.json").write_text(json.dumps(written))
    with pytest.raises(EstateError, match=message):
        record.read(tmp_path)


# SARIF.


def run(*given: PolicyFinding) -> dict[str, Any]:
    (only,) = sarif.document(given)["runs"]
    made: dict[str, Any] = only
    return made


def test_a_result_says_what_where_and_how_grave() -> None:
    (result,) = run(SSH)["results"]
    assert result["level"] == "error"
    assert result["message"] == {"text": "security group web: the world reaches SSH by tcp 20-30."}
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "estate/m%C3%A4in%20file.py", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 7},
    }
    assert [run(replace(SSH, severity=each))["results"][0]["level"] for each in ("error", "warning", "info")] == [
        "error", "warning", "note",
    ]  # fmt: skip


def test_each_rule_is_there_once_with_its_help() -> None:
    made = run(SSH, NOWHERE, WAIVED)
    ssh, own = made["tool"]["driver"]["rules"]
    assert [result["ruleIndex"] for result in made["results"]] == [0, 1, 0]
    assert (ssh["id"], ssh["shortDescription"]["text"]) == ("IVC101", "The world reaches SSH")
    assert "allow_from(group" in ssh["help"]["markdown"]
    assert "helpUri" not in ssh
    assert own["helpUri"] == "https://acme.example/1"


def test_what_is_waived_is_suppressed_with_its_reason_and_nothing_else_is() -> None:
    open_, waived = run(SSH, WAIVED)["results"]
    assert open_["suppressions"] == []
    assert waived["suppressions"] == [{"kind": "inSource", "status": "accepted", "justification": "the way in"}]


def test_a_result_without_a_place_still_has_a_file() -> None:
    (result,) = run(NOWHERE)["results"]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "cdktf.json", "uriBaseId": "%SRCROOT%"}
    }


def test_a_fingerprint_stays_when_lines_move_and_tells_findings_apart() -> None:
    def fingerprints(*given: PolicyFinding) -> list[str]:
        return [result["partialFingerprints"]["ivc/v1"] for result in run(*given)["results"]]

    assert fingerprints(SSH) == fingerprints(replace(SSH, line=70, file="other.py", message=say("else")))
    assert len(set(fingerprints(SSH, SSH, WAIVED, NOWHERE))) == 4


def test_others_words_make_no_link() -> None:
    hostile = replace(SSH, subject="[x](https://evil.example)", message=say("has {}", "[y](https://evil.example)\\"))
    (result,) = run(hostile)["results"]
    assert result["message"]["text"] == ("\\[x\\](https://evil.example): has \\[y\\](https://evil.example)\\\\.")


@given(st.lists(findings, max_size=4))
def test_it_is_json_of_the_form_that_the_standard_asks_for(given: list[PolicyFinding]) -> None:
    document = json.loads(json.dumps(sarif.document(given)))
    assert (document["version"], len(document["runs"])) == ("2.1.0", 1)
    (made,) = document["runs"]
    rules = made["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert len(made["results"]) == len(given)
    for result in made["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert re.fullmatch("[0-9a-f]{64}", result["partialFingerprints"]["ivc/v1"])
        (location,) = result["locations"]
        assert re.fullmatch(r"[\w.~%/-]+", location["physicalLocation"]["artifactLocation"]["uri"], re.ASCII)


def test_every_built_in_policy_has_a_help_of_its_own() -> None:
    assert BUILT_IN
    for policy in (*BUILT_IN, *ON_REQUEST):
        assert "\n\n" in policy.help, policy.id
        assert not policy.title.endswith("."), policy.id
