"""A test that needs what nobody knows is an error of its file, and never quietly not applicable."""

from __future__ import annotations

import pytest
from tests.plugin.conftest import Inner

from epjgate.model.events import TestsCollected
from epjgate.model.outcome import Outcome

TEST = """
import pytest

@pytest.mark.needs("{name}")
def test_theatre(desk):
    assert desk.request("GET", "/").status == 200
"""
OF_CLASS = """
import pytest

@pytest.mark.needs("surgrey")
class TestTheatre:
    def test_theatre(self, desk):
        assert desk.request("GET", "/").status == 200
"""
OF_MODULE = """
import pytest

pytestmark = pytest.mark.needs("patients", "surgrey")

def test_theatre(desk):
    assert desk.request("GET", "/").status == 200
"""
OF_PARAMETER = """
import pytest

@pytest.mark.parametrize("room", [1, pytest.param(2, marks=pytest.mark.needs("surgrey"))])
def test_theatre(desk, room):
    assert desk.request("GET", "/").status == 200
"""
ANOTHER_SYSTEM = """
schema_version = "epjgate/system/1"
name = "other"
title = "Other"
[services.desk]
ready = { path = "/ready" }
[interfaces.telex]
service = "desk"
[capabilities]
reception = "telex"
[absent]
garage = "nobody drives"
[releases."1.0".process]
packages = ["other==1.0"]
"""


def errors(inner: Inner) -> tuple[str, ...]:
    """What could not be collected, as the evidence has it."""
    return tuple(error for event in inner.events if isinstance(event, TestsCollected) for error in event.errors)


@pytest.mark.parametrize(
    "tests", [TEST.format(name="surgrey"), OF_CLASS, OF_MODULE, OF_PARAMETER], ids=["test", "class", "module", "case"]
)
@pytest.mark.parametrize("arguments", [(), ("--numprocesses=2",)], ids=["alone", "workers"])
def test_a_misspelt_name_is_an_error_and_no_test_of_the_file_runs(
    inner: Inner, tests: str, arguments: tuple[str, ...]
) -> None:
    """Wherever the marker stands; the evidence says which test, what it needs, and what to do."""
    result = inner.run(tests, *arguments)
    assert result.ret != 0
    assert inner.ends() == {}
    (error,) = errors(inner)
    for words in ("test_theatre", "'surgrey'", "no system's description knows", "correct the name"):
        assert words in error


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("patients", Outcome.PASSED),
        ("surgery", Outcome.NOT_APPLICABLE),
        ("patient_merge", Outcome.NOT_APPLICABLE),
    ],
    ids=["had by the candidate", "lacked with a reason", "there are words for it"],
)
def test_a_name_that_somebody_knows_is_none(inner: Inner, name: str, outcome: Outcome) -> None:
    """Whether the candidate has it is another matter."""
    inner.run(TEST.format(name=name))
    assert inner.ends()["test_theatre"].outcome is outcome
    assert errors(inner) == ()


@pytest.mark.parametrize("name", ["reception", "telex", "garage"])
def test_what_another_system_of_the_project_knows_is_known(inner: Inner, name: str) -> None:
    """Suites are shared by systems; a description that is not valid makes nothing known, and breaks nothing here."""
    inner.pytester.makepyprojecttoml("[tool.epjgate]\n")
    for folder, text in (("other", ANOTHER_SYSTEM), ("wrong", "no description")):
        path = inner.pytester.path / "fixtures/systems" / folder
        path.mkdir(parents=True)
        (path / "system.toml").write_text(text, encoding="utf-8")
    inner.run(TEST.format(name=name))
    assert inner.ends()["test_theatre"].outcome is Outcome.NOT_APPLICABLE


def test_a_misspelt_name_is_seen_when_tests_are_only_listed(inner: Inner) -> None:
    """Nobody has to start a candidate to find it."""
    result = inner.run(TEST.format(name="surgrey"), "--collect-only")
    assert result.ret != 0
    assert "needs 'surgrey'" in result.stdout.str()
