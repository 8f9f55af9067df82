"""Files that images are made from: a link to each stands beside the JSON, which names no path of a machine so.

A file of several GB is copied nowhere: Terraform reads it by the link.
"""

FOLDER = "images"
"""Where the links stand, each called as its image, from the folder of the JSON."""


def expression(image: str) -> str:
    """The path of an image's file, as the JSON says it."""
    return f"${{path.module}}/{FOLDER}/{image}"
