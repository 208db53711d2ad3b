"""Checks of letters (MedCom CareCommunication 5.0.4); a document is the message Bundle."""

from __future__ import annotations

import re
from collections.abc import Iterator

from epjgate.contracts.checks.interface import Document, check
from epjgate.contracts.checks.medcom_bundle import (
    MEDCOM,
    Resource,
    activity_of,
    all_of,
    extension,
    header_of,
    is_instant,
    led_to,
    own_provenances,
    parties,
    uuid_of,
)

CATEGORY_SYSTEM = f"{MEDCOM}/terminology/CodeSystem/medcom-careCommunication-categoryCodes"
CATEGORIES = frozenset(
    {
        "alcohol-and-drug-treatment",
        "assistive-devices",
        "carecoordination",
        "decease",
        "discharge",
        "examination-results",
        "healthcare",
        "home-care-assessment",
        "medicine",
        "nursing",
        "outpatient",
        "psychiatry-social-disability",
        "regarding-referral",
        "telemedicine",
        "training",
        "acute-ambulant",
        "extended-care-responsibility",
        "other",
    }
)
"""The codes of terminology 1.9.0."""

ACTIVITIES = frozenset({"new-message", "reply-message", "forward-message", "retract-message", "modified-message"})
PROVENANCE = f"{MEDCOM}/carecommunication/StructureDefinition/medcom-careCommunication-provenance"
_CORE = f"{MEDCOM}/core/StructureDefinition/medcom-core"
SENDER = f"{_CORE}-sender-extension"
DATE = f"{_CORE}-datetime-extension"
AUTHOR = f"{_CORE}-practitioner-extension"
CONTACT = f"{_CORE}-contact-extension"
IDENTIFIER = f"{_CORE}-identifier-extension"
_PHONE = re.compile(r"\+?[0-9][0-9 -]*", re.ASCII)


@check("medcom-care-event")
def care_event(document: Document) -> Iterator[str]:
    """medcom-careCommunication-1: the header is that of a letter."""
    event = header_of(document)["eventCoding"]["code"]
    if event != "care-communication-message":
        yield f"MessageHeader.eventCoding is {event!r}"


@check("medcom-care-one-patient")
def care_one_patient(document: Document) -> Iterator[str]:
    """medcom-careCommunication-2, and the letter is about that patient."""
    if (count := len(all_of(document, "Patient"))) != 1:
        yield f"the message holds {count} Patients"
    if led_to(document, _letter(document)["subject"]["reference"], "Patient") is None:
        yield "Communication.subject does not lead to the Patient"


@check("medcom-care-focus")
def care_focus(document: Document) -> Iterator[str]:
    """The focus, and there is one, leads to a Communication."""
    focuses = header_of(document)["focus"]
    if len(focuses) != 1:
        yield f"MessageHeader.focus: {len(focuses)}"
    for focus in focuses:
        if led_to(document, focus["reference"], "Communication") is None:
            yield "MessageHeader.focus leads to no Communication"


@check("medcom-care-status")
def care_status(document: Document) -> Iterator[str]:
    """The status of a letter is not known to its sender, and is said to be so."""
    status = _letter(document)["status"]
    if status != "unknown":
        yield f"Communication.status is {status!r}"


@check("medcom-care-identifier")
def care_identifier(document: Document) -> Iterator[str]:
    """One identifier, which is a UUID as a URN."""
    values = [one["value"] for one in _letter(document)["identifier"]]
    if len(values) != 1 or not _is_urn(values[0]):
        yield f"Communication.identifier is {values}"


@check("medcom-care-category")
def care_category(document: Document) -> Iterator[str]:
    """One category, of MedCom's."""
    concepts = _letter(document)["category"]
    codes = [(coding["system"], coding["code"]) for concept in concepts for coding in concept["coding"]]
    if len(concepts) != 1 or [system for system, code in codes if code in CATEGORIES] != [CATEGORY_SYSTEM]:
        yield f"Communication.category is {codes}"


