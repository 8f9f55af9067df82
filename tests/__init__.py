"""Fast tests here; tests of the practice cloud itself in `practice/`; tests on it in `cloud/`."""

import pytest

# tests/conftest.py imports it before pytest loads it as a plugin.
pytest.register_assert_rewrite("tests.running")
