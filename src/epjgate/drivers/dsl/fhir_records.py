"""What the FHIR R4 implementations of all capabilities share: names of records, changes, and whose they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar

from epjgate.drivers.dsl.orders import InvestigationRef
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.fhir import FhirAnswer, FhirClient
from epjgate.drivers.fhir_values import Resource, objects_at, text_at, written_path
from epjgate.errors import CandidateFault

State = TypeVar("State", bound=StrEnum)
Kind = TypeVar("Kind")


def version_of(answer: FhirAnswer) -> str:
    """Return the version that the server named, in the body or else in the ETag; empty where it named none."""
    meta = answer.resource.get("meta") if answer.content else None
    if isinstance(meta, dict) and "versionId" in meta:
        return text_at(meta, "versionId")
    return (answer.etag or "").removeprefix("W/").strip('"')


def resource_version(resource: Resource) -> str:
    """Return `meta.versionId` of a resource found in a Bundle; empty where it has none."""
    meta = resource.get("meta")
    return text_at(meta, "versionId") if isinstance(meta, dict) and "versionId" in meta else ""


def change(client: FhirClient, resource_type: str, resource_id: str, edit: Callable[[Resource], None]) -> FhirAnswer:
    """Read a record, `edit` it, and write it back; a version written in between by others is not overwritten.

    The guard is If-Match with the ETag of the read (R4 http.html#concurrency), where the server gives one.
    """
    before = client.read(resource_type, resource_id).expect(200)
    record = before.resource
    edit(record)
    return client.update(record, if_match=before.etag).expect(200)


def subject(patient: PatientRef) -> Resource:
    """Return the reference that says whose record it is."""
    return {"reference": f"Patient/{patient.id}"}


def based_on(order: InvestigationRef | None) -> Resource:
    """Return the element that says which order is answered, nothing for None."""
    return {} if order is None else {"basedOn": [{"reference": f"ServiceRequest/{order.id}"}]}


def records_of(
    client: FhirClient, resource_type: str, patient: PatientRef, *narrower: tuple[str, str], owner: str = "subject"
) -> list[Resource]:
    """Return all records of `patient`; CandidateFault where the search hands out another patient's.

    `narrower` are further search parameters, `owner` is the element that says whose record it is.
    """
    found = client.search_all(resource_type, [("patient", patient.id), *narrower])
    for record in found:
        reference = text_at(record, owner, "reference")
        if reference.partition("/_history/")[0].split("/")[-2:] != ["Patient", patient.id]:
            raise CandidateFault(f"a search for {resource_type} of Patient/{patient.id} returned one of {reference}")
    return found


def code_of(resource: Resource, systems: Mapping[Kind, str], *path: str | int) -> tuple[Kind, str]:
    """Return the first code of one of `systems` in the CodeableConcept at `path`, and which of them it belongs to.

    Raises CandidateFault where there is none.
    """
    for coding in objects_at(resource, *path, "coding"):
        for kind, system in systems.items():
            if coding.get("system") == system:
                return kind, text_at(coding, "code")
    raise CandidateFault(f"{written_path(resource, path)} has no code of {' or '.join(systems.values())}")


def state_at(resource: Resource, states: Mapping[str, State], *path: str | int) -> State:
    """Return the state that the code at `path` stands for; CandidateFault where R4 knows no such code."""
    code = text_at(resource, *path)
    if code not in states:
        raise CandidateFault(f"{written_path(resource, path)} is {code!r}; R4 knows {', '.join(states)}")
    return states[code]
