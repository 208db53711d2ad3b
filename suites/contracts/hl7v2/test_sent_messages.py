"""Every message that the EPJ sends to a department keeps the rules of HL7 v2.5.1, field by field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from epjgate.drivers.dsl import Epj, Investigation
from epjgate.drivers.fhir import FhirClient, Resource
from epjgate.model.partner import Received
from epjgate.model.person import Address, Person
from epjgate.plugin.rules import each_rule
from population.cpr import CPR_OID

Arrived = Callable[..., list[Received]]
At = Callable[[str], datetime]
Field = Callable[[Received, str], str]
People = Callable[[int], list[Person]]
Violations = Callable[[str, str], list[str]]

pytestmark = pytest.mark.needs("laboratory_requisitions", "orders", "encounters", "patient_merge")

# Which kinds of message a rule is about.
EVERY = ("ADT^A01", "ADT^A03", "ADT^A08", "ADT^A40", "ORM^O01")
ABOUT = {
    "hl7v2-evn-recorded": EVERY[:4],
    "hl7v2-pv1-class": EVERY[:3],
    "hl7v2-pv1-ward-and-times": EVERY[:2],
    "hl7v2-mrg-number": EVERY[3:4],
    "hl7v2-orc-control": EVERY[4:],
    "hl7v2-order-number": EVERY[4:],
    "hl7v2-obr-service": EVERY[4:],
}
WARD = "Afsnit Ø & Å|1"
STREET = "Ærøvej 7, st. ^tv."


@pytest.fixture
def sent(epj: Epj, people: People, at: At, fhir: FhirClient, arrived: Arrived) -> dict[str, list[Received]]:
    """What the departments got, by kind, when somebody was admitted, moved, merged, examined and discharged."""
    person, double = people(2)
    patient, other = epj.register_patient(person), epj.register_patient(double)
    stay = epj.admit(patient, at("2026-02-03 08:15"), WARD)
    epj.change_address(patient, Address(STREET, "5970", "Ærøskøbing"))
    order = epj.order_lab(patient, Investigation("P-Kalium", at("2026-02-03 08:30"), "NPU03230"))
    revoke(fhir, order.id)
    epj.order_imaging(patient, Investigation("Røntgen | thorax", at("2026-02-03 08:45")))
    epj.discharge(stay, at("2026-02-04 10:00"))
    epj.merge_patients(other, patient)
    got = [*arrived("laboratory", person, 6), *arrived("imaging", person, 1)]
    return {kind: [one for one in got if one.kind == kind] for kind in EVERY}


@each_rule(
    "hl7v2-msh-once-and-first",
    "hl7v2-segments-end-with-cr",
    "hl7v2-msh-parties",
    "hl7v2-msh-time",
    "hl7v2-times-with-offset",
    "hl7v2-msh-type-trigger-structure",
    "hl7v2-msh-control-id",
    "hl7v2-msh-processing-id",
    "hl7v2-msh-version",
    "hl7v2-msh-charset-declared",
    "hl7v2-charset-used-is-declared",
    "hl7v2-escapes-are-whole",
    "hl7v2-segment-order",
    "hl7v2-evn-recorded",
    "hl7v2-pid-number-with-authority",
    "hl7v2-pid-name",
    "hl7v2-pid-birth-date-and-sex",
    "hl7v2-pv1-class",
    "hl7v2-pv1-ward-and-times",
    "hl7v2-mrg-number",
    "hl7v2-orc-control",
    "hl7v2-order-number",
    "hl7v2-obr-service",
)
@pytest.mark.severity("critical")
def test_every_message_that_is_sent_keeps_the_rule(
    sent: dict[str, list[Received]], violations: Violations, rule: str
) -> None:
    """Admission, discharge, correction, merge, order and cancellation, to the laboratory and to imaging."""
    assert {kind: len(messages) for kind, messages in sent.items()} == dict(zip(EVERY, (1, 1, 1, 1, 3), strict=True))
    concerned = [message for kind in ABOUT.get(rule, EVERY) for message in sent[kind]]
    broken = {f"{one.kind} {one.number}": found for one in concerned if (found := violations(rule, one.text))}
    assert broken == {}


@pytest.mark.rule("hl7v2-out-admission-and-discharge")
@pytest.mark.severity("blocker")
def test_a_stay_is_told(epj: Epj, person: Person, at: At, arrived: Arrived, field: Field) -> None:
    """Who, where and since when; at its end until when: letter by letter, and to the minute."""
    patient = epj.register_patient(person)
    stay = epj.admit(patient, at("2026-02-03 08:15"), WARD)
    epj.discharge(stay, at("2026-02-04 10:00"))
    got = arrived("laboratory", person, 2)
    assert [one.kind for one in got] == ["ADT^A01", "ADT^A03"]
    for one in got:
        assert (field(one, "PID-3.1"), CPR_OID in field(one, "PID-3.4")) == (person.cpr, True)
        assert (field(one, "PID-5.1"), field(one, "PID-5.2")) == (person.family_name, person.given_names[0])
        assert field(one, "PID-7") == f"{person.birth_date:%Y%m%d}"
        assert field(one, "PID-8") == person.sex.value[0].upper()
        assert (field(one, "PID-11.1"), field(one, "PID-11.5")) == (person.address.line, person.address.postal_code)
        assert field(one, "PV1-2") == "I"
        assert field(one, "PV1-3.1") == WARD
        assert moment(field(one, "PV1-44")) == at("2026-02-03 08:15")
    assert field(got[0], "PV1-45") == ""
    assert moment(field(got[1], "PV1-45")) == at("2026-02-04 10:00")


@pytest.mark.rule("hl7v2-out-correction")
@pytest.mark.severity("blocker")
def test_a_correction_is_told(epj: Epj, person: Person, arrived: Arrived, field: Field) -> None:
    """A new address with separators and æøå in it arrives as it was written; the rest is as it was."""
    patient = epj.register_patient(person)
    epj.change_address(patient, Address(STREET, "5970", "Ærøskøbing"))
    (one,) = arrived("laboratory", person, 1)
    assert (one.kind, one.accepted) == ("ADT^A08", True)
    assert [field(one, f"PID-11.{part}") for part in (1, 3, 5)] == [STREET, "Ærøskøbing", "5970"]
    assert (field(one, "PID-3.1"), field(one, "PID-5.1")) == (person.cpr, person.family_name)


@pytest.mark.rule("hl7v2-out-merge")
@pytest.mark.severity("blocker")
def test_a_merge_is_told(epj: Epj, people: People, arrived: Arrived, field: Field) -> None:
    """MRG-1 is the number that goes and PID-3 the one that stays, with the name of who stays: never the other way."""
    gone, stays = people(2)
    stays = replace(stays, family_name="Bliver-Ånd")
    epj.merge_patients(epj.register_patient(gone), epj.register_patient(stays))
    (one,) = arrived("laboratory", gone, 1)
    assert (one.kind, one.accepted) == ("ADT^A40", True)
    assert (field(one, "MRG-1.1"), field(one, "PID-3.1")) == (gone.cpr, stays.cpr)
    assert CPR_OID in field(one, "MRG-1.4")
    assert field(one, "PID-5.1") == "Bliver-Ånd"


@pytest.mark.rule("hl7v2-out-order")
@pytest.mark.severity("blocker")
def test_an_order_reaches_the_department_that_carries_it_out(
    epj: Epj, person: Person, at: At, arrived: Arrived, field: Field
) -> None:
    """A new order with its number and what is ordered, to the laboratory or to imaging, and to nobody else."""
    patient = epj.register_patient(person)
    blood = epj.order_lab(patient, Investigation("P-Kalium & Ø", at("2026-02-03 08:30"), "NPU03230"))
    image = epj.order_imaging(patient, Investigation("Røntgen | thorax", at("2026-02-03 08:45")))
    for partner, order, code, text in (
        ("laboratory", blood, "NPU03230", "P-Kalium & Ø"),
        ("imaging", image, "", "Røntgen | thorax"),
    ):
        (one,) = arrived(partner, person, 1)
        assert (one.kind, one.accepted, field(one, "ORC-1")) == ("ORM^O01", True, "NW")
        assert (field(one, "ORC-2.1"), field(one, "OBR-2.1")) == (order.id, order.id)
        assert field(one, "OBR-4.2") == text
        assert field(one, "OBR-4.1") == (code or text)
        assert field(one, "PID-3.1") == person.cpr


@pytest.mark.rule("hl7v2-out-cancellation")
@pytest.mark.severity("blocker")
def test_an_order_is_called_off(
    epj: Epj, person: Person, at: At, fhir: FhirClient, arrived: Arrived, field: Field
) -> None:
    """CA under the number of the order, once, and only for the order that was called off."""
    patient = epj.register_patient(person)
    analysis = Investigation("P-Kalium", at("2026-02-03 08:30"), "NPU03230")
    called_off, kept = epj.order_lab(patient, analysis), epj.order_lab(patient, analysis)
    revoke(fhir, called_off.id)
    got = arrived("laboratory", person, 3)
    assert [(field(one, "ORC-1"), field(one, "ORC-2.1")) for one in got] == [
        ("NW", called_off.id),
        ("NW", kept.id),
        ("CA", called_off.id),
    ]


def revoke(fhir: FhirClient, order: str) -> None:
    """Call the order off."""
    known: Resource = fhir.read("ServiceRequest", order).expect(200).resource
    fhir.update({**known, "status": "revoked"}).expect(200)


def moment(text: str) -> datetime:
    """Return the moment that an HL7 time with an offset names."""
    return datetime.strptime(text, "%Y%m%d%H%M%S%z")
