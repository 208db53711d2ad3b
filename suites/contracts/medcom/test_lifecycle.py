"""The life of a stay: what is notified, in which order, under which episode, and what never is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from epjgate.drivers.dsl import DeliveryState, Epj, PatientRef
from epjgate.drivers.fhir import FhirClient, value_at
from epjgate.model.person import Person, Sex
from population.fhir_r4 import encounter

if TYPE_CHECKING:
    from suites.contracts.medcom.conftest import Mailbox

pytestmark = [
    pytest.mark.needs("patients", "encounters", "hospital_notifications"),
    pytest.mark.severity("blocker"),
]

NOTICE = "hospital-notification-message"
WARD = "Medicinsk afsnit Å2"

Document = dict[str, Any]
Clock = Callable[[str], datetime]
Told = Callable[[], list[Document]]


@pytest.fixture
def told(mailbox: Mailbox, patient: PatientRef, person: Person) -> Told:
    """Call it for what the municipality has been told of the patient's stays."""
    return lambda: mailbox.documents(patient, person.cpr, NOTICE)


def resource(message: Document, kind: str) -> Document:
    """Return the first resource of type `kind`."""
    found = [value_at(entry, "resource") for entry in value_at(message, "entry")]
    return dict(value_at([one for one in found if one.get("resourceType") == kind], 0))


def statuses(messages: list[Document]) -> list[str]:
    """Return the state of the stay in each message."""
    return [value_at(resource(message, "Encounter"), "status") for message in messages]


def episodes(messages: list[Document]) -> list[str]:
    """Return the identifier of the episode in each message."""
    path = ("episodeOfCare", 0, "identifier", "value")
    return [value_at(resource(message, "Encounter"), *path) for message in messages]


@pytest.mark.rule("medcom-lifecycle-order")
def test_a_stay_is_notified_step_by_step(epj: Epj, patient: PatientRef, at: Clock, told: Told) -> None:
    """Admission, leave, return, leave again, return and discharge: each once, in the order in which they happened."""
    stay = epj.admit(patient, at("2026-02-02 09:00"), WARD)
    for day in ("2026-02-04 12:00", "2026-02-07 12:00"):
        stay = epj.end_leave(epj.send_on_leave(stay, at(day)))
    epj.discharge(stay, at("2026-02-09 10:00"), "DI109")
    expected = ["in-progress", "onleave", "in-progress", "onleave", "in-progress", "finished"]
    assert statuses(told()) == expected, "the steps of a stay are not notified in their order"


@pytest.mark.rule("medcom-lifecycle-same-episode", "medcom-new-ids-for-each-message")
def test_a_stay_is_one_episode(epj: Epj, patient: PatientRef, at: Clock, told: Told) -> None:
    """Both stays of a patient keep their own identifier throughout, and no message has an identity twice."""
    for begin, end in (("2026-02-02 09:00", "2026-02-06 10:00"), ("2026-03-02 09:00", "2026-03-06 10:00")):
        epj.discharge(epj.admit(patient, at(begin), WARD), at(end), "DI109")
    messages = told()
    first, *others = episodes(messages)
    assert [one == first for one in others] == [True, False, False], "the episodes of two stays are mixed up"
    assert others[1] == others[2], "one stay has two episodes"
    bundles = [value_at(message, "id") for message in messages]
    headers = [value_at(message, "entry", 0, "resource", "id") for message in messages]
    assert len({*bundles, *headers}) == 2 * len(messages), "two messages have an identity in common"


@pytest.mark.rule("medcom-lifecycle-discharge-from-leave")
def test_who_goes_home_from_leave_is_discharged(epj: Epj, patient: PatientRef, at: Clock, told: Told) -> None:
    """The municipality learns that nobody comes back to the hospital."""
    stay = epj.send_on_leave(epj.admit(patient, at("2026-02-02 09:00"), WARD), at("2026-02-04 12:00"))
    epj.discharge(stay, at("2026-02-06 10:00"), "DI109")
    assert statuses(told()) == ["in-progress", "onleave", "finished"], "a discharge from leave is not notified"


