"""The words that an incident's test may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from epjgate.errors import UsageError
from epjgate.incidents.vocabulary import offences

GOOD = '''"""The Patient keeps https://example.invalid in this text alone."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given

from epjgate.drivers.dsl import Drug, Epj, PatientRef
from epjgate.model.person import Person


def test_text_survives(epj: Epj, patient: PatientRef, person: Person) -> None:
    """POST /Patient is never said, but explained."""
    text = f"1/2 tablet morgen og aften, æøå; patienten må ikke få {Decimal(2)}"
    epj.write_note(patient, text + " {kursiv} [se note]")
    assert epj.notes_of(patient) == [text], "the note was cut"
'''


def found(tmp_path: Path, text: str) -> list[str]:
    """Return what is no word of the clinic in `text`."""
    file = tmp_path / "test_words.py"
    file.write_text(text, encoding="utf-8")
    return [offence.partition(": ")[2] for offence in offences(file)]


def test_the_clinics_words_are_free(tmp_path: Path) -> None:
    """Any text that a clinician writes, and docstrings that explain what the code may not do."""
    assert found(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("import json", "imports json"),
        ("import requests", "imports requests"),
        ("from epjgate.drivers.fhir import FhirClient", "imports epjgate.drivers.fhir"),
        ("from epjgate.drivers.dsl.serving import serve", "imports epjgate.drivers.dsl.serving"),
        ("from .shared import word", "imports .shared"),
        ("import time", "imports time"),
        ("def test_x(fhir): ...", "uses the fixture fhir"),
        ("def test_x(epj, target): ...", "uses the fixture target"),
        ("def pytest_collection_modifyitems(items): ...", "changes pytest by pytest_collection_modifyitems"),
        ("x = 'http://localhost/fhir'", "holds a URL"),
        ("x = 'urn:oid:1.2.208.176.1.2'", "holds a URL"),
        ("x = '/admin/deliveries'", "holds a path"),
        ("x = 'Patient/12'", "holds a resource path"),
        ("x = f'MedicationRequest/{1}'", "holds a resource path"),
        ("x = 'Observation?code=1'", "holds a resource path"),
        ("x = 'Patient'", "holds a resource path"),
        ("x = {'resourceType': 'Nothing'}", "holds JSON"),
        ("x = '{\"status\": 1}'", "holds JSON"),
        ("x = f'{{\"status\": {1}}}'", "holds JSON"),
        ("x = b'[1, 2]'", "holds JSON"),
        ("x = 'MSH|^~'", "holds an HL7 v2 segment"),
    ],
)
def test_what_is_no_word_of_the_clinic_is_found(tmp_path: Path, line: str, told: str) -> None:
    """Each with its line, one finding each."""
    (offence,) = found(tmp_path, f"{GOOD}\n\n{line}\n")
    assert offence.startswith(told)


def test_a_file_that_is_no_python_is_an_error(tmp_path: Path) -> None:
    """Unread is never clean."""
    with pytest.raises(UsageError, match="cannot be read"):
        found(tmp_path, "def test_x(:\n")
