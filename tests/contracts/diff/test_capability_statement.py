"""What changed in a CapabilityStatement."""

from __future__ import annotations

from typing import Any

import pytest

from epjgate.contracts.diff.capability_statement import differences
from epjgate.model.contract_change import Grade

BREAKING, RISKY, SAFE = Grade.BREAKING, Grade.RISKY, Grade.SAFE
PATIENT: dict[str, Any] = {
    "type": "Patient",
    "profile": "urn:p",
    "supportedProfile": ["urn:dk"],
    "interaction": [{"code": "read"}, {"code": "search-type"}],
    "versioning": "versioned",
    "readHistory": True,
    "conditionalCreate": True,
    "conditionalRead": "not-match",
    "conditionalDelete": "single",
    "referencePolicy": ["literal"],
    "searchInclude": ["Patient:general-practitioner"],
    "searchParam": [{"name": "birthdate", "type": "date"}, {"name": "identifier", "type": "token"}],
    "operation": [{"name": "everything", "definition": "urn:everything"}],
}
SERVER: dict[str, Any] = {
    "mode": "server",
    "security": {"cors": True, "service": [{"coding": [{"code": "SMART-on-FHIR"}]}]},
    "resource": [PATIENT],
    "interaction": [{"code": "transaction"}],
    "searchParam": [{"name": "_id", "type": "token"}],
    "operation": [{"name": "process-message", "definition": "urn:process"}],
}
STATEMENT: dict[str, Any] = {
    "resourceType": "CapabilityStatement",
    "fhirVersion": "4.0.1",
    "format": ["json", "xml"],
    "implementationGuide": ["urn:dk-core"],
    "rest": [SERVER],
    "messaging": [{"supportedMessage": [{"mode": "sender", "definition": "urn:notification"}]}],
}


def _whole(**update: Any) -> Any:
    return {**STATEMENT, **update}


def _server(**update: Any) -> Any:
    return _whole(rest=[{**SERVER, **update}])


def _patient(**update: Any) -> Any:
    kept = {**PATIENT, **update}
    return _server(resource=[{key: value for key, value in kept.items() if value is not None}])


CHANGES: list[tuple[Any, str, Grade, str]] = [
    (_whole(fhirVersion="5.0.0"), "version-changed", BREAKING, "fhirVersion"),
    (_whole(format=["json"]), "format-removed", BREAKING, "format xml"),
    (_whole(format=["json", "xml", "ttl"]), "format-added", SAFE, "format ttl"),
    (_whole(implementationGuide=[]), "guide-removed", BREAKING, "guide urn:dk-core"),
    (_whole(instantiates=["urn:b"]), "guide-added", SAFE, "guide urn:b"),
    (_whole(messaging=[]), "message-removed", BREAKING, "messaging sender urn:notification"),
    (_server(resource=[]), "resource-removed", BREAKING, "Patient"),
    (_server(resource=[PATIENT, {"type": "Media"}]), "resource-added", SAFE, "Media"),
    (_server(interaction=[]), "interaction-removed", BREAKING, "system interaction transaction"),
    (_server(operation=[]), "operation-removed", BREAKING, "system operation $process-message"),
    (_server(searchParam=[]), "search-param-removed", BREAKING, "system param _id"),
    (_server(security={"cors": True}), "security-removed", BREAKING, "security"),
    (
        _server(security={"cors": True, "description": "by letter"}),
        *("security-service-removed", BREAKING, "security SMART-on-FHIR"),
    ),
    (_server(security={**SERVER["security"], "cors": False}), "ability-removed", BREAKING, "security cors"),
    (_patient(interaction=[{"code": "read"}]), "interaction-removed", BREAKING, "Patient interaction search-type"),
    (
        _patient(interaction=[*PATIENT["interaction"], {"code": "create"}]),
        *("interaction-added", SAFE, "Patient interaction create"),
    ),
    (_patient(searchParam=PATIENT["searchParam"][1:]), "search-param-removed", BREAKING, "Patient param birthdate"),
    (
        _patient(searchParam=[{"name": "birthdate", "type": "string"}, PATIENT["searchParam"][1]]),
        *("search-param-type-changed", BREAKING, "Patient param birthdate"),
    ),
    (
        _patient(searchParam=[*PATIENT["searchParam"], {"name": "name", "type": "string"}]),
        *("search-param-added", SAFE, "Patient param name"),
    ),
    (_patient(operation=[]), "operation-removed", BREAKING, "Patient operation $everything"),
    (
        _patient(operation=[{"name": "everything", "definition": "urn:other"}]),
        *("operation-defined-anew", RISKY, "Patient operation $everything"),
    ),
    (_patient(supportedProfile=[]), "profile-removed", BREAKING, "Patient profile urn:dk"),
    (_patient(supportedProfile=["urn:dk", "urn:e"]), "profile-added", SAFE, "Patient profile urn:e"),
    (_patient(profile="urn:q"), "base-profile-changed", RISKY, "Patient base profile"),
    (_patient(searchInclude=[]), "include-removed", BREAKING, "Patient include Patient:general-practitioner"),
    (_patient(searchInclude=["*"]), "include-added", SAFE, "Patient include *"),
    (
        _patient(searchRevInclude=["Observation:patient"]),
        "include-added",
        SAFE,
        "Patient revinclude Observation:patient",
    ),
    (_patient(versioning="no-version"), "versioning-changed", BREAKING, "Patient versioning"),
    (_patient(versioning="versioned-update"), "versioning-changed", BREAKING, "Patient versioning"),
    (_patient(readHistory=None), "ability-removed", BREAKING, "Patient readHistory"),
    (_patient(conditionalCreate=False), "ability-removed", BREAKING, "Patient conditionalCreate"),
    (_patient(conditionalUpdate=True), "ability-added", SAFE, "Patient conditionalUpdate"),
    (_patient(conditionalRead="modified-since"), "ability-removed", BREAKING, "Patient conditionalRead"),
    (_patient(conditionalRead="full-support"), "ability-added", SAFE, "Patient conditionalRead"),
    (_patient(conditionalDelete="not-supported"), "ability-removed", BREAKING, "Patient conditionalDelete"),
    (_patient(conditionalDelete="multiple"), "conditional-delete-several", BREAKING, "Patient conditionalDelete"),
    (_patient(updateCreate=True), "update-creates", RISKY, "Patient updateCreate"),
    (_patient(referencePolicy=[]), "reference-policy-tightened", BREAKING, "Patient referencePolicy literal"),
    (
        _patient(referencePolicy=["literal", "enforced"]),
        *("reference-policy-tightened", BREAKING, "Patient referencePolicy enforced"),
    ),
    (
        _patient(referencePolicy=["literal", "logical"]),
        *("reference-policy-loosened", SAFE, "Patient referencePolicy logical"),
    ),
    ({"resourceType": "OperationOutcome"}, "not-comparable", BREAKING, "CapabilityStatement"),
    (_whole(rest="none"), "not-comparable", BREAKING, "CapabilityStatement"),
    (_patient(searchParam=[{"type": "date"}]), "not-comparable", BREAKING, "CapabilityStatement"),
    (_patient(conditionalDelete="sometimes"), "not-comparable", BREAKING, "CapabilityStatement"),
    (_patient(supportedProfile=[1]), "not-comparable", BREAKING, "CapabilityStatement"),
]


