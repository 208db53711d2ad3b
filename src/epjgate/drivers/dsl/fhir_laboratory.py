"""The capability `laboratory` on FHIR R4."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from epjgate.drivers.dsl.fhir_records import based_on, code_of, records_of, subject, version_of
from epjgate.drivers.dsl.laboratory import LabResult, LabResultRef, Terminology
from epjgate.drivers.dsl.orders import InvestigationRef
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.fhir import FhirClient
from epjgate.drivers.fhir_values import Resource, instant, instant_at, objects_at, quantity, quantity_at, text_at
from epjgate.errors import CandidateFault

CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
# dk-core 3.7.0 and R4 terminologies-systems.
SYSTEMS = {Terminology.NPU: "http://npu-terminology.org", Terminology.LOINC: "http://loinc.org"}


class FhirLaboratory:
    """Laboratory results as `Observation` resources of category laboratory."""

    def __init__(self, client: FhirClient) -> None:
        self._client = client

    def report(self, patient: PatientRef, result: LabResult, answers: InvestigationRef | None = None) -> LabResultRef:
        """Create a final Observation, based on the order that it answers."""
        answer = self._client.create({**_observation(patient, result), **based_on(answers)}).expect(201)
        return LabResultRef(answer.id, version_of(answer))

    def results_of(
        self, patient: PatientRef, taken_from: datetime | None = None, taken_before: datetime | None = None
    ) -> list[LabResult]:
        """Search by patient and category, and by the sample's time with the prefixes `ge` and `lt`."""
        limits = {"ge": taken_from, "lt": taken_before}
        dates = [("date", f"{prefix}{instant(at)}") for prefix, at in limits.items() if at is not None]
        found = records_of(self._client, "Observation", patient, ("category", f"{CATEGORY}|laboratory"), *dates)
        valid = [record for record in found if text_at(record, "status") != "entered-in-error"]
        return sorted(map(_result, valid), key=lambda result: result.taken_at)


def _observation(patient: PatientRef, result: LabResult) -> Resource:
    limits = {"low": result.reference_low, "high": result.reference_high}
    given = {name: quantity(limit, result.unit) for name, limit in limits.items() if limit is not None}
    observation: Resource = {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [{"system": CATEGORY, "code": "laboratory"}]}],
        "code": {
            "coding": [{"system": SYSTEMS[result.terminology], "code": result.code, "display": result.name}],
            "text": result.name,
        },
        "subject": subject(patient),
        "effectiveDateTime": instant(result.taken_at),
        "valueQuantity": quantity(result.value, result.unit),
    }
    if given:
        observation["referenceRange"] = [given]
    if result.comment:
        observation["note"] = [{"text": result.comment}]
    return observation


def _result(record: Resource) -> LabResult:
    terminology, code = code_of(record, SYSTEMS, "code")
    value, unit = quantity_at(record, "valueQuantity")
    return LabResult(
        code=code,
        name=text_at(record, "code", "text"),
        value=value,
        unit=unit,
        taken_at=instant_at(record, "effectiveDateTime"),
        reference_low=_limit(record, "low", unit),
        reference_high=_limit(record, "high", unit),
        comment="\n".join(text_at(note, "text") for note in objects_at(record, "note")),
        terminology=terminology,
    )


def _limit(record: Resource, name: str, unit: str) -> Decimal | None:
    ranges = objects_at(record, "referenceRange")
    if not ranges or name not in ranges[0]:
        return None
    limit, limit_unit = quantity_at(record, "referenceRange", 0, name)
    if limit_unit != unit:
        raise CandidateFault(f"the {name} reference limit is in {limit_unit!r}, the value in {unit!r}")
    return limit
