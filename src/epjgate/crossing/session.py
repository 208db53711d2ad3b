"""A session in which tests cross an upgrade: part by part, with the upgrade in between."""

from __future__ import annotations

import inspect
from collections.abc import Generator

import pytest

from epjgate.crossing import making
from epjgate.crossing.making import STAGE, part_of
from epjgate.suite_runner.handover import Answer, Handover, Part


class Crossing:
    """Runs the parts of crossing tests; `answers` says which releases stand, without any nothing is rehearsed."""

    def __init__(self) -> None:
        self.answers: dict[Part, Answer] = {}

    @pytest.fixture(scope="session")
    def epj_part(self, request: pytest.FixtureRequest) -> Part:
        """Return which part of its test this is."""
        return Part(request.param)

    @pytest.hookimpl(trylast=True)
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make one test of every part of a test that crosses: its id ends with the part."""
        making.parametrize(metafunc)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Do not run a part whose release does not stand, or whose test has ended."""
        stage = item.stash.get(STAGE, None)
        if stage is not None and stage.part is not Part.BEFORE:
            stage.course.raise_if_not_to_run(stage.part, self.answers.get(stage.part))

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Run a part in the place of the whole function."""
        stage = pyfuncitem.stash.get(STAGE, None)
        if stage is None:
            return None
        if stage.part is Part.BEFORE:
            wanted = inspect.signature(stage.course.function).parameters
            stage.course.begin({name: pyfuncitem.funcargs[name] for name in wanted})
        else:
            stage.course.go_on(stage.part, pyfuncitem.funcargs["epj"])
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Take note of a part that did not pass: its test is not to go on."""
        stage = item.stash.get(STAGE, None)
        if stage is not None and call.excinfo is not None:
            stage.course.note(stage.part, call.excinfo.value)
        return (yield)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Let the tests that stand still leave their `with` blocks."""
        for item in session.items:
            stage = item.stash.get(STAGE, None)
            if stage is not None:
                stage.course.close()


class Rehearsed:
    """Runs all tests of one part before those of the next, and has the releases changed in between."""

    def __init__(self, crossing: Crossing, handover: Handover) -> None:
        self._crossing = crossing
        self._handover = handover

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run what was collected; every part is asked for, for the rehearsal does not know which tests have which."""
        if session.testsfailed and not session.config.getoption("continue_on_collection_errors"):
            raise session.Interrupted(f"{session.testsfailed} errors during collection")
        for part in Part:
            if part is not Part.BEFORE:
                self._crossing.answers[part] = self._ask(part)
            # Nothing of one part outlives it: connections to a release that is gone are no use to the next.
            items = [item for item in session.items if part_of(item) is part]
            for item, following in zip(items, [*items[1:], None], strict=False):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if session.shouldfail:
                    raise session.Failed(session.shouldfail)
                if session.shouldstop:
                    raise session.Interrupted(session.shouldstop)
        return True

    def _ask(self, part: Part) -> Answer:
        refused = next((answer for answer in self._crossing.answers.values() if not answer.go), None)
        return refused or self._handover.ask(part)
