"""Every verb makes its entry: what was done, to which resource, by whom; neither none nor several."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from epjgate.drivers.admin import moment
from epjgate.drivers.dsl import PatientRef
from epjgate.drivers.fhir import FhirAnswer, FhirClient
from epjgate.drivers.sent import as_sent
from epjgate.model.person import Person
from population.cpr import CPR_SYSTEM
from population.fhir_r4 import observation, patient

if TYPE_CHECKING:
    from suites.contracts.audit.conftest import Chart, Trail

pytestmark = [
    pytest.mark.needs("patients", "laboratory", "medication", "audit", "access_control"),
    pytest.mark.severity("critical"),
    pytest.mark.rule("audit-one-entry-an-interaction"),
]

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def split(reference: str) -> tuple[str, str]:
    """Return type and id of a reference."""
    resource_type, _, resource_id = reference.partition("/")
    return resource_type, resource_id


@pytest.mark.rule("audit-create")
def test_a_create_is_an_entry(doctor: FhirClient, chart: Chart, trail: Trail) -> None:
    """A new result: one entry, C, about the resource that was made."""
    made: list[str] = []

    def act() -> None:
        made.append(doctor.create(observation(chart.patient)).expect(201).id)

    (entry,) = trail.told(split(chart.patient)[1], act)
    assert (entry.action, entry.succeeded, entry.role, entry.activity) == ("C", True, "doctor", "create")
    assert entry.about == f"Observation/{made[0]}"


@pytest.mark.rule("audit-create")
def test_a_registration_is_the_first_entry(
    doctor: FhirClient, users: Callable[[str | None], FhirClient], person: Person, trail: Trail
) -> None:
    """The trail of a patient begins with the registration, by the one who did it."""
    made = users("secretary").create(patient(person)).expect(201).id
    first = trail.told(made, partial(doctor.read, "Patient", made))
    (registered,) = [event for event in trail.of(made) if event["action"] == "C"]
    assert registered["id"] == trail.of(made)[0]["id"]
    assert registered["agent"][0]["role"][0]["coding"][0]["code"] == "secretary"
    assert [(entry.action, entry.role) for entry in first] == [("R", "doctor")]


@pytest.mark.rule("audit-read")
@pytest.mark.parametrize("part", ["patient", "result", "order"])
def test_a_read_is_an_entry(nurse: FhirClient, chart: Chart, trail: Trail, part: str) -> None:
    """A patient, a result or an order is read: one entry, R, about it, in the trail of its patient."""
    what = getattr(chart, part)
    (entry,) = trail.told(split(chart.patient)[1], lambda: nurse.read(*split(what)).expect(200))
    assert (entry.action, entry.succeeded, entry.role, entry.about) == ("R", True, "nurse", what)
    assert entry.activity == "read"


@pytest.mark.rule("audit-vread")
def test_a_read_of_an_old_version_is_an_entry(nurse: FhirClient, chart: Chart, trail: Trail) -> None:
    """The first version of a result: one entry, R, about it."""
    read = partial(nurse.vread, *split(chart.result), "1")
    (entry,) = trail.told(split(chart.patient)[1], lambda: read().expect(200))
    assert (entry.action, entry.succeeded, entry.role, entry.activity) == ("R", True, "nurse", "vread")
    assert entry.about.partition("/_history/")[0] == chart.result


@pytest.mark.rule("audit-history")
def test_a_history_is_an_entry(nurse: FhirClient, chart: Chart, trail: Trail) -> None:
    """All versions of a result: one entry about it."""
    (entry,) = trail.told(split(chart.patient)[1], lambda: nurse.history(*split(chart.result)).expect(200))
    assert entry.action in ("R", "E")
    assert (entry.succeeded, entry.role, entry.about) == (True, "nurse", chart.result)
    assert entry.activity.startswith("history")


@pytest.mark.rule("audit-search")
@pytest.mark.parametrize("how", ["GET", "POST"])
def test_a_search_is_an_entry(nurse: FhirClient, chart: Chart, trail: Trail, how: str) -> None:
    """The results of a patient are listed, by GET or in a form: one entry, E, about the type that was searched."""
    patient_id = split(chart.patient)[1]

    def act() -> FhirAnswer:
        if how == "GET":
            return nurse.search("Observation", {"patient": patient_id}).expect(200)
        return nurse.request("POST", "Observation/_search", body=f"patient={patient_id}", headers=FORM).expect(200)

    (entry,) = trail.told(patient_id, act)
    assert (entry.action, entry.succeeded, entry.role, entry.about) == ("E", True, "nurse", "Observation")
    assert entry.activity.startswith("search")


@pytest.mark.rule("audit-search", "audit-citizen-sees-every-look")
def test_everybody_in_a_list_has_an_entry(
    nurse: FhirClient, patient: PatientRef, bystander: PatientRef, trail: Trail
) -> None:
    """A list that shows two patients is a look into both records."""
    both = {"_id": f"{patient.id},{bystander.id}"}
    shown: list[int] = []
    mine = trail.told(patient.id, lambda: shown.append(len(nurse.search("Patient", both).expect(200).matches)))
    others = trail.told(bystander.id, lambda: nurse.search("Patient", both).expect(200))
    assert shown == [2]
    assert [(entry.action, entry.role) for entry in mine] == [("E", "nurse")]
    assert [(entry.action, entry.role) for entry in others] == [("E", "nurse")]


@pytest.mark.rule("audit-search-nothing-found")
@pytest.mark.parametrize("params", [{}, {"_summary": "count"}], ids=["listed", "counted"])
def test_a_search_that_finds_nothing_is_an_entry(
    nurse: FhirClient, patient: PatientRef, trail: Trail, params: dict[str, str]
) -> None:
    """That a patient has no allergies is learned about that patient: one entry in the patient's trail."""
    search = partial(nurse.search, "AllergyIntolerance", {"patient": f"Patient/{patient.id}", **params})
    (entry,) = trail.told(patient.id, lambda: search().expect(200))
    assert (entry.action, entry.succeeded, entry.role, entry.about) == ("E", True, "nurse", "AllergyIntolerance")


