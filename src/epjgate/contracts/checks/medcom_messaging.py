"""Checks of what every MedCom FHIR message keeps to (Messaging 4.0.1); a document is the message Bundle."""

from __future__ import annotations

import re
from collections.abc import Iterator

from epjgate.contracts.checks.interface import Document, check
from epjgate.contracts.checks.medcom_bundle import (
    GLN,
    MEDCOM,
    SOR,
    all_of,
    claimed_by,
    extension,
    header_of,
    identifier,
    is_instant,
    leaves,
    led_to,
    parties,
    resources,
    uuid_of,
)

EVENTS = f"{MEDCOM}/terminology/CodeSystem/medcom-messaging-eventCodes"
USE = f"{MEDCOM}/messaging/StructureDefinition/medcom-messaging-destinationUseExtension"
USES = f"{MEDCOM}/terminology/CodeSystem/medcom-messaging-destinationUse"
HEADERS = {
    "hospital-notification-message": ("hospitalnotification", "medcom-hospitalNotification-messageHeader"),
    "care-communication-message": ("carecommunication", "medcom-careCommunication-messageHeader"),
    "acknowledgement-message": ("acknowledgement", "medcom-messaging-acknowledgementHeader"),
}
"""The guide and the profile of the header by the code of its event."""

TIMES = frozenset(
    {"timestamp", "start", "end", "occurredDateTime", "recorded", "valueDateTime", "sent", "received", "creation"}
)
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_HAS_TIME = re.compile(r"\d{4}-\d\d-\d\dT")
_SOR_CODE = re.compile(r"\d{11,}", re.ASCII)
_GLN = re.compile(r"\d{13}", re.ASCII)
# An endpoint in the register of organisations names its organisation behind this.
_OF_SOR = "/#id="


@check("medcom-bundle-is-message")
def bundle_is_message(document: Document) -> Iterator[str]:
    """Bundle.type."""
    if (document["resourceType"], document["type"]) != ("Bundle", "message"):
        yield f"it is a {document['resourceType']} of type {document['type']!r}, no message Bundle"


@check("medcom-bundle-id-is-uuid")
def bundle_id_is_uuid(document: Document) -> Iterator[str]:
    """Bundle.id."""
    if uuid_of(document["id"]) is None:
        yield f"Bundle.id is {document['id']!r}, no UUID"


@check("medcom-bundle-timestamp")
def bundle_timestamp(document: Document) -> Iterator[str]:
    """Bundle.timestamp."""
    if not is_instant(document["timestamp"]):
        yield f"Bundle.timestamp is {document['timestamp']!r}, no instant with its offset"


@check("medcom-entry-full-urls")
def entry_full_urls(document: Document) -> Iterator[str]:
    """A fullUrl for each entry, which ends with the id of its resource, and none of them twice."""
    urls = [entry["fullUrl"] for entry in document["entry"]]
    if not urls or len(set(urls)) != len(urls):
        yield "Bundle.entry: there is none, or two have the same fullUrl"
    for number, entry in enumerate(document["entry"]):
        if re.split(r"[/:]", entry["fullUrl"])[-1] != entry["resource"]["id"]:
            yield f"Bundle.entry[{number}].fullUrl does not end with the id of its resource"


@check("medcom-header-first")
def header_first(document: Document) -> Iterator[str]:
    """The first resource is the MessageHeader, and the only one."""
    kinds = [resource["resourceType"] for resource in resources(document)]
    if kinds[0] != "MessageHeader":
        yield f"Bundle.entry[0] is a {kinds[0]}"
    if kinds.count("MessageHeader") != 1:
        yield f"the message holds {kinds.count('MessageHeader')} MessageHeaders"


@check("medcom-header-id-is-uuid")
def header_id_is_uuid(document: Document) -> Iterator[str]:
    """MessageHeader.id, which is an identity of its own."""
    header_id = header_of(document)["id"]
    if uuid_of(header_id) is None:
        yield f"MessageHeader.id is {header_id!r}, no UUID"
    if header_id == document["id"]:
        yield "MessageHeader.id is the same as Bundle.id"


@check("medcom-header-event")
def header_event(document: Document) -> Iterator[str]:
    """MessageHeader.eventCoding: system and code."""
    event = header_of(document)["eventCoding"]
    if event["system"] != EVENTS or event["code"] not in HEADERS:
        yield f"MessageHeader.eventCoding is {event['code']!r} of {event['system']!r}"


@check("medcom-header-profile")
def header_profile(document: Document) -> Iterator[str]:
    """The profile that the header claims, once, is that of its event, whatever the version behind `|`."""
    header = header_of(document)
    guide, profile = HEADERS[header["eventCoding"]["code"]]
    wanted = f"{MEDCOM}/{guide}/StructureDefinition/{profile}"
    if claimed_by(header).count(wanted) != 1:
        yield f"MessageHeader.meta.profile does not name {wanted} once"


