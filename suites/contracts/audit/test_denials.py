"""What was denied, or was not there, is an entry as well: with the patient, the user and the failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from epjgate.drivers.fhir import FhirAnswer, FhirClient
from population.fhir_r4 import medication_request

if TYPE_CHECKING:
    from suites.contracts.audit.conftest import Chart, Trail

pytestmark = [
    pytest.mark.needs("patients", "laboratory", "medication", "audit", "access_control"),
    pytest.mark.severity("critical"),
]

Users = Callable[[str | None], FhirClient]
Attempt = Callable[[FhirClient, "Chart"], FhirAnswer]


def reference(what: str) -> tuple[str, str]:
    """Return type and id of a reference."""
    resource_type, _, resource_id = what.partition("/")
    return resource_type, resource_id


DENIED: dict[str, tuple[str, str, Attempt]] = {
    "a secretary reads a result": ("secretary", "R", lambda user, chart: user.read(*reference(chart.result))),
    "a secretary reads an old version": (
        "secretary",
        "R",
        lambda user, chart: user.vread(*reference(chart.result), "1"),
    ),
    "a secretary lists results": (
        "secretary",
        "E",
        lambda user, chart: user.search("Observation", {"patient": chart.patient}),
    ),
    "a secretary deletes a result": ("secretary", "D", lambda user, chart: user.delete(*reference(chart.result))),
    "a nurse prescribes": ("nurse", "C", lambda user, chart: user.create(medication_request(chart.patient))),
    "a nurse changes an order": (
        "nurse",
        "U",
        lambda user, chart: user.update({**medication_request(chart.patient), "id": reference(chart.order)[1]}),
    ),
    "an auditor opens a patient": ("auditor", "R", lambda user, chart: user.read(*reference(chart.patient))),
}


@pytest.mark.rule("audit-denied", "audit-one-entry-an-interaction")
@pytest.mark.parametrize("what", DENIED)
def test_a_denial_is_an_entry(users: Users, chart: Chart, trail: Trail, what: str) -> None:
    """403, and one entry in the trail of the patient: by whom, what was tried, and that it failed."""
    role, action, attempt = DENIED[what]
    answers: list[FhirAnswer] = []
    (entry,) = trail.told(reference(chart.patient)[1], lambda: answers.append(attempt(users(role), chart)))
    assert answers[0].status == 403, answers[0].describe()
    assert (entry.action, entry.succeeded, entry.role) == (action, False, role)


@pytest.mark.rule("audit-login-failure")
@pytest.mark.parametrize("who", ["with a guessed token", "without a token"])
def test_who_cannot_sign_in_is_an_entry(
    users: Users, stranger: FhirClient, chart: Chart, trail: Trail, who: str
) -> None:
    """401, and an entry in the trail of the patient whom they asked for, by a read and by a search."""
    client = stranger if who == "with a guessed token" else users(None)
    answers: list[FhirAnswer] = []

    def act() -> None:
        answers.append(client.read(*reference(chart.patient)))
        answers.append(client.search("Observation", {"patient": chart.patient}))

    entries = trail.told(reference(chart.patient)[1], act)
    assert [answer.status for answer in answers] == [401, 401]
    assert [entry.succeeded for entry in entries] == [False, False]
    assert not {entry.role for entry in entries} & {"doctor", "nurse", "secretary", "auditor", "integration"}


@pytest.mark.rule("audit-not-found")
def test_what_is_gone_is_an_entry(doctor: FhirClient, chart: Chart, trail: Trail) -> None:
    """A read of a deleted result fails, and is in the trail of the patient whose it was."""
    doctor.delete(*reference(chart.result)).expect(200, 204)
    answers: list[FhirAnswer] = []
    (entry,) = trail.told(reference(chart.patient)[1], lambda: answers.append(doctor.read(*reference(chart.result))))
    assert answers[0].status in (404, 410), answers[0].describe()
    assert (entry.action, entry.succeeded, entry.role, entry.about) == ("R", False, "doctor", chart.result)


@pytest.mark.rule("audit-not-found")
def test_a_change_that_is_refused_is_an_entry(doctor: FhirClient, chart: Chart, trail: Trail) -> None:
    """An update of a version that is no longer current changes nothing, and is told as a failure."""
    known = doctor.read(*reference(chart.result)).expect(200).resource
    doctor.update({**known, "status": "amended"}).expect(200)
    answers: list[FhirAnswer] = []
    (entry,) = trail.told(
        reference(chart.patient)[1],
        lambda: answers.append(doctor.update({**known, "status": "cancelled"}, if_match="1")),
    )
    assert answers[0].status in (409, 412), answers[0].describe()
    assert (entry.action, entry.succeeded, entry.role, entry.about) == ("U", False, "doctor", chart.result)
