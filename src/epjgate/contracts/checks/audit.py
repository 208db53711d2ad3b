"""Checks of audit entries as FHIR R4 shows them: a document is one AuditEvent resource."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from epjgate.contracts.checks.interface import Document, check

ACTIONS = ("C", "R", "U", "D", "E")  # value set audit-event-action
OUTCOMES = ("0", "4", "8", "12")  # value set audit-event-outcome
PATIENT_ROLE = ("http://terminology.hl7.org/CodeSystem/object-role", "1")
ORGANISATIONS = (
    "urn:oid:1.2.208.176.1.1",  # SOR
    "urn:oid:1.2.208.176.1.4",  # CVR
    "https://www.gs1.org/gln",
)
CONTENT_OF_AN_ENTRY = ("text", "contained")
CONTENT_OF_AN_ENTITY = ("description",)
_CPR = re.compile(r"(?<![0-9A-Za-z])[0-3][0-9][01][0-9]{3}-?(?:[0-9]{4}|[0-9][A-Z]{2}[0-9])(?![0-9A-Za-z])")


@check("audit-entry-type")
def entry_type(document: Document) -> Iterator[str]:
    """What kind of event it was, and which activity within that kind, as codes of a system."""
    for coding in (document["type"], *document["subtype"]):
        if not coding.get("system") or not coding.get("code"):
            yield "type or subtype is no code of a system"


@check("audit-entry-action")
def entry_action(document: Document) -> Iterator[str]:
    """What was done to the record."""
    if document["action"] not in ACTIONS:
        yield f"action is {document['action']!r}; R4 knows {', '.join(ACTIONS)}"


@check("audit-entry-outcome")
def entry_outcome(document: Document) -> Iterator[str]:
    """Whether it was let."""
    if document["outcome"] not in OUTCOMES:
        yield f"outcome is {document['outcome']!r}; R4 knows {', '.join(OUTCOMES)}"


@check("audit-entry-time-with-offset")
def entry_time_with_offset(document: Document) -> Iterator[str]:
    """When it was recorded: to the second, with an offset from UTC."""
    if len(document["recorded"]) < len("2026-01-01T00:00:00Z"):
        yield f"recorded is {document['recorded']!r}, no point in time"
    elif datetime.fromisoformat(document["recorded"]).utcoffset() is None:
        yield f"recorded is {document['recorded']!r}, without an offset from UTC"


@check("audit-entry-user")
def entry_user(document: Document) -> Iterator[str]:
    """Exactly one agent asked for it, and is named."""
    asking = [agent for agent in document["agent"] if agent["requestor"] is True]
    if len(asking) != 1:
        yield f"{len(asking)} agents are the requestor; there is one"
    for agent in asking:
        who = agent["who"]
        if not (who.get("display") or who.get("reference") or who.get("identifier", {}).get("value")):
            yield "agent.who names nobody"


@check("audit-entry-role")
def entry_role(document: Document) -> Iterator[str]:
    """In which role whoever asked was there."""
    for agent in document["agent"]:
        if agent["requestor"] and not any(coding.get("code") for role in agent["role"] for coding in role["coding"]):
            yield "agent.role of the requestor has no code"


@check("audit-entry-organisation")
def entry_organisation(document: Document) -> Iterator[str]:
    """In which organisation: an agent or the observer has its SOR, CVR or GLN number."""
    references = [document["source"]["observer"], *(agent["who"] for agent in document["agent"])]
    found = [reference.get("identifier", {}) for reference in references]
    if not any(one.get("system") in ORGANISATIONS and one.get("value") for one in found):
        yield "neither an agent nor source.observer has the number of an organisation"


@check("audit-entry-source")
def entry_source(document: Document) -> Iterator[str]:
    """Which system recorded it, and at which of its doors it came in."""
    observer = document["source"]["observer"]
    if not (observer.get("display") or observer.get("reference") or observer.get("identifier")):
        yield "source.observer names no system"
    if not document["source"].get("site"):
        yield "source.site does not say where it came in"


@check("audit-entry-patient")
def entry_patient(document: Document) -> Iterator[str]:
    """Whose record it was: one entity in the role of the patient, by a reference."""
    patients = [one for one in document["entity"] if _role(one) == PATIENT_ROLE]
    if len(patients) != 1:
        yield f"{len(patients)} entities are the patient; there is one"
    for entity in patients:
        if not str(entity["what"]["reference"]).startswith("Patient/"):
            yield "the entity in the role of the patient refers to no Patient"


@check("audit-entry-object")
def entry_object(document: Document) -> Iterator[str]:
    """What it was about: beside the patient a resource, or the type that was searched."""
    objects = [one for one in document["entity"] if _role(one) != PATIENT_ROLE]
    if not objects:
        yield "no entity says what was looked at or changed"
    for entity in objects:
        if not (entity.get("what", {}).get("reference") or entity.get("name")):
            yield "an entity names neither a resource nor a type"


@check("audit-entry-no-person-number")
def entry_no_person_number(document: Document) -> Iterator[str]:
    """No text of an entry holds anything like a CPR or replacement number."""
    for path, text in _texts(document):
        if _CPR.search(text):
            yield f"{path} holds what looks like a CPR number"


@check("audit-entry-no-clinical-content")
def entry_no_clinical_content(document: Document) -> Iterator[str]:
    """An entry says that there was a look, never what was seen."""
    yield from _held("the entry", document, CONTENT_OF_AN_ENTRY)
    for entity in document["entity"]:
        yield from _held("an entity", entity, CONTENT_OF_AN_ENTITY)


def _held(what: str, part: Document, names: tuple[str, ...]) -> Iterator[str]:
    if held := [name for name in names if name in part]:
        yield f"{what} holds {', '.join(held)}, where content of the record can stand"


def _role(entity: Document) -> tuple[str, str]:
    role = entity.get("role", {})
    return role.get("system", ""), role.get("code", "")


def _texts(part: Document, above: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        for name, value in part.items():
            yield from _texts(value, f"{above}.{name}".strip("."))
    elif isinstance(part, list):
        for number, value in enumerate(part):
            yield from _texts(value, f"{above}[{number}]")
    elif isinstance(part, str):
        yield above, part
