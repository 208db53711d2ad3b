"""Replays: what a finding was seen by is sent again, with today's ids and nobody's numbers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.drivers.notebook import TOKEN, Notebook, notebook

from epjgate.drivers.http import RecordedSession
from epjgate.drivers.openapi_findings import Exploration, Finding, Step, Summary
from epjgate.drivers.openapi_replay import exchanges_of, nobodys_number, replay
from epjgate.evidence.recorder import Recorder
from epjgate.model.redaction import Redactor, numbers_in

SIGNED_IN = {"Authorization": "[secret]", "Content-Type": "application/json"}
MAKE = Step(
    method="POST",
    path="/notes",
    headers=SIGNED_IN,
    body='{"text": "milk"}',
    status=201,
    content_type="application/json",
    made="n77",
)
READ = Step(method="GET", path="/notes/n77", headers=SIGNED_IN, status=200, content_type="application/json")


@pytest.fixture
def book() -> Iterator[Notebook]:
    """An empty notebook."""
    with notebook() as book:
        yield book


@pytest.fixture
def session(book: Notebook) -> Iterator[RecordedSession]:
    """A session that is not signed in by itself."""
    with RecordedSession(book.url, Recorder(Redactor(b"key"))) as session:
        yield session


def finding(*steps: Step) -> Finding:
    """Return a finding that was seen by `steps`."""
    return Finding(
        check="a_check", operation="GET /notes/{id}", fingerprint="1", title="t", message="m", times=1, steps=steps
    )


def test_later_steps_use_the_id_that_the_server_gives_today(book: Notebook, session: RecordedSession) -> None:
    """The note of the finding is gone; the replay reads the one that it made itself."""
    replayed = replay(finding(MAKE, READ), session, TOKEN)
    assert [(method, path) for method, path, _ in book.asked] == [("POST", "/notes"), ("GET", "/notes/n1")]
    assert replayed.is_the_same


def test_another_answer_is_another_answer(session: RecordedSession) -> None:
    """What was found with 200 and is answered 404 now is not the same."""
    assert not replay(finding(READ), session, TOKEN).is_the_same


def test_the_token_goes_where_it_was_and_nowhere_else(session: RecordedSession) -> None:
    """A finding about a missing sign-in is sent again without one."""
    unsigned = READ.model_copy(update={"headers": {}, "status": 401})
    assert replay(finding(unsigned), session, TOKEN).is_the_same
    assert replay(finding(READ.model_copy(update={"status": 401})), session, None).is_the_same


def test_a_pseudonym_becomes_a_number_that_belongs_to_nobody(book: Notebook, session: RecordedSession) -> None:
    """The same pseudonym is the same number each time; it is a CPR number by its form and fails modulus 11."""
    step = MAKE.model_copy(update={"body": '{"text": "[cpr 12ab34]"}'})
    replay(finding(step, step), session, TOKEN)
    sent = [body for _, _, body in book.asked]
    assert sent[0] == sent[1] == f'{{"text": "{nobodys_number("12ab34")}"}}'
    assert numbers_in(sent[0]) == (nobodys_number("12ab34"),)


@pytest.mark.parametrize("pseudonym", ["000000", "12ab34", "ffffff", "abcdef"])
def test_nobodys_number_fails_modulus_11(pseudonym: str) -> None:
    """The check digit of every number is wrong, and nobody was born on 1 January."""
    number = nobodys_number(pseudonym)
    weighted = sum(int(digit) * weight for digit, weight in zip(number, (4, 3, 2, 7, 6, 5, 4, 3, 2, 1), strict=True))
    assert weighted % 11 != 0
    assert number[2:6] == "0260"
    assert number[:4] != "0101"


def test_bytes_that_are_no_text_are_sent_as_they_were(book: Notebook, session: RecordedSession) -> None:
    """A body that was kept as bytes arrives as the same bytes."""
    step = MAKE.model_copy(update={"body": "\xff\xfe", "binary": True, "status": 400, "made": ""})
    assert replay(finding(step), session, TOKEN).steps[-1][1].status == 400
    assert book.asked[0][2] == "��"


def test_a_reader_sees_the_findings_steps_or_else_a_sample() -> None:
    """A test that failed shows the steps of its findings; one that passed, a request that it was about."""
    summary = Summary(
        seed=1, seconds=1, requests=2, operations=1, reached=1, subjects={"a_check": 2}, samples={"a_check": READ}
    )
    clean = Exploration(summary=summary, findings=())
    assert [exchange.url for exchange in exchanges_of(clean, "a_check")] == ["/notes/n77"]
    assert list(exchanges_of(clean, "another")) == []
    told = exchanges_of(Exploration(summary=summary, findings=(finding(MAKE, READ),)), "a_check")
    assert [(exchange.method, exchange.status) for exchange in told] == [("POST", 201), ("GET", 200)]
