"""A state folder for tests that need no cloud."""

from pathlib import Path

import pytest
from practice.folder import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A folder that was not made yet."""
    return Folder(tmp_path / "cloud")
