"""Checks of acknowledgements (MedCom Acknowledgement 2.0.3); a document is the message Bundle."""

from __future__ import annotations

from collections.abc import Iterator

from epjgate.contracts.checks.interface import Document, check
from epjgate.contracts.checks.medcom_bundle import (
    MEDCOM,
    Resource,
    activity_of,
    all_of,
    header_of,
    led_to,
    own_provenances,
    uuid_of,
)

CODES = ("ok", "transient-error", "fatal-error")
DEFINITION = f"{MEDCOM}/acknowledgement/medcom-acknowledgement-message-definition"
SEVERITIES = ("fatal", "error", "warning", "information")
ISSUES = frozenset(
    {
        "invalid",
        "structure",
        "required",
        "value",
        "invariant",
        "security",
        "login",
        "unknown",
        "expired",
        "forbidden",
        "suppressed",
        "processing",
        "not-supported",
        "duplicate",
        "multiple-matches",
        "not-found",
        "deleted",
        "too-long",
        "code-invalid",
        "extension",
        "too-costly",
        "business-rule",
        "conflict",
        "transient",
        "lock-error",
        "no-store",
        "exception",
        "timeout",
        "incomplete",
        "throttled",
        "informational",
    }
)
"""FHIR R4, code system issue-type."""


@check("medcom-ack-event")
def ack_event(document: Document) -> Iterator[str]:
    """The header is that of an acknowledgement."""
    event = header_of(document)["eventCoding"]["code"]
    if event != "acknowledgement-message":
        yield f"MessageHeader.eventCoding is {event!r}"


@check("medcom-ack-definition")
def ack_definition(document: Document) -> Iterator[str]:
    """The header names the definition of the message, whatever the version behind `|`."""
    definition = header_of(document)["definition"]
    if definition.partition("|")[0] != DEFINITION:
        yield f"MessageHeader.definition is {definition!r}"


@check("medcom-ack-code")
def ack_code(document: Document) -> Iterator[str]:
    """MessageHeader.response.code."""
    code = _response(document)["code"]
    if code not in CODES:
        yield f"MessageHeader.response.code is {code!r}"


@check("medcom-ack-identifier")
def ack_identifier(document: Document) -> Iterator[str]:
    """MessageHeader.response.identifier is an identity, and not that of the acknowledgement itself."""
    identifier = _response(document)["identifier"]
    if uuid_of(identifier) is None or identifier in (document["id"], header_of(document)["id"]):
        yield f"MessageHeader.response.identifier is {identifier!r}"


@check("medcom-ack-outcome-unless-ok")
def ack_outcome_unless_ok(document: Document) -> Iterator[str]:
    """medcom-acknowledgement-1, and the header leads there."""
    response = _response(document)
    outcome = led_to(document, response.get("details", {}).get("reference"), "OperationOutcome")
    if response["code"] != "ok" and outcome is None:
        yield f"MessageHeader.response.details leads to no OperationOutcome, and the code is {response['code']!r}"


@check("medcom-ack-outcome-says-why")
def ack_outcome_says_why(document: Document) -> Iterator[str]:
    """An OperationOutcome has issues, each with severity, code and words."""
    for outcome in all_of(document, "OperationOutcome"):
        if not outcome["issue"]:
            yield "OperationOutcome.issue is empty"
        for issue in outcome["issue"]:
            details = issue.get("details", {})
            if issue["severity"] not in SEVERITIES or issue["code"] not in ISSUES:
                yield f"OperationOutcome.issue: {issue['severity']!r}, {issue['code']!r}"
            if not (details.get("text") or details.get("coding") or issue.get("diagnostics")):
                yield "OperationOutcome.issue does not say what is wrong"


@check("medcom-ack-refusal-is-grave")
def ack_refusal_is_grave(document: Document) -> Iterator[str]:
    """Who is refused has an error before them, not a warning that can be overlooked."""
    if _response(document)["code"] == "ok":
        return
    told = [issue["severity"] for outcome in all_of(document, "OperationOutcome") for issue in outcome["issue"]]
    if told and not {"fatal", "error"} & set(told):
        yield f"MessageHeader.response.code is {_response(document)['code']!r}, and the gravest issue is {told}"


@check("medcom-ack-activity")
def ack_activity(document: Document) -> Iterator[str]:
    """Its own Provenance says that it acknowledges, and what: by the id of that message."""
    wanted = _response(document)["identifier"]
    for provenance in own_provenances(document):
        _, code = activity_of(provenance)
        if code != "acknowledgement":
            yield f"Provenance.activity is {code!r}"
        for entity in provenance.get("entity", []):
            if not str(entity["what"].get("reference")).endswith(wanted):
                yield "Provenance.entity names another message than the one that is acknowledged"


@check("medcom-ack-provenance-of-both")
def ack_provenance_of_both(document: Document) -> Iterator[str]:
    """One Provenance tells of the message that is acknowledged, one of the acknowledgement."""
    wanted = _response(document)["identifier"]
    targets = [target["reference"] for one in all_of(document, "Provenance") for target in one["target"]]
    if not any(target.endswith(wanted) for target in targets):
        yield "Provenance: none tells of the message that is acknowledged"


@check("medcom-ack-nothing-of-the-patient")
def ack_nothing_of_the_patient(document: Document) -> Iterator[str]:
    """An acknowledgement says what became of a message, and holds nothing of it."""
    told = [kind for kind in ("Patient", "Communication", "Encounter") if all_of(document, kind)]
    if told:
        yield f"the acknowledgement holds {', '.join(told)}"


def _response(document: Document) -> Resource:
    response: Resource = header_of(document)["response"]
    return response
