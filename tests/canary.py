"""Where a secret stands that is to stand nowhere."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path


def standing(folder: Path, canary: str) -> list[str]:
    """The files below a folder that hold a text as it is or in base64, whatever stands before it.

    A member of an archive, as plan files are, is `plan!tfplan`. Links are not followed.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return [place for file in files for place in _in(file.read_bytes(), f"{file.relative_to(folder)}", canary)]


def _in(content: bytes, place: str, canary: str) -> Iterator[str]:
    if any(form in content for form in _forms(canary)):
        yield place
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield from _in(archive.read(name), f"{place}!{name}", canary)


def _forms(canary: str) -> list[bytes]:
    """The text, and what base64 makes of it in the middle of others, by where it begins in three bytes."""
    text = canary.encode()
    if len(text) < 9:
        raise ValueError(f"{canary!r} is too short to be told from others in base64")
    encoded = [base64.b64encode(text[skipped : skipped + (len(text) - skipped) // 3 * 3]) for skipped in range(3)]
    return [text, *encoded]
