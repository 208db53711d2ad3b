"""A search finds the same records through either release, whoever wrote or changed them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from epjgate.drivers.fhir import FhirClient
from epjgate.model.person import Person
from population.cpr import CPR_SYSTEM
from population.fhir_r4 import encounter, medication_request, observation, patient

pytestmark = [
    pytest.mark.needs("patients", "encounters", "laboratory", "medication"),
    pytest.mark.rule("schema-search-finds-the-same"),
    pytest.mark.severity("critical"),
]

Both = tuple[FhirClient, FhirClient]
SEARCHES: dict[str, tuple[str, dict[str, str]]] = {
    "patients by name": ("Patient", {"name": "{family}"}),
    "patients by exact name": ("Patient", {"family:exact": "{family}"}),
    "patients by number": ("Patient", {"identifier": "{cpr}"}),
    "patients by birth date": ("Patient", {"birthdate": "{born}", "family": "{family}"}),
    "patients by city": ("Patient", {"address-city": "{city}", "family": "{family}"}),
    "results": ("Observation", {"patient": "{patient}"}),
    "results of a day": ("Observation", {"patient": "{patient}", "date": "2024-03-14"}),
    "results by code": ("Observation", {"patient": "{patient}", "code": "718-7"}),
    "stays": ("Encounter", {"patient": "{patient}", "status": "finished"}),
    "active drugs": ("MedicationRequest", {"patient": "{patient}", "status": "active"}),
}
OF_ONE = {"patients by number", "patients by birth date", "patients by city"}
OF_PATIENT: dict[str, Callable[[str], dict[str, Any]]] = {
    "Observation": observation,
    "Encounter": encounter,
    "MedicationRequest": medication_request,
}


@pytest.fixture
def family(clinic_seed: int) -> str:
    """A family name that nobody else in this run has."""
    return f"Ågård-Sørensen{clinic_seed:x}"


@pytest.mark.parametrize("search", SEARCHES)
def test_both_find_the_same(both: Both, people: Callable[[int], list[Person]], family: str, search: str) -> None:
    """Of each kind one record that the candidate wrote, one of the earlier release, and one that each took over."""
    resource_type, params = SEARCHES[search]
    someone = people(1)[0]
    patients = [patient(one, name=[{"family": family, "given": ["Åse"]}]) for one in (someone, *people(3))]
    if resource_type == "Patient":
        stored = [store(both, who, one) for who, one in enumerate(patients)]
        whose = stored[0]
    else:
        whose = store(both, 0, patients[0])
        stored = [store(both, who, OF_PATIENT[resource_type](f"Patient/{whose}")) for who in range(4)]
    born, cpr = someone.birth_date.isoformat(), f"{CPR_SYSTEM}|{someone.cpr}"
    values = {"family": family, "cpr": cpr, "born": born, "city": someone.address.city, "patient": whose}
    asked = {name: text.format(**values) for name, text in params.items()}
    new, old = (sorted(found["id"] for found in release.search_all(resource_type, asked)) for release in both)
    assert new == old, "the two releases do not find the same records"
    assert len(new) == len(set(new)), "a record is found twice"
    if search in OF_ONE:
        assert stored[0] in new
        assert set(new) <= set(stored)
    else:
        assert new == sorted(stored)


@pytest.mark.parametrize("who", [0, 1])
def test_what_was_changed_is_found_by_what_it_says_now(both: Both, person: Person, family: str, who: int) -> None:
    """A name that one release corrected: both find the patient by the new one, and by the old one no more."""
    before, after = family, f"Østergård{family[-8:]}"
    patient_id = store(both, who, patient(person, name=[{"family": before, "given": ["Åse"]}]))
    known = both[1 - who].read("Patient", patient_id).expect(200).resource
    both[1 - who].update({**known, "name": [{"family": after, "given": ["Åse"]}]}).expect(200)
    for release in both:
        assert ids(release, {"family": after}) == [patient_id]
        assert ids(release, {"family:exact": after}) == [patient_id]
        assert ids(release, {"family": before}) == []


@pytest.mark.parametrize("who", [0, 1])
def test_what_was_deleted_is_found_no_more(both: Both, person: Person, who: int) -> None:
    """A result that one release wrote and the other deleted is gone for both, and not found by either."""
    whose = f"Patient/{store(both, who, patient(person))}"
    gone, stays = (store(both, who, observation(whose)) for _ in range(2))
    both[1 - who].delete("Observation", gone).expect(200, 204)
    for release in both:
        assert release.read("Observation", gone).status in (404, 410)
        found = release.search_all("Observation", {"patient": whose.partition("/")[2]})
        assert [one["id"] for one in found] == [stays]


def store(both: Both, who: int, resource: dict[str, Any]) -> str:
    """Let candidate and earlier release store in turn; from the third on what one stored the other takes over."""
    stored = both[who % 2].create(resource).expect(201)
    if who >= 2:
        known = both[1 - who % 2].read(str(resource["resourceType"]), stored.id).expect(200).resource
        both[1 - who % 2].update(known).expect(200)
    return stored.id


def ids(release: FhirClient, params: dict[str, str]) -> list[str]:
    """Return the ids of the patients that `release` finds."""
    return sorted(str(found["id"]) for found in release.search_all("Patient", params))
