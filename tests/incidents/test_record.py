"""The record of an incident."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.incident_fixtures import FOLDER, STORY

from epjgate.errors import UsageError
from epjgate.incidents.record import HEADINGS, read_record, read_records
from epjgate.model.events import Severity
from epjgate.model.incident import IncidentClass

if TYPE_CHECKING:
    from tests.incidents.conftest import Suites


def test_a_record_is_read_as_it_is_written(suites: Suites) -> None:
    """Front matter by its hyphenated keys, the story by its headings, and the tests beside it."""
    record = read_record(suites.record(fingerprint='["abcdef01", "abcdef02"]'))
    incident = record.incident
    assert (incident.id, incident.kind, incident.severity) == ("INC-0001", IncidentClass.SILENT_SUCCESS, "blocker")
    assert incident.severity is Severity.BLOCKER
    assert (incident.known_bad, incident.fixed_in) == ("0.9", "1.0")
    assert incident.fingerprint == ("abcdef01", "abcdef02")
    assert tuple(heading for heading in HEADINGS if record.story[heading]) == HEADINGS
    assert record.story["Cause"] == "A default."
    assert [test.name for test in record.tests] == ["test_no_such_door.py"]
    assert record.unwritten == ()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"severity": ""}, "severity: missing"),
        ({"severity": '"terrible"'}, "severity: Input should be 'blocker'"),
        ({"class": '"bad luck"'}, "class: Input should be 'silent success'"),
        (
            {"harm": '"much"'},
            "harm: unknown key; allowed here: capabilities, class, date, fault, fingerprint, fixed",
        ),
        ({"known_bad": '""'}, "known-bad: must be written"),
        ({"hazard": '"TODO: say what"'}, "hazard: must be written"),
        ({"date": '"2026-02-31"'}, "date: day"),
        ({"date": '"last year"'}, "date: 'last year' is not YYYY"),
        ({"capabilities": "[]"}, "capabilities: Tuple should have at least 1 item"),
        ({"fingerprint": '"not hex"'}, "fingerprint.0: String should match"),
        ({"id": '"INC-0002"'}, "it says INC-0002, its folder INC-0001"),
        ({"id": '"INC-1"'}, "id: String should match"),
    ],
)
def test_a_mistake_names_file_key_and_what_is_allowed(suites: Suites, changes: dict[str, str], named: str) -> None:
    """Unknown, missing and impossible keys are errors."""
    with pytest.raises(UsageError) as caught:
        read_record(suites.record(**changes))
    assert f"{FOLDER}/incident.md" in caught.value.problem
    assert named in caught.value.cause


@pytest.mark.parametrize("date", ["2018", "2018-02", "2018-02-28", "unknown"])
def test_a_date_is_as_exact_as_it_was_reported(suites: Suites, date: str) -> None:
    """The press often knows a year only."""
    assert read_record(suites.record(date=f'"{date}"')).incident.date == date


def test_what_is_not_written_yet_is_named(suites: Suites) -> None:
    """A heading that is missing and one with a placeholder below it are both unwritten."""
    story = STORY.replace("A default.", "TODO: find out").replace("## Harm", "## Pain")
    assert read_record(suites.record(story=story)).unwritten == ("Harm", "Cause")


def test_without_front_matter_there_is_no_record(suites: Suites) -> None:
    """The error says how a record begins."""
    folder = suites.record()
    suites.write(f"incidents/{FOLDER}/incident.md", "# A story\n")
    with pytest.raises(UsageError, match="between two lines"):
        read_record(folder)


@pytest.mark.parametrize("name", ["INC-1_x", "INC-0001", "INC-0001_Ærlig", "notes"])
def test_a_folder_is_called_as_its_incident(suites: Suites, name: str) -> None:
    """A folder that no incident could have stops the reading: its tests would go missing unseen."""
    suites.record(name)
    with pytest.raises(UsageError, match="is no incident's folder"):
        read_records(suites.root)


def test_all_records_are_read_by_number(suites: Suites) -> None:
    """Folders of other kinds, caches and empty folders are no incidents."""
    suites.record("INC-0002_b", id='"INC-0002"')
    suites.record("INC-0001_a")
    suites.write("incidents/__pycache__/x.pyc", "")
    (suites.root / "incidents/INC-0003_emptied").mkdir()
    assert [record.incident.id for record in read_records(suites.root)] == ["INC-0001", "INC-0002"]


def test_a_number_is_given_once(suites: Suites) -> None:
    """Two folders with one number are a mistake."""
    suites.record("INC-0001_a")
    suites.record("INC-0001_b")
    with pytest.raises(UsageError, match="INC-0001 is recorded twice"):
        read_records(suites.root)


def test_without_a_suite_of_incidents_there_are_none(suites: Suites) -> None:
    """A project may have other suites only."""
    assert read_records(suites.root) == ()