@check("medcom-header-one-primary-receiver")
def header_one_primary_receiver(document: Document) -> Iterator[str]:
    """Exactly one destination says that it is the primary one."""
    uses = _uses(document)
    if uses.count((USES, "primary")) != 1:
        yield f"MessageHeader.destination: {uses.count((USES, 'primary'))} of {len(uses)} are primary, not one"


@check("medcom-header-no-copies")
def header_no_copies(document: Document) -> Iterator[str]:
    """No destination is anything else than the primary one."""
    others = [code for _, code in _uses(document) if code != "primary"]
    if others:
        yield f"MessageHeader.destination: there are copies ({', '.join(others)})"


@check("medcom-header-sender-bundled")
def header_sender_bundled(document: Document) -> Iterator[str]:
    """MessageHeader.sender leads to an Organization of the message."""
    if parties(document)["MessageHeader.sender"] is None:
        yield "MessageHeader.sender leads to no Organization of the message"


@check("medcom-header-receiver-bundled")
def header_receiver_bundled(document: Document) -> Iterator[str]:
    """Every receiver leads to an Organization of the message, another one than the sender."""
    found = parties(document)
    sender = found.pop("MessageHeader.sender")
    for place, organization in found.items():
        if organization is None:
            yield f"{place} leads to no Organization of the message"
        elif organization is sender:
            yield f"{place} is the sender"


@check("medcom-header-endpoints")
def header_endpoints(document: Document) -> Iterator[str]:
    """Where the message goes, and where its acknowledgement goes: URLs, which name no other organisation."""
    header, found = header_of(document), parties(document)
    endpoints = {"MessageHeader.sender": header["source"]["endpoint"]}
    for number, destination in enumerate(header["destination"]):
        endpoints[f"MessageHeader.destination[{number}].receiver"] = destination["endpoint"]
    for place, endpoint in endpoints.items():
        if not re.fullmatch(r"[a-z]+:\S+", endpoint):
            yield f"{place}: the endpoint is {endpoint!r}, no URL"
        _, names_one, code = endpoint.partition(_OF_SOR)
        known = identifier(found[place] or {}, SOR)
        if names_one and known and code != known:
            yield f"{place}: the endpoint is {endpoint!r}, that of another organisation"


@check("medcom-organization-sor")
def organization_sor(document: Document) -> Iterator[str]:
    """Sender and receivers have a SOR code of eleven digits or more (dk-core 3.7.0)."""
    for place, organization in parties(document).items():
        if organization is not None and not _SOR_CODE.fullmatch(identifier(organization, SOR)):
            yield f"{place}: {identifier(organization, SOR)!r} is no SOR code"


@check("medcom-organization-gln")
def organization_gln(document: Document) -> Iterator[str]:
    """Sender and receivers have a GLN: 13 digits, the last one a check digit (GS1, mod 10)."""
    for place, organization in parties(document).items():
        if organization is not None and not _is_gln(identifier(organization, GLN)):
            yield f"{place}: {identifier(organization, GLN)!r} is no GLN"


@check("medcom-references-bundled")
def references_bundled(document: Document) -> Iterator[str]:
    """Every reference leads into the message, but those of a Provenance to an earlier message."""
    for resource in resources(document):
        kind = resource["resourceType"]
        for path, value in leaves(resource):
            is_of_earlier = kind == "Provenance" and path.startswith(("target", "entity"))
            if path.rpartition(".")[2] == "reference" and not is_of_earlier and led_to(document, value) is None:
                yield f"{kind}.{path} leads out of the message"


@check("medcom-times-with-offset")
def times_with_offset(document: Document) -> Iterator[str]:
    """Every time of day has its offset from UTC."""
    for resource in [{"timestamp": document["timestamp"]}, *resources(document)]:
        for path, value in leaves(resource):
            if path.rpartition(".")[2] in TIMES and _HAS_TIME.match(str(value)) and not is_instant(value):
                yield f"{resource.get('resourceType', 'Bundle')}.{path} is {value!r}"


@check("medcom-patient-official-name")
def patient_official_name(document: Document) -> Iterator[str]:
    """The official family name, or that nobody knows it."""
    for patient in all_of(document, "Patient"):
        official = [name for name in patient["name"] if name.get("use") == "official"]
        if not any(name.get("family") or extension(name.get("_family", {}), ABSENT) for name in official):
            yield "Patient.name: there is no official family name"


def _uses(document: Document) -> list[tuple[str, str]]:
    """Return system and code of the use of every destination, empty where it says nothing."""
    found = (extension(destination, USE) or {} for destination in header_of(document)["destination"])
    codings = (one.get("valueCoding", {}) for one in found)
    return [(coding.get("system", ""), coding.get("code", "")) for coding in codings]


def _is_gln(value: str) -> bool:
    if not _GLN.fullmatch(value):
        return False
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(value)) % 10 == 0
