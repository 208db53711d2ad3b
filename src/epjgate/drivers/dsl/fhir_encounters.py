"""The capability `encounters` on FHIR R4."""

from __future__ import annotations

from datetime import datetime

from epjgate.drivers.dsl.encounters import Encounter, EncounterRef, EncounterState
from epjgate.drivers.dsl.fhir_records import change, records_of, resource_version, state_at, subject, version_of
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.fhir import FhirAnswer, FhirClient
from epjgate.drivers.fhir_values import Resource, instant, instant_at, object_at, objects_at, text_at

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
# The Danish classification of health care, SKS.
SKS = "urn:oid:1.2.208.176.2.4"
LEAVE = (
    "http://medcomfhir.dk/ig/hospitalnotification/StructureDefinition/"
    "medcom-hospitalnotification-leave-period-extension"
)
# R4 value set encounter-status.
STATES = {
    "planned": EncounterState.PLANNED,
    "arrived": EncounterState.ARRIVED,
    "triaged": EncounterState.ARRIVED,
    "in-progress": EncounterState.ADMITTED,
    "onleave": EncounterState.ON_LEAVE,
    "finished": EncounterState.DISCHARGED,
    "cancelled": EncounterState.CANCELLED,
    "entered-in-error": EncounterState.ENTERED_IN_ERROR,
    "unknown": EncounterState.UNKNOWN,
}


class FhirEncounters:
    """Encounters as `Encounter` resources of class inpatient."""

    def __init__(self, client: FhirClient) -> None:
        self._client = client

    def admit(self, patient: PatientRef, at: datetime, ward: str) -> EncounterRef:
        """Create an Encounter in progress; the ward is the display of its location."""
        encounter: Resource = {
            "resourceType": "Encounter",
            "status": "in-progress",
            "class": {"system": ACT_CODE, "code": "IMP", "display": "inpatient encounter"},
            "subject": subject(patient),
            "period": {"start": instant(at)},
            "location": [{"location": {"display": ward}, "status": "active"}],
        }
        return _ref(self._client.create(encounter).expect(201))

    def discharge(self, encounter: EncounterRef, at: datetime, diagnosis: str = "") -> EncounterRef:
        """Finish the Encounter, its period and its stay at each location; the diagnosis is its reason."""
        end = instant(at)

        def finish(record: Resource) -> None:
            record["status"] = "finished"
            object_at(record, "period")["end"] = end
            for stay in objects_at(record, "location"):
                stay["status"] = "completed"
            if diagnosis:
                record["reasonCode"] = [{"coding": [{"system": SKS, "code": diagnosis}]}]

        return _ref(change(self._client, "Encounter", encounter.id, finish))

    def send_on_leave(self, encounter: EncounterRef, at: datetime) -> EncounterRef:
        """Set the status `onleave`, and when the leave began in MedCom's extension for it."""
        leave = {"url": LEAVE, "valuePeriod": {"start": instant(at)}}

        def let_go(record: Resource) -> None:
            record["status"] = "onleave"
            record["extension"] = [*_without_leave(record), leave]

        return _ref(change(self._client, "Encounter", encounter.id, let_go))

    def end_leave(self, encounter: EncounterRef) -> EncounterRef:
        """Set the status `in-progress`, and take the leave away."""

        def take_back(record: Resource) -> None:
            record["status"] = "in-progress"
            record["extension"] = _without_leave(record)
            if not record["extension"]:
                del record["extension"]

        return _ref(change(self._client, "Encounter", encounter.id, take_back))

    def strike_out(self, encounter: EncounterRef) -> EncounterRef:
        """Set the status `entered-in-error`."""
        error = {"status": "entered-in-error"}
        return _ref(change(self._client, "Encounter", encounter.id, lambda record: record.update(error)))

    def of(self, patient: PatientRef) -> list[Encounter]:
        """Search by patient."""
        found = [_encounter(record) for record in records_of(self._client, "Encounter", patient)]
        return sorted(found, key=lambda encounter: encounter.admitted_at)


def _ref(answer: FhirAnswer) -> EncounterRef:
    return EncounterRef(answer.id, version_of(answer))


def _without_leave(record: Resource) -> list[Resource]:
    return [known for known in objects_at(record, "extension") if known.get("url") != LEAVE]


def _diagnosis(record: Resource) -> str:
    for reason in objects_at(record, "reasonCode"):
        for coding in objects_at(reason, "coding"):
            if coding.get("system") == SKS:
                return text_at(coding, "code")
    return ""


def _encounter(record: Resource) -> Encounter:
    over = "end" in object_at(record, "period")
    return Encounter(
        ref=EncounterRef(text_at(record, "id"), resource_version(record)),
        state=state_at(record, STATES, "status"),
        ward=text_at(record, "location", 0, "location", "display"),
        admitted_at=instant_at(record, "period", "start"),
        discharged_at=instant_at(record, "period", "end") if over else None,
        diagnosis=_diagnosis(record),
    )
