"""Tests of an estate, for pytest: what the world reaches, what a change does to which server, what user data brings.

`plugin` has the fixtures, which pytest finds by itself: `estate`, `declared`, `estate_at`, `change`. What they give are
plain values, so that `assert ==` is all that a test needs, and pytest's own comparison is the message. All of it is
read by `ivc.estate`, `ivc.review` and `ivc.policies`; what they cannot tell stands there as `not known` or `perhaps`.
"""
