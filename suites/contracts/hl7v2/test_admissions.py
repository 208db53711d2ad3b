"""ADT: who is admitted, who somebody is, and which two records are one person (HL7 v2.5.1 chapter 3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from epjgate.drivers.fhir import FhirClient, Resource, value_at
from epjgate.drivers.hl7v2 import Acknowledged
from epjgate.model.person import Address, Person
from population.fhir_r4 import encounter, medication_request, observation
from population.hl7v2 import MORNING, WARD, Correspondent, measured, number, pid, visit

Found = Callable[[Person], list[Resource]]
Known = Callable[[Person], str]
OfPatient = Callable[[str, str], list[Resource]]
ResultsOf = Callable[[str], list[Resource]]
Tell = Callable[[bytes], Acknowledged]
People = Callable[[int], list[Person]]

OWNED = ("Encounter", "Observation", "MedicationRequest", "ServiceRequest", "DiagnosticReport", "DocumentReference")


def moment(stay: Resource, end: str) -> datetime:
    """Return when `stay` begins (`start`) or ends (`end`)."""
    return datetime.fromisoformat(value_at(stay, "period", end))


@pytest.mark.rule("hl7v2-a01-admits")
@pytest.mark.severity("blocker")
def test_an_admission_registers_the_person_and_opens_a_stay(
    tell: Tell, admissions: Correspondent, person: Person, found: Found, of_patient: OfPatient
) -> None:
    """Somebody who was never here: name, birth date, sex and address, and a stay with ward and start."""
    assert tell(admissions.admission(person, ward="Akutafsnit Ø2")).code == "AA"
    (patient,) = found(person)
    assert value_at(patient, "name", 0, "family") == person.family_name
    assert value_at(patient, "name", 0, "given") == list(person.given_names)
    assert value_at(patient, "birthDate") == person.birth_date.isoformat()
    assert value_at(patient, "gender") == person.sex.value
    home = value_at(patient, "address", 0)
    assert [value_at(home, "line", 0), value_at(home, "postalCode"), value_at(home, "city")] == [
        person.address.line,
        person.address.postal_code,
        person.address.city,
    ]
    (stay,) = of_patient("Encounter", value_at(patient, "id"))
    assert (value_at(stay, "status"), value_at(stay, "class", "code")) == ("in-progress", "IMP")
    assert value_at(stay, "location", 0, "location", "display") == "Akutafsnit Ø2"
    assert moment(stay, "start") == MORNING
    assert "end" not in value_at(stay, "period")


@pytest.mark.rule("hl7v2-a01-admits")
@pytest.mark.severity("critical")
def test_an_admission_of_somebody_known_makes_no_second_record(
    tell: Tell, admissions: Correspondent, person: Person, known: Known, found: Found, of_patient: OfPatient
) -> None:
    """The stay is opened for the one who is there already."""
    patient = known(person)
    assert tell(admissions.admission(person)).code == "AA"
    assert [value_at(one, "id") for one in found(person)] == [patient]
    assert len(of_patient("Encounter", patient)) == 1


@pytest.mark.rule("hl7v2-a03-discharges")
@pytest.mark.severity("blocker")
def test_a_discharge_ends_the_stay(
    tell: Tell, admissions: Correspondent, person: Person, known: Known, of_patient: OfPatient
) -> None:
    """The open stay is finished at the time of the discharge, and keeps its ward and start."""
    patient = known(person)
    end = MORNING + timedelta(days=2, hours=4)
    assert [tell(admissions.admission(person)).code, tell(admissions.discharge(person, at=end)).code] == ["AA", "AA"]
    (stay,) = of_patient("Encounter", patient)
    assert value_at(stay, "status") == "finished"
    assert (moment(stay, "start"), moment(stay, "end")) == (MORNING, end)
    assert value_at(stay, "location", 0, "location", "display") == WARD


@pytest.mark.rule("hl7v2-adt-out-of-order")
@pytest.mark.severity("critical")
def test_what_comes_out_of_order_is_refused(
    tell: Tell, admissions: Correspondent, person: Person, known: Known, of_patient: OfPatient
) -> None:
    """A discharge of somebody not admitted, and a second admission: AE each, and the record is as it was."""
    patient = known(person)
    assert tell(admissions.discharge(person, at=MORNING)).code == "AE"
    assert of_patient("Encounter", patient) == []
    assert tell(admissions.admission(person)).code == "AA"
    before = of_patient("Encounter", patient)
    again = admissions.admission(person, ward="Et andet afsnit", at=MORNING + timedelta(hours=1))
    assert tell(again).code == "AE"
    assert of_patient("Encounter", patient) == before
    assert tell(admissions.discharge(person, at=MORNING + timedelta(hours=2))).code == "AA"
    assert tell(admissions.discharge(person, at=MORNING + timedelta(hours=3))).code == "AE"
    (stay,) = of_patient("Encounter", patient)
    assert moment(stay, "end") == MORNING + timedelta(hours=2)


@pytest.mark.rule("hl7v2-a08-corrects")
@pytest.mark.severity("blocker")
def test_a_correction_changes_what_it_says_and_nothing_else(
    tell: Tell, admissions: Correspondent, people: People, known: Known, found: Found, fhir: FhirClient
) -> None:
    """Name and address are the new ones; number, birth date, sex and everybody else are untouched."""
    person, bystander = people(2)
    known(person)
    untouched = fhir.read("Patient", known(bystander)).expect(200).resource
    moved = replace(
        person,
        family_name="Nygård-Ærø",
        given_names=("Åse", "Marie Øya"),
        address=Address("Ny Østergade 3, 2. tv.", "8000", "Aarhus C"),
    )
    assert tell(admissions.correction(moved)).code == "AA"
    (read,) = found(person)
    assert value_at(read, "name", 0, "family") == "Nygård-Ærø"
    assert " ".join(value_at(read, "name", 0, "given")) == "Åse Marie Øya"
    assert value_at(read, "address", 0, "line") == ["Ny Østergade 3, 2. tv."]
    assert (value_at(read, "address", 0, "postalCode"), value_at(read, "address", 0, "city")) == ("8000", "Aarhus C")
    assert value_at(read, "birthDate") == person.birth_date.isoformat()
    assert value_at(read, "gender") == person.sex.value
    assert fhir.read("Patient", value_at(untouched, "id")).expect(200).resource == untouched


@pytest.mark.rule("hl7v2-a08-corrects")
@pytest.mark.severity("critical")
def test_a_correction_that_cannot_be_true_is_refused(
    tell: Tell, admissions: Correspondent, person: Person, known: Known, fhir: FhirClient
) -> None:
    """A birth date that never was, a sex that is no code: AE, and nothing of the message is taken over."""
    before = fhir.read("Patient", known(person)).expect(200).resource
    for fields in ({"f7": "19900231"}, {"f7": "i dag"}, {"f8": "K"}):
        renamed = pid(replace(person, family_name="Andet"), **fields)
        assert tell(admissions.event("A08", renamed, visit(""))).code == "AE"
    assert fhir.read("Patient", value_at(before, "id")).expect(200).resource == before


@pytest.mark.rule("hl7v2-a08-of-nobody")
@pytest.mark.severity("critical")
def test_a_correction_of_nobody_creates_nobody(
    tell: Tell, admissions: Correspondent, person: Person, found: Found
) -> None:
    """A08 about somebody who is not known: AE, and there is still nobody."""
    assert tell(admissions.correction(person)).code == "AE"
    assert found(person) == []


@pytest.mark.rule("hl7v2-a40-keeps-all")
@pytest.mark.severity("blocker")
def test_a_merge_keeps_everything(
    tell: Tell,
    admissions: Correspondent,
    laboratory: Correspondent,
    people: People,
    known: Known,
    found: Found,
    of_patient: OfPatient,
    fhir: FhirClient,
) -> None:
    """Stays, results, texts and orders of both are with the survivor, each once and unchanged, and with nobody else."""
    gone, stays = people(2)
    source, survivor = known(gone), known(stays)
    for index, (person, patient) in enumerate(((gone, source), (stays, survivor))):
        assert tell(laboratory.results(person, measured(f"13{index}.50"))).code == "AA"
        for make in (encounter, medication_request, observation):
            fhir.create(make(f"Patient/{patient}")).expect(201)
    before = inventory(of_patient, source) + inventory(of_patient, survivor)

    assert tell(admissions.merge(gone, stays)).code == "AA"

    assert inventory(of_patient, survivor) == before, "a merge lost, doubled or changed something"
    assert inventory(of_patient, source) == Counter(), "a merge left something behind"
    assert [value_at(one, "id") for one in found(stays)] == [survivor]
    assert value_at(found(stays), 0, "name", 0, "family") == stays.family_name


@pytest.mark.rule("hl7v2-a40-prior-number-is-retired")
@pytest.mark.severity("blocker")
def test_nothing_is_filed_under_the_number_that_went(
    tell: Tell,
    admissions: Correspondent,
    laboratory: Correspondent,
    people: People,
    known: Known,
    found: Found,
    results_of: ResultsOf,
) -> None:
    """A result under the old number is refused, or stands with the survivor; the old record stays empty."""
    gone, stays = people(2)
    source, survivor = known(gone), known(stays)
    assert tell(admissions.merge(gone, stays)).code == "AA"
    assert found(gone) == [], "the number that went still names an active patient"
    answer = tell(laboratory.results(gone, measured("140")))
    assert results_of(source) == []
    assert len(results_of(survivor)) == (answer.code == "AA")


@pytest.mark.rule("hl7v2-a40-of-nobody-or-itself")
@pytest.mark.severity("critical")
def test_a_merge_that_cannot_be_is_refused(
    tell: Tell, admissions: Correspondent, people: People, known: Known, fhir: FhirClient
) -> None:
    """With somebody unknown on either side, with oneself, without MRG: AE, and the record is as it was."""
    person, nobody = people(2)
    before = fhir.read("Patient", known(person)).expect(200).resource
    impossible = [
        admissions.merge(nobody, person),
        admissions.merge(person, nobody),
        admissions.merge(person, person),
        admissions.event("A40", pid(person)),
        admissions.event("A40", pid(person), ["MRG", ""]),
        admissions.event("A40", pid(person, f3=""), ["MRG", number(person)]),
    ]
    assert [tell(message).code for message in impossible] == ["AE"] * len(impossible)
    assert fhir.read("Patient", value_at(before, "id")).expect(200).resource == before


def inventory(of_patient: OfPatient, patient_id: str) -> Counter[str]:
    """Return what belongs to the patient, each as a text without its owner and what a server writes itself."""
    owned = [one for kind in OWNED for one in of_patient(kind, patient_id)]
    return Counter(
        str(sorted((key, str(value)) for key, value in one.items() if key not in ("subject", "meta"))) for one in owned
    )
