"""Canaries: before a run relies on a partner, it must accept a good message and refuse a bad one."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid4, uuid5

from epjgate.model.partner import PartnerKind
from epjgate.model.redaction import Redactor
from epjgate.partners.interface import PartnerUnfit
from epjgate.partners.mllp import Deframer, frame

_ANSWERS_WITHIN_S = 5.0
_PERSON = "1705482002"  # fails mod 11, and so belongs to nobody
_NOBODY = "3102482000"  # 31 February
_EPISODE = uuid5(NAMESPACE_URL, "urn:epjgate:canary")

Content = dict[str, object]


@dataclass(frozen=True)
class Canary:
    """Two messages, each as what sends it to a URL and returns whether it was accepted, and the answer in words."""

    good: Callable[[str], tuple[bool, str]]
    bad: Callable[[str], tuple[bool, str]]


def try_out(name: str, kind: PartnerKind, url: str, redactor: Redactor) -> None:
    """Send both messages to the partner at `url`; what they leave behind is for the caller to forget.

    Raises PartnerUnfit where the good one is not accepted, the bad one is not refused, or either gets no answer.
    """
    canaries = _CANARIES[kind]
    tries = [(send, must_accept) for one in canaries for send, must_accept in ((one.good, True), (one.bad, False))]
    for send, must_accept in tries:
        what = "one that must be accepted" if must_accept else "one that must be refused"
        try:
            accepts, answer = send(url)
        except (OSError, HTTPException, ValueError, LookupError, TypeError) as err:
            raise _unfit(name, f"sent {what}, it gave no proper answer: {type(err).__name__}: {err}") from err
        if accepts is not must_accept:
            raise _unfit(name, redactor.text(f"sent {what}, it answered {answer[:500]}"))


def _unfit(name: str, cause: str) -> PartnerUnfit:
    return PartnerUnfit(
        f"the partner {name} does not judge as it must",
        cause,
        "see that nothing else answers at its address; otherwise mend epjgate, the candidate is not to blame",
    )


def _http(path: str, content: Content, accepts: Callable[[int, Content], bool]) -> Callable[[str], tuple[bool, str]]:
    def send(url: str) -> tuple[bool, str]:
        address = urlsplit(url)
        connection = HTTPConnection(str(address.hostname), address.port, timeout=_ANSWERS_WITHIN_S)
        try:
            connection.request("POST", path, json.dumps(content), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            body = answer.read().decode("utf-8")
        finally:
            connection.close()
        return accepts(answer.status, json.loads(body)), f"{answer.status} {body}"

    return send


def _mllp(number: str) -> Callable[[str], tuple[bool, str]]:
    def send(url: str) -> tuple[bool, str]:
        address = urlsplit(url)
        with socket.create_connection((address.hostname, address.port), timeout=_ANSWERS_WITHIN_S) as connection:
            connection.sendall(frame(_order(number)))
            deframer, answers = Deframer(), list[bytes]()
            while not answers and (piece := connection.recv(4096)):
                answers = deframer.feed(piece)
        answer = answers[0].decode("utf-8")
        code = answer.split("\r")[1].split("|")[1]
        if code not in {"AA", "AE"}:
            raise ValueError(f"neither AA nor AE: {code}")
        return code == "AA", answer

    return send


def _order(number: str) -> bytes:
    segments = (
        f"MSH|^~\\&|CANARY|EPJGATE|||20240314081500||ORM^O01^ORM_O01|{uuid4().hex[:20]}|T|2.5.1||||||UNICODE UTF-8",
        f"PID|1||{number}^^^CPR||Kanariefugl^Åse",
        "ORC|NW|canary",
        "OBR|1|canary||NPU19651^P-CRP",
    )
    return "\r".join((*segments, "")).encode("utf-8")


def _medication(number: str) -> Content:
    return {
        "MessageId": str(uuid4()),
        "PersonIdentifier": number,
        "MedicineCardVersion": 0,
        "DrugMedication": {
            "Identifier": "canary",
            "Drug": {"AtcCode": "N02BE01", "Name": "Paracetamol"},
            "Strength": {"Value": "500", "Unit": "mg"},
            "Dosage": {"Quantity": "1", "Unit": "tablet", "IntervalSeconds": 21600, "Text": "1 tablet hver 6. time"},
            "BeginDate": "2024-03-14T08:00:00+01:00",
            "Status": "Active",
        },
    }


def _contact(**diagnosis: str) -> Content:
    return {
        "DocumentId": str(uuid4()),
        "Version": 1,
        "Type": "Contact",
        "PersonIdentifier": _PERSON,
        "Sex": "female",
        "BirthDate": "1948-05-17",
        "Contact": {
            "Identifier": str(uuid5(_EPISODE, str(uuid4()))),
            "SorCode": "99000000000001",
            "Begin": "2024-03-14T08:00:00+01:00",
            "End": "2024-03-14T09:00:00+01:00",
            **diagnosis,
        },
    }


def _notification(receivers: int) -> Content:
    encounter: Content = {
        "resourceType": "Encounter",
        "status": "in-progress",
        "class": {"code": "IMP"},
        "subject": {"reference": "#patient"},
        "period": {"start": "2024-03-14T08:00:00+01:00"},
        "episodeOfCare": [{"identifier": {"value": f"urn:uuid:{_EPISODE}"}}],
    }
    return _medcom("hospital-notification-message", encounter, receivers=receivers)


def _letter(text: str) -> Content:
    core = "http://medcomfhir.dk/ig/core/StructureDefinition/medcom-core"
    codes = "http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-careCommunication-categoryCodes"
    signature = [
        {"url": f"{core}-datetime-extension", "valueDateTime": "2024-03-14T08:00:00+01:00"},
        {"url": f"{core}-practitioner-extension", "valueReference": {"reference": "#author"}},
    ]
    letter: Content = {
        "resourceType": "Communication",
        "status": "unknown",
        "category": [{"coding": [{"system": codes, "code": "nursing"}]}],
        "subject": {"reference": "#patient"},
        "payload": [{"extension": signature, **({"contentString": text} if text else {})}],
    }
    return _medcom("care-communication-message", letter)


def _medcom(event: str, focus: Content, *, receivers: int = 1) -> Content:
    """Return a MedCom message about `focus`, in which references are the names of its resources."""
    resources: dict[str, Content] = {
        "header": {
            "resourceType": "MessageHeader",
            "eventCoding": {"code": event},
            "destination": [{"receiver": {"reference": "#mailbox"}}] * receivers,
            "sender": {"reference": "#hospital"},
            "focus": [{"reference": "#focus"}],
        },
        "patient": {
            "resourceType": "Patient",
            "identifier": [{"system": "urn:oid:1.2.208.176.1.2", "value": _PERSON}],
        },
        "focus": focus,
        "hospital": {"resourceType": "Organization", "identifier": [{"value": "99000000000001"}]},
        "mailbox": {"resourceType": "Organization", "identifier": [{"value": "99000000000002"}]},
        "author": {"resourceType": "PractitionerRole", "organization": {"reference": "#hospital"}},
        "provenance": {"resourceType": "Provenance", "target": [{"reference": "#header"}]},
    }
    ids = {name: str(uuid4()) for name in resources}
    entries = [
        {"fullUrl": f"#{name}", "resource": {**resource, "id": ids[name]}} for name, resource in resources.items()
    ]
    text = json.dumps(
        {
            "resourceType": "Bundle",
            "id": str(uuid4()),
            "type": "message",
            "timestamp": "2024-03-14T08:00:01+01:00",
            "entry": entries,
        }
    )
    for name, identity in ids.items():
        text = text.replace(f'"#{name}"', f'"urn:uuid:{identity}"')
    message: Content = json.loads(text)
    return message


def _medication_taken(status: int, answer: Content) -> bool:
    taken = {201: True, 400: False}[status]
    if taken and answer["MedicineCardVersion"] != 1:
        raise ValueError("the card's version did not move")
    return taken


def _contact_taken(status: int, answer: Content) -> bool:  # noqa: ARG001 - the status says it all
    return {200: True, 422: False}[status]


def _message_taken(status: int, answer: Content) -> bool:
    header = answer["entry"][0]["resource"]  # type: ignore[index]  # anything else is no proper answer
    return {(200, "ok"): True, (200, "fatal-error"): False}[status, header["response"]["code"]]


_CANARIES: Mapping[PartnerKind, tuple[Canary, ...]] = {
    PartnerKind.FMK: (
        Canary(
            good=_http("/drug-medications", _medication(_PERSON), _medication_taken),
            bad=_http("/drug-medications", _medication(_NOBODY), _medication_taken),
        ),
    ),
    PartnerKind.LPR3: (
        Canary(
            good=_http("/reports", _contact(ActionDiagnosis="DZ038"), _contact_taken),
            bad=_http("/reports", _contact(), _contact_taken),
        ),
    ),
    PartnerKind.MEDCOM: (
        Canary(
            good=_http("/$process-message", _notification(1), _message_taken),
            bad=_http("/$process-message", _notification(2), _message_taken),
        ),
        Canary(
            good=_http("/$process-message", _letter("Kanariefuglen synger."), _message_taken),
            bad=_http("/$process-message", _letter(""), _message_taken),
        ),
    ),
    PartnerKind.MLLP: (Canary(good=_mllp(_PERSON), bad=_mllp(_NOBODY)),),
}
