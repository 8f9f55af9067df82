"""Measurements: what IvC costs, against the same estate written without it."""
