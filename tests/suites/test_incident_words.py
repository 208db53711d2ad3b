"""The tests of past incidents speak the clinic's words, and their records are such as can be told to anybody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from epjgate.drivers.dsl.serving import CAPABILITIES
from epjgate.incidents.patient_data import possible_persons
from epjgate.incidents.recipe import alterations_of
from epjgate.incidents.record import Record, incident_folders, read_record
from epjgate.incidents.vocabulary import offences

FOLDERS = incident_folders(Path(__file__).parents[2] / "suites")
TESTS = [file for folder in FOLDERS for file in sorted(folder.glob("*.py"))]
BODY = re.compile(r'^def test_\w+\([^)]*\) -> None:\n(?:    """(?:.|\n)*?"""\n)?', re.MULTILINE)
PROTOCOL_LINE = '    epj.connection.get("Patient/1", headers={"accept": "x"})\n'


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def record(request: pytest.FixtureRequest) -> Record:
    """Each incident of the catalogue."""
    return read_record(request.param)


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.name)
def test_a_test_speaks_no_protocol(file: Path) -> None:
    """No URL, no resource path, no JSON, nothing imported that knows one."""
    assert offences(file) == ()


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.name)
def test_the_check_bites_on_that_very_test(file: Path, tmp_path: Path) -> None:
    """One line of protocol in any body of it is found, with its line."""
    text = file.read_text(encoding="utf-8")
    body = next(
        re.finditer(r'^def test_\w+\((?:[^)]|\n)*?\) -> None:\n(?:    """(?:.|\n)*?"""\n)?', text, re.MULTILINE)
    )
    spoilt = tmp_path / file.name
    spoilt.write_text(text[: body.end()] + PROTOCOL_LINE + text[body.end() :], encoding="utf-8")
    line = text[: body.end()].count("\n") + 1
    assert offences(spoilt) == (f"{file.name}:{line}: holds a resource path: 'Patient/1'",)


def test_there_are_tests() -> None:
    """The checks above do not pass for want of anything to check."""
    assert len(FOLDERS) == len({folder.name[:8] for folder in FOLDERS})
    assert len(TESTS) >= len(FOLDERS) > 0


def test_a_record_is_complete_and_names_no_person(record: Record) -> None:
    """The story is told, a test lies beside it, its capabilities have words, and no number could be a patient's."""
    assert record.unwritten == ()
    assert record.tests != ()
    assert set(record.incident.capabilities) <= CAPABILITIES.keys()
    assert possible_persons(record) == ()
    assert bool(alterations_of(record)) is bool(record.incident.fault)
