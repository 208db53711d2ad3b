"""FHIR data types, read and written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.drivers.exact_json import decode, encode
from epjgate.drivers.fhir_values import (
    date_at,
    decimal_at,
    instant,
    instant_at,
    object_at,
    objects_at,
    quantity,
    quantity_at,
    text_at,
    texts_at,
    value_at,
)
from epjgate.errors import CandidateFault

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "name": [{"family": "Ærø", "given": ["Åse"]}],
    "active": True,
    "birthDate": "1975-03-02",
}


def test_a_value_is_found_by_keys_and_indices() -> None:
    """A path leads through objects and lists."""
    assert value_at(PATIENT, "name", 0, "given", 0) == "Åse"


@pytest.mark.parametrize(
    ("path", "named"),
    [
        (("name", 1, "family"), r"Patient\.name\[1\]\.family is missing: there is no Patient\.name\[1\]$"),
        (("name", 0, "text"), r"there is no Patient\.name\[0\]\.text$"),
        (("name", "family"), r"there is no Patient\.name\.family$"),
        (("birthDate", 0), r"there is no Patient\.birthDate\[0\]$"),
        (("contact", 0, "name", 0), r"there is no Patient\.contact$"),
    ],
)
def test_what_is_missing_is_the_candidates_fault(path: tuple[str | int, ...], named: str) -> None:
    """The message names the path and the first part that is not there; a letter of a text is no list entry."""
    with pytest.raises(CandidateFault, match=named):
        value_at(PATIENT, *path)


@pytest.mark.parametrize(
    ("read", "path"),
    [
        (text_at, ("active",)),
        (object_at, ("name",)),
        (objects_at, ("birthDate",)),
        (objects_at, ("name", 0, "given")),
        (texts_at, ("name",)),
        (decimal_at, ("active",)),
        (decimal_at, ("birthDate",)),
        (date_at, ("active",)),
    ],
)
def test_another_type_is_the_candidates_fault(read: Callable[..., object], path: tuple[str | int, ...]) -> None:
    """A value of another kind than R4 says is named, never converted."""
    with pytest.raises(CandidateFault, match=r"Patient.*, not a"):
        read(PATIENT, *path)


def test_a_list_left_out_is_empty_and_a_parent_left_out_is_a_fault() -> None:
    """R4 leaves out empty lists; what should hold the list must be there."""
    assert objects_at(PATIENT, "address") == []
    with pytest.raises(CandidateFault, match=r"Patient\.contact"):
        objects_at(PATIENT, "contact", 0, "telecom")


def test_lists_are_returned_whole() -> None:
    """Objects and texts come in the order in which they were sent."""
    assert objects_at(PATIENT, "name") == PATIENT["name"]
    assert object_at(PATIENT, "name", 0) == PATIENT["name"][0]
    assert texts_at(PATIENT, "name", 0, "given") == ("Åse",)


def test_a_date_is_a_full_date() -> None:
    """A birth date is read; a year alone, a wrong month or a time is the candidate's fault."""
    assert date_at(PATIENT, "birthDate") == date(1975, 3, 2)
    for wrong in ("1975", "1975-13-01", "1975-03-02T00:00:00Z", "19750302"):
        with pytest.raises(CandidateFault, match=r"Patient\.birthDate"):
            date_at({**PATIENT, "birthDate": wrong}, "birthDate")


ZONES = st.sampled_from(
    [UTC, ZoneInfo("Europe/Copenhagen"), timezone(timedelta(hours=5, minutes=45)), timezone(timedelta(hours=-11))]
)


MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=ZONES)  # noqa: DTZ001  (zones are added)


@given(at=MOMENTS)
def test_a_time_survives(at: datetime) -> None:
    """A time with a zone comes back as the same moment with the same offset, on nights of a clock change too."""
    back = instant_at({"at": instant(at)}, "at")
    assert (back.astimezone(UTC), back.utcoffset()) == (at.astimezone(UTC), at.utcoffset())


def test_an_offset_with_seconds_is_written_in_utc() -> None:
    """FHIR has no seconds in an offset; the moment stays the same."""
    at = datetime(1890, 5, 1, 12, 0, tzinfo=timezone(timedelta(minutes=50, seconds=20)))
    assert instant(at) == "1890-05-01T11:09:40+00:00"


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    """At the end of summer time, 02:30 before and after the change are an hour apart on the wire too."""
    copenhagen = ZoneInfo("Europe/Copenhagen")
    first, second = (datetime(2026, 10, 25, 2, 30, tzinfo=copenhagen, fold=fold) for fold in (0, 1))
    assert instant_at({"at": instant(second)}, "at") - instant_at({"at": instant(first)}, "at") == timedelta(hours=1)


def test_a_time_without_a_zone_is_not_written() -> None:
    """It would name no point in time."""
    with pytest.raises(ValueError, match="no time zone"):
        instant(datetime(2026, 3, 29, 2, 30))  # noqa: DTZ001  (the missing zone is the point)


@pytest.mark.parametrize(
    "wrong", ["2026-03-29", "2026-03-29T01:30:00", "2026-03-29T01:30Z", "2026-03-29T25:00:00Z", "20260329T013000Z"]
)
def test_a_time_that_lost_something_is_the_candidates_fault(wrong: str) -> None:
    """A time without zone or seconds, or at no hour of the day, is named."""
    with pytest.raises(CandidateFault, match=r"element\.at is"):
        instant_at({"at": wrong}, "at")


@given(value=st.decimals(allow_nan=False, allow_infinity=False), unit=st.sampled_from(["mmol/L", "mg", "{tablet}"]))
def test_a_quantity_survives_the_wire(value: Decimal, unit: str) -> None:
    """Value and unit come back digit by digit after being encoded and decoded."""
    back, back_unit = quantity_at(decode(encode({"value": quantity(value, unit)})), "value")
    assert (str(back), back_unit) == (str(value) if str(value) != "-0" else "0", unit)


@pytest.mark.parametrize("lost", ["value", "code", "system"])
def test_a_quantity_without_value_or_unit_is_the_candidates_fault(lost: str) -> None:
    """A number without its unit is no measurement."""
    whole = quantity(Decimal("5.10"), "mmol/L")
    del whole[lost]
    with pytest.raises(CandidateFault, match=rf"element\.value\.{lost} is missing"):
        quantity_at({"value": whole}, "value")


def test_a_quantity_of_another_unit_system_is_the_candidates_fault() -> None:
    """Only UCUM codes say which unit is meant."""
    with pytest.raises(CandidateFault, match=r"not http://unitsofmeasure\.org"):
        quantity_at({"value": {**quantity(Decimal(5), "mg"), "system": "http://example.org"}}, "value")
