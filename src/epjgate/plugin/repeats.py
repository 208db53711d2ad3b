"""Runs each test several times in one session, so that one that ends now this way, now that way is seen."""

from __future__ import annotations

import pytest

_FIXTURE = "epj_attempt"


class Repeats:
    """Adds to every test the attempt as its last parameter; all first attempts come before all second ones."""

    def __init__(self, times: int) -> None:
        self._times = times

    @pytest.fixture(scope="session")
    def epj_attempt(self, request: pytest.FixtureRequest) -> int:
        """Return which attempt this is, from 1."""
        return int(request.param)

    @pytest.hookimpl(trylast=True)
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make `times` tests of every test."""
        attempts = range(1, self._times + 1)
        metafunc.fixturenames.append(_FIXTURE)
        metafunc.parametrize(_FIXTURE, attempts, ids=[f"attempt {number}" for number in attempts], indirect=True)


def register(config: pytest.Config) -> None:
    """Repeat tests where the command line says so; raises UsageError for fewer than one attempt."""
    times = config.getoption("epj_times")
    if times < 1:
        raise pytest.UsageError(f"--epj-times={times}: a test is run at least once")
    if times > 1:
        config.pluginmanager.register(Repeats(times), "epjgate-repeats")


def attempt_of(item: pytest.Item) -> int:
    """Return which attempt of its test `item` is, from 1."""
    parameters = getattr(item, "callspec", None)
    return int(parameters.params.get(_FIXTURE, 1)) if parameters is not None else 1
