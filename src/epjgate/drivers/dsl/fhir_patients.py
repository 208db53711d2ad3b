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
        return _ref(self._client.create(patient_resource(person)).expect(201))

    def register_if_unknown(self, person: Person) -> PatientRef:
        """Create a Patient where none has the CPR number (R4 conditional create)."""
        wanted = f"identifier={CPR_SYSTEM}|{person.cpr}"
        return _ref(self._client.create(patient_resource(person), if_none_exist=wanted).expect(200, 201))

    def find_by_cpr(self, cpr: str) -> PatientRef | None:
        """Search by identifier; whoever is found must really have that number.

        A Patient who is no longer active, for having gone up in another one, does not count.
        """
        matches = self._client.search_all("Patient", {"identifier": f"{CPR_SYSTEM}|{cpr}"})
        found = [patient for patient in matches if patient.get("active") is not False]
        if any(_cpr(patient) != cpr for patient in found):
            raise CandidateFault("a search for a CPR number returned a patient who has another number")
        ids = [text_at(patient, "id") for patient in found]
        if len(ids) > 1:
            raise CandidateFault(f"{len(ids)} patients have the same CPR number: {', '.join(ids)}")
        return PatientRef(ids[0]) if ids else None

    def find_by_name(self, family_name: str) -> list[PatientRef]:
        """Search by family name, as R4 compares names: from their beginning, whatever the case and the accents."""
        matches = self._client.search_all("Patient", {"family": family_name})
        return [PatientRef(text_at(patient, "id")) for patient in matches if patient.get("active") is not False]

    def read(self, patient: PatientRef) -> Person:
        """Read the Patient and return the person in it; what registration wrote must be there."""
        return _person(self._client.read("Patient", patient.id).expect(200).resource)

    def read_version(self, patient: PatientRef) -> Person:
        """Read the version that the reference names."""
        return _person(self._client.vread("Patient", patient.id, patient.version).expect(200).resource)

    def change_address(self, patient: PatientRef, address: Address) -> PatientRef:
        """Replace the addresses of use `home` and leave the others."""

        def move(record: Resource) -> None:
            others = [known for known in objects_at(record, "address") if known.get("use") != "home"]
            record["address"] = [_address(address), *others]

        return _ref(change(self._client, "Patient", patient.id, move))


def _ref(answer: FhirAnswer) -> PatientRef:
    return PatientRef(answer.id, version_of(answer))


def patient_resource(person: Person, identifier: Resource | None = None) -> Resource:
    """Return `person` as an active Patient, known by `identifier` or else by the CPR number."""
    by_cpr = {"use": "official", "system": CPR_SYSTEM, "value": person.cpr}
    return {
        "resourceType": "Patient",
        "active": True,
        "identifier": [identifier or by_cpr],
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
    home = _home(_first(patient, "address", use="home"))
    gender = text_at(patient, "gender")
    if gender not in set(Sex):
        raise CandidateFault(f"Patient.gender is {gender!r}, not what was registered: {' or '.join(Sex)}")
    return Person(
        cpr=_cpr(patient),
        given_names=texts_at(name, "given"),
        family_name=text_at(name, "family"),
        sex=Sex(gender),
        birth_date=date_at(patient, "birthDate"),
        address=home,
    )


def address_in(patient: Resource) -> Address | None:
    """Return the home address of a Patient, None where it has none."""
    homes = [known for known in objects_at(patient, "address") if known.get("use") == "home"]
    return _home(homes[0]) if homes else None


def _home(home: Resource) -> Address:
    return Address(text_at(home, "line", 0), text_at(home, "postalCode"), text_at(home, "city"))


def _cpr(patient: Resource) -> str:
    return text_at(_first(patient, "identifier", system=CPR_SYSTEM), "value")


def _first(patient: Resource, element: str, **wanted: str) -> Resource:
    for entry in objects_at(patient, element):
        if all(entry.get(key) == value for key, value in wanted.items()):
            return entry
    told = ", ".join(f"{key} {value}" for key, value in wanted.items())
    raise CandidateFault(f"Patient.{element} has no entry with {told}")
