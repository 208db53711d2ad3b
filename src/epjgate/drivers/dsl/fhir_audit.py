"""The capability `audit` on FHIR R4."""

from __future__ import annotations

from epjgate.drivers.dsl.oversight import Access, AuditEntry
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.fhir import FhirClient
from epjgate.drivers.fhir_values import Resource, instant_at, objects_at, text_at
from epjgate.errors import CandidateFault

# R4 value set audit-event-action.
ACCESS = {
    "C": Access.CREATE,
    "R": Access.READ,
    "U": Access.UPDATE,
    "D": Access.DELETE,
    "E": Access.EXECUTE,
}
_ALLOWED = "0"


class FhirAudit:
    """Audit entries as `AuditEvent` resources."""

    def __init__(self, client: FhirClient) -> None:
        self._client = client

    def trail_of(self, patient: PatientRef) -> list[AuditEntry]:
        """Search by patient, all pages; an entry that does not name the patient is the candidate's fault."""
        found = self._client.search_all("AuditEvent", {"patient": patient.id}, page_limit=200)
        for event in found:
            if f"Patient/{patient.id}" not in _entities(event):
                raise CandidateFault(f"a search for the audit trail of Patient/{patient.id} returned another's entry")
        return sorted((_entry(event, patient) for event in found), key=lambda entry: entry.at)


def _entities(event: Resource) -> list[str]:
    return [
        text_at(entity, "what", "reference").partition("/_history/")[0]
        for entity in objects_at(event, "entity")
        if "what" in entity
    ]


def _entry(event: Resource, patient: PatientRef) -> AuditEntry:
    action = text_at(event, "action")
    if action not in ACCESS:
        raise CandidateFault(f"AuditEvent.action is {action!r}; R4 knows {', '.join(ACCESS)}")
    whose = f"Patient/{patient.id}"
    records = [record for record in _entities(event) if record != whose]
    return AuditEntry(
        at=instant_at(event, "recorded"),
        user=text_at(event, "agent", 0, "who", "display"),
        role=text_at(event, "agent", 0, "role", 0, "coding", 0, "code"),
        access=ACCESS[action],
        allowed=text_at(event, "outcome") == _ALLOWED,
        record=records[0] if records else _kind(event, whose),
        source=text_at(event, "source", "site"),
    )


def _kind(event: Resource, whose: str) -> str:
    """Return what an entry without a record of its own is about: the name of a search, or the patient."""
    names = [text_at(entity, "name") for entity in objects_at(event, "entity") if "name" in entity]
    return names[0] if names else whose
