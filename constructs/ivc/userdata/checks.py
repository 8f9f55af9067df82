"""What must hold for any user data before a cloud is asked to take it."""

from __future__ import annotations

from ivc.userdata.document import Document

NOVA_LIMIT = 49_149
"""Raw bytes: Nova takes 65,535 bytes of base64 (nova.api.validation, `user_data`)."""

# Where cloud-init decides what a part is: cloudinit/handlers/__init__.py, INCLUSION_TYPES_MAP, and the MIME headers.
_FIRST_LINES = (
    "#cloud-config",
    "#!",
    "## template: jinja",
    "#include",
    "#cloud-boothook",
    "#part-handler",
    "Content-Type: multipart/",
    "MIME-Version:",
)


def check(document: Document) -> None:
    """Raise a ValueError that says what is wrong with the document: its first line or its size."""
    text = document.readable
    first = text.split("\n", 1)[0].rstrip("\r")
    if not first.startswith(_FIRST_LINES):
        raise ValueError(
            f"the first line is {first[:60]!r}, and cloud-init ignores what it does not know: "
            "begin with #cloud-config, #!/bin/sh or another of its headers, with nothing above it"
        )
    if document.longest > NOVA_LIMIT:
        raise ValueError(
            f"{document.longest:,} bytes are over Nova's limit of {NOVA_LIMIT:,}: "
            "take something out, or let the guest fetch it"
        )
