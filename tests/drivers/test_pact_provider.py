"""What stands between verifier and candidate: it hands on, sets up, and keeps what went wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import httpx
import pytest
from tests.drivers.notebook import TOKEN, Notebook, notebook

from epjgate.drivers.http import RecordedSession
from epjgate.drivers.pact_provider import STATES, Provider
from epjgate.errors import CandidateUnreachable
from epjgate.evidence.recorder import Recorder
from epjgate.model.redaction import Redactor

SIGNED_IN = {"Authorization": f"Bearer {TOKEN}"}


def _broken() -> Mapping[str, str]:
    raise ValueError("no such thing")


@pytest.fixture
def book() -> Iterator[Notebook]:
    """An empty notebook."""
    with notebook() as book:
        yield book


@pytest.fixture
def provider(book: Notebook) -> Iterator[Provider]:
    """It stands before the notebook, and knows a state that works and one that does not."""
    states = {"empty": lambda: {"id": "n1"}, "broken": _broken}
    with (
        RecordedSession(book.url, Recorder(Redactor(b"key")), headers=SIGNED_IN) as session,
        Provider(session, states) as provider,
    ):
        yield provider


def test_a_request_is_handed_on_with_its_body_and_the_answer_comes_back(provider: Provider, book: Notebook) -> None:
    """Method, path, body, status, headers and body are those of the other side; the sign-in is added."""
    answer = httpx.post(f"{provider.url}/notes?x=1", json={"text": "mælk"}, trust_env=False)
    assert (answer.status_code, answer.json()) == (404, {})
    answer = httpx.post(f"{provider.url}/notes", json={"text": "mælk"}, trust_env=False)
    assert (answer.status_code, answer.json()) == (201, {"id": "n1", "text": "mælk"})
    assert answer.headers["Content-Type"] == "application/json"
    assert [path for _, path, _ in book.asked] == ["/notes?x=1", "/notes"]
    assert provider.handed_on == 2
    assert provider.failures == []


def test_a_state_gives_its_values(provider: Provider, book: Notebook) -> None:
    """The verifier gets what the state made; asking for it is no request to the candidate."""
    answer = httpx.post(f"{provider.url}{STATES}", json={"state": "empty", "action": "setup"}, trust_env=False)
    assert (answer.status_code, answer.json()) == (200, {"id": "n1"})
    assert (provider.handed_on, book.asked) == (0, [])


@pytest.mark.parametrize(("state", "kind"), [("broken", ValueError), ("unheard of", KeyError)])
def test_a_state_that_cannot_be_had_is_kept(provider: Provider, state: str, kind: type[Exception]) -> None:
    """The verifier is refused at once, and why is known on this side."""
    answer = httpx.post(f"{provider.url}{STATES}", content=json.dumps({"state": state}), trust_env=False)
    assert answer.status_code == 400
    assert [type(failure) for failure in provider.failures] == [kind]


def test_a_candidate_that_is_gone_is_kept_as_unreachable() -> None:
    """The verifier sees a refusal; that there was no answer is known here."""
    with notebook() as gone:
        url = gone.url
    with RecordedSession(url, Recorder(Redactor(b"key"))) as session, Provider(session, {}) as provider:
        assert httpx.get(f"{provider.url}/notes", trust_env=False).status_code == 400
        assert [type(failure) for failure in provider.failures] == [CandidateUnreachable]