@pytest.mark.rule("medcom-lifecycle-cancellation", "medcom-lifecycle-nothing-after-end")
@pytest.mark.parametrize(
    ("steps", "activity"),
    [
        ((), "cancel-admit-inpatient"),
        (("leave",), "cancel-admit-inpatient"),
        (("discharge",), "cancel-discharge-inpatient-home"),
    ],
    ids=["admitted", "on leave", "discharged"],
)
def test_what_was_entered_in_error_is_taken_back(
    epj: Epj, patient: PatientRef, at: Clock, told: Told, steps: tuple[str, ...], activity: str
) -> None:
    """Whatever was told last is taken back, and then nothing more is told of that stay."""
    stay = epj.admit(patient, at("2026-02-02 09:00"), WARD)
    if "leave" in steps:
        stay = epj.send_on_leave(stay, at("2026-02-04 12:00"))
    if "discharge" in steps:
        stay = epj.discharge(stay, at("2026-02-06 10:00"), "DI109")
    epj.strike_out_encounter(stay)
    messages = told()
    assert statuses(messages)[-1] == "entered-in-error", "a stay that never was is not taken back"
    assert statuses(messages).count("entered-in-error") == 1, "a stay is taken back twice"
    assert len(set(episodes(messages))) == 1, "another episode is taken back"
    coding = value_at(resource(messages[-1], "Provenance"), "activity", "coding", 0, "code")
    assert coding == activity, "something else is taken back"


@pytest.mark.needs("delivery_ledger")
@pytest.mark.rule("medcom-lifecycle-nothing-after-end")
def test_a_stay_that_is_over_does_not_begin_again(
    epj: Epj, fhir: FhirClient, mailbox: Mailbox, patient: PatientRef, at: Clock, told: Told
) -> None:
    """A correction of the diagnosis afterwards is none of the municipality's business."""
    stay = epj.discharge(epj.admit(patient, at("2026-02-02 09:00"), WARD), at("2026-02-06 10:00"), "DI109")
    corrected = fhir.read("Encounter", stay.id).expect(200).resource
    corrected["reasonCode"] = [{"text": "Atrieflimren"}]
    fhir.update(corrected).expect(200)
    assert statuses(told()) == ["in-progress", "finished"], "something is notified after the discharge"
    assert {one.state for one in mailbox.ledger(patient)} == {DeliveryState.ACKNOWLEDGED}, "a message was refused"


@pytest.mark.rule("medcom-lifecycle-only-what-is-notified")
def test_only_stays_are_notified(epj: Epj, fhir: FhirClient, patient: PatientRef, at: Clock, told: Told) -> None:
    """An ambulatory contact and a stay entered when it was over are not notified; the next admission is."""
    fhir.create(encounter(f"Patient/{patient.id}")).expect(201)
    over = {"period": {"start": "2026-01-02T08:00:00+01:00", "end": "2026-01-05T08:00:00+01:00"}, "status": "finished"}
    inpatient = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"}
    fhir.create(encounter(f"Patient/{patient.id}", **{"class": inpatient}, **over)).expect(201)
    epj.admit(patient, at("2026-02-02 09:00"), WARD)
    assert statuses(told()) == ["in-progress"], "something else than an admission is notified"


@pytest.mark.needs("replacement_cpr", "delivery_ledger")
@pytest.mark.rule("medcom-lifecycle-only-what-is-notified")
def test_who_has_no_cpr_number_is_not_notified(epj: Epj, at: Clock, mailbox: Mailbox) -> None:
    """No municipality can be found for an unknown person, and nothing is sent under a number of the hospital's own."""
    unknown = epj.register_unknown_patient(Sex.MALE, date(1980, 3, 15))
    epj.admit(unknown, at("2026-02-02 09:00"), WARD)
    epj.wait_for_deliveries(unknown)
    assert mailbox.ledger(unknown) == [], "a person without a CPR number is notified"