@check("medcom-care-priority-only-for-referral")
def care_priority_only_for_referral(document: Document) -> Iterator[str]:
    """medcom-careCommunication-5."""
    letter = _letter(document)
    if "priority" in letter and _category(letter) != "regarding-referral":
        yield f"Communication.priority is there, and the category is {_category(letter)!r}"


@check("medcom-care-topic-if-other")
def care_topic_if_other(document: Document) -> Iterator[str]:
    """medcom-careCommunication-6; a topic is text."""
    letter = _letter(document)
    topic = letter.get("topic")
    if topic is None and _category(letter) == "other":
        yield "Communication.topic is missing, and the category is 'other'"
    if topic is not None and not topic.get("text"):
        yield "Communication.topic has no text"


@check("medcom-care-text")
def care_text(document: Document) -> Iterator[str]:
    """At least one part of the letter is text."""
    if not any(part.get("contentString", "").strip() for part in _letter(document)["payload"]):
        yield "Communication.payload holds no text"


@check("medcom-care-text-time")
def care_text_time(document: Document) -> Iterator[str]:
    """Every part says when it was written."""
    for part in _letter(document)["payload"]:
        if not is_instant((extension(part, DATE) or {}).get("valueDateTime")):
            yield "Communication.payload: there is no time with its offset"


@check("medcom-care-text-author")
def care_text_author(document: Document) -> Iterator[str]:
    """Every text has an author, whose role is told (medcom-careCommunication-7)."""
    for part in _texts(document):
        role = _author(document, part)
        if role is None or not any(code.get("text") or code.get("coding") for code in role.get("code", [])):
            yield "Communication.payload: there is no author with a role"


@check("medcom-care-author-name")
def care_author_name(document: Document) -> Iterator[str]:
    """Every author is a person with a name (medcom-careCommunication-4, -8 and -13)."""
    for role in all_of(document, "PractitionerRole"):
        person = led_to(document, role.get("practitioner", {}).get("reference"), "Practitioner")
        if person is None or not any(name.get("family") or name.get("text") for name in person.get("name", [])):
            yield "PractitionerRole.practitioner leads to nobody with a name"


@check("medcom-care-text-contact")
def care_text_contact(document: Document) -> Iterator[str]:
    """Every text says by which telephone number to call back."""
    for part in _texts(document):
        contact = (extension(part, CONTACT) or {}).get("valueContactPoint", {})
        if contact.get("system") != "phone" or not _PHONE.fullmatch(str(contact.get("value"))):
            yield f"Communication.payload: the contact of the author is {contact}"


@check("medcom-care-text-identifier")
def care_text_identifier(document: Document) -> Iterator[str]:
    """Every part has an identity of its own, by which a reply can name it, and says which organisation gave it."""
    parts = _letter(document)["payload"]
    identities = [_identity(part) for part in parts]
    if not all(map(_is_urn, identities)) or len(set(identities)) != len(identities):
        yield f"Communication.payload: the identifiers are {identities}"
    for part in parts:
        assigner = _identifier(part).get("assigner", {})
        if led_to(document, assigner.get("reference"), "Organization") is None:
            yield "Communication.payload: no Organization of the message gave the identifier"


@check("medcom-care-party-identifier")
def care_party_identifier(document: Document) -> Iterator[str]:
    """One identifier, a UUID as a URN, for every role and every team."""
    for party in [*all_of(document, "PractitionerRole"), *all_of(document, "CareTeam")]:
        values = [one["value"] for one in party["identifier"]]
        if len(values) != 1 or not _is_urn(values[0]):
            yield f"{party['resourceType']}.identifier is {values}"


