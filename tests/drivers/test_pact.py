"""Verifications of pacts: what the candidate breaks, what could not be tested, and what is missing stay apart."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.drivers.notebook import TOKEN, Notebook, notebook

from epjgate.drivers.http import RecordedSession
from epjgate.drivers.pact import verify
from epjgate.drivers.pact_provider import Provider, SetUp
from epjgate.drivers.pacts import Interaction
from epjgate.errors import CandidateFault, CandidateUnreachable, SuitesFailed
from epjgate.evidence.recorder import Recorder
from epjgate.model.redaction import Redactor

READ = Interaction("shopper", "reads a note", ("there is a note",))
STATE: dict[str, SetUp] = {"there is a note": lambda: {"id": "n1"}}


@pytest.fixture
def pact(tmp_path: Path) -> Path:
    """A pact of one interaction, whose path holds a value of its provider state."""
    request = {
        "method": "GET",
        "path": "/notes/n99",
        "generators": {"path": {"type": "ProviderState", "expression": "/notes/${id}", "dataType": "STRING"}},
    }
    body = {"content": {"id": "n99", "text": "milk"}, "contentType": "application/json", "encoded": False}
    any_id = {"combine": "AND", "matchers": [{"match": "regex", "regex": "n[0-9]+"}]}
    response = {"status": 200, "body": body, "matchingRules": {"body": {"$.id": any_id}}}
    return _written(tmp_path, request, response)


def _written(folder: Path, request: Mapping[str, Any], response: Mapping[str, Any]) -> Path:
    interaction = {
        "type": "Synchronous/HTTP",
        "description": READ.description,
        "providerStates": [{"name": state} for state in READ.states],
        "request": request,
        "response": response,
    }
    pact = {
        "consumer": {"name": "shopper"},
        "provider": {"name": "notebook"},
        "interactions": [interaction],
        "metadata": {"pactSpecification": {"version": "4.0"}},
    }
    file = folder / "shopper.json"
    file.write_text(json.dumps(pact), encoding="utf-8")
    return file


@pytest.fixture
def book() -> Iterator[Notebook]:
    """A notebook with one note."""
    with notebook() as book:
        book.notes["n1"] = "milk"
        yield book


@pytest.fixture
def recorder() -> Recorder:
    """Where exchanges go."""
    return Recorder(Redactor(b"key"))


def session(url: str, recorder: Recorder) -> RecordedSession:
    """Return a session that is signed in."""
    return RecordedSession(url, recorder, timeout_s=5, headers={"Authorization": f"Bearer {TOKEN}"})


def test_an_interaction_that_is_honoured_is_verified_with_the_values_of_its_state(
    pact: Path, book: Notebook, recorder: Recorder
) -> None:
    """The request holds what the state gave, is signed in, and is recorded."""
    with session(book.url, recorder) as http, Provider(http, STATE) as provider:
        verified = verify(pact, "notebook", READ, provider)
    assert (verified.mismatches, verified.requests) == ((), 1)
    assert [(method, path) for method, path, _ in book.asked] == [("GET", "/notes/n1")]
    assert [exchange.status for exchange in recorder.exchanges] == [200]


def test_what_the_candidate_answers_otherwise_is_told_in_words(pact: Path, book: Notebook, recorder: Recorder) -> None:
    """A mismatch names the place, what was expected and what came."""
    book.notes["n1"] = "bread"
    with session(book.url, recorder) as http, Provider(http, STATE) as provider:
        verified = verify(pact, "notebook", READ, provider)
    (mismatch,) = verified.mismatches
    assert "$.text" in mismatch
    assert "bread" in mismatch
    assert "milk" in mismatch


def test_a_status_that_is_not_expected_is_a_mismatch(pact: Path, book: Notebook, recorder: Recorder) -> None:
    """The candidate lost the note: that is its fault."""
    book.notes.clear()
    with session(book.url, recorder) as http, Provider(http, STATE) as provider:
        verified = verify(pact, "notebook", READ, provider)
    assert any("200" in mismatch and "404" in mismatch for mismatch in verified.mismatches)


def _refused() -> Mapping[str, str]:
    raise CandidateFault("expected 201: POST /notes -> 400")


@pytest.mark.parametrize("states", [{}, {"there is a note": _refused}])
def test_a_state_that_cannot_be_set_up_blames_nobody_but_the_harness(
    states: dict[str, SetUp], pact: Path, book: Notebook, recorder: Recorder
) -> None:
    """Nothing was verified, so the candidate is not said to break the pact, nor to honour it."""
    with session(book.url, recorder) as http, Provider(http, states) as provider:
        with pytest.raises(SuitesFailed, match="could not be set up") as caught:
            verify(pact, "notebook", READ, provider)
        assert provider.handed_on == 0
    assert "there is a note" in caught.value.cause


def test_a_candidate_that_does_not_answer_is_unreachable(pact: Path, recorder: Recorder) -> None:
    """No answer is neither a broken pact nor a fault of the harness."""
    with notebook() as gone:
        url = gone.url
    with (
        session(url, recorder) as http,
        Provider(http, STATE) as provider,
        pytest.raises(CandidateUnreachable, match="no complete answer"),
    ):
        verify(pact, "notebook", READ, provider)


def test_an_interaction_that_the_pact_does_not_hold_has_no_result(
    pact: Path, book: Notebook, recorder: Recorder
) -> None:
    """A verifier that found nothing to verify has verified nothing."""
    other = Interaction("shopper", "reads all notes", ())
    with (
        session(book.url, recorder) as http,
        Provider(http, STATE) as provider,
        pytest.raises(SuitesFailed, match="no verification result"),
    ):
        verify(pact, "notebook", other, provider)
