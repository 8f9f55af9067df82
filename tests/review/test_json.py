"""The review for programs: that its schema describes it, and that what a pipeline asks is easily reached."""

import json
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from ivc.review.model import Review
from ivc.review.output import as_json
from tests.review import samples

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "review.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def parsed(review: Review) -> Any:
    return json.loads(as_json.render(review))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("review", list(samples.all_samples()))
def test_the_schema_describes_all_samples(review: Review) -> None:
    VALIDATOR.validate(parsed(review))


@settings(deadline=None, max_examples=30)
@given(review=samples.reviews)
def test_the_schema_describes_any_review(review: Review) -> None:
    VALIDATOR.validate(parsed(review))


def test_the_schema_explains_every_field_and_allows_no_other() -> None:
    def fields(schema: Any) -> Any:
        if isinstance(schema, dict):
            if "properties" in schema:
                assert schema["additionalProperties"] is False
                assert schema["required"] == list(schema["properties"])
                yield from schema["properties"].items()
            for part in schema.values():
                yield from fields(part)

    found = list(fields(SCHEMA))
    assert len(found) > 60
    assert [name for name, schema in found if not schema.get("description", "").endswith(".")] == []


def test_dangers_are_reached_without_a_search() -> None:
    document = parsed(samples.typical())
    assert document["version"] == 2
    assert document["danger_counts"] == {"destroy": 1, "wipe": 1, "replace": 2, "detach": 1, "stop": 0, "open": 1}
    assert [(each["danger"], each["id"], each["certain"]) for each in document["dangers"]] == [
        ("destroy", "db-2", True),
        ("wipe", "cache-1", True),
        ("replace", "www-1", True),
        ("replace", "www-2", False),
        ("detach", "batch-1", True),
        ("open", "web", True),
    ]
    assert document["quota_exceeded"] is True
    assert document["summary"].startswith("1 destroyed, 1 wiped")


def test_no_changes_is_said_plainly() -> None:
    document = parsed(samples.nothing())
    assert document["no_changes"] is True
    assert document["dangers"] == []
    assert document["summary"] == "no changes; 12 servers stay as they are"


def test_300_servers_with_20_changes_are_fast() -> None:
    review = samples.large()
    started = time.process_time()
    as_json.render(review)
    assert time.process_time() - started < 0.5
