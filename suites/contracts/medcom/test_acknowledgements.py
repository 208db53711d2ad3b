"""Acknowledgements: every answer to a message is a MedCom message itself, and keeps every rule of its form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from epjgate.contracts.checks.medcom_bundle import said
from epjgate.drivers.dsl import PatientRef
from epjgate.drivers.fhir import FhirAnswer, Resource, value_at
from epjgate.drivers.sent import as_sent
from epjgate.plugin.rules import each_rule
from population.medcom import MUNICIPALITY, WRITTEN, Letter

pytestmark = [
    pytest.mark.needs("patients", "care_communications", "hospital_notifications"),
    pytest.mark.severity("critical"),
]

MEDCOM = "http://medcomfhir.dk/ig"
TERMS = f"{MEDCOM}/terminology/CodeSystem"
ACTIVITIES = f"{TERMS}/medcom-messaging-activityCodes"
UUID_LENGTH = 36
CLOCKS_DIFFER = timedelta(minutes=5)

Document = dict[str, Any]


CODES = ["ok", "fatal-error", "fatal-error", "fatal-error"]


@pytest.fixture
def letters(
    patient: PatientRef,  # noqa: ARG001 - the letters are about this patient
    letter: Callable[..., Letter],
) -> list[Letter]:
    """A letter, one without text, one for somebody else, and one under a used Bundle.id."""
    taken = letter()
    return [taken, letter(letter={"payload": []}), letter(receiver=MUNICIPALITY), letter(bundle_id=taken.bundle_id)]


@pytest.fixture
def acknowledged(letters: list[Letter], deliver: Callable[[Resource], FhirAnswer]) -> list[Document]:
    """The answers to the letters."""
    return [deliver(one.message()).expect(200).resource for one in letters]


RULES = (
    "medcom-bundle-is-message",
    "medcom-bundle-id-is-uuid",
    "medcom-bundle-timestamp",
    "medcom-entry-full-urls",
    "medcom-header-first",
    "medcom-header-id-is-uuid",
    "medcom-header-event",
    "medcom-header-profile",
    "medcom-header-one-primary-receiver",
    "medcom-header-no-copies",
    "medcom-header-sender-bundled",
    "medcom-header-receiver-bundled",
    "medcom-header-endpoints",
    "medcom-organization-sor",
    "medcom-organization-gln",
    "medcom-provenance-of-message",
    "medcom-provenance-one-target",
    "medcom-provenance-time",
    "medcom-provenance-agent",
    "medcom-provenance-activity-system",
    "medcom-provenance-profile",
    "medcom-provenance-entity",
    "medcom-references-bundled",
    "medcom-times-with-offset",
    "medcom-narrative",
    "medcom-narrative-tells",
    "medcom-ack-event",
    "medcom-ack-definition",
    "medcom-ack-code",
    "medcom-ack-identifier",
    "medcom-ack-outcome-unless-ok",
    "medcom-ack-outcome-says-why",
    "medcom-ack-refusal-is-grave",
    "medcom-ack-activity",
    "medcom-ack-provenance-of-both",
    "medcom-ack-nothing-of-the-patient",
)


@each_rule(*RULES)
def test_every_acknowledgement_keeps_the_rule(
    acknowledged: list[Document], violations: Callable[[str, Any], list[str]], rule: str
) -> None:
    """Whether the message was taken or refused, and why."""
    codes = [value_at(one, "entry", 0, "resource", "response", "code") for one in acknowledged]
    assert codes == CODES, "the answers are not what they should be"
    broken = [found for message in acknowledged for found in violations(rule, message)]
    assert broken == [], "an acknowledgement breaks a rule of its form"


@pytest.mark.rule("medcom-ack-as-answered", "medcom-ack-names-the-message", "medcom-parties-alike")
def test_an_acknowledgement_goes_to_the_sender_and_says_what_became_of_the_message(
    letters: list[Letter], acknowledged: list[Document], hospital: Resource, between: Document
) -> None:
    """MessageHeader, both Organizations and OperationOutcome, whole: response, definition, endpoints, identifiers."""
    event = {"system": f"{TERMS}/medcom-messaging-eventCodes", "code": "acknowledgement-message"}
    for one, code, document in zip(letters, CODES, acknowledged, strict=True):
        told = as_sent(said(as_sent(document)))
        (header,) = told["MessageHeader"]
        response = {"identifier": one.header_id, "code": code}
        (sent_from,) = (value_at(entry, "source", "endpoint") for entry in headers_of(one.message()))
        assert {name: header[name] for name in header if name != "definition"} == {
            "eventCoding": event,
            "destination": [{**between["destination"][0], "endpoint": sent_from}],
            "sender": {"reference": "#sender"},
            "source": between["source"],
            "response": response if code == "ok" else {**response, "details": {"reference": "#OperationOutcome"}},
        }
        assert told["sender"] == [hospital], "somebody else acknowledges"
        assert told["receiver"] == [{name: MUNICIPALITY[name] for name in ("identifier", "name")}]
        assert [len(outcome["issue"]) for outcome in told.get("OperationOutcome", [])] == ([] if code == "ok" else [1])


@pytest.mark.rule("medcom-ack-as-answered")
def test_an_acknowledgement_keeps_all_rules_at_once(
    acknowledged: list[Document], violations: Callable[[str, Any], list[str]]
) -> None:
    """Nothing at all is wrong with it.

    Of every resource id, fullUrl, meta.profile, identifier, references and text (status and div) are as they must be:
    MessageHeader, Organization, Provenance, OperationOutcome.
    """
    broken = [found for message in acknowledged for rule in RULES for found in violations(rule, message)]
    assert (len(acknowledged), broken) == (len(CODES), []), "an acknowledgement breaks a rule"


@pytest.mark.rule("medcom-ack-as-answered", "medcom-made-when-sent")
def test_an_acknowledgement_tells_where_the_message_came_from(
    letters: list[Letter], acknowledged: list[Document]
) -> None:
    """One Provenance of the message, one of the answer: target, occurredDateTime, recorded, activity, agent, entity."""
    now = datetime.now(UTC)
    for one, document in zip(letters, acknowledged, strict=True):
        first, second = as_sent(said(as_sent(document)))["Provenance"]
        earlier, own = (first, second) if second["target"] == [{"reference": "#MessageHeader"}] else (second, first)
        assert (earlier["activity"], earlier["agent"]) == activity_by("new-message", "#receiver")
        assert (own["activity"], own["agent"]) == activity_by("acknowledgement", "#sender")
        (target,) = earlier["target"]
        (entity,) = own["entity"]
        leads = [str(found["reference"])[-UUID_LENGTH:] for found in (target, entity["what"])]
        assert (leads, entity["role"]) == ([one.header_id] * 2, "revision"), "another message is acknowledged"
        assert earlier["occurredDateTime"] == datetime.fromisoformat(WRITTEN), "the letter is of another time"
        made = [own["occurredDateTime"], own["recorded"], datetime.fromisoformat(value_at(document, "timestamp"))]
        assert all(abs(moment - now) < CLOCKS_DIFFER for moment in made), "the answer is of another time"
        assert earlier["recorded"] == earlier["occurredDateTime"] or abs(earlier["recorded"] - now) < CLOCKS_DIFFER


def activity_by(code: str, organization: str) -> tuple[Document, list[Document]]:
    """Return activity and agent of a Provenance: what was done, and by whom."""
    return {"coding": [{"system": ACTIVITIES, "code": code}]}, [{"who": {"reference": organization}}]


def headers_of(message: Document) -> list[Document]:
    """Return the headers of a message of ours."""
    found = [value_at(entry, "resource") for entry in value_at(message, "entry")]
    return [one for one in found if one["resourceType"] == "MessageHeader"]
