"""The plugin's entry: inert but for tests that yield, in suites whose description says that they cross an upgrade."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from epjgate.crossing.session import Crossing

_CROSSING: pytest.StashKey[Crossing] = pytest.StashKey()
_SUITES: pytest.StashKey[frozenset[str]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the option."""
    group = parser.getgroup("epjgate", "release gate")
    group.addoption("--epj-handover", help="folder in which suites and a rehearsal take turns (the gate writes it)")


def pytest_configure(config: pytest.Config) -> None:
    """Let a rehearsal say when the releases change; its tests stand still in one process, which must be this one."""
    folder = config.getoption("epj_handover")
    if not folder:
        return
    if config.getoption("numprocesses", None) or hasattr(config, "workerinput"):
        raise pytest.UsageError("--epj-handover: tests that cross an upgrade live in one process; leave out -n")
    from epjgate.crossing.session import Rehearsed
    from epjgate.suite_runner.handover import Handover

    config.pluginmanager.register(Rehearsed(_crossing(config), Handover(Path(folder))), "epjgate-rehearsed")


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> list[pytest.Item] | None:
    """Make one test of every part of a function that yields; elsewhere pytest refuses such a function."""
    if not inspect.isgeneratorfunction(obj) or not collector.istestfunction(obj, name):
        return None
    if not _crosses(collector):
        return None
    from epjgate.crossing.making import items_of

    _crossing(collector.config)
    return items_of(collector, name, obj)


def _crossing(config: pytest.Config) -> Crossing:
    """Return what runs the parts in a run of pytest, at work from the first time that somebody asks."""
    if _CROSSING not in config.stash:
        from epjgate.crossing.session import Crossing

        config.stash[_CROSSING] = Crossing()
        config.pluginmanager.register(config.stash[_CROSSING], "epjgate-crossing-session")
    return config.stash[_CROSSING]


def _crosses(collector: pytest.Module | pytest.Class) -> bool:
    from epjgate.suite_runner.membership import suite_name_of

    return suite_name_of(collector.path, collector.config.rootpath) in _crossing_suites(collector)


def _crossing_suites(collector: pytest.Module | pytest.Class) -> frozenset[str]:
    """Return the suites that cross an upgrade, none outside a folder of suites."""
    config = collector.config
    if _SUITES not in config.stash:
        config.stash[_SUITES] = _read_suites(collector) if _holds_suites(config) else frozenset()
    return config.stash[_SUITES]


def _read_suites(collector: pytest.Module | pytest.Class) -> frozenset[str]:
    from epjgate.errors import UsageError
    from epjgate.suite_runner.catalogue import load_suites

    try:
        suites = load_suites(collector.config.rootpath)
    except UsageError as err:
        raise collector.CollectError(f"{err.problem}: {err.cause}") from err
    return frozenset(suite.name for suite in suites if suite.description.crosses_upgrade)


def _holds_suites(config: pytest.Config) -> bool:
    try:
        return bool(config.getini("epj_suites"))
    except ValueError:  # the plugin that records, and declares this, is not there
        return False
