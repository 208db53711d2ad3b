"""One release changes what the other wrote: that is changed, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from epjgate.drivers.dsl import EncounterState, Note, OrderState, PatientRef, Prescription
from epjgate.drivers.fhir import FhirClient
from epjgate.model.person import Person
from population.fhir_r4 import medication_request, observation, patient

if TYPE_CHECKING:
    from suites.contracts.schema.conftest import Pair

pytestmark = [
    pytest.mark.needs("patients"),
    pytest.mark.rule("schema-change-touches-nothing-else"),
    pytest.mark.severity("blocker"),
]

Moment = Callable[[str], datetime]

# More than any clinic fills in, and one element that the earlier release then changes.
MORE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "Patient": (
        {
            "extension": [{"url": "urn:example:sprog", "valueString": "grønlandsk"}],
            "contact": [{"name": {"text": "Åse Ærø"}, "telecom": [{"system": "phone", "value": "00 00 00 00"}]}],
            "communication": [{"language": {"text": "tegnsprog"}, "preferred": True}],
        },
        {"maritalStatus": {"text": "enkestand"}},
    ),
    "Observation": (
        {
            "extension": [{"url": "urn:example:apparat", "valueString": "Måler 7"}],
            "bodySite": {"text": "højre håndled"},
            "component": [{"code": {"text": "fortynding"}, "valueString": "1 til 10"}],
        },
        {"status": "amended"},
    ),
    "MedicationRequest": (
        {
            "extension": [{"url": "urn:example:pakning", "valueString": "dosispakket"}],
            "reasonCode": [{"text": "forhøjet blodtryk"}],
            "note": [{"text": "Patienten sluger ikke kapsler."}],
        },
        {"status": "on-hold"},
    ),
}


@pytest.mark.needs("laboratory", "medication")
@pytest.mark.rule("schema-unknown-elements-survive")
@pytest.mark.parametrize("resource_type", MORE)
def test_what_the_earlier_release_may_not_know_survives_its_change(
    fhir: FhirClient, earlier_fhir: FhirClient, person: Person, resource_type: str
) -> None:
    """The candidate stores all that it knows; the earlier release changes one element, and the rest stays."""
    more, changed = MORE[resource_type]
    whose = f"Patient/{fhir.create(patient(person)).expect(201).id}"
    made = {
        "Patient": lambda: {**fhir.read("Patient", whose.partition("/")[2]).expect(200).resource, **more},
        "Observation": lambda: observation(whose, **more),
        "MedicationRequest": lambda: medication_request(whose, **more),
    }[resource_type]()
    stored = fhir.update(made) if resource_type == "Patient" else fhir.create(made)
    resource_id = stored.expect(200, 201).id
    before = earlier_fhir.read(resource_type, resource_id).expect(200).resource
    assert before.items() >= more.items(), "the earlier release shows less than the candidate has stored"
    earlier_fhir.update({**before, **changed}).expect(200)
    after = fhir.read(resource_type, resource_id).expect(200).resource
    assert {**after, "meta": None} == {**before, **changed, "meta": None}


@pytest.mark.needs("encounters", "medication")
def test_a_change_of_address_leaves_the_chart_alone(
    pair: Pair,
    known: PatientRef,
    person: Person,
    people: Callable[[int], list[Person]],
    at: Moment,
    prescription: Prescription,
) -> None:
    """Who moves keeps name, number, stays and drugs."""
    pair.writer.admit(known, at("2026-02-03 14:05"), "Medicinsk afsnit Ø3")
    pair.writer.prescribe(known, prescription)
    chart = (pair.writer.encounters_of(known), pair.writer.medication_orders_of(known))
    (neighbour,) = people(1)
    pair.reader.change_address(known, neighbour.address)
    assert pair.writer.read_patient(known) == replace(person, address=neighbour.address)
    for release in (pair.writer, pair.reader):
        assert (release.encounters_of(known), release.medication_orders_of(known)) == chart


@pytest.mark.needs("encounters")
def test_a_stay_is_ended_through_the_other(pair: Pair, known: PatientRef, at: Moment) -> None:
    """Ward and begin are those of the admission, and the end is there for both."""
    begun = pair.writer.admit(known, at("2026-01-12 07:30"), "Børneafsnit Å2")
    pair.reader.discharge(begun, at("2026-01-14 15:10"), "DI109")
    for release in (pair.writer, pair.reader):
        (stay,) = release.encounters_of(known)
        assert (stay.ref, stay.state, stay.ward) == (begun, EncounterState.DISCHARGED, "Børneafsnit Å2")
        assert (stay.admitted_at, stay.discharged_at) == (at("2026-01-12 07:30"), at("2026-01-14 15:10"))
        assert stay.diagnosis == "DI109"


@pytest.mark.needs("medication")
def test_a_dose_is_changed_through_the_other(pair: Pair, known: PatientRef, prescription: Prescription) -> None:
    """The dose is the new one for both; drug, strength, interval and start are as ordered."""
    order = pair.writer.prescribe(known, prescription)
    pair.reader.change_dose(order, Decimal("0.50"), text="½ tablet")
    expected = replace(prescription, dose=Decimal("0.50"), text="½ tablet")
    for release in (pair.writer, pair.reader):
        (now,) = release.medication_orders_of(known)
        assert (now.ref, now.state, now.prescription) == (order, OrderState.ACTIVE, expected)


@pytest.mark.needs("medication", "medication_renewal")
def test_a_drug_is_renewed_through_the_other(
    pair: Pair, known: PatientRef, prescription: Prescription, at: Moment
) -> None:
    """The order that comes in the place of the old one has the dose and the interval that hold now."""
    order = pair.writer.prescribe(known, prescription)
    pair.writer.change_dose(order, Decimal(2), text="2 tabletter")
    renewed = pair.reader.renew(order, at("2026-05-03 08:00"))
    for release in (pair.writer, pair.reader):
        found = {one.ref: one for one in release.medication_orders_of(known)}
        assert found.keys() == {order, renewed}
        now = found[renewed].prescription
        assert (now.drug, now.dose, now.interval) == (prescription.drug, Decimal(2), prescription.interval)
        assert now.start == at("2026-05-03 08:00")


@pytest.mark.needs("notes")
def test_a_note_is_gone_on_with_through_the_other(pair: Pair, known: PatientRef, at: Moment) -> None:
    """A draft that one release began and the other went on with is one note, with the newer text for both."""
    written = pair.writer.write_note(known, Note("Notat", "Første udkast.", at("2026-02-03 08:00")))
    pair.reader.change_note(written, "Andet udkast, skrevet på aftenvagten.")
    for release in (pair.writer, pair.reader):
        (note,) = release.notes_of(known)
        assert (note.ref, note.note.text) == (written, "Andet udkast, skrevet på aftenvagten.")
        assert (note.note.title, note.note.written_at) == ("Notat", at("2026-02-03 08:00"))
