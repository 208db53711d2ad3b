"""`epjgate incident new`, `check` and `list`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.incident_fixtures import IncidentProject

from epjgate.incidents.record import read_records

if TYPE_CHECKING:
    from tests.cli.conftest import Ended

NEW = {
    "title": "The desk forgot who waited",
    "title-da": "Skranken glemte, hvem der ventede",
    "hazard": "The patient waits in vain.",
    "hazard-da": "Patienten venter forgæves.",
    "date": "2026-02",
    "source": "The log of the desk",
    "class": "stale field",
    "system": "tiny",
    "known-bad": "0.9",
    "fixed-in": "1.0",
    "needs": "patients",
}


def flags(**changes: str) -> list[str]:
    """Return the flags of a new incident, `changes` applied; an empty one is left out."""
    return [f"--{name}={text}" for name, text in (NEW | changes).items() if text]


def test_a_new_incident_is_made_listed_and_not_complete(
    incidents: IncidentProject, command: Callable[..., Ended]
) -> None:
    """Stdout is the folder, stderr what comes next; it is red until it is written, and cannot be proven by that."""
    made = command("incident", "new", *flags())
    folder = incidents.suites / "incidents/INC-0002_the_desk_forgot_who_waited"
    assert (made.code, made.out) == (0, f"{folder}\n")
    assert "epjgate prove INC-0002 --record" in made.err
    assert [record.incident.id for record in read_records(incidents.suites)] == ["INC-0001", "INC-0002"]
    checked = command("incident", "check", "INC-0002")
    assert checked.code == 10
    for told in ("nothing is written under 'Harm'", "is not written yet", "proof missing: it was never proven"):
        assert told in checked.out


def test_what_is_left_out_is_asked_for(incidents: IncidentProject, command: Callable[..., Ended]) -> None:
    """Without anybody to answer, the command ends and makes nothing."""
    ended = command("incident", "new", *flags(hazard=""))
    assert ended.code != 0
    assert len(read_records(incidents.suites)) == 1


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"system": "large"}, "there is no system 'large'"),
        ({"known-bad": "0.8"}, "has no release '0.8'"),
        ({"needs": "patients, magic"}, "there is no capability 'magic'"),
        ({"class": "bad luck"}, "class: Input should be 'silent success'"),
        ({"date": "soon"}, "date: 'soon' is not YYYY"),
    ],
)
def test_what_does_not_exist_is_2(
    incidents: IncidentProject, command: Callable[..., Ended], changes: dict[str, str], told: str
) -> None:
    """The error names it and what there is, and no folder is made."""
    ended = command("incident", "new", *flags(**changes))
    assert ended.code == 2
    assert told in ended.err
    assert len(read_records(incidents.suites)) == 1


def test_every_incident_is_checked_where_none_is_named(
    incidents: IncidentProject, command: Callable[..., Ended]
) -> None:
    """A folder that cannot be read is told like any other; an incident that there is not is an error."""
    incidents.project.write("suites/incidents/INC-0002_x/notes.txt", "no record")
    ended = command("incident", "check")
    assert ended.code == 10
    assert "INC-0001_no_such_door: wrong" in ended.out
    assert "INC-0002_x/incident.md cannot be read" in ended.out
    assert command("incident", "check", "INC-0007").code == 2


def test_a_release_that_is_gone_is_wrong(incidents: IncidentProject, command: Callable[..., Ended]) -> None:
    """An incident whose build nobody can start any more cannot be proven again."""
    incidents.record(known_bad='"0.8"')
    assert "Tiny has no release '0.8'" in command("incident", "check", "INC-0001").out


@pytest.mark.parametrize(
    ("arguments", "listed"),
    [
        ([], ["INC-0001", "INC-0002"]),
        (["--class=silent success"], ["INC-0001"]),
        (["--capability=laboratory"], ["INC-0002"]),
        (["--capability=patients"], ["INC-0001", "INC-0002"]),
        (["--system=tiny", "--class=clock"], ["INC-0002"]),
        (["--system=other"], []),
        (["--state=missing"], ["INC-0001", "INC-0002"]),
        (["--state=fresh"], []),
    ],
)
def test_a_list_is_narrowed_down(
    incidents: IncidentProject, command: Callable[..., Ended], arguments: list[str], listed: list[str]
) -> None:
    """By class, capability, system and state of the proof, as a table and as JSON."""
    second = {"id": '"INC-0002"', "class": '"clock"', "capabilities": '["patients", "laboratory"]'}
    incidents.record(folder="INC-0002_clock", **second)
    told = command("incident", "list", "--json", *arguments)
    assert [one["id"] for one in json.loads(told.out)] == listed
    table = command("incident", "list", *arguments).out
    assert [name for name in ("INC-0001", "INC-0002") if name in table] == listed


@pytest.mark.parametrize("argument", ["--class=bad luck", "--state=old", "--capability=magic"])
def test_a_filter_that_nothing_could_match_is_2(
    incidents: IncidentProject, command: Callable[..., Ended], argument: str
) -> None:
    """A misspelt filter never looks like an empty catalogue."""
    assert incidents.folder.exists()
    ended = command("incident", "list", argument)
    assert (ended.code, ended.out) == (2, "")
    assert "known: " in ended.err
