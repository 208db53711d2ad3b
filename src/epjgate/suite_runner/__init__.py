"""Runs the suites against a started candidate."""
