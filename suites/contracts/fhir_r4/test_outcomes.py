"""OperationOutcome: what is refused is explained in the codes of R4, and in words."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from epjgate.drivers.fhir import FhirAnswer, FhirClient, value_at
from epjgate.model.person import Person
from population.cpr import CPR_SYSTEM
from population.fhir_r4 import patient

# http://hl7.org/fhir/R4/codesystem-issue-type.html: the codes, by the concept that they are kinds of.
INVALID = frozenset({"invalid", "structure", "required", "value", "invariant"})
NOT_FOUND = frozenset({"not-found", "deleted"})
PROCESSING = NOT_FOUND | {
    "processing", "not-supported", "duplicate", "multiple-matches", "too-long", "code-invalid", "extension",
    "too-costly", "business-rule", "conflict",
}  # fmt: skip
SECURITY = frozenset({"security", "login", "unknown", "expired", "forbidden", "suppressed"})
TRANSIENT = frozenset({"transient", "lock-error", "no-store", "exception", "timeout", "incomplete", "throttled"})
ISSUE_TYPES = INVALID | PROCESSING | SECURITY | TRANSIENT | {"informational"}
SEVERITIES = frozenset({"fatal", "error", "warning", "information"})

FITTING = {
    400: INVALID | PROCESSING,
    404: NOT_FOUND | {"not-supported"},
    405: frozenset({"not-supported"}),
    406: frozenset({"not-supported"}),
    410: NOT_FOUND,
    412: frozenset({"conflict", "multiple-matches", "business-rule"}),
    415: frozenset({"not-supported"}),
    422: INVALID | PROCESSING,
}
"""Which codes of issues say the same as a status."""


def _deleted(fhir: FhirClient, person: Person) -> FhirAnswer:
    made = fhir.create(patient(person)).expect(201).id
    fhir.delete("Patient", made).expect(200, 202, 204)
    return fhir.read("Patient", made)


def _old_version(fhir: FhirClient, person: Person) -> FhirAnswer:
    made = fhir.create(patient(person)).expect(201).id
    return fhir.update({**patient(person), "id": made}, if_match="987654321")


def _several(fhir: FhirClient, person: Person) -> FhirAnswer:
    for _ in range(2):
        fhir.create(patient(person)).expect(201)
    return fhir.create(patient(person), if_none_exist=f"identifier={CPR_SYSTEM}|{person.cpr}")


REFUSALS: dict[str, Callable[[FhirClient, Person], FhirAnswer]] = {
    "no such patient": lambda fhir, _: fhir.read("Patient", "no-such-patient"),
    "no such type": lambda fhir, _: fhir.request("GET", "NoSuchType/1"),
    "deleted": _deleted,
    "no JSON": lambda fhir, _: fhir.request("POST", "Patient", body="<Patient/>"),
    "another type": lambda fhir, person: fhir.request("POST", "Observation", body=json.dumps(patient(person))),
    "wrong kind of element": lambda fhir, person: fhir.create(patient(person, name="not a list")),
    "old version": _old_version,
    "several matches": _several,
    "failed transaction": lambda fhir, _: fhir.transaction(
        {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [{"request": {"method": "GET", "url": "Patient/no-such-patient"}}],
        }
    ),
}


@pytest.mark.rule("fhir-outcome-issues-coded")
@pytest.mark.severity("normal")
@pytest.mark.parametrize("refusal", REFUSALS)
def test_every_issue_has_its_codes(fhir: FhirClient, person: Person, refusal: str) -> None:
    """OperationOutcome.issue: at least one, each with a severity and a code of the value sets that R4 requires."""
    answer = REFUSALS[refusal](fhir, person)
    assert answer.status >= 400, answer.describe()
    issues = answer.resource.get("issue", [])
    assert issues, answer.describe()
    for issue in issues:
        assert value_at(issue, "severity") in SEVERITIES, answer.describe()
        assert value_at(issue, "code") in ISSUE_TYPES, answer.describe()


@pytest.mark.rule("fhir-outcome-fits-the-status", "fhir-outcome-in-words")
@pytest.mark.severity("normal")
@pytest.mark.parametrize("refusal", REFUSALS)
def test_the_outcome_says_what_the_status_says(fhir: FhirClient, person: Person, refusal: str) -> None:
    """OperationOutcome.issue: an error whose code is a kind of what the status means, each told once and in words.

    The words stand in details.text or in diagnostics.
    """
    answer = REFUSALS[refusal](fhir, person)
    outcome = answer.outcome
    assert outcome is not None, answer.describe()
    errors = [issue for issue in outcome.issues if issue.severity in ("fatal", "error")]
    assert errors, answer.describe()
    assert {issue.code for issue in errors} <= FITTING[answer.status], answer.describe()
    assert len(set(outcome.issues)) == len(outcome.issues), "an issue is told twice"
    told = [issue.get("diagnostics") or issue.get("details", {}).get("text") for issue in answer.resource["issue"]]
    assert all(told), f"an issue is told by codes alone: {answer.describe()}"
