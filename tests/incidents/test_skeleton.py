"""A new incident."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.errors import UsageError
from epjgate.incidents.recipe import alterations_of
from epjgate.incidents.record import HEADINGS, read_record, read_records
from epjgate.incidents.skeleton import NOT_WRITTEN, Draft, make_incident, slug_of
from epjgate.incidents.vocabulary import offences

if TYPE_CHECKING:
    from tests.incidents.conftest import Suites

DRAFT = Draft(
    title='Dose kept "as is" på æblegrød',
    title_da="Dosis blev, som den var",
    date="2018",
    source="CW245196",
    kind="stale field",
    severity="blocker",
    hazard="The patient takes \\ the old dose.",
    hazard_da="Patienten tager den gamle dosis.",
    capabilities=("patients", "medication"),
    system="tiny",
    known_bad="0.9",
    fixed_in="1.0",
)


def test_a_new_incident_can_be_read_and_is_not_complete(suites: Suites) -> None:
    """The record holds what was said; the story is to be told, and the test fails until it is written."""
    record = read_record(make_incident(suites.root, DRAFT))
    incident = record.incident
    assert record.folder.name == "INC-0001_dose_kept_as_is_paa_aeblegroed"
    assert (incident.title, incident.hazard) == (DRAFT.title, DRAFT.hazard)
    assert (incident.capabilities, incident.fingerprint) == (("patients", "medication"), ())
    assert record.unwritten == HEADINGS
    (test,) = record.tests
    assert f'pytest.fail("{NOT_WRITTEN}")' in test.read_text(encoding="utf-8")
    assert offences(test) == ()


def test_a_recipe_is_begun_where_it_is_asked_for(suites: Suites) -> None:
    """It does nothing until it is written, and says so."""
    record = read_record(make_incident(suites.root, replace(DRAFT, known_bad="1.0", recipe=True)))
    assert record.incident.fault == "fault.toml"
    with pytest.raises(UsageError, match=r"fault\.toml is not valid"):
        alterations_of(record)


def test_the_next_free_number_is_taken(suites: Suites) -> None:
    """After the highest, also where a folder's record cannot be read; or the number that is asked for."""
    suites.record("INC-0007_seven", id='"INC-0007"')
    suites.write("incidents/INC-0009_broken/notes.txt", "x")
    assert make_incident(suites.root, DRAFT).name.startswith("INC-0010_")
    assert make_incident(suites.root, DRAFT, "INC-0002").name.startswith("INC-0002_")
    with pytest.raises(UsageError, match="INC-0007 is taken"):
        make_incident(suites.root, DRAFT, "INC-0007")


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "bad luck"}, {"severity": "huge"}, {"date": "soon"}, {"hazard": " "}, {"source": ""}, {"title": "???"}],
)
def test_what_no_record_may_hold_makes_no_folder(suites: Suites, wrong: dict[str, Any]) -> None:
    """The error names the value, and nothing is left half made."""
    with pytest.raises(UsageError):
        make_incident(suites.root, replace(DRAFT, **wrong))
    assert read_records(suites.root) == ()


@given(title=st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x7f")))
def test_a_slug_is_part_of_a_files_name(title: str) -> None:
    """Small letters, digits and single underscores, never long; a title without any is refused."""
    try:
        slug = slug_of(title)
    except UsageError:
        return
    assert slug.isidentifier() or slug[0].isdecimal()
    assert slug == slug.lower().strip("_")
    assert slug.isascii()
    assert 0 < len(slug) <= 50
