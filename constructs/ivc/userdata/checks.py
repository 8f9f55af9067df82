"""What must hold for any user data before a cloud is asked to take it."""

from __future__ import annotations

import unicodedata

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
    if not unicodedata.is_normalized("NFC", text):
        number, line = next(
            (number, line)
            for number, line in enumerate(text.split("\n"), start=1)
            if not unicodedata.is_normalized("NFC", line)
        )
        raise ValueError(
            f"line {number} of the result, {line[:60]!r}, is not in Unicode's form C, into which Terraform brings "
            "all text, so that the guest would read other bytes: write its accented letters as one character each"
        )
    if document.longest > NOVA_LIMIT:
        raise ValueError(
            f"{document.longest:,} bytes are over Nova's limit of {NOVA_LIMIT:,}: "
            "take something out, or let the guest fetch it"
        )
