"""Search by date: points in time across offsets, whole days, periods without an end, and the night of the change."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from epjgate.drivers.fhir import Params, Resource
from epjgate.model.person import Person
from population.fhir_r4 import encounter, observation, patient

Store = Callable[[Resource], str]
IdsFound = Callable[[str, Params], list[str]]
People = Callable[[int], list[Person]]


@pytest.mark.rule("fhir-date-search-prefixes")
@pytest.mark.severity("critical")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("1980-03-15", {"1980-03-15"}),
        ("eq1980-03-15", {"1980-03-15"}),
        ("ne1980-03-15", {"1980-03-14", "1980-03-16", "1981-03-15"}),
        ("ge1980-03-15", {"1980-03-15", "1980-03-16", "1981-03-15"}),
        ("gt1980-03-15", {"1980-03-16", "1981-03-15"}),
        ("le1980-03-15", {"1980-03-14", "1980-03-15"}),
        ("lt1980-03-15", {"1980-03-14"}),
        ("1980-03", {"1980-03-14", "1980-03-15", "1980-03-16"}),
        ("1981", {"1981-03-15"}),
        ("gt1980", {"1981-03-15"}),
    ],
)
def test_birthdate_search_follows_its_prefix(
    people: People, word: str, stored: Store, ids_found: IdsFound, asked: str, found: set[str]
) -> None:
    """Of four birth dates around a day, each prefix finds exactly those on its side of the day, month or year."""
    days = ("1980-03-14", "1980-03-15", "1980-03-16", "1981-03-15")
    ids = {
        day: stored(patient(someone, name=[{"family": word}], birthDate=day))
        for day, someone in zip(days, people(4), strict=True)
    }
    assert ids_found("Patient", {"family": word, "birthdate": asked}) == sorted(ids[day] for day in found)


@pytest.mark.rule("fhir-date-search-every-offset")
@pytest.mark.severity("critical")
@pytest.mark.parametrize(
    ("asked", "is_found"),
    [
        ("2024-06-10T00:30:00+02:00", True),
        ("2024-06-09T22:30:00Z", True),
        ("2024-06-09T17:30:00-05:00", True),
        ("ge2024-06-09T22:30:00Z", True),
        ("le2024-06-09T22:30:00Z", True),
        ("gt2024-06-09T22:29:59Z", True),
        ("lt2024-06-09T23:00:00Z", True),
        ("lt2024-06-10T01:00:00+02:00", True),
        ("gt2024-06-09T22:30:00Z", False),
        ("lt2024-06-09T22:30:00Z", False),
        ("ge2024-06-09T23:00:00Z", False),
        ("2024-06-10T00:30:00Z", False),
        ("ge2024-06-10T00:00:00Z", False),
        ("le2024-06-10T00:00:00+02:00", False),
    ],
)
def test_a_time_is_the_same_in_every_offset(
    person: Person, people: People, stored: Store, ids_found: IdsFound, asked: str, *, is_found: bool
) -> None:
    """A sample of 00:30 Danish summer time was taken at 22:30 UTC the day before, however the question is put."""
    subject, other = (f"Patient/{stored(patient(someone))}" for someone in (person, *people(1)))
    sample = stored(observation(subject, effectiveDateTime="2024-06-10T00:30:00+02:00"))
    stored(observation(other, effectiveDateTime="2024-06-10T00:30:00+02:00"))
    assert ids_found("Observation", {"subject": subject}) == [sample]
    assert ids_found("Observation", {"subject": subject, "date": asked}) == ([sample] if is_found else [])


@pytest.mark.rule("fhir-date-search-open-period")
@pytest.mark.severity("critical")
@pytest.mark.parametrize(
    ("asked", "is_found"),
    [
        ("ge2024-06-10", True),
        ("ge2099-01-01", True),
        ("gt2099-01-01", True),
        ("le2024-06-10", True),
        ("sa2024-06-09", True),
        ("sa2024-06-10", False),
        ("lt2024-06-10", False),
        ("le2024-06-09", False),
        ("eb2099-01-01", False),
        ("2024-06-10", False),
        ("2024", False),
    ],
)
def test_a_contact_without_an_end_is_still_going_on(
    person: Person, stored: Store, ids_found: IdsFound, asked: str, *, is_found: bool
) -> None:
    """An admission that began at noon on 10 June and has no end reaches into the future, never into the past."""
    subject = f"Patient/{stored(patient(person))}"
    admission = stored(encounter(subject, status="in-progress", period={"start": "2024-06-10T12:00:00Z"}))
    assert ids_found("Encounter", {"subject": subject}) == [admission]
    assert ids_found("Encounter", {"subject": subject, "date": asked}) == ([admission] if is_found else [])


@pytest.mark.rule("fhir-date-search-whole-period")
@pytest.mark.severity("critical")
@pytest.mark.parametrize(
    ("asked", "is_found"),
    [
        ("2024-06", True),
        ("2024-06-11", False),
        ("ge2024-06-11", True),
        ("le2024-06-11", True),
        ("ge2024-06-13", False),
        ("le2024-06-09", False),
        ("sa2024-06-09", True),
        ("sa2024-06-11", False),
        ("eb2024-06-13", True),
        ("eb2024-06-11", False),
    ],
)
def test_a_contact_matches_by_its_whole_period(
    person: Person, stored: Store, ids_found: IdsFound, asked: str, *, is_found: bool
) -> None:
    """A stay from noon on 10 June to noon on 12 June: equal where the time asked for holds all of it."""
    subject = f"Patient/{stored(patient(person))}"
    stay = stored(encounter(subject, period={"start": "2024-06-10T12:00:00Z", "end": "2024-06-12T12:00:00Z"}))
    assert ids_found("Encounter", {"subject": subject}) == [stay]
    assert ids_found("Encounter", {"subject": subject, "date": asked}) == ([stay] if is_found else [])


@pytest.mark.rule("fhir-sort-by-moment")
@pytest.mark.severity("critical")
def test_the_hour_that_comes_twice_keeps_its_order(
    person: Person, stored: Store, ids_in_order: Callable[[str, Params], list[str]]
) -> None:
    """In the night of 27 October 2024, 02:30 summer time comes an hour before 02:30 winter time, as sorting shows."""
    subject = f"Patient/{stored(patient(person))}"
    times = (
        "2024-10-27T02:30:00+01:00",
        "2024-10-27T02:30:00+02:00",
        "2024-10-27T02:59:00+02:00",
        "2024-10-27T00:59:30Z",
    )
    winter, summer, later, last = (stored(observation(subject, effectiveDateTime=time)) for time in times)
    assert ids_in_order("Observation", {"subject": subject, "_sort": "date"}) == [summer, later, last, winter]
    assert ids_in_order("Observation", {"subject": subject, "_sort": "-date"}) == [winter, last, later, summer]
