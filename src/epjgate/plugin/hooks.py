"""The plugin's entry: inert everywhere but in a folder of epjgate suites (`epj_suites` in its pytest.toml)."""

from __future__ import annotations

import pytest

from epjgate.plugin import options


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    options.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers; make the fixtures known where suites are run."""
    options.declare_markers(config)
    if options.holds_suites(config):
        from epjgate.plugin import fixtures

        config.pluginmanager.register(fixtures, "epjgate-fixtures")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Begin to record, on the candidate that was given or on one that is started now."""
    if options.records(session.config):
        from epjgate.plugin.recording_hooks import begin

        begin(session.config)
