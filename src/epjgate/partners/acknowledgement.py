"""What a mailbox answers: MedCom Acknowledgement 2.0.3, whatever it was sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pydantic import JsonValue

from epjgate.partners.documents import Malformed, json_object
from epjgate.partners.message_bundle import MessageBundle, each

Content = dict[str, object]

_MEDCOM = "http://medcomfhir.dk/ig"
_TERMS = f"{_MEDCOM}/terminology/CodeSystem"
_USE = f"{_MEDCOM}/messaging/StructureDefinition/medcom-messaging-destinationUseExtension"
_HEADER = f"{_MEDCOM}/acknowledgement/StructureDefinition/medcom-messaging-acknowledgementHeader"
_DEFINITION = f"{_MEDCOM}/acknowledgement/medcom-acknowledgement-message-definition|2.0.0"
_PROVENANCE = f"{_MEDCOM}/messaging/StructureDefinition/medcom-messaging-provenance"
_SOR, _GLN = "urn:oid:1.2.208.176.1.1", "https://www.gs1.org/gln"
MAILBOX = ("99000000000041", "5790009999041", "Kommunens postkasse")
SENDER = ("99000000000058", "5790009999058", "Afsender")
"""How the mailbox calls itself and whoever wrote, where the message does not say so: SOR, GLN, name."""


def acknowledgement(body: bytes, code: str, reason: str = "") -> Content:
    """Return the acknowledgement of the message in `body`; it holds an OperationOutcome where there is a reason."""
    header_id, parties = _told(body)
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    ids = {name: str(uuid4()) for name in ("header", "sender", "receiver", "earlier", "provenance", "outcome")}
    at: dict[str, Content] = {name: {"reference": f"urn:uuid:{identity}"} for name, identity in ids.items()}
    acknowledged: Content = {"reference": f"MessageHeader/{header_id}"}
    response: Content = {"identifier": header_id, "code": code, **({"details": at["outcome"]} if reason else {})}
    resources: dict[str, Content] = {
        "header": _header(at, response, to=_sor(parties["receiver"]), by=_sor(parties["sender"])),
        "sender": {"resourceType": "Organization", **parties["sender"]},
        "receiver": {"resourceType": "Organization", **parties["receiver"]},
        "earlier": _provenance("new-message", now, target=acknowledged, who=at["receiver"]),
        "provenance": {
            **_provenance("acknowledgement", now, target=at["header"], who=at["sender"]),
            "entity": [{"role": "revision", "what": acknowledged}],
        },
    }
    if reason:
        resources["outcome"] = outcome(reason)
    return {
        "resourceType": "Bundle",
        "id": str(uuid4()),
        "type": "message",
        "timestamp": now,
        "entry": [_entry(ids[name], resource, code) for name, resource in resources.items()],
    }


def outcome(reason: str) -> Content:
    """Return `reason` as an OperationOutcome."""
    issue = {"severity": "error", "code": "processing", "details": {"text": reason}, "diagnostics": reason}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _told(body: bytes) -> tuple[str, dict[str, Content]]:
    """Return the id of the message's header as far as one can be found, and who answers whom."""
    parties = {"sender": _organization(*MAILBOX), "receiver": _organization(*SENDER)}
    try:
        message = MessageBundle(json_object(body))
    except Malformed:
        return _header_id(body), parties
    for role, reference in (("sender", message.receiver()), ("receiver", message.sender())):
        found = message.find(reference) or {}
        if identifiers := each(found.get("identifier")):
            parties[role] = {"identifier": identifiers, "name": found.get("name") or "unavngiven"}
    return message.header_id, parties


def _header_id(body: bytes) -> str:
    try:
        found: JsonValue = json_object(body)
        for step in ("entry", 0, "resource", "id"):
            found = found[step]  # type: ignore[index]  # anything that does not fit ends below
    except (Malformed, KeyError, IndexError, TypeError):
        return ""
    return found if isinstance(found, str) else ""


def _header(at: dict[str, Content], response: Content, *, to: str, by: str) -> Content:
    primary = {"url": _USE, "valueCoding": {"system": f"{_TERMS}/medcom-messaging-destinationUse", "code": "primary"}}
    endpoint = "https://sor2.sum.dsdn.dk/#id={}".format
    return {
        "resourceType": "MessageHeader",
        "meta": {"profile": [_HEADER]},
        "definition": _DEFINITION,
        "eventCoding": {"system": f"{_TERMS}/medcom-messaging-eventCodes", "code": "acknowledgement-message"},
        "destination": [{"extension": [primary], "endpoint": endpoint(to), "receiver": at["receiver"]}],
        "sender": at["sender"],
        "source": {"endpoint": endpoint(by)},
        "response": response,
    }


def _provenance(activity: str, now: str, *, target: Content, who: Content) -> Content:
    return {
        "resourceType": "Provenance",
        "meta": {"profile": [_PROVENANCE]},
        "target": [target],
        "occurredDateTime": now,
        "recorded": now,
        "activity": {"coding": [{"system": f"{_TERMS}/medcom-messaging-activityCodes", "code": activity}]},
        "agent": [{"who": who}],
    }


def _organization(sor: str, gln: str, name: str) -> Content:
    return {"identifier": [{"system": _SOR, "value": sor}, {"system": _GLN, "value": gln}], "name": name}


def _sor(organization: Content) -> str:
    identifiers: Any = organization["identifier"]
    return next((str(one.get("value")) for one in identifiers if one.get("system") == _SOR), "")


def _entry(identity: str, resource: Content, code: str) -> Content:
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">{resource["resourceType"]}: {code}</div>'
    whole = {**resource, "id": identity, "text": {"status": "generated", "div": div}}
    return {"fullUrl": f"urn:uuid:{identity}", "resource": whole}
