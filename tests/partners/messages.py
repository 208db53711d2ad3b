"""Messages as a sender writes them to partners, about persons who do not exist."""

from __future__ import annotations

import http.client
import json
import socket
from datetime import date
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid4, uuid5

from epjgate.model.person import Sex
from epjgate.partners.http_messages import HttpRequest
from epjgate.partners.mllp import Deframer, frame
from population import ReplacementKind, cpr_number, person, replacement_cpr

Content = dict[str, Any]

ONE = person(7, 1)
OTHER = person(7, 2)
IMPOSSIBLE = "3102482000"  # 31 February
NATIONAL = replacement_cpr(date(1975, 4, 9), Sex.FEMALE, 17, kind=ReplacementKind.NATIONAL)
LOCAL = replacement_cpr(date(1975, 4, 9), Sex.FEMALE, 17, kind=ReplacementKind.LOCAL)
CENTENARIAN = cpr_number(date(1899, 12, 31), Sex.MALE, 3)
LEAP_DAY = cpr_number(date(2000, 2, 29), Sex.FEMALE, 3)


def medication(identifier: str = "order-1", **elements: Any) -> Content:
    """Return a drug medication; an element of None is left out."""
    content = {
        "Identifier": identifier,
        "Drug": {"AtcCode": "J01CA04", "Name": "Amoxicillin"},
        "Strength": {"Value": "500", "Unit": "mg"},
        "Dosage": {"Quantity": "1.50", "Unit": "tablet", "IntervalSeconds": 28800, "Text": "1½ tablet hver 8. time"},
        "BeginDate": "2024-03-14T08:00:00+01:00",
        "Status": "Active",
        **elements,
    }
    return {key: value for key, value in content.items() if value is not None}


def card_message(version: int = 0, cpr: str = ONE.cpr, drug: Content | None = None, **elements: Any) -> Content:
    """Return a message to FMK that saw `version` of the card."""
    return {
        "MessageId": str(uuid4()),
        "PersonIdentifier": cpr,
        "MedicineCardVersion": version,
        "DrugMedication": drug or medication(),
        **elements,
    }


def report(contact: Content | None = None, number: str = "e1", **elements: Any) -> Content:
    """Return the first report of the open contact `number` to LPR3; an element of None is left out."""
    content = {
        "DocumentId": str(uuid5(NAMESPACE_URL, f"document {number}")),
        "Version": 1,
        "Type": "Contact",
        "PersonIdentifier": ONE.cpr,
        "Sex": ONE.sex.value,
        "BirthDate": ONE.birth_date.isoformat(),
        "Contact": {
            "Identifier": str(uuid5(NAMESPACE_URL, number)),
            "SorCode": "99000000000001",
            "Begin": "2024-03-14T08:00:00+01:00",
            **(contact or {}),
        },
        **elements,
    }
    return {key: value for key, value in content.items() if value is not None}


def notification(status: str = "in-progress", number: str = "e1", cpr: str = ONE.cpr) -> dict[str, Content]:
    """Return the resources of a hospital notification by a name for each."""
    at = {name: {"reference": f"urn:uuid:{_id(name)}"} for name in ("header", "patient", "encounter", "from", "to")}
    period = {"start": "2024-03-14T08:00:00+01:00"}
    encounter: Content = {
        "resourceType": "Encounter",
        "status": status,
        "class": {"code": "IMP"},
        "subject": at["patient"],
        "period": period | ({"end": "2024-03-15T08:00:00+01:00"} if status == "finished" else {}),
        "episodeOfCare": [{"identifier": {"value": f"urn:uuid:{uuid5(NAMESPACE_URL, number)}"}}],
    }
    if status == "onleave":
        encounter["extension"] = [{"url": "urn:leave-period-extension", "valuePeriod": period}]
    return {
        "header": {
            "resourceType": "MessageHeader",
            "eventCoding": {"code": "hospital-notification-message"},
            "destination": [{"receiver": at["to"]}],
            "sender": at["from"],
            "focus": [at["encounter"]],
        },
        "patient": {
            "resourceType": "Patient",
            "identifier": [{"system": "urn:oid:1.2.208.176.1.2", "value": cpr}],
        },
        "encounter": encounter,
        "from": {"resourceType": "Organization", "identifier": [{"value": "99000000000001"}]},
        "to": {"resourceType": "Organization", "identifier": [{"value": "99000000000002"}]},
        "provenance": {"resourceType": "Provenance", "target": [at["header"]]},
    }


