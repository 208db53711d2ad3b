"""Words about what a system says of itself, on the reference EPJ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from epjgate.drivers.dsl import (
    Access,
    AccessDenied,
    Allergy,
    DeliveryState,
    DowntimeResult,
    Epj,
    Investigation,
    LabResult,
    PatientRef,
    Prescription,
    Receiver,
)
from epjgate.model.person import Person

Somebody = Callable[[], Person]


def test_the_audit_trail_tells_who_did_what(clinic: Epj, somebody: Somebody, morning: datetime) -> None:
    """Every verb, and every denial, in order, with its user and its source."""
    person = somebody()
    patient = clinic.register_patient(person)
    clinic.read_patient(patient)
    clinic.change_address(patient, replace(person.address, city="Ærøskøbing"))
    with pytest.raises(AccessDenied):
        clinic.signed_in_as("auditor").read_patient(patient)
    clinic.admission_system_admits(person, morning, "Ø3")
    seen = [(one.user, one.access, one.allowed) for one in clinic.read_audit_trail(patient) if one.source == "fhir"]
    assert seen[:2] == [("doctor", Access.CREATE, True), ("doctor", Access.READ, True)]
    assert ("doctor", Access.UPDATE, True) in seen
    assert ("auditor", Access.READ, False) in seen
    assert "hl7v2" in {one.source for one in clinic.read_audit_trail(patient)}


def test_whoever_may_not_read_the_trail_is_told_so(clinic: Epj, somebody: Somebody) -> None:
    """And learns nothing of the person by it."""
    person = somebody()
    patient = clinic.register_patient(person)
    with pytest.raises(AccessDenied) as caught:
        clinic.signed_in_as("nurse").read_audit_trail(patient)
    assert caught.value.reveals(person) == []


def test_the_ledger_tells_what_was_delivered_and_what_never_will_be(
    clinic: Epj, somebody: Somebody, morning: datetime
) -> None:
    """A message without an address alarms; the others are acknowledged."""
    patient = clinic.register_patient(somebody())
    clinic.order_lab(patient, Investigation("P-Glukose", morning, "NPU02192"))
    clinic.order_procedure(patient, Investigation("Koloskopi", morning))
    clinic.wait_for_deliveries(patient)
    found = [(one.receiver, one.state, one.alarm) for one in clinic.deliveries_of(patient)]
    assert found == [
        (Receiver.LABORATORY, DeliveryState.ACKNOWLEDGED, False),
        (Receiver.UNKNOWN, DeliveryState.UNROUTABLE, True),
    ]
    assert [one.receiver for one in clinic.undelivered_of(patient)] == [Receiver.UNKNOWN]


def test_what_is_on_its_way_is_waited_for(clinic: Epj, somebody: Somebody, morning: datetime) -> None:
    """A slow receiver is no undelivered message, as long as there is time; whoever does not wait sees it queued."""
    patient = clinic.register_patient(somebody())
    with clinic.receiver("laboratory").acknowledges_late(patient, seconds=1):
        clinic.order_lab(patient, Investigation("P-Glukose", morning, "NPU02192"))
        assert [one.receiver for one in clinic.undelivered_of(patient, within_s=0)] == [Receiver.LABORATORY]
        assert clinic.undelivered_of(patient) == []


def test_users_are_told_of_a_disturbance(clinic: Epj, somebody: Somebody, amoxicillin: Prescription) -> None:
    """The banner names who is disturbed while it lasts."""
    patient = clinic.register_patient(somebody())
    with clinic.receiver("shared medication record").is_unreachable(patient):
        clinic.prescribe(patient, amoxicillin)
        clinic.wait_for_deliveries(patient, within_s=0.5)
        banner = clinic.status_banner()
    assert banner.text
    assert Receiver.SHARED_MEDICATION_RECORD in banner.disturbed


def test_the_releases_certificates_are_listed(clinic: Epj) -> None:
    """Each with the last moment at which it holds."""
    shipped = clinic.certificates()
    assert shipped
    assert all(certificate.expires_at > datetime.now(UTC) for certificate in shipped)


def test_the_downtime_copy_holds_the_chart(
    clinic: Epj, somebody: Somebody, morning: datetime, amoxicillin: Prescription
) -> None:
    """Who, where, what they do not tolerate, what they take, what was measured; and it is fresh."""
    person = somebody()
    patient = clinic.register_patient(person)
    clinic.admit(patient, morning, "Ø3 æå")
    clinic.record_allergy(patient, Allergy("J01C", "Penicillin"))
    clinic.prescribe(patient, amoxicillin)
    clinic.report_lab_result(
        patient, LabResult("NPU02192", "P-Glukose", Decimal("5.10"), "mmol/L", morning, Decimal("4.2"), Decimal("6.0"))
    )
    asked_at = datetime.now(UTC)
    chart = clinic.downtime_chart(patient)
    assert chart is not None
    assert (chart.patient, chart.cpr, chart.full_name, chart.ward) == (patient, person.cpr, person.full_name, "Ø3 æå")
    assert chart.allergies == (Allergy("J01C", "Penicillin"),)
    assert list(chart.medication) == clinic.medication_orders_of(patient)
    assert chart.results == (
        DowntimeResult("NPU02192", "P-Glukose", Decimal("5.10"), "mmol/L", morning, Decimal("4.2"), Decimal("6.0")),
    )
    assert chart.copied_at > asked_at
    assert chart.admitted_at == morning
    assert clinic.find_on_downtime_copy(person.cpr) == [patient]
    assert clinic.persons_on_downtime_copy(person.cpr, within_s=0) == [chart.person]
    assert (chart.person.home, chart.person.sex) == (person.address, person.sex)
    assert person.full_name in clinic.downtime_ward_list("Ø3 æå")
    assert (chart.person, morning) in [
        (bed.person, bed.admitted_at) for bed in clinic.beds_on_downtime_copy("Ø3 æå", within_s=0)
    ]
    assert clinic.downtime_copy_reaches_record()


def test_searching_the_downtime_copy_waits_for_a_fresh_one(clinic: Epj, somebody: Somebody, morning: datetime) -> None:
    """Who was just registered and admitted is on it; a copy as it is may not have them yet."""
    person, ward = somebody(), "Ø3 ventende"
    patient = clinic.register_patient(person)
    assert clinic.find_on_downtime_copy(person.cpr) == [patient]
    clinic.admit(patient, morning, ward)
    assert clinic.downtime_ward_list(ward) == [person.full_name]


def test_the_downtime_copy_refuses_changes_and_audits_reads(clinic: Epj, somebody: Somebody) -> None:
    """As the record itself does."""
    patient = clinic.register_patient(somebody())
    clinic.downtime_chart(patient)
    assert clinic.changes_accepted_by_downtime_copy(patient) == []
    trail = clinic.read_downtime_audit_trail(patient)
    assert (trail[0].user, trail[0].access, trail[0].allowed) == ("doctor", Access.READ, True)


def test_who_is_not_on_the_copy_has_no_chart(clinic: Epj) -> None:
    """None, and no error."""
    assert clinic.downtime_chart(PatientRef("nobody"), within_s=0) is None
