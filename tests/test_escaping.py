"""Any text comes back from a real Terraform byte for byte: as a whole, and around values known only at apply."""

from __future__ import annotations

import json
import os
import subprocess
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from cdktf import DataResource
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ivc.declare.terraform_text import literal
from ivc.estate.template_text import template
from ivc.estate.user_data import expression
from ivc.userdata import AtApply, Document
from tests.helpers import new_stack, resources, synth
from tests.program import terraform

KNOWN = AtApply("terraform_data.known.output", "a value", 20)
KNOWN_TEXT = '§"${x}%{y}\\'

# What Terraform, JSON, YAML, shells and CDKTF give a meaning to; the rest is hypothesis's own.
FRAGMENTS = ["${", "%{", "$${", "%%{", "$", "%", "{", "}", "$$", "%%", "$$${", "${a}", '"', "'", "\\", "\\n", "\\u0041",
             "\t", "\n", "\r\n", "\r", "\ra", "~}", "%{ if true }", "${HOME}", "%{http_code}", "<<EOT", "#{", "$%",
             "é", "→", "𝄞",
             "${TfToken[TOKEN.0]}", "$${TfToken[", "\u2028", "\ufeff", "&lt;", "<", "\x7f", "\x01"]  # fmt: skip


def _unchanged_by_terraform(text: str) -> bool:
    """Terraform brings strings into Unicode's form C; user data in another form is refused (test_user_data)."""
    return unicodedata.is_normalized("NFC", text)


_characters = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
_texts = (
    st.lists(st.one_of(st.sampled_from(FRAGMENTS), _characters), max_size=6)
    .map("".join)
    .filter(_unchanged_by_terraform)
)
_documents = st.lists(st.one_of(_texts, st.just(KNOWN)), max_size=5).map(lambda parts: Document(tuple(parts)))


def _examples(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    found: list[Any] = []

    @settings(
        max_examples=count,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    return found


def _meant(made: Document) -> str:
    return "".join(part if isinstance(part, str) else KNOWN_TEXT for part in made.parts)


@pytest.mark.terraform
def test_any_text_comes_back_from_terraform_as_it_was(tmp_path: Path) -> None:
    signs = [Document((before, KNOWN, after)) for before in FRAGMENTS for after in ("", "{", "}", "$", "${")]
    written = [*signs, *_examples(_documents, 300)]
    # Where a token of CDKTF may stand, what looks like one is one.
    texts = [text for text in (*FRAGMENTS, *_examples(_texts, 200)) if "TfToken" not in text]
    meant = {f"d{n}": _meant(made) for n, made in enumerate(written)} | {f"t{n}": text for n, text in enumerate(texts)}
    meant |= {"keys": "".join(sorted(set(texts)))}
    stack = new_stack(tmp_path)
    strings = {f"d{n}": template(made.parts) for n, made in enumerate(written)}
    files = {f"f{n}": made for n, made in enumerate(written) if KNOWN.placeholder not in template(made.parts)}
    meant |= {name: _meant(made) for name, made in files.items()}
    strings |= {name: expression(name, made) for name, made in files.items()}
    strings |= {f"t{n}": literal(text) for n, text in enumerate(texts)}
    DataResource(stack, "all", input=strings)
    DataResource(stack, "keys", input={literal(text): "" for text in texts})
    made_by_cdktf = resources(synth(stack), "terraform_data")

    folder = tmp_path / "terraform"
    (folder / "userdata").mkdir(parents=True)
    for name, made in files.items():
        (folder / "userdata" / name).write_bytes(made.readable.encode())
    known = {"input": literal(KNOWN_TEXT)}
    configuration = {"resource": {"terraform_data": {**made_by_cdktf, "known": known}}}
    (folder / "main.tf.json").write_text(json.dumps(configuration))
    for command in (["init", "-input=false"], ["apply", "-auto-approve", "-input=false"]):
        done = subprocess.run(
            [terraform().path, *command, "-no-color"],
            cwd=folder,
            env=os.environ | {"CHECKPOINT_DISABLE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    state = json.loads((folder / "terraform.tfstate").read_text())
    read = {
        resource["name"]: resource["instances"][0]["attributes"]["output"]["value"] for resource in state["resources"]
    }
    came_back = read["all"] | {"keys": "".join(sorted(read["keys"]))}
    assert len(files) > len(written) / 2
    different = {name: (text, came_back[name]) for name, text in meant.items() if came_back[name] != text}
    assert not different, f"meant and came back: {list(different.values())[:5]}"


def test_only_what_begins_an_expression_is_doubled() -> None:
    assert literal("$ $$ ${a} %{b} % {c} $${d}") == "$ $$ $${a} %%{b} % {c} $$${d}"
    assert template(("a$", KNOWN, "%", KNOWN, "{")) == (
        'a${"$"}${terraform_data.known.output}${"%"}${terraform_data.known.output}{'
    )
