"""What a mailbox answers is a MedCom message itself, by the very rules that a candidate's answers are held to."""

from __future__ import annotations

import json

import pytest
from tests.partners.messages import Content, bundle, letter

from epjgate.contracts.checks import medcom_acknowledgement, medcom_messaging, violations
from epjgate.contracts.checks.interface import CHECKS
from epjgate.partners.acknowledgement import MAILBOX, SENDER, acknowledgement

HEADER_ID = "6d2f1c60-33cc-4c8e-8c8f-0d8f2b0a4a11"
OURS = {medcom_messaging.__name__, medcom_acknowledgement.__name__}
RULES = sorted(rule for rule, check in CHECKS.items() if check.__module__ in OURS)


def organization(sor: str, gln: str) -> Content:
    identifiers = [
        {"system": "urn:oid:1.2.208.176.1.1", "value": sor},
        {"system": "https://www.gs1.org/gln", "value": gln},
    ]
    return {"resourceType": "Organization", "identifier": identifiers, "name": sor}


def a_letter() -> bytes:
    resources = letter() | {"from": organization(*SENDER[:2]), "to": organization(*MAILBOX[:2])}
    return json.dumps(bundle(resources, header_id=HEADER_ID)).encode()


@pytest.mark.parametrize(("code", "reason"), [("ok", ""), ("transient-error", "busy"), ("fatal-error", "no text")])
@pytest.mark.parametrize("rule", RULES)
def test_an_acknowledgement_keeps_every_rule(rule: str, code: str, reason: str) -> None:
    """A mailbox that breaks rules itself would teach candidates to."""
    assert violations(rule, acknowledgement(a_letter(), code, reason)) == []


def test_who_wrote_is_who_is_answered() -> None:
    """Sender and receiver change places."""
    answer = acknowledgement(a_letter(), "ok")
    text = json.dumps(answer)
    header = json.loads(text)["entry"][0]["resource"]
    names = {entry["fullUrl"]: entry["resource"].get("name") for entry in json.loads(text)["entry"]}
    assert names[header["sender"]["reference"]] == MAILBOX[0]
    assert names[header["destination"][0]["receiver"]["reference"]] == SENDER[0]
    assert header["response"]["identifier"] == HEADER_ID


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"entry": [{"resource": {"id": 7}}]}'])
def test_what_is_no_message_is_answered_without_an_identity(body: bytes) -> None:
    """There is nobody to name."""
    header = json.loads(json.dumps(acknowledgement(body, "fatal-error", "no message")))["entry"][0]["resource"]
    assert header["response"]["identifier"] == ""
