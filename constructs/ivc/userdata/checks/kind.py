"""The kinds of user data: what cloud-init takes a text for, by its beginning (cloudinit/handlers/__init__.py)."""

from __future__ import annotations

import re

CONFIG = "text/cloud-config"
ARCHIVE = "text/cloud-config-archive"
PATCH = "text/cloud-config-jsonp"
HOOK = "text/cloud-boothook"
SCRIPT = "text/x-shellscript"
SCRIPTS = (SCRIPT, f"{SCRIPT}-per-boot", f"{SCRIPT}-per-instance", f"{SCRIPT}-per-once")
INCLUDES = ("text/x-include-url", "text/x-include-once-url")
HANDLER = "text/part-handler"
JINJA = "text/jinja2"
HANDLED = (CONFIG, PATCH, HOOK, *SCRIPTS, HANDLER, JINJA)
"""Kinds that cloud-init has a handler for; includes and archives are taken apart before."""

# Where a longer one begins as a shorter one does, the longer stands first.
_BEGINNINGS = {
    "#cloud-config-archive": ARCHIVE,
    "#cloud-config-jsonp": PATCH,
    "#cloud-config": CONFIG,
    "#cloud-boothook": HOOK,
    "#include-once": INCLUDES[1],
    "#include": INCLUDES[0],
    "#part-handler": HANDLER,
    "#!": SCRIPT,
    "## template: jinja": JINJA,
}
FIRST_LINES = tuple(_BEGINNINGS)
_JINJA = re.compile(r"##[ \t]*template:[ \t]*jinja\s*?(?:\n|$)", re.IGNORECASE)
# cloudinit/user_data.py, convert_string
_LOOKED_AT = 4096


def kind_of(text: str) -> str | None:
    """What cloud-init takes a text for; None where it knows no such beginning.

    White space above is as if it were not there, and small letters are as good as capitals.
    """
    start = text.lstrip()[:40].lower()
    return next((kind for beginning, kind in _BEGINNINGS.items() if start.startswith(beginning)), None)


def is_mime(text: str) -> bool:
    """Whether cloud-init takes the text for a MIME message."""
    return b"mime-version:" in text[:_LOOKED_AT].encode()[:_LOOKED_AT].lower()


def is_rendered(text: str) -> bool:
    """Whether cloud-init's own Jinja renders a text of the kind JINJA: it is stricter about the first line."""
    return _JINJA.match(text) is not None
