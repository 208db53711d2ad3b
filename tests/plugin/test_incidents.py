"""Tests of past incidents, as the plugin collects them: by their record, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.plugin.conftest import Inner

from epjgate.model.events import Severity, TestsCollected
from epjgate.model.outcome import Outcome

RECORD = """+++
id = "INC-0007"
title = "The desk was shut"
title_da = "Skranken var lukket"
date = "2026-02"
source = "The desk's own log"
class = "stale field"
severity = "blocker"
hazard = "The patient waits in vain."
hazard_da = "Patienten venter forgæves."
capabilities = ["patients"]
system = "tiny"
known-bad = "0.9"
fixed-in = "1.0"
+++
"""
TESTS = """
def test_open(desk):
    assert desk.request("GET", "/").status == 200
"""
SUITE = 'schema_version = "epjgate/suite/1"\ntitle = "Incidents"\ntitle_da = "Hændelser"\nabout = "Incidents."\n'


def write(root: Path, name: str, text: str) -> None:
    """Write a file of the inner suite of incidents."""
    file = root / "incidents" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


@pytest.fixture
def folder(inner: Inner) -> Path:
    """The folder of a recorded incident with one test that passes."""
    root = inner.pytester.path
    write(root, "suite.toml", SUITE)
    write(root, "INC-0007_desk_shut/incident.md", RECORD)
    write(root, "INC-0007_desk_shut/test_desk_shut.py", TESTS)
    return root / "incidents/INC-0007_desk_shut"


def run(inner: Inner, *arguments: str) -> pytest.RunResult:
    """Run the suite of incidents."""
    return inner.run("", "incidents", *arguments)


def errors(inner: Inner) -> str:
    """Return what could not be collected."""
    return "\n".join(error for event in inner.events if isinstance(event, TestsCollected) for error in event.errors)


@pytest.mark.usefixtures("folder")
def test_a_test_of_an_incident_has_what_the_record_says(inner: Inner) -> None:
    """The journal names the incident; severity and capabilities are the record's."""
    run(inner)
    end = inner.ends()["test_open"]
    assert (end.outcome, end.incident, end.suite) == (Outcome.PASSED, "INC-0007", "incidents")
    assert (end.severity, end.capabilities, end.attempt) == (Severity.BLOCKER, ("patients",), 1)


def test_an_incident_does_not_apply_to_a_system_without_its_capabilities(inner: Inner, folder: Path) -> None:
    """Not applicable, with the reason of the system's description: never passed."""
    (folder / "incident.md").write_text(RECORD.replace('["patients"]', '["surgery"]'), encoding="utf-8")
    run(inner)
    end = inner.ends()["test_open"]
    assert (end.outcome, end.incident) == (Outcome.NOT_APPLICABLE, "INC-0007")
    assert "there is no theatre" in end.reason


def test_a_folder_without_a_record_is_not_collected(inner: Inner, folder: Path) -> None:
    """Nobody would know what the test stands for: pytest stops, and the journal says why."""
    (folder / "incident.md").unlink()
    assert run(inner).ret == pytest.ExitCode.INTERRUPTED
    assert inner.ends() == {}
    assert "INC-0007_desk_shut/incident.md cannot be read" in errors(inner)


def test_a_record_with_a_mistake_is_not_collected(inner: Inner, folder: Path) -> None:
    """An unknown key is an error that names it, never ignored."""
    (folder / "incident.md").write_text(RECORD.replace("severity =", "harm ="), encoding="utf-8")
    run(inner)
    assert inner.ends() == {}
    assert "harm: unknown key; allowed here: capabilities, class" in errors(inner)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("place", ["test_stray.py", "strays/test_stray.py", "INC-0007_desk_shut/more/test_stray.py"])
def test_a_test_outside_a_recorded_folder_is_not_collected(inner: Inner, place: str) -> None:
    """No test of this suite runs without standing for an incident."""
    write(inner.pytester.path, place, TESTS)
    assert run(inner).ret == pytest.ExitCode.INTERRUPTED
    assert "is no incident's folder" in errors(inner)
