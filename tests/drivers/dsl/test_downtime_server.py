"""The downtime copy's server."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from epjgate.drivers.admin import JsonClient
from epjgate.drivers.dsl.downtime_server import DowntimeServer
from epjgate.drivers.dsl.medication import OrderState
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.refusals import AccessDenied
from epjgate.errors import CandidateFault
from epjgate.model.person import Address, Sex

if TYPE_CHECKING:
    from tests.drivers.conftest import StandIn

    from epjgate.evidence.recorder import Recorder

PATIENT = PatientRef("7")
PERSON: dict[str, Any] = {
    "id": "7",
    "name": "Åse Ærøskov",
    "cpr": "0203754321",
    "birthDate": "1975-03-02",
    "sex": "female",
    "address": {"line": "Ærøgade 12", "postalCode": "5970", "city": "Ærøskøbing"},
}
CHART: dict[str, Any] = {
    "patient": {"id": "7", "name": "Åse Ærøskov", "cpr": "0203754321", "birthDate": None, "sex": "unknown"},
    "location": None,
    "allergies": [],
    "medication": [
        {
            "id": "9",
            "state": "on-hold",
            "atc": "H03AA01",
            "drug": "Eltroxin",
            "strengthMg": "0.10",
            "dose": "1",
            "unit": "{tablet}",
            "intervalSeconds": 86400,
            "text": "1 tablet daglig",
            "start": "2026-03-01T08:00:00+00:00",
            "end": None,
        }
    ],
    "results": [],
}


def copy(**changes: Any) -> dict[str, Any]:
    """Return what an answer says of a copy that was taken five hours before this moment."""
    taken = datetime.now(UTC) - timedelta(hours=5)
    return {"takenAt": taken.isoformat(), "ageSeconds": 5 * 3600} | changes


@pytest.fixture
def server(stand_in: StandIn, recorder: Recorder) -> Iterator[DowntimeServer]:
    with JsonClient(stand_in.url, recorder, timeout_s=2) as client:
        yield DowntimeServer(client)


def test_a_chart_is_read(stand_in: StandIn, server: DowntimeServer) -> None:
    """What is not there is empty; digits and age stay."""
    stand_in.answers({**CHART, "copy": copy()})
    chart = server.chart_of(PATIENT)
    assert chart is not None
    assert (chart.ward, chart.admitted_at, chart.age) == ("", None, timedelta(hours=5))
    assert (chart.person.home, chart.person.birth_date, chart.person.sex) == (None, None, None)
    (order,) = chart.medication
    assert (order.state, str(order.prescription.strength_mg)) == (OrderState.PAUSED, "0.10")


def test_who_somebody_is_and_where_they_lie_is_read(stand_in: StandIn, server: DowntimeServer) -> None:
    """From a list, from a ward, and from the chart."""
    since = "2026-03-01T08:00:00+00:00"
    stand_in.answers({"copy": copy(), "patients": [PERSON]})
    stand_in.answers({"copy": copy(), "ward": "Ø3", "patients": [{**PERSON, "admittedAt": since}]})
    stand_in.answers({**CHART, "copy": copy(), "patient": PERSON, "location": {"ward": "Ø3", "admittedAt": since}})
    (found,) = server.find_by_cpr("0203754321")
    (bed,) = server.beds_of("Ø3")
    chart = server.chart_of(PATIENT)
    assert (found.birth_date, found.sex) == (date(1975, 3, 2), Sex.FEMALE)
    assert found.home == Address("Ærøgade 12", "5970", "Ærøskøbing")
    assert chart is not None
    assert (bed.person, chart.person) == (found, found)
    assert (chart.ward, chart.admitted_at) == ("Ø3", bed.admitted_at)


@pytest.mark.parametrize(
    "said",
    [{"takenAt": "2026-03-01T08:00:00+00:00"}, {"ageSeconds": 1}, {"ageSeconds": None}],
    ids=["taken long ago", "a second old", "without an age"],
)
def test_a_copy_that_does_not_say_how_old_it_is_is_the_candidates_fault(
    stand_in: StandIn, server: DowntimeServer, said: dict[str, Any]
) -> None:
    """An old copy that is taken for a new one is worse than none."""
    stand_in.answers({**CHART, "copy": copy(**said)})
    with pytest.raises(CandidateFault, match=r"that is not now|ageSeconds is None"):
        server.chart_of(PATIENT)


def test_the_copy_says_whether_it_reaches_the_record(stand_in: StandIn, server: DowntimeServer) -> None:
    """In words that are known."""
    for said in ("reachable", "unreachable", "perhaps"):
        stand_in.answers({"copy": copy(), "primary": said})
    assert (server.reaches_record(), server.reaches_record()) == (True, False)
    with pytest.raises(CandidateFault, match="'perhaps'"):
        server.reaches_record()


def test_an_entry_about_somebody_else_is_the_candidates_fault(stand_in: StandIn, server: DowntimeServer) -> None:
    """The trail of one patient tells of nobody else."""
    stand_in.answers({"copy": copy(), "entries": [{"patient": "8"}]})
    with pytest.raises(CandidateFault, match="1 entries in the trail of patient 7 are about others"):
        server.trail_of(PATIENT)


def test_who_is_not_there_and_who_may_not_be_seen_are_told_apart(stand_in: StandIn, server: DowntimeServer) -> None:
    """No chart is a None, a denial an error."""
    stand_in.answers({}, status=404)
    assert server.chart_of(PATIENT) is None
    stand_in.answers({}, status=403)
    with pytest.raises(AccessDenied):
        server.chart_of(PATIENT)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"state": "stopped"}, "not to be given"),
        ({"dose": "one"}, "dose on the copy is 'one'"),
        ({"strengthMg": None}, "strengthMg is None"),
        ({"intervalSeconds": 0}, "cannot be given"),
    ],
)
def test_an_order_that_a_ward_could_not_follow_is_the_candidates_fault(
    stand_in: StandIn, server: DowntimeServer, changes: dict[str, Any], told: str
) -> None:
    """A copy is what patients are treated by."""
    chart = deepcopy(CHART) | {"copy": copy()}
    chart["medication"][0].update(changes)
    stand_in.answers(chart)
    with pytest.raises(CandidateFault, match=told):
        server.chart_of(PATIENT)


def test_every_change_that_is_not_refused_is_named(stand_in: StandIn, server: DowntimeServer) -> None:
    """A crash is no refusal."""
    for status in (405, 200, 500, 403):
        stand_in.answers({"error": "the copy is for reading"}, status=status)
    assert server.accepted_changes(PATIENT) == ["PUT answered 200", "PATCH answered 500"]


@pytest.mark.parametrize("body", [{}, {"error": " "}])
def test_a_refusal_that_does_not_say_why_is_the_candidates_fault(
    stand_in: StandIn, server: DowntimeServer, body: dict[str, str]
) -> None:
    """Who stands there while the record is down has nobody else to ask."""
    for _ in range(4):
        stand_in.answers(body, status=405)
    with pytest.raises(CandidateFault, match=r"error is missing|does not say why"):
        server.accepted_changes(PATIENT)


def test_the_list_of_another_ward_is_the_candidates_fault(stand_in: StandIn, server: DowntimeServer) -> None:
    """A list that hangs on the wrong ward is worse than none."""
    stand_in.answers({"copy": copy(), "ward": "Ø4", "patients": []})
    with pytest.raises(CandidateFault, match="the list of 'Ø3' was asked for, and that of 'Ø4' came"):
        server.beds_of("Ø3")
