"""Objects whose content stands in a file beside the JSON, which Terraform sends to the object store."""

from __future__ import annotations

FOLDER = "objects"
"""Where the files stand, each called as its object in Terraform, from the folder of the JSON."""


def source(name: str) -> str:
    """What the JSON says of where an object's content is. name: the object's in Terraform."""
    return f"${{path.module}}/{FOLDER}/{name}"


def url(container: str, name: str) -> str:
    """What stands in user data for the URL of an object, which only apply knows."""
    return f"URL of {name} in container {container}"
