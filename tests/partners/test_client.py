"""Whatever the client cannot be told is the harness's fault, never the candidate's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from tests.partners.messages import ONE, OTHER, ask, card_message, order_message, tell

from epjgate.errors import CandidateFault, CandidateUnreachable, EnvironmentFailed
from epjgate.evidence.recorder import Recorder
from epjgate.model.partner import Fault, FaultKind, PartnerKind
from epjgate.model.redaction import Redactor
from epjgate.model.wire import Asked, Got
from epjgate.partners.client import Partners
from epjgate.partners.http_messages import HttpAnswer, HttpRequest
from epjgate.partners.http_server import HttpServer
from epjgate.partners.interface import PartnerUnfit, Wire
from epjgate.partners.site import Site


class Says:
    """A control server that always says the same."""

    def __init__(self) -> None:
        self.answer = HttpAnswer(200, {})

    def receive(self, message: HttpRequest, wire: Wire[HttpAnswer]) -> None:  # noqa: ARG002 - whatever is asked
        """Say it."""
        wire.send(self.answer)


@pytest.fixture
def says() -> Says:
    """What is said."""
    return Says()


@pytest.fixture
def odd(says: Says) -> Iterator[Partners]:
    """A client of the server that says so."""
    server = HttpServer("says", "127.0.0.1", says)
    yield Partners(f"{server.url}/secret")
    server.close()


def test_partners_are_known_by_name(partners: Partners) -> None:
    """With their kind."""
    with partners:
        assert partners.kinds()["imaging"] is PartnerKind.MLLP


def test_a_fault_can_be_told_and_taken_back(partners: Partners) -> None:
    """Its use stays known."""
    fault_id = partners.add_fault("laboratory", Fault(kind=FaultKind.RESET, about="order-1"))
    partners.remove_fault("laboratory", fault_id)
    assert partners.fault_uses("laboratory", fault_id) == 0


def test_no_proxy_comes_between(partners: Partners, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site's proxy has no business between a test and its partners."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    assert partners.received("fmk", "x") == ()


def test_names_and_texts_may_hold_any_letter(partners: Partners) -> None:
    """Nothing in a question is taken for a part of the address."""
    assert partners.received("fmk", "a/b?c&d=æ#") == ()
    with pytest.raises(PartnerUnfit, match="no such partner"):
        partners.received("fmk/../lpr3", "x")


def test_what_the_server_cannot_answer_is_told_in_its_words(partners: Partners) -> None:
    """Problem, cause and fix come through."""
    with pytest.raises(PartnerUnfit, match="keeps no medicine cards") as refusal:
        partners.medicine_card("lpr3", "x")
    assert refusal.value.cause == "its kind is lpr3"


def test_a_server_that_is_gone_is_the_harness(site: Site) -> None:
    """No error of the client is one of those that speak of the candidate; none tells the secret."""
    partners = Partners(site.control_url, timeout_s=1)
    site.close()
    with pytest.raises(PartnerUnfit, match="no answer") as gone:
        partners.received("fmk", "x")
    assert isinstance(gone.value, EnvironmentFailed)
    assert not isinstance(gone.value, CandidateFault | CandidateUnreachable)
    assert site.control_url.rpartition("/")[2] not in str(gone.value)


@pytest.mark.parametrize(
    "answer",
    [HttpAnswer(200, {}), HttpAnswer(200, {"messages": [{}], "partners": 3, "uses": "1"}), HttpAnswer(500, {})],
    ids=["empty", "of another kind", "an error without words"],
)
def test_answers_that_are_not_understood_are_errors(says: Says, odd: Partners, answer: HttpAnswer) -> None:
    """An answer that lacks what was asked for is never read as nothing."""
    says.answer = answer
    for question in (
        odd.kinds,
        lambda: odd.received("fmk", "x"),
        lambda: odd.medicine_card("fmk", "x"),
        lambda: odd.add_fault("fmk", Fault(kind=FaultKind.RESET, about="x")),
        lambda: odd.fault_uses("fmk", "x"),
    ):
        with pytest.raises(PartnerUnfit):
            question()


class Otherwise:
    """A tap that puts another order into every message, and a version into a card that is not there."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []

    def exchange(self, asked: Asked, send: Callable[[], Got]) -> Got:
        """See epjgate.model.wire.Tap."""
        self.asked.append(asked)
        got = send()
        content = got.content.replace(b"order-1", b"order-9").replace(b'"card": null', b'"card": {"Version": 9}')
        return replace(got, content=content)


def test_a_tap_changes_what_was_received_and_its_fields_with_it(site: Site) -> None:
    """A test that reads fields sees the same as one that reads the text, of JSON as of HL7 v2."""
    tell(site.urls["laboratory"], order_message())
    ask(site.urls["fmk"], "PUT", "/drug-medications/order-1", card_message())
    partners = Partners(site.control_url, Recorder(Redactor(b"key")))
    assert partners.received("laboratory", ONE.cpr)[0].parsed["ORC-2"] == "order-1"
    recorder = Recorder(Redactor(b"key"))
    tap = recorder.tap = Otherwise()
    partners = Partners(site.control_url, recorder)
    assert partners.received("laboratory", ONE.cpr)[0].parsed["ORC-2"] == "order-9"
    (drug,) = (one.parsed["DrugMedication"] for one in partners.received("fmk", ONE.cpr))
    assert isinstance(drug, dict)
    assert drug["Identifier"] == "order-9"
    assert partners.medicine_card("fmk", OTHER.cpr) == '{"Version": 9}'
    assert [(asked.base, asked.path) for asked in tap.asked] == [
        (site.control_url, "/partners/laboratory/messages"),
        (site.control_url, "/partners/fmk/messages"),
        (site.control_url, f"/partners/fmk/cards/{OTHER.cpr}"),
    ]
