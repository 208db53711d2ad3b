"""The capabilities `patient_merge` and `replacement_cpr` on FHIR R4."""

from __future__ import annotations

from datetime import date

from epjgate.drivers.dsl.fhir_patients import patient_resource
from epjgate.drivers.dsl.fhir_records import subject, version_of
from epjgate.drivers.dsl.identity import Issuer, ReplacementCpr
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.fhir import FhirAnswer, FhirClient
from epjgate.drivers.fhir_parameters import parameters
from epjgate.drivers.fhir_values import Resource, objects_at, text_at
from epjgate.errors import CandidateFault
from epjgate.model.person import Person, Sex

# The identifier systems of dk-core 3.7.0 for national and local replacement numbers (X-eCPR, D-eCPR).
SYSTEMS = {
    Issuer.NATIONAL: "urn:oid:1.2.208.176.1.6.1.1",
    Issuer.LOCAL: "urn:oid:1.2.208.176.1.6.1.3",
}


class FhirPatientMerge:
    """Merges by the operation `Patient/$merge`."""

    def __init__(self, client: FhirClient) -> None:
        self._client = client

    def merge(self, source: PatientRef, target: PatientRef) -> PatientRef:
        """Ask for it; the answer is the Patient who survives."""
        asked = parameters(("source", "valueReference", subject(source)), ("target", "valueReference", subject(target)))
        return _ref(self._client.operate("Patient/$merge", asked).expect(200))

    def survivor_of(self, patient: PatientRef) -> PatientRef | None:
        """Read the link `replaced-by`; an active Patient who has one is the candidate's fault."""
        record = self._client.read("Patient", patient.id).expect(200).resource
        links = [link for link in objects_at(record, "link") if link.get("type") == "replaced-by"]
        if not links:
            return None
        if record.get("active") is not False:
            raise CandidateFault("a patient who was merged into another one is still active")
        return PatientRef(text_at(links[0], "other", "reference").rpartition("/")[2])


class FhirReplacementNumbers:
    """Replacement CPR numbers as identifiers, given out by `Patient/$register-unknown`."""

    def __init__(self, client: FhirClient) -> None:
        self._client = client

    def register_unknown(self, sex: Sex, born_about: date, name: str) -> PatientRef:
        """Ask for a Patient with a number of the system's own."""
        asked = parameters(
            ("sex", "valueCode", sex.value),
            ("bornAbout", "valueDate", born_about.isoformat()),
            ("name", "valueString", name or None),
        )
        return _ref(self._client.operate("Patient/$register-unknown", asked).expect(201))

    def register_with(self, person: Person, replacement: ReplacementCpr) -> PatientRef:
        """Create a Patient whose only identifier is the replacement number."""
        return _ref(self._client.create(patient_resource(person, _identifier(replacement))).expect(201))

    def identify(self, patient: PatientRef, cpr: str) -> PatientRef:
        """Call the operation `Patient/{id}/$identify`; the answer is the Patient who survives."""
        asked = parameters(("cpr", "valueString", cpr))
        return _ref(self._client.operate(f"Patient/{patient.id}/$identify", asked).expect(200))

    def replacements_of(self, patient: PatientRef) -> list[ReplacementCpr]:
        """Read the identifiers of both systems."""
        record = self._client.read("Patient", patient.id).expect(200).resource
        return [
            _replacement(known, issuer)
            for known in objects_at(record, "identifier")
            for issuer, system in SYSTEMS.items()
            if known.get("system") == system
        ]

    def find(self, number: str) -> list[PatientRef]:
        """Search both systems."""
        wanted = ",".join(f"{system}|{number}" for system in SYSTEMS.values())
        found = self._client.search_all("Patient", {"identifier": wanted})
        return [PatientRef(text_at(patient, "id")) for patient in found if patient.get("active") is not False]


def _ref(answer: FhirAnswer) -> PatientRef:
    return PatientRef(answer.id, version_of(answer))


def _replacement(identifier: Resource, issuer: Issuer) -> ReplacementCpr:
    issued_by = str(identifier.get("assigner", {}).get("display", ""))
    return ReplacementCpr(text_at(identifier, "value"), issuer, issued_by, old=identifier.get("use") == "old")


def _identifier(replacement: ReplacementCpr) -> Resource:
    identifier: Resource = {
        "use": "old" if replacement.old else "official",
        "system": SYSTEMS[replacement.issuer],
        "value": replacement.number,
    }
    if replacement.issued_by:
        identifier["assigner"] = {"display": replacement.issued_by}
    return identifier
