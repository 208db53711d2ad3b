"""Answers of every kind of interface, small enough to be read."""

from __future__ import annotations

import json
from typing import Any

from epjgate.model.mutant import Mutant, Operator, Place
from epjgate.model.wire import Asked, Got
from epjgate.sensing.exchanges import Interfaces

FHIR = "http://127.0.0.1:1/fhir"
HL7 = "mllp://127.0.0.1:2"
CONTROL = "http://127.0.0.1:3/secret"
INTERFACES = Interfaces({FHIR: "fhir_r4", HL7: "hl7v2"}, CONTROL)
OBSERVATION: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "o1",
    "status": "final",
    "subject": {"reference": "Patient/p1"},
    "valueQuantity": {"value": 3.90, "unit": "mmol/L", "code": "mmol/L"},
    "effectiveDateTime": "2026-02-03T06:45:00+01:00",
    "note": [{"text": "Let hæmolyse; prøven er ikke gentaget."}],
    "extension": [{"url": "http://example.org/fhir/flag", "valueBoolean": True}],
}
ACK = "MSH|^~\\&|EPJ||LAB||20260203064500+0100||ACK^R01|a1|P|2.5\rMSA|AA|m1\r"
MESSAGE = b"MSH|^~\\&|LAB||EPJ||20260203064500+0100||ORU^R01|m1|P|2.5\rPID|1||251248XXXX\r"


def reading(content: Any = OBSERVATION, status: int = 200, path: str = "/Observation/o1") -> tuple[Asked, Got]:
    """Return a GET at the FHIR server and its answer."""
    headers = {"Content-Type": "application/fhir+json", "ETag": 'W/"1"'}
    return Asked("GET", path, b"", FHIR), Got(status, headers, json.dumps(content).encode())


def writing(method: str = "POST", status: int = 201, path: str = "/Observation") -> tuple[Asked, Got]:
    """Return a write at the FHIR server and its answer."""
    body = json.dumps(OBSERVATION).encode()
    return Asked(method, path, body, FHIR), Got(status, {}, body)


def telling(ack: str = ACK) -> tuple[Asked, Got]:
    """Return a message over MLLP and its acknowledgement."""
    return Asked("MLLP", "", MESSAGE, HL7), Got(0, {}, ack.encode())


def received(*texts: str, kind: str = "POST reports", partner: str = "lpr3") -> tuple[Asked, Got]:
    """Return the question what a partner received, and the answer."""
    messages = [{"kind": kind, "number": number, "text": text} for number, text in enumerate(texts, start=1)]
    asked = Asked("GET", f"/partners/{partner}/messages", b"", CONTROL)
    return asked, Got(200, {}, json.dumps({"messages": messages}).encode())


def searchset(*resources: dict[str, Any]) -> dict[str, Any]:
    """Return the page of a search that found `resources`."""
    entries = [{"resource": resource, "search": {"mode": "match"}} for resource in resources]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries}


def mutant(operator: Operator, field: str, subject: str = "Observation", interface: str = "fhir_r4") -> Mutant:
    """Return a mutant."""
    return Mutant(place=Place(interface=interface, subject=subject, field=field), operator=operator)
