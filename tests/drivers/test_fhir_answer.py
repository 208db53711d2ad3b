"""FHIR answers: resources, outcomes and pages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from epjgate.drivers.answer import Answer
from epjgate.drivers.fhir_answer import FhirAnswer, Issue, OperationOutcome
from epjgate.errors import CandidateFault
from epjgate.model.redaction import Redactor

PATIENT = {"resourceType": "Patient", "id": "7", "meta": {"versionId": "3"}}
OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [
        {
            "severity": "error",
            "code": "invariant",
            "details": {"text": "no name"},
            "diagnostics": "rule pat-1 of 0203754321",
            "expression": ["Patient.contact[0]"],
        },
        {"severity": "warning", "code": "informational", "details": {"coding": [{"display": "old"}]}},
    ],
}


def answer(body: object, status: int = 200, **headers: str) -> FhirAnswer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    redact = Redactor(b"a key for tests").text
    named = CaseInsensitiveDict(headers)
    return FhirAnswer.of(Answer("GET", "http://epj.example/fhir", status, named, content, 0.001, redact))


def page(*entries: object, **elements: object) -> FhirAnswer:
    return answer({"resourceType": "Bundle", "type": "searchset", "entry": list(entries), **elements})


def test_a_fhir_answer_holds_all_of_the_answer() -> None:
    """Nothing of the plain answer is lost."""
    plain = Answer("GET", "u", 201, CaseInsensitiveDict({"A": "b"}), b"{}", 0.5, str)
    whole = FhirAnswer.of(plain)
    assert (whole.method, whole.url, whole.status, whole.content, whole.duration_s) == ("GET", "u", 201, b"{}", 0.5)
    assert (whole.headers["a"], whole.redact) == ("b", str)


def test_a_resource_is_a_copy_of_its_own() -> None:
    """Changing what was read does not change what was answered."""
    read = answer(PATIENT)
    read.resource["id"] = "8"
    assert (read.resource, read.id, read.version) == (PATIENT, "7", "3")


@pytest.mark.parametrize("body", [b"", b"<html>", [], "text", {"id": "1"}, {"resourceType": 7}])
def test_what_is_no_resource_is_the_candidates_fault(body: object) -> None:
    """A body without a resourceType is nothing that FHIR knows."""
    with pytest.raises(CandidateFault, match=r"no FHIR resource|no JSON"):
        _ = answer(body).resource


@pytest.mark.parametrize("location", ["http://epj/fhir/Patient/9/_history/1", "Patient/9"])
@pytest.mark.parametrize("body", [b"", OUTCOME])
def test_the_id_comes_from_the_location_where_the_body_has_none(body: object, location: str) -> None:
    """After `Prefer: return=minimal` or `OperationOutcome` the Location header names the new resource."""
    assert answer(body, 201, location=location).id == "9"


@pytest.mark.parametrize("headers", [{}, {"location": "9"}, {"location": "Patient/"}])
def test_an_id_that_nobody_named_is_the_candidates_fault(headers: dict[str, str]) -> None:
    """Neither body nor header: there is no way to find what was created."""
    with pytest.raises(CandidateFault, match="names the id"):
        _ = answer(b"", 201, **headers).id


def test_a_resource_without_id_or_version_is_the_candidates_fault() -> None:
    """The body speaks for itself: a missing id is not looked for elsewhere."""
    bare = answer({"resourceType": "Patient"}, location="Patient/9")
    with pytest.raises(CandidateFault, match=r"Patient\.id is missing"):
        _ = bare.id
    with pytest.raises(CandidateFault, match=r"Patient\.meta\.versionId is missing"):
        _ = bare.version


def test_headers_are_given_as_they_were_sent() -> None:
    """ETag and Location, or None."""
    assert answer(PATIENT, etag='W/"3"', location="x").etag == 'W/"3"'
    assert answer(PATIENT, location="x").location == "x"
    assert (answer(PATIENT).etag, answer(PATIENT).location) == (None, None)


def test_an_outcome_is_read_issue_by_issue() -> None:
    """Severity, code, all texts and the elements that an issue is about."""
    assert answer(OUTCOME, 422).outcome == OperationOutcome(
        (
            Issue("error", "invariant", "no name - rule pat-1 of 0203754321", ("Patient.contact[0]",)),
            Issue("warning", "informational", "old"),
        )
    )


def test_describe_tells_the_outcome_and_no_cpr_number() -> None:
    """An assertion message says what the server said, readable and redacted."""
    told = answer(OUTCOME, 422).describe()
    assert "-> 422 in 1 ms: error/invariant: no name - rule pat-1 of [cpr " in told
    assert told.endswith("(Patient.contact[0]); warning/informational: old")
    assert "0203754321" not in told


@pytest.mark.parametrize("body", [b"", b"{", b"\xe6", [], PATIENT])
def test_another_body_is_no_outcome(body: object) -> None:
    """Only an OperationOutcome is one; reading it never raises, for it serves messages."""
    assert answer(body).outcome is None


@pytest.mark.parametrize("issues", [None, [], "text", {"severity": "error"}])
def test_an_outcome_without_issues_says_so(issues: object) -> None:
    """An empty outcome is not silence."""
    outcome = answer({"resourceType": "OperationOutcome", "issue": issues}).outcome
    assert (outcome, str(outcome)) == (OperationOutcome(()), "an OperationOutcome without issues")


@pytest.mark.parametrize("issue", ["text", {}, {"details": 1, "expression": 2}, {"details": {"coding": ["x"]}}])
def test_a_malformed_issue_is_still_told(issue: object) -> None:
    """What cannot be read of an issue is named as missing."""
    outcome = answer({"resourceType": "OperationOutcome", "issue": [issue]}).outcome
    assert str(outcome) == "(no severity)/(no code): (no text)"


def test_matches_and_included_are_told_apart() -> None:
    """An entry without a search mode is a match; an outcome entry is neither."""
    found = page(
        {"resource": {"resourceType": "Patient", "id": "1"}},
        {"resource": {"resourceType": "Patient", "id": "2"}, "search": {"mode": "match"}},
        {"resource": {"resourceType": "Encounter", "id": "3"}, "search": {"mode": "include"}},
        {"resource": OUTCOME, "search": {"mode": "outcome"}},
    )
    assert [match["id"] for match in found.matches] == ["1", "2"]
    assert [extra["id"] for extra in found.included] == ["3"]


def test_an_empty_page_has_no_matches() -> None:
    """R4 leaves out `entry` where nothing was found; without a count the total is unknown, not 0."""
    empty = answer({"resourceType": "Bundle", "type": "searchset"})
    assert (empty.matches, empty.included, empty.total, empty.next_url) == ([], [], None, None)


def test_total_and_next_link_are_read() -> None:
    """The count and the link whose relation is `next`."""
    links = [{"relation": "self", "url": "a"}, {"relation": "next", "url": "b"}]
    assert (page(total=0).total, page(total=3, link=links).total, page(link=links).next_url) == (0, 3, "b")


READS: list[Any] = ["matches", "included", "total", "next_url", "entries"]


@pytest.mark.parametrize("read", READS)
def test_what_is_no_bundle_has_no_matches(read: str) -> None:
    """An outcome or a patient where a page was asked for is the candidate's fault, never an empty page."""
    with pytest.raises(CandidateFault, match="not a Bundle: GET"):
        getattr(answer(OUTCOME), read)


@pytest.mark.parametrize(
    ("read", "broken"),
    [
        ("matches", page("text")),
        ("matches", answer({"resourceType": "Bundle", "entry": {}})),
        ("matches", page({"search": {"mode": "match"}})),
        ("included", page({"search": {"mode": "include"}})),
        ("total", page(total="3")),
        ("total", page(total=True)),
        ("next_url", page(link={})),
        ("next_url", page(link=[{"url": "x"}])),
        ("next_url", page(link=[{"relation": "next"}])),
    ],
)
def test_a_broken_page_is_the_candidates_fault(read: str, broken: FhirAnswer) -> None:
    """Entries that are no objects, a count that is no number, a link without an address."""
    with pytest.raises(CandidateFault, match=r"Bundle|element"):
        getattr(broken, read)