@check("medcom-care-sender-fits-header")
def care_sender_fits_header(document: Document) -> Iterator[str]:
    """medcom-careCommunication-11: a specific sender belongs to the organisation that sends."""
    told = extension(_letter(document), SENDER)
    if told is not None:
        belongs = _organization(document, told["valueReference"]["reference"])
        if belongs is None or belongs is not parties(document)["MessageHeader.sender"]:
            yield "Communication.extension (sender) does not belong to MessageHeader.sender"


@check("medcom-care-recipient-fits-header")
def care_recipient_fits_header(document: Document) -> Iterator[str]:
    """medcom-careCommunication-12: a specific recipient belongs to the organisation that receives."""
    found = parties(document)
    found.pop("MessageHeader.sender")
    for recipient in _letter(document).get("recipient", []):
        belongs = _organization(document, recipient["reference"])
        if belongs is None or not any(belongs is receiver for receiver in found.values()):
            yield "Communication.recipient does not belong to MessageHeader.destination.receiver"


@check("medcom-care-encounter-episode")
def care_encounter_episode(document: Document) -> Iterator[str]:
    """medcom-careCommunication-9 and -15: an Encounter is there exactly if the letter names it, with its episode."""
    told = _letter(document).get("encounter", {}).get("reference")
    encounters = all_of(document, "Encounter")
    if (told is not None) != bool(encounters):
        yield f"Communication.encounter is {told!r}, and the message holds {len(encounters)} Encounters"
    for encounter in encounters:
        episodes = encounter.get("episodeOfCare", [])
        if led_to(document, told) is not encounter or not any(one.get("identifier") for one in episodes):
            yield "Encounter: the letter does not name it, or it has no identifier of its episode"


@check("medcom-care-activity")
def care_activity(document: Document) -> Iterator[str]:
    """medcom-careCommunication-3: every Provenance is one of letters."""
    for provenance in all_of(document, "Provenance"):
        claimed = [profile.partition("|")[0] for profile in provenance["meta"]["profile"]]
        _, code = activity_of(provenance)
        if code not in ACTIVITIES or claimed != [PROVENANCE]:
            yield f"Provenance: {code!r}, which claims {claimed}"


@check("medcom-care-provenance-names-parts")
def care_provenance_names_parts(document: Document) -> Iterator[str]:
    """The Provenance of the message names what is new in it, each part once; in a new letter that is all of it."""
    identities = [_identity(part) for part in _letter(document)["payload"]]
    for provenance in own_provenances(document):
        found = [entity["what"].get("identifier", {}).get("value") for entity in provenance["entity"]]
        named = [value for value in found if value in identities]
        if not named or len(set(named)) != len(named):
            yield f"Provenance.entity names {len(named)} of {len(identities)} parts of the letter"
        elif activity_of(provenance)[1] == "new-message" and len(named) != len(identities):
            yield f"Provenance.entity names {len(named)} of {len(identities)} parts of a new letter"


def _letter(document: Document) -> Resource:
    (letter,) = all_of(document, "Communication")
    return letter


def _texts(document: Document) -> list[Resource]:
    return [part for part in _letter(document)["payload"] if "contentString" in part]


def _category(letter: Resource) -> str:
    return str(letter["category"][0]["coding"][0]["code"])


def _author(document: Document, part: Resource) -> Resource | None:
    told = extension(part, AUTHOR) or {}
    return led_to(document, told.get("valueReference", {}).get("reference"), "PractitionerRole")


def _identity(part: Resource) -> str:
    return str(_identifier(part).get("value"))


def _identifier(part: Resource) -> Resource:
    found: Resource = (extension(part, IDENTIFIER) or {}).get("valueIdentifier", {})
    return found


def _organization(document: Document, reference: str) -> Resource | None:
    """Return the Organization to which a person or team belongs."""
    party = led_to(document, reference)
    if party is None:
        return None
    belongs: Resource = party.get("organization") or next(iter(party.get("managingOrganization", [])), {})
    return led_to(document, belongs.get("reference"), "Organization")


def _is_urn(value: str) -> bool:
    return value.startswith("urn:uuid:") and uuid_of(value) is not None
