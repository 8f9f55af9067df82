"""A folder that somebody wrote to harm: whatever stands in it does nothing in a review but stand there."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ivc.estate.user_data import HASH
from ivc.review import reviewer
from ivc.review.output import html, markdown
from tests.review import samples
from tests.review.edits import World, synthesize
from tests.review.reading import Page, as_code_hosts_do

# Not what Terraform or JSON would not carry: both folders must still be read.
HOSTILE = [text for text in samples.HOSTILE if "\x00" not in text]

_TELLING = 4


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("folders")
    for side in ("before", "after"):
        synthesize(folder, side, World())
    return folder


def everywhere(value: Any, spoil: Callable[[str], str], *, keys: bool) -> Any:
    """The value with each text in it spoilt but references, and each name of a resource's too, if `keys`."""
    if isinstance(value, str):
        return value if "${" in value or "." in value else spoil(value)
    if isinstance(value, dict):
        return {(spoil(key) if keys else key): everywhere(each, spoil, keys=False) for key, each in value.items()}
    return [everywhere(each, spoil, keys=keys) for each in value] if isinstance(value, list) else value


def spoilt(folders: Path, tmp_path: Path, hostile: str) -> Path:
    """The folder after the change, with hostile words in values, names, types, user data and what policies found."""
    head = shutil.copytree(folders / "after", tmp_path / "head")
    stack = head / "stacks" / "estate"
    document = json.loads((stack / "cdk.tf.json").read_text())
    for type_, named in list(document["resource"].items()):
        for name, given in named.items():
            document["resource"][type_][name] = everywhere(given, lambda text: f"{text}{hostile}", keys=False)
    servers = document["resource"]["openstack_compute_instance_v2"]
    servers[f"new{hostile}"] = servers["text"]
    document["resource"][f"openstack_{hostile}_v2"] = {f"x{hostile}": {"name": hostile, f"key{hostile}": hostile}}
    for path in (stack / "userdata").iterdir():
        path.write_bytes(path.read_bytes() + f"\n{hostile}\n".encode(errors="surrogatepass"))
        # Who writes the file writes its hash too.
        document["//"]["ivc"][path.name][HASH] = hashlib.sha256(path.read_bytes()).hexdigest()
    (stack / "cdk.tf.json").write_text(json.dumps(document))
    finding: dict[str, Any] = {
        "id": hostile,
        "severity": "error",
        "subject": hostile,
        "message": [{"quoted": hostile}],
        "page": hostile,
    }
    finding |= {"file": hostile, "line": 1, "waived": None}
    (stack / "policies.json").write_text(json.dumps({"version": 1, "findings": [finding]}))
    return head


def pages(folders: Path, tmp_path: Path, hostile: str) -> tuple[Page, Page]:
    """The comment and the page of the review, as their readers take them in."""
    review = reviewer.review(base=folders / "before", head=spoilt(folders, tmp_path, hostile))
    return as_code_hosts_do(markdown.render(review)), Page(html.render(review))


@pytest.fixture(scope="module")
def plain(folders: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Page, Page]:
    """What both are where the words do no harm."""
    return pages(folders, tmp_path_factory.mktemp("plain"), "plain")


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
def test_it_does_nothing_but_stand_there(folders: Path, plain: tuple[Page, Page], tmp_path: Path, hostile: str) -> None:
    found = pages(folders, tmp_path, hostile)
    for page, reference in zip(found, plain, strict=True):
        assert {element.tag for element in page.elements} <= {element.tag for element in reference.elements}
        assert {name for element in page.elements for name, _ in element.attributes} <= {
            name for element in reference.elements for name, _ in element.attributes
        }
        assert page.comments == reference.comments
    # A code host looks for mentions, links and references outside of code.
    words = " ".join(hostile.split())
    assert len(words) < _TELLING or words not in found[0].words
