"""Fast tests here; tests of the practice cloud itself in `practice/`; tests on it in `cloud/`."""
