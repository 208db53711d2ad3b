"""The plugin's entry: inert everywhere but in a folder of epjgate suites (`epj_suites` in its pytest.toml)."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from epjgate.plugin import incidents, needs, options, repeats


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    options.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers; make the fixtures known where suites are run."""
    options.declare_markers(config)
    if options.holds_suites(config):
        from epjgate.plugin import fixtures

        config.pluginmanager.register(fixtures, "epjgate-fixtures")
        repeats.register(config)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Let a module in the suite of incidents answer for its record."""
    if not options.holds_suites(parent.config):
        return None
    return incidents.module_of(module_path, parent)


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem(collector: pytest.Module | pytest.Class) -> Generator[None, object, object]:
    """Let no test be made that needs what nobody knows: it would never run, and never be missed."""
    made = yield
    if options.holds_suites(collector.config):
        needs.raise_if_unknown(made, collector)
    return made


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Begin to record, on the candidate that was given or on one that is started now."""
    if not options.records(session.config):
        return
    if session.config.getoption("epj_sensing"):
        from epjgate.plugin.mutants import begin
    else:
        from epjgate.plugin.recording_hooks import begin
    begin(session.config)