@pytest.mark.parametrize(("after", "rule", "grade", "place"), CHANGES)
def test_a_change_is_graded(after: Any, rule: str, grade: Grade, place: str) -> None:
    """By what a client can no longer ask for, or asks for and gets otherwise."""
    (change,) = differences(STATEMENT, after)
    assert (change.rule, change.grade, change.place) == (f"diff-fhir-{rule}", grade, place)


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        (_patient(versioning=None), STATEMENT, "versioning-gained"),
        (_patient(updateCreate=True), STATEMENT, "ability-removed"),
        (_server(security={"description": "none"}), STATEMENT, "security-demanded"),
        (_patient(referencePolicy=["literal", "enforced"]), STATEMENT, "reference-policy-loosened"),
        (_server(security={"service": [{"text": "Basic"}]}), _server(security={}), "security-removed"),
        (_whole(messaging=[]), STATEMENT, "message-added"),
        (_server(operation=[]), STATEMENT, "operation-added"),
    ],
)
def test_a_change_the_other_way_is_graded(before: Any, after: Any, rule: str) -> None:
    """What was missing and is there now."""
    rules = {change.rule.removeprefix("diff-fhir-") for change in differences(before, after)} - {"ability-added"}
    assert rules == {rule}


def test_another_way_to_sign_in_is_safe() -> None:
    """The old one still is there."""
    services = [*SERVER["security"]["service"], {"coding": [{"code": "OAuth"}]}]
    (change,) = differences(STATEMENT, _server(security={**SERVER["security"], "service": services}))
    assert (change.rule, change.grade) == ("diff-fhir-security-service-added", SAFE)


def test_order_defaults_and_texts_mean_nothing() -> None:
    """A date, a version of the software, a flag told that was understood: no change."""
    told = _patient(conditionalUpdate=False, updateCreate=False, documentation="text")
    again = {
        **told,
        "format": ["xml", "json"],
        "date": "2026-01-01",
        "software": {"version": "9"},
        "rest": [*told["rest"], {"mode": "client"}],
    }
    assert list(differences(STATEMENT, again)) == []
    assert list(differences("no statement", "no statement")) == []


def test_an_include_of_everything_takes_nothing_away() -> None:
    """`*` stands for each that was named."""
    changes = list(differences(STATEMENT, _patient(searchInclude=["*"])))
    assert [change.grade for change in changes] == [SAFE]
