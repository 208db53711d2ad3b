"""What an answer says of itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from epjgate.drivers.answer import Answer
from epjgate.errors import CandidateFault
from epjgate.model.redaction import Redactor


def answer(content: bytes, status: int = 200) -> Answer:
    redact = Redactor(b"a key for tests").text
    return Answer("GET", "http://epj.example/fhir", status, CaseInsensitiveDict(), content, 0.0123, redact)


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_text_is_the_body_as_utf_8(text: str) -> None:
    """Every letter that was sent is there."""
    assert answer(text.encode()).text == text


def test_a_body_that_is_not_utf_8_is_the_candidates_fault() -> None:
    """Latin-1 is named as such, with what was asked, as text and as JSON."""
    latin = answer('{"a":"blødning"}'.encode("latin-1"))
    with pytest.raises(CandidateFault, match=r"GET http://epj\.example/fhir -> 200: the body is not UTF-8"):
        _ = latin.text
    with pytest.raises(CandidateFault, match=r"the body is no JSON .*bl\ufffddning"):
        latin.json()


@pytest.mark.parametrize("content", [b"", b"<html>busy</html>", b'{"a":', b"NaN"])
def test_a_body_that_is_no_json_is_the_candidates_fault(content: bytes) -> None:
    """The message holds what was asked, the status and the first bytes."""
    with pytest.raises(CandidateFault, match=r"GET http://epj\.example/fhir -> 200: the body is no JSON") as caught:
        answer(content).json()
    assert content.decode() in str(caught.value)


def test_json_keeps_decimals() -> None:
    """5.10 is read with both digits."""
    assert str(answer(b'{"value": 5.10}').json()["value"]) == "5.10"


def test_describe_is_one_line_without_numbers_of_persons() -> None:
    """What was asked, what came, how long it took and how the body begins; CPR numbers and line breaks are gone."""
    told = answer(b'{"cpr":\n"0203754321"}', status=422).describe()
    assert told.startswith('GET http://epj.example/fhir -> 422 in 12 ms: {"cpr": "[cpr ')
    assert "0203754321" not in told
    assert answer(b"").describe().endswith(": no body")


def test_describe_cuts_a_long_body() -> None:
    """A long body is cut with its length, never through a CPR number."""
    told = answer(b"x" * 195 + b" 0203754321" + b"y" * 100).describe()
    assert told.endswith(" ... (306 bytes)")
    assert "0203" not in told


def test_expect_returns_the_answer_or_names_what_came() -> None:
    """A status that was not expected is the candidate's fault, with the description."""
    good = answer(b"{}", status=201)
    assert good.expect(200, 201) is good
    with pytest.raises(CandidateFault, match=r"expected 200 or 204: GET .* -> 201 in 12 ms"):
        good.expect(200, 204)
