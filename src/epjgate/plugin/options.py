"""The plugin's options, settings and markers."""

from __future__ import annotations

import pytest

MARKERS = (
    "requirement(specification, section, level='shall', url=''): the rule that the test pins; may be repeated",
    "rule(*ids): rules of contracts/ that the test pins, by their ids",
    "severity(name): harm that a fault of this kind can do: blocker, critical, normal, minor or trivial",
    "needs(*capabilities): capabilities without which the test is not applicable to a system",
    "declared_skip(reason, owner): do not run the test, for a reason that somebody answers for",
    "read_only: the test changes nothing, so it may run on a system that is not disposable",
    "exclusive: no other test may run on the same system at the same time",
)


def add_options(parser: pytest.Parser) -> None:
    """Declare what the command line and a suites folder's pytest.toml may say to the plugin."""
    parser.addini("epj_suites", "this folder holds epjgate suites: record evidence", type="bool", default=False)
    group = parser.getgroup("epjgate", "release gate")
    group.addoption("--epj-target", help="file that says where a started candidate is (the gate writes it)")
    group.addoption("--epj-bundle", help="folder of the evidence bundle")
    group.addoption("--epj-system", help="system to start when no target is given")
    group.addoption("--epj-release", help="its release")
    group.addoption("--epj-environment", help="process, container or remote", default="process")
    about_fuzzing = "explore the OpenAPI document for so many seconds; 0: as the gate does"
    group.addoption("--epj-fuzz-seconds", help=about_fuzzing, type=int, default=0)
    group.addoption("--epj-sensing", help="file that says which mutants the tests meet (the gate writes it)")
    group.addoption("--epj-times", help="run each test this often in the session", type=int, default=1)


def declare_markers(config: pytest.Config) -> None:
    """Make the plugin's markers known, so that strict runs accept them and `--markers` explains them."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)


def holds_suites(config: pytest.Config) -> bool:
    """Whether this pytest run is one of epjgate suites."""
    return bool(config.getini("epj_suites"))


def records(config: pytest.Config) -> bool:
    """Whether the suites are to be executed, not only listed."""
    only_lists = any(config.getoption(name) for name in ("collectonly", "showfixtures", "show_fixtures_per_test"))
    return holds_suites(config) and not only_lists
