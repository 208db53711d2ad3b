"""The mailbox takes each message once, answers as reliable messaging asks, and follows the life of an episode."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.partners.messages import Content, bundle, letter, notification, post

from epjgate.partners.http_messages import HttpJudgement, HttpRequest
from epjgate.partners.medcom import Mailbox

NOW = datetime(2024, 3, 20, 12, tzinfo=UTC)


@pytest.fixture
def mailbox() -> Mailbox:
    """A mailbox without messages."""
    return Mailbox()


def judge(mailbox: Mailbox, content: Content) -> HttpJudgement:
    return mailbox.judge(post("/$process-message", content), NOW)


def a_letter(header_id: str) -> Content:
    return bundle(letter(), header_id=header_id)


def response(judgement: HttpJudgement) -> tuple[str, str]:
    """Return the code of the acknowledgement and the message it answers, after a look at its form."""
    answer: Any = judgement.answer.content
    assert judgement.answer.status == 200
    assert (answer["resourceType"], answer["type"]) == ("Bundle", "message")
    header, *others = [entry["resource"] for entry in answer["entry"]]
    code = header["response"]["code"]
    assert [other["resourceType"] for other in others].count("OperationOutcome") == (0 if code == "ok" else 1)
    assert judgement.accepted is (code == "ok")
    return code, header["response"]["identifier"]


def test_a_notification_is_acknowledged(mailbox: Mailbox) -> None:
    """The acknowledgement names the header that it answers, and holds an OperationOutcome unless all is well."""
    assert response(judge(mailbox, bundle(notification(), header_id="h1"))) == ("ok", "h1")


def test_seen_and_seen_gets_the_original_response(mailbox: Mailbox) -> None:
    """Reliable messaging: the same Bundle.id with the same MessageHeader.id."""
    message = bundle(notification())
    first = judge(mailbox, message)
    judge(mailbox, bundle(notification("finished")))
    again = judge(mailbox, message)
    assert (again.answer, again.repeated) == (first.answer, True)


@pytest.mark.parametrize(
    ("bundle_id", "header_id"), [("b1", "h2"), ("b2", "h1")], ids=["seen bundle, new header", "new bundle, seen header"]
)
def test_ids_that_do_not_belong_together_are_an_error(mailbox: Mailbox, bundle_id: str, header_id: str) -> None:
    """Reliable messaging: one of the two was seen in another message."""
    judge(mailbox, bundle(notification(), "b1", "h1"))
    judgement = judge(mailbox, bundle(notification("finished"), bundle_id, header_id))
    assert response(judgement) == ("fatal-error", header_id)
    assert "reliable messaging" in judgement.reason


def test_a_message_that_was_refused_may_come_again(mailbox: Mailbox) -> None:
    """Only what was accepted is remembered."""
    leave = bundle(notification("onleave"))
    assert response(judge(mailbox, leave))[0] == "fatal-error"
    judge(mailbox, bundle(notification()))
    assert response(judge(mailbox, leave))[0] == "ok"


@pytest.mark.parametrize(
    ("life", "last"),
    [
        (["in-progress", "onleave", "in-progress", "finished"], "ok"),
        (["in-progress", "finished", "finished", "entered-in-error"], "ok"),
        (["in-progress", "entered-in-error"], "ok"),
        (["finished"], "fatal-error"),
        (["onleave"], "fatal-error"),
        (["in-progress", "finished", "in-progress"], "fatal-error"),
        (["in-progress", "finished", "onleave"], "fatal-error"),
        (["in-progress", "entered-in-error", "in-progress"], "fatal-error"),
        (["in-progress", "entered-in-error", "entered-in-error"], "fatal-error"),
    ],
    ids=" ".join,
)
def test_an_episode_has_one_life(mailbox: Mailbox, life: list[str], last: str) -> None:
    """It begins before it ends, and what is ended or in error does not begin again; the other messages are fine."""
    codes = [response(judge(mailbox, bundle(notification(status))))[0] for status in life]
    assert codes == ["ok"] * (len(life) - 1) + [last]


def test_episodes_live_apart(mailbox: Mailbox) -> None:
    """The end of one contact says nothing about another one of the same person."""
    for number in ("e1", "e2"):
        assert response(judge(mailbox, bundle(notification(number=number))))[0] == "ok"
        assert response(judge(mailbox, bundle(notification("finished", number))))[0] == "ok"


@pytest.mark.parametrize(
    "content", [{}, {"entry": 5}, {"entry": []}, {"entry": [None]}, {"entry": [{"resource": []}]}, {"entry": {"0": 1}}]
)
def test_whatever_arrives_is_answered(mailbox: Mailbox, content: Content) -> None:
    """What is no message at all gets a fatal-error for an unknown header."""
    assert response(judge(mailbox, content)) == ("fatal-error", "")


def test_being_busy_is_said_in_the_protocol(mailbox: Mailbox) -> None:
    """transient-error, with an OperationOutcome, for the header of the message."""
    answer: Any = mailbox.transient(post("/$process-message", bundle(notification(), header_id="h1")))
    header, *_, outcome = (entry["resource"] for entry in answer.content["entry"])
    assert (header["response"]["code"], header["response"]["identifier"]) == ("transient-error", "h1")
    assert outcome["resourceType"] == "OperationOutcome"


def test_a_letter_is_acknowledged_and_belongs_to_no_episode(mailbox: Mailbox) -> None:
    """A letter may come before, between and after the notifications of a stay, each letter once."""
    one, other = a_letter(header_id="l1"), a_letter(header_id="l2")
    assert response(judge(mailbox, one)) == ("ok", "l1")
    judge(mailbox, bundle(notification()))
    judge(mailbox, bundle(notification("finished")))
    assert response(judge(mailbox, other)) == ("ok", "l2")
    assert judge(mailbox, one).repeated
    assert response(judge(mailbox, a_letter(header_id="l1"))) == ("fatal-error", "l1")


def test_another_event_is_refused_by_name(mailbox: Mailbox) -> None:
    """The mailbox says what it takes."""
    resources = notification()
    resources["header"]["eventCoding"] = {"code": "empty-message"}
    judgement = judge(mailbox, bundle(resources, header_id="h1"))
    assert response(judgement) == ("fatal-error", "h1")
    assert "eventCoding: the code is 'empty-message'" in judgement.reason


def test_other_operations_do_not_exist(mailbox: Mailbox) -> None:
    """They are refused, not ignored."""
    judgement = mailbox.judge(HttpRequest("GET", "/$process-message", b""), NOW)
    assert (judgement.accepted, judgement.answer.status) == (False, 404)