@pytest.mark.rule("audit-search-nothing-found")
def test_a_search_for_nobody_is_an_entry(
    users: Callable[[str | None], FhirClient], people: Callable[[int], list[Person]]
) -> None:
    """Who is asked for and not known has no trail; the trail of the whole record has the question."""
    (nobody,) = people(1)
    began = datetime.now(UTC) - timedelta(seconds=2)
    users("secretary").search("Patient", {"identifier": f"{CPR_SYSTEM}|{nobody.cpr}"}).expect(200)
    asked = [
        event
        for event in as_sent(users("auditor").search_all("AuditEvent", {"_count": "500"}, page_limit=500))
        if event["action"] == "E" and event["agent"][0]["role"][0]["coding"][0]["code"] == "secretary"
    ]
    about_nobody = [event for event in asked if [one.get("name") for one in event["entity"]] == ["Patient"]]
    assert about_nobody != []
    assert moment(about_nobody[-1]["recorded"], "recorded") >= began


@pytest.mark.rule("audit-update")
def test_an_update_is_an_entry(doctor: FhirClient, chart: Chart, trail: Trail) -> None:
    """A result is changed: one entry, U, about it."""
    known = doctor.read(*split(chart.result)).expect(200).resource
    change = partial(doctor.update, {**known, "status": "amended"})
    (entry,) = trail.told(split(chart.patient)[1], lambda: change().expect(200))
    assert (entry.action, entry.succeeded, entry.role, entry.about) == ("U", True, "doctor", chart.result)
    assert entry.activity == "update"


@pytest.mark.rule("audit-patch")
def test_a_patch_is_an_entry_served_or_not(doctor: FhirClient, chart: Chart, trail: Trail) -> None:
    """A JSON Patch of a result: one entry about its patient, which says that it succeeded only where it did."""
    answers: list[FhirAnswer] = []

    def act() -> None:
        patch = b'[{"op": "replace", "path": "/status", "value": "amended"}]'
        headers = {"Content-Type": "application/json-patch+json"}
        answers.append(doctor.request("PATCH", chart.result, body=patch, headers=headers))

    (entry,) = trail.told(split(chart.patient)[1], act)
    assert entry.succeeded == (answers[0].status < 300)
    assert (entry.role, entry.about) == ("doctor", chart.result)


@pytest.mark.rule("audit-delete")
def test_a_deletion_is_an_entry(doctor: FhirClient, chart: Chart, trail: Trail) -> None:
    """A result is deleted: one entry, D, about it, in the trail of the patient whose it was."""
    (entry,) = trail.told(split(chart.patient)[1], lambda: doctor.delete(*split(chart.result)).expect(200, 204))
    assert (entry.action, entry.succeeded, entry.role, entry.about) == ("D", True, "doctor", chart.result)
    assert entry.activity == "delete"


@pytest.mark.rule("audit-transaction")
def test_a_transaction_is_an_entry_for_each_of_its_entries(doctor: FhirClient, chart: Chart, trail: Trail) -> None:
    """A create, an update and a deletion in one bundle are three entries."""
    known = doctor.read(*split(chart.result)).expect(200).resource
    bundle = transaction(
        ("POST", "Observation", observation(chart.patient)),
        ("PUT", chart.result, {**known, "status": "amended"}),
        ("DELETE", chart.order, None),
    )
    entries = trail.told(split(chart.patient)[1], lambda: doctor.transaction(bundle).expect(200))
    assert sorted(entry.action for entry in entries) == ["C", "D", "U"]
    assert {(entry.succeeded, entry.role) for entry in entries} == {(True, "doctor")}
    assert {chart.result, chart.order} <= {entry.about for entry in entries}


@pytest.mark.rule("audit-transaction", "audit-denied")
def test_a_transaction_that_fails_says_so_of_each_entry(nurse: FhirClient, chart: Chart, trail: Trail) -> None:
    """A nurse's bundle with a deletion that is not hers to make: nothing is done, and no entry says that it was."""
    bundle = transaction(("POST", "Observation", observation(chart.patient)), ("DELETE", chart.order, None))
    answers: list[FhirAnswer] = []
    entries = trail.told(split(chart.patient)[1], lambda: answers.append(nurse.transaction(bundle)))
    assert answers[0].status == 403, answers[0].describe()
    assert sorted(entry.action for entry in entries) == ["C", "D"]
    assert {(entry.succeeded, entry.role) for entry in entries} == {(False, "nurse")}


def transaction(*entries: tuple[str, str, dict[str, object] | None]) -> dict[str, object]:
    """Return a transaction of entries (method, URL, resource or None)."""
    made = [
        {"request": {"method": method, "url": url}, **({"resource": resource} if resource else {})}
        for method, url, resource in entries
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": made}
