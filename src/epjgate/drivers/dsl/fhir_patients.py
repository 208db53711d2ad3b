"""The capability `patients` on FHIR R4."""

from __future__ import annotations

from epjgate.drivers.dsl.fhir_records import change, version_of
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.fhir import FhirAnswer, FhirClient
from epjgate.drivers.fhir_values import Resource, date_at, objects_at, text_at, texts_at
from epjgate.errors import CandidateFault
from epjgate.model.person import Address, Person, Sex

# The CPR number as dk-core identifies a patient by it.
CPR_SYSTEM = "urn:oid:1.2.208.176.1.2"


class FhirPatients:
    """Patients as `Patient` resources."""

    def __init__(self, client: FhirClient) -> None:
        self._client = client

    def register(self, person: Person) -> PatientRef:
        """Create a Patient; not conditionally, so registering twice asks for two."""
        return _ref(self._client.create(_patient(person)).expect(201))

    def find_by_cpr(self, cpr: str) -> PatientRef | None:
        """Search by identifier; whoever is found must really have that number."""
        found = self._client.search_all("Patient", {"identifier": f"{CPR_SYSTEM}|{cpr}"})
        if any(_cpr(patient) != cpr for patient in found):
            raise CandidateFault("a search for a CPR number returned a patient who has another number")
        ids = [text_at(patient, "id") for patient in found]
        if len(ids) > 1:
            raise CandidateFault(f"{len(ids)} patients have the same CPR number: {', '.join(ids)}")
        return PatientRef(ids[0]) if ids else None

    def read(self, patient: PatientRef) -> Person:
        """Read the Patient and return the person in it; what registration wrote must be there."""
        return _person(self._client.read("Patient", patient.id).expect(200).resource)

    def change_address(self, patient: PatientRef, address: Address) -> PatientRef:
        """Replace the addresses of use `home` and leave the others."""

        def move(record: Resource) -> None:
            others = [known for known in objects_at(record, "address") if known.get("use") != "home"]
            record["address"] = [_address(address), *others]

        return _ref(change(self._client, "Patient", patient.id, move))


def _ref(answer: FhirAnswer) -> PatientRef:
    return PatientRef(answer.id, version_of(answer))


def _patient(person: Person) -> Resource:
    return {
        "resourceType": "Patient",
        "active": True,
        "identifier": [{"use": "official", "system": CPR_SYSTEM, "value": person.cpr}],
        "name": [{"use": "official", "family": person.family_name, "given": list(person.given_names)}],
        "gender": person.sex.value,
        "birthDate": person.birth_date.isoformat(),
        "address": [_address(person.address)],
    }


def _address(address: Address) -> Resource:
    return {
        "use": "home",
        "line": [address.line],
        "postalCode": address.postal_code,
        "city": address.city,
        "country": "DK",
    }


def _person(patient: Resource) -> Person:
    name = _first(patient, "name", use="official")
    home = _first(patient, "address", use="home")
    gender = text_at(patient, "gender")
    if gender not in set(Sex):
        raise CandidateFault(f"Patient.gender is {gender!r}, not what was registered: {' or '.join(Sex)}")
    return Person(
        cpr=_cpr(patient),
        given_names=texts_at(name, "given"),
        family_name=text_at(name, "family"),
        sex=Sex(gender),
        birth_date=date_at(patient, "birthDate"),
        address=Address(text_at(home, "line", 0), text_at(home, "postalCode"), text_at(home, "city")),
    )


def _cpr(patient: Resource) -> str:
    return text_at(_first(patient, "identifier", system=CPR_SYSTEM), "value")


def _first(patient: Resource, element: str, **wanted: str) -> Resource:
    for entry in objects_at(patient, element):
        if all(entry.get(key) == value for key, value in wanted.items()):
            return entry
    told = ", ".join(f"{key} {value}" for key, value in wanted.items())
    raise CandidateFault(f"Patient.{element} has no entry with {told}")
