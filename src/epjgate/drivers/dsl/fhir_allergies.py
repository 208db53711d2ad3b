"""The capabilities `allergies` and `allergy_alerts` on FHIR R4."""

from __future__ import annotations

from epjgate.drivers.dsl.allergies import Allergy, AllergyRef
from epjgate.drivers.dsl.fhir_medication import ATC
from epjgate.drivers.dsl.fhir_records import code_of, records_of, subject, version_of
from epjgate.drivers.dsl.medication import Drug
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.fhir import FhirClient
from epjgate.drivers.fhir_parameters import parameters, parameters_named
from epjgate.drivers.fhir_values import Resource, objects_at, text_at

_CODES = "http://terminology.hl7.org/CodeSystem/allergyintolerance-"


class FhirAllergies:
    """Allergies as `AllergyIntolerance` resources."""

    def __init__(self, client: FhirClient) -> None:
        self._client = client

    def record(self, patient: PatientRef, allergy: Allergy) -> AllergyRef:
        """Create an active, confirmed AllergyIntolerance."""
        answer = self._client.create(_allergy_intolerance(patient, allergy)).expect(201)
        return AllergyRef(answer.id, version_of(answer))

    def of(self, patient: PatientRef) -> list[Allergy]:
        """Search by patient; those that are inactive or entered in error are left out."""
        found = records_of(self._client, "AllergyIntolerance", patient, owner="patient")
        return sorted(map(_allergy, filter(_is_active, found)), key=lambda allergy: allergy.atc_code)


class FhirAllergyAlerts:
    """Alerts by the operation `MedicationRequest/$check`."""

    def __init__(self, client: FhirClient) -> None:
        self._client = client

    def alerts(self, patient: PatientRef, drug: Drug) -> list[str]:
        """Ask before anything is ordered."""
        asked = parameters(("patient", "valueReference", subject(patient)), ("atc", "valueCode", drug.atc_code))
        answer = self._client.operate("MedicationRequest/$check", asked).expect(200).resource
        return [text_at(alert, "valueString") for alert in parameters_named(answer, "alert")]


def _allergy_intolerance(patient: PatientRef, allergy: Allergy) -> Resource:
    coding = [{"system": ATC, "code": allergy.atc_code, "display": allergy.substance}]
    record: Resource = {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": {"coding": [{"system": f"{_CODES}clinical", "code": "active"}]},
        "verificationStatus": {"coding": [{"system": f"{_CODES}verification", "code": "confirmed"}]},
        "code": {"coding": coding, "text": allergy.substance},
        "patient": subject(patient),
    }
    if allergy.reaction:
        record["reaction"] = [{"manifestation": [{"text": allergy.reaction}]}]
    return record


def _is_active(record: Resource) -> bool:
    codes = [
        coding.get("code")
        for element in ("clinicalStatus", "verificationStatus")
        if element in record
        for coding in objects_at(record, element, "coding")
    ]
    return "entered-in-error" not in codes and ("active" in codes or "clinicalStatus" not in record)


def _allergy(record: Resource) -> Allergy:
    reactions = objects_at(record, "reaction")
    return Allergy(
        atc_code=code_of(record, {"ATC": ATC}, "code")[1],
        substance=text_at(record, "code", "text"),
        reaction=text_at(reactions[0], "manifestation", 0, "text") if reactions else "",
    )