def letter(cpr: str = ONE.cpr, **elements: Any) -> dict[str, Content]:
    """Return the resources of a letter by a name for each; `elements` override those of the Communication."""
    names = ("header", "patient", "letter", "from", "to", "role", "team")
    at = {name: {"reference": f"urn:uuid:{_id(name)}"} for name in names}
    core = "http://medcomfhir.dk/ig/core/StructureDefinition/medcom-core"
    codes = "http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-careCommunication-categoryCodes"
    signature = [
        {"url": f"{core}-datetime-extension", "valueDateTime": "2024-03-14T08:00:00+01:00"},
        {"url": f"{core}-practitioner-extension", "valueReference": at["role"]},
    ]
    resources = notification(cpr=cpr)
    del resources["encounter"]
    resources["header"] |= {"eventCoding": {"code": "care-communication-message"}, "focus": [at["letter"]]}
    return resources | {
        "letter": {
            "resourceType": "Communication",
            "extension": [{"url": f"{core}-sender-extension", "valueReference": at["role"]}],
            "status": "unknown",
            "category": [{"coding": [{"system": codes, "code": "nursing"}]}],
            "subject": at["patient"],
            "recipient": [at["team"]],
            "payload": [{"extension": signature, "contentString": "Åse kan ikke tåle plasteret."}],
            **elements,
        },
        "role": {"resourceType": "PractitionerRole", "organization": at["from"]},
        "team": {"resourceType": "CareTeam", "managingOrganization": [at["to"]]},
    }


def bundle(resources: dict[str, Content], bundle_id: str = "", header_id: str = "") -> Content:
    """Return `resources` as a message, with new ids where none are given."""
    text = json.dumps(
        {
            "resourceType": "Bundle",
            "id": bundle_id or str(uuid4()),
            "type": "message",
            "timestamp": "2024-03-14T08:00:01+01:00",
            "entry": [
                {"fullUrl": f"urn:uuid:{_id(name)}", "resource": {"id": _id(name), **resource}}
                for name, resource in resources.items()
            ],
        }
    )
    message: Content = json.loads(text.replace(_id("header"), header_id or str(uuid4())))
    return message


def _id(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"resource {name}"))


def order_message(cpr: str = ONE.cpr, number: str = "order-1", *, control: str = "", charset: str = "") -> str:
    """Return an order for a laboratory test in HL7 v2."""
    return hl7_message("ORM^O01", f"ORC|NW|{number}", f"OBR|1|{number}||NPU19651^P-CRP", cpr=cpr, control=control,
                       charset=charset)  # fmt: skip


def hl7_message(kind: str, *segments: str, cpr: str = ONE.cpr, control: str = "", charset: str = "") -> str:
    """Return a message of `kind` about a person, with a new MSH-10 where none is given."""
    header = f"MSH|^~\\&|EPJ|HOSPITAL|LAB|LAB|20240314081500+0100||{kind}|{control or uuid4().hex[:20]}|P|2.5.1"
    patient = f"PID|1||{cpr}^^^CPR||Ærøskjøld^Åse"
    return "\r".join((f"{header}||||||{charset}", patient, *segments, ""))


def post(path: str, content: object) -> HttpRequest:
    """Return `content` as a request that has arrived."""
    return HttpRequest("POST", path, json.dumps(content).encode())


def put(path: str, content: object) -> HttpRequest:
    """Return `content` as a request that has arrived."""
    return HttpRequest("PUT", path, json.dumps(content).encode())


def ask(url: str, method: str, path: str, content: object = None, *, timeout_s: float = 5) -> tuple[int, Any]:
    """Send one request on its own connection; return status and JSON content of the answer."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=timeout_s)
    try:
        connection.request(method, path, None if content is None else json.dumps(content))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def connect(url: str, *, timeout_s: float = 5) -> socket.socket:
    """Return a connection to the server at `url`."""
    address = urlsplit(url)
    return socket.create_connection((address.hostname, address.port), timeout=timeout_s)


def tell(url: str, message: str, *, answers: int = 1, encoding: str = "utf-8", timeout_s: float = 5) -> list[str]:
    """Send one HL7 v2 message on its own connection; return the answers, fewer where the connection ends."""
    deframer, found = Deframer(), list[bytes]()
    with connect(url, timeout_s=timeout_s) as connection:
        connection.sendall(frame(message.encode(encoding)))
        while len(found) < answers and (piece := connection.recv(4096)):
            found += deframer.feed(piece)
    return [answer.decode(encoding) for answer in found]


def verdict(acknowledgement: str) -> list[str]:
    """Return the fields of the MSA segment: code, MSH-10 of the message, and the reason if there is one."""
    return acknowledgement.split("\r")[1].split("|")[1:]
