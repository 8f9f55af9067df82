"""A plan's file, as `terraform show -json` writes it (format 1.x; Terraform 1.5 and newer, OpenTofu)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class PlanError(ValueError):
    """A plan that cannot be read; its text is one sentence for a person."""


def load(path: Path) -> dict[str, Any]:
    """The JSON of a plan; raises PlanError where it is none, or is of a format that is not known here."""
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise PlanError(f"the plan {path} cannot be read: {error.strerror}.") from None
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PlanError(
            f"{path} is no whole JSON ({error}): write it anew with `terraform show -json PLANFILE > {path.name}`."
        ) from None
    if not isinstance(document, dict) or "format_version" not in document:
        raise PlanError(f"{path} is no plan: write one with `terraform show -json PLANFILE > {path.name}`.")
    version = str(document["format_version"])
    if version.partition(".")[0] != "1":
        raise PlanError(f"{path} is a plan of format {version}, and only format 1 is known here: use a newer ivc.")
    if "planned_values" not in document and "resource_changes" not in document and not document.get("errored"):
        raise PlanError(
            f"{path} is a state and no plan: give `terraform show` the file that `terraform plan -out=FILE` wrote."
        )
    return document
