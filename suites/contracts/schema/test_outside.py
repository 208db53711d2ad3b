"""What leaves the record, and what is kept of who did what: once, whichever release somebody worked with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from epjgate.drivers.dsl import Access, DeliveryState, Epj, Investigation, PatientRef, Prescription, Receiver
from epjgate.evidence.recorder import Recorder
from epjgate.model.person import Person
from epjgate.model.target import Target
from epjgate.partners.client import Partners

if TYPE_CHECKING:
    from suites.contracts.schema.conftest import Pair

pytestmark = [pytest.mark.needs("patients"), pytest.mark.severity("blocker")]

Moment = Callable[[str], datetime]
# The release that delivers may learn only after a pause that the other one has queued something.
LIMIT_S = 20.0
SENT = {
    Receiver.SHARED_MEDICATION_RECORD: 1,
    Receiver.NATIONAL_REGISTER: 2,
    Receiver.HOSPITAL_NOTIFICATIONS: 2,
}


@pytest.fixture
def partners(target: Target, recorder: Recorder) -> Iterator[Partners]:
    """Give a client of the receiving systems that the gate plays."""
    with Partners(target.partners, recorder) as client:
        yield client


@pytest.mark.needs(
    "encounters",
    "medication",
    "shared_medication_record",
    "national_register",
    "hospital_notifications",
    "delivery_ledger",
)
@pytest.mark.rule("schema-delivered-once")
@pytest.mark.parametrize("handed_over", [False, True], ids=["by one release", "begun by one, ended by the other"])
def test_each_receiver_hears_of_it_once(
    pair: Pair,
    known: PatientRef,
    person: Person,
    prescription: Prescription,
    at: Moment,
    partners: Partners,
    handed_over: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """A stay and a drug: every receiver gets each message once, the discharge after the admission, and says so."""
    pair.writer.prescribe(known, prescription)
    stay = pair.writer.admit(known, at("2026-01-12 07:30"), "Børneafsnit Å2")
    (pair.reader if handed_over else pair.writer).discharge(stay, at("2026-01-14 15:10"), "DI109")
    assert pair.reader.wait_for_deliveries(known, within_s=LIMIT_S), "something is still on its way"
    for receiver, count in SENT.items():
        arrived = partners.received(receiver.partner, person.cpr)
        assert [(one.accepted, one.repeated) for one in arrived] == [(True, False)] * count, f"at the {receiver}"
    reports = pair.reader.national_reports_of(person, within_s=LIMIT_S)
    assert [one.end for one in reports] == [None, at("2026-01-14 15:10")]


@pytest.mark.needs("orders", "laboratory_requisitions", "delivery_ledger")
@pytest.mark.rule("schema-delivered-once")
def test_the_laboratory_is_asked_once(
    pair: Pair, known: PatientRef, person: Person, at: Moment, partners: Partners
) -> None:
    """What is ordered through either release reaches the laboratory as one requisition of that order."""
    order = pair.writer.order_lab(known, Investigation("P-Kalium", at("2026-02-03 06:00"), "NPU03230"))
    assert pair.reader.wait_for_deliveries(known, within_s=LIMIT_S), "something is still on its way"
    (requisition,) = pair.reader.requisitions_of(person, within_s=LIMIT_S)
    assert requisition.order == order
    arrived = [one for one in partners.received(Receiver.LABORATORY.partner, person.cpr) if "ORM" in one.kind]
    assert [(one.accepted, one.repeated) for one in arrived] == [(True, False)]


@pytest.mark.needs("medication", "shared_medication_record", "delivery_ledger")
@pytest.mark.rule("schema-delivered-once")
def test_both_tell_the_same_of_the_deliveries(pair: Pair, known: PatientRef, prescription: Prescription) -> None:
    """The ledger is one: whoever asks which message has reached whom gets the same answer from either release."""
    order = pair.writer.prescribe(known, prescription)
    pair.reader.stop_medication(order, prescription.start)
    assert pair.writer.wait_for_deliveries(known, within_s=LIMIT_S), "something is still on its way"
    ledger = pair.writer.deliveries_of(known)
    assert ledger == pair.reader.deliveries_of(known)
    to_record = [one for one in ledger if one.receiver is Receiver.SHARED_MEDICATION_RECORD]
    assert [(one.state, one.attempts) for one in to_record] == [(DeliveryState.ACKNOWLEDGED, 1)] * 2


@pytest.mark.needs("medication", "audit", "access_control")
@pytest.mark.rule("schema-audited")
def test_what_is_done_through_either_is_in_the_one_trail(
    pair: Pair, known: PatientRef, prescription: Prescription
) -> None:
    """An order through one release, read through the other: both are in the trail, by the doctor, about that order."""
    order = pair.writer.prescribe(known, prescription)
    pair.reader.medication_orders_of(known)
    trails = [told(release, known) for release in (pair.writer, pair.reader)]
    assert trails[0] == trails[1], "the two releases do not tell the same trail"
    assert (Access.CREATE, "doctor", True, f"MedicationRequest/{order.id}") in trails[0]
    assert [one for one in trails[0] if one[0] is Access.EXECUTE and one[1:3] == ("doctor", True)], (
        "the search is missing"
    )


def told(release: Epj, patient: PatientRef) -> list[tuple[Access, str, bool, str]]:
    """Return what the trail of `patient` says, without the reading of the trail itself."""
    entries = release.read_audit_trail(patient)
    return [(one.access, one.role, one.allowed, one.record) for one in entries if one.role != "auditor"]
