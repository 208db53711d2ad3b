"""Checks of where a MedCom FHIR message comes from (Messaging 4.0.1); a document is the message Bundle."""

from __future__ import annotations

from collections.abc import Iterator

from epjgate.contracts.checks.interface import Document, check
from epjgate.contracts.checks.medcom_bundle import (
    MEDCOM,
    all_of,
    claimed_by,
    is_instant,
    led_to,
    own_provenances,
)

PROVENANCES = frozenset(
    f"{MEDCOM}/{guide}/StructureDefinition/medcom-{profile}-provenance"
    for guide, profile in (
        ("messaging", "messaging"),
        ("hospitalnotification", "hospitalNotification"),
        ("carecommunication", "careCommunication"),
    )
)
ROLES = ("revision", "removal", "source")


@check("medcom-provenance-of-message")
def provenance_of_message(document: Document) -> Iterator[str]:
    """A Provenance tells of this message."""
    if not own_provenances(document):
        yield "Provenance: none has this MessageHeader as its target"


@check("medcom-provenance-one-target")
def provenance_one_target(document: Document) -> Iterator[str]:
    """Each Provenance tells of one message."""
    for provenance in all_of(document, "Provenance"):
        if len(provenance["target"]) != 1:
            yield f"Provenance.target: {len(provenance['target'])} targets"


@check("medcom-provenance-time")
def provenance_time(document: Document) -> Iterator[str]:
    """Each Provenance says when, with date, time and offset, for people and for systems."""
    for provenance in all_of(document, "Provenance"):
        for name in ("occurredDateTime", "recorded"):
            if not is_instant(provenance[name]):
                yield f"Provenance.{name} is {provenance[name]!r}"


@check("medcom-provenance-agent")
def provenance_agent(document: Document) -> Iterator[str]:
    """Each Provenance says which organisation of the message acted."""
    for provenance in all_of(document, "Provenance"):
        if not provenance["agent"]:
            yield "Provenance.agent is empty"
        for agent in provenance["agent"]:
            if led_to(document, agent["who"]["reference"], "Organization") is None:
                yield "Provenance.agent.who leads to no Organization of the message"


@check("medcom-provenance-profile")
def provenance_profile(document: Document) -> Iterator[str]:
    """Each Provenance claims one profile of MedCom's, whatever the version behind `|`."""
    for provenance in all_of(document, "Provenance"):
        claimed = claimed_by(provenance)
        if len(claimed) != 1 or claimed[0] not in PROVENANCES:
            yield f"Provenance.meta.profile is {claimed}"


@check("medcom-provenance-entity")
def provenance_entity(document: Document) -> Iterator[str]:
    """What a message came from is named, and by which role it is there."""
    for provenance in all_of(document, "Provenance"):
        for entity in provenance.get("entity", []):
            what = entity["what"]
            if entity["role"] not in ROLES or not (what.get("reference") or what.get("identifier", {}).get("value")):
                yield f"Provenance.entity: the role is {entity['role']!r}, and it names {what}"


@check("medcom-provenance-activity-system")
def provenance_activity_system(document: Document) -> Iterator[str]:
    """Each Provenance names its activity by a code of MedCom's code system."""
    for provenance in all_of(document, "Provenance"):
        for coding in provenance["activity"]["coding"]:
            if coding["system"] != f"{MEDCOM}/terminology/CodeSystem/medcom-messaging-activityCodes":
                yield f"Provenance.activity: {coding['code']!r} is of {coding['system']!r}"
