"""Words about what arrived at receiving systems, from the reference EPJ."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from epjgate.drivers.dsl import (
    EncounterState,
    Epj,
    Investigation,
    NoticeKind,
    OrderState,
    PatientRef,
    Prescription,
    Receiver,
    SharedMedicationRecord,
)
from epjgate.errors import CapabilityMissing, UsageError
from epjgate.evidence.recorder import Recorder
from epjgate.model.partner import Fault, Received
from epjgate.model.person import Person
from epjgate.model.target import Endpoint, Target
from epjgate.partners.client import Partners

if TYPE_CHECKING:
    from tests.drivers.conftest import StandIn
    from tests.drivers.dsl.conftest import FhirMemory

Somebody = Callable[[], Person]


def test_the_shared_record_holds_what_the_chart_holds(
    clinic: Epj, somebody: Somebody, amoxicillin: Prescription
) -> None:
    """Every order, in its state, as it was prescribed; a pause says since when."""
    patient = clinic.register_patient(somebody())
    paused = clinic.prescribe(patient, amoxicillin)
    stopped = clinic.prescribe(patient, replace(amoxicillin, interval=timedelta(days=7), end=None))
    clinic.pause_medication(paused)
    clinic.stop_medication(stopped, amoxicillin.start + timedelta(days=3))
    card = clinic.shared_medication_record_of(patient)
    assert {one.order: one.prescription for one in card.medications} == {
        one.ref: one.prescription for one in clinic.medication_orders_of(patient)
    }
    first, second = card.of(paused), card.of(stopped)
    assert first is not None
    assert second is not None
    assert (first.state, first.paused_from is None) == (OrderState.PAUSED, False)
    assert (second.state, second.paused_from) == (OrderState.STOPPED, None)
    assert (card.version, card.of(replace(stopped, id="another"))) == (4, None)


def test_who_has_no_card_has_an_empty_one(clinic: Epj, somebody: Somebody) -> None:
    """Nothing arrived, and that is an answer."""
    assert clinic.shared_medication_record_of(clinic.register_patient(somebody())) == SharedMedicationRecord()


def test_a_stay_reaches_register_municipality_and_laboratory(
    clinic: Epj, somebody: Somebody, morning: datetime
) -> None:
    """Each is told in its own form, in order, each once."""
    person = somebody()
    patient = clinic.register_patient(person)
    stay = clinic.admit(patient, morning, "Ø3")
    clinic.send_on_leave(stay, morning + timedelta(hours=5))
    clinic.end_leave(stay)
    clinic.discharge(stay, morning + timedelta(days=2), "DI109")
    first, last = clinic.national_reports_of(patient)
    assert (first.document, first.version, first.end, first.diagnosis) == (last.document, 1, None, "")
    assert (last.cpr, last.sex, last.birth_date) == (person.cpr, person.sex, person.birth_date)
    assert (last.begin, last.end, last.diagnosis) == (morning, morning + timedelta(days=2), "DI109")
    notified = clinic.notifications_of(patient)
    states = [EncounterState.ADMITTED, EncounterState.ON_LEAVE, EncounterState.ADMITTED, EncounterState.DISCHARGED]
    assert [one.state for one in notified] == states
    assert {(one.cpr, one.episode) for one in notified} == {(person.cpr, last.contact)}
    notices = clinic.laboratory_notices_of(patient)
    assert [(one.kind, one.ward) for one in notices] == [(NoticeKind.ADMITTED, "Ø3"), (NoticeKind.DISCHARGED, "Ø3")]
    assert (notices[0].family_name, notices[0].given_names) == (person.family_name, person.given_names)


def test_a_struck_out_stay_is_withdrawn(clinic: Epj, somebody: Somebody, morning: datetime) -> None:
    """Register and municipality hear of the error."""
    patient = clinic.register_patient(somebody())
    clinic.strike_out_encounter(clinic.admit(patient, morning, "Ø3"))
    assert [one.nullified for one in clinic.national_reports_of(patient)] == [False, True]
    assert clinic.notifications_of(patient)[-1].state is EncounterState.ENTERED_IN_ERROR


def test_an_order_reaches_the_department_that_does_it(clinic: Epj, somebody: Somebody, morning: datetime) -> None:
    """With its own identity, for its own person."""
    person = somebody()
    patient = clinic.register_patient(person)
    glucose = clinic.order_lab(patient, Investigation("P-Glukose", morning, "NPU02192"))
    thorax = clinic.order_imaging(patient, Investigation("Røntgen af thorax", morning))
    found = clinic.requisitions_of(person)
    assert [(one.receiver, one.order, one.name) for one in found] == [
        (Receiver.LABORATORY, glucose, "P-Glukose"),
        (Receiver.IMAGING, thorax, "Røntgen af thorax"),
    ]
    assert (found[0].code, found[0].cpr, found[0].family_name) == ("NPU02192", person.cpr, person.family_name)


def test_a_merge_reaches_the_laboratory(clinic: Epj, somebody: Somebody) -> None:
    """Which number went up in which."""
    gone, kept = somebody(), somebody()
    clinic.merge_patients(clinic.register_patient(gone), clinic.register_patient(kept))
    (notice,) = clinic.laboratory_notices_of(kept)
    assert (notice.kind, notice.merged_from, notice.cpr) == (NoticeKind.MERGED, gone.cpr, kept.cpr)


def test_without_a_ledger_a_quiet_time_stands_in(
    reference: Target, recorder: Recorder, somebody: Somebody, amoxicillin: Prescription
) -> None:
    """It takes longer, and reads the same."""
    without = {name: by for name, by in reference.capabilities.items() if name != "delivery_ledger"}
    target = reference.model_copy(update={"capabilities": without})
    with Partners(target.partners) as partners, Epj(target, recorder, partners=partners) as clinic:
        patient = clinic.register_patient(somebody())
        order = clinic.prescribe(patient, amoxicillin)
        assert clinic.shared_medication_record_of(patient).of(order) is not None


def test_receivers_that_nobody_plays_are_not_asked(reference: Target, recorder: Recorder, somebody: Somebody) -> None:
    """Without a ledger, all deliveries are those to receivers that there are."""
    served = {"patients": "fhir_r4", "national_register": "partners"}
    target = reference.model_copy(update={"capabilities": served})
    with Partners(target.partners) as partners, Epj(target, recorder, partners=partners) as clinic:
        assert clinic.wait_for_deliveries(clinic.register_patient(somebody()))


@dataclass
class Late:
    """A register that one report reaches some time after it is first asked."""

    report: Received
    after_s: float
    asked_at: float = 0.0

    def received(self, partner: str, about: str) -> tuple[Received, ...]:
        """Return the report once its time has come."""
        self.asked_at = self.asked_at or time.monotonic()
        here = time.monotonic() - self.asked_at >= self.after_s
        return (self.report,) if here and (partner, about in self.report.text) == ("lpr3", True) else ()

    def medicine_card(self, partner: str, cpr: str) -> str | None:
        """Refuse: nobody asks for cards here."""
        raise NotImplementedError(partner, cpr)

    def add_fault(self, partner: str, fault: Fault) -> str:
        """Refuse: nothing misbehaves here."""
        raise NotImplementedError(partner, fault)

    def remove_fault(self, partner: str, fault_id: str) -> None:
        """Refuse, likewise."""
        raise NotImplementedError(partner, fault_id)

    def fault_uses(self, partner: str, fault_id: str) -> int:
        """Refuse, likewise."""
        raise NotImplementedError(partner, fault_id)


def test_an_empty_ledger_is_no_proof_that_nothing_comes(
    stand_in: StandIn, target: Target, recorder: Recorder, memory: FhirMemory, somebody: Somebody
) -> None:
    """What is not in it may be on its way all the same: then a quiet time decides."""
    person = somebody()
    stand_in.otherwise = lambda asked: (
        (lambda handler: handler.say(200, b'{"deliveries": []}', {"Content-Type": "application/json"}))
        if "deliveries" in asked.path
        else memory.answer(asked)
    )
    served = {**target.capabilities, "national_register": "partners", "delivery_ledger": "admin"}
    endpoints = (*target.endpoints, Endpoint(interface="admin", url=stand_in.url))
    silent = target.model_copy(update={"capabilities": served, "endpoints": endpoints})
    report = {
        "DocumentId": "d",
        "Version": 1,
        "Type": "Contact",
        "PersonIdentifier": person.cpr,
        "Sex": person.sex.value,
        "BirthDate": person.birth_date.isoformat(),
        "Contact": {"Identifier": "c", "Begin": "2026-03-01"},
    }
    late = Received(
        partner="lpr3", number=1, at=datetime.now(UTC), kind="POST reports", accepted=True, text=json.dumps(report)
    )
    with Epj(silent, recorder, partners=Late(late, after_s=0.3)) as clinic:
        assert len(clinic.national_reports_of(clinic.register_patient(person))) == 1


def test_what_never_arrives_is_waited_for_no_longer_than_said(
    clinic: Epj, somebody: Somebody, amoxicillin: Prescription
) -> None:
    """The reader returns what is there when its time is up."""
    patient = clinic.register_patient(somebody())
    with clinic.receiver("shared medication record").is_unreachable(patient):
        clinic.prescribe(patient, amoxicillin)
        started = time.monotonic()
        assert not clinic.wait_for_deliveries(patient, within_s=0.5)
        assert clinic.shared_medication_record_of(patient, within_s=0) == SharedMedicationRecord()
        assert time.monotonic() - started < 2
    assert clinic.wait_for_deliveries(patient)
    assert len(clinic.shared_medication_record_of(patient).medications) == 1


def test_reading_a_receiver_is_no_exchange_with_the_candidate(
    clinic: Epj, somebody: Somebody, recorder: Recorder, steps: list[str]
) -> None:
    """It is a step, without a CPR number, and counts for nothing."""
    person = somebody()
    clinic.receiver("laboratory").messages_about(person)
    assert (recorder.count, steps) == (0, ["Read what laboratory received"])
    clinic.requisitions_of(person, within_s=0)
    assert recorder.count == 0


def test_a_number_that_nobody_told_is_asked_of_the_candidate(
    reference: Target, recorder: Recorder, clinic: Epj, somebody: Somebody
) -> None:
    """Another session does not know whom this one registered."""
    patient = clinic.register_patient(somebody())
    with Partners(reference.partners) as partners, Epj(reference, recorder, partners=partners) as other:
        assert other.requisitions_of(PatientRef(patient.id)) == []


def test_a_receiver_that_nobody_knows_is_a_mistake_of_the_test(clinic: Epj) -> None:
    """The known ones are named."""
    with pytest.raises(UsageError, match="'fmk' is no receiver"):
        clinic.receiver("fmk")


def test_a_receiver_that_the_system_does_not_have_is_missing(reference: Target, recorder: Recorder) -> None:
    """A test that disturbs it is not applicable."""
    absent = {"national_register": "it is not reported from here"}
    target = reference.model_copy(update={"capabilities": {"patients": "fhir_r4"}, "absent": absent})
    with Epj(target, recorder) as clinic, pytest.raises(CapabilityMissing, match="not reported from here"):
        clinic.receiver(Receiver.NATIONAL_REGISTER)


def test_doses_keep_their_digits(clinic: Epj, somebody: Somebody, amoxicillin: Prescription) -> None:
    """A thousandth of a tablet arrives as one."""
    patient = clinic.register_patient(somebody())
    order = clinic.prescribe(patient, replace(amoxicillin, dose=Decimal("0.125"), strength_mg=Decimal("0.05")))
    medication = clinic.shared_medication_record_of(patient).of(order)
    assert medication is not None
    assert (str(medication.prescription.dose), str(medication.prescription.strength_mg)) == ("0.125", "0.05")
