"""Patients as the candidate sends them: every way of asking gives a document that keeps the Danish rules."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from epjgate.contracts.checks import Document
from epjgate.drivers.fhir import FhirClient, Resource
from epjgate.model.person import Person, Sex
from epjgate.plugin.rules import each_rule
from population.cpr import CPR_SYSTEM
from population.fhir_r4 import encounter, patient

Violations = Callable[[str, Document], list[str]]


@pytest.fixture
def registered(fhir: FhirClient, people: Callable[[int], list[Person]]) -> list[Resource]:
    """A woman and a man as they are read, found, listed by version, brought along by a stay, and told by a batch."""
    someone = people(24)
    both = [next(person for person in someone if person.sex is sex) for sex in Sex]
    ids = [fhir.create(patient(person)).expect(201).id for person in both]
    for one in ids:
        fhir.create(encounter(f"Patient/{one}")).expect(201)
    asked = [{"request": {"method": "GET", "url": f"Patient/{one}"}} for one in ids]
    with_stays = [
        fhir.search("Encounter", {"patient": one, "_include": "Encounter:subject"}).expect(200).resource for one in ids
    ]
    return [
        *(fhir.read("Patient", one).expect(200).resource for one in ids),
        *(fhir.history("Patient", one).expect(200).resource for one in ids),
        fhir.search("Patient", {"_id": ",".join(ids)}).expect(200).resource,
        fhir.transaction({"resourceType": "Bundle", "type": "batch", "entry": asked}).expect(200).resource,
        *with_stays,
    ]


@pytest.mark.severity("critical")
@each_rule(
    "dk-cpr-system-oid",
    "dk-cpr-form",
    "dk-cpr-possible-day",
    "dk-birth-date-agrees-with-cpr",
    "dk-gender-agrees-with-cpr",
    "dk-one-cpr-in-force",
    "dk-official-name-has-family",
    "dk-letters-intact",
    "dk-postal-code-form",
)
def test_patients_are_sent_by_the_rules(registered: list[Resource], violations: Violations, rule: str) -> None:
    """Numbers, birth date, sex, name and address of a registered patient, in every answer that holds the patient."""
    assert len(registered) == 8
    assert [violations(rule, document) for document in registered] == [[]] * 8


@pytest.mark.severity("critical")
@each_rule("dk-one-cpr-in-force", "dk-birth-date-agrees-with-cpr", "dk-gender-agrees-with-cpr")
def test_a_corrected_number_leaves_one_in_force(
    fhir: FhirClient, people: Callable[[int], list[Person]], violations: Violations, rule: str
) -> None:
    """Whoever gets another CPR number keeps the first one as old: it is still there, and not in force."""
    before, after = people(2)
    made = fhir.create(patient(before)).expect(201).id
    numbers = [{"system": CPR_SYSTEM, "value": after.cpr}, {"use": "old", "system": CPR_SYSTEM, "value": before.cpr}]
    fhir.update({**patient(after, identifier=numbers), "id": made}).expect(200)
    documents = (
        fhir.read("Patient", made).expect(200).resource,
        fhir.search("Patient", {"_id": made}).expect(200).resource,
    )
    assert documents[0]["identifier"] == numbers
    assert [violations(rule, document) for document in documents] == [[], []]
