"""Partners behave at their sockets as their rules say, and misbehave as they are told."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from tests.partners.messages import (
    ONE,
    OTHER,
    Content,
    ask,
    bundle,
    card_message,
    connect,
    notification,
    order_message,
    report,
    tell,
    verdict,
)

from epjgate.environments.interface import PartnerSite
from epjgate.errors import UsageError
from epjgate.model.partner import Fault, FaultKind, PartnerKind, Received
from epjgate.model.redaction import Redactor
from epjgate.partners.client import Partners
from epjgate.partners.fmk import MedicationRecord
from epjgate.partners.http_messages import HttpJudgement, HttpRequest, accepted
from epjgate.partners.interface import PartnerUnfit
from epjgate.partners.playing import HTTP_RULES
from epjgate.partners.site import Site

Send = Callable[..., object]
GONE = (http.client.RemoteDisconnected, ConnectionResetError)


def to_fmk(site: Site, *, timeout_s: float = 5) -> int:
    message = card_message(cpr=ONE.cpr)
    return ask(site.urls["fmk"], "POST", "/drug-medications", message, timeout_s=timeout_s)[0]


def to_lpr3(site: Site, *, timeout_s: float = 5) -> int:
    return ask(site.urls["lpr3"], "POST", "/reports", report(), timeout_s=timeout_s)[0]


def to_medcom(site: Site, *, timeout_s: float = 5) -> str:
    answer = ask(site.urls["medcom"], "POST", "/$process-message", bundle(notification()), timeout_s=timeout_s)
    code: str = answer[1]["entry"][0]["resource"]["response"]["code"]
    return code


def to_laboratory(site: Site, *, timeout_s: float = 5) -> list[str]:
    return [verdict(answer)[0] for answer in tell(site.urls["laboratory"], order_message(), timeout_s=timeout_s)]


SENDERS: dict[str, tuple[Send, object]] = {
    "fmk": (to_fmk, 201),
    "lpr3": (to_lpr3, 200),
    "medcom": (to_medcom, "ok"),
    "laboratory": (to_laboratory, ["AA"]),
}
each_sender = pytest.mark.parametrize(("name", "send"), [(name, send) for name, (send, _) in SENDERS.items()])
each_partner = pytest.mark.parametrize(("name", "send", "fine"), [(n, s, f) for n, (s, f) in SENDERS.items()])


@contextmanager
def fault(partners: Partners, name: str, kind: FaultKind, *, uses: int = 1, seconds: float = 0.0) -> Iterator[None]:
    """Let a fault strike one message about ONE; at the end it has struck `uses` times."""
    fault_id = partners.add_fault(name, Fault(kind=kind, about=ONE.cpr, seconds=seconds))
    yield
    assert partners.fault_uses(name, fault_id) == uses


def only(partners: Partners, name: str) -> Received:
    (received,) = partners.received(name, ONE.cpr)
    return received


@each_partner
def test_what_arrives_is_kept(site: Site, partners: Partners, name: str, send: Send, fine: object) -> None:
    """A good message is answered, and can be read as it came, and parsed; nobody else's list shows it."""
    before = datetime.now(UTC)
    assert send(site) == fine
    received = only(partners, name)
    assert (received.partner, received.accepted, received.repeated, received.fault) == (name, True, False, None)
    assert before <= received.at <= datetime.now(UTC)
    assert ONE.cpr in received.text
    assert received.parsed
    assert partners.received(name, OTHER.cpr) == ()


@each_partner
def test_a_site_that_has_been_opened_is_as_new(
    site: Site, partners: Partners, name: str, send: Send, fine: object
) -> None:
    """The canaries leave no trace: the first message is number 1."""
    assert send(site) == fine
    assert only(partners, name).number == 1


@each_partner
@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.TIMEOUT])
def test_what_is_never_processed(
    site: Site, partners: Partners, name: str, send: Send, fine: object, kind: FaultKind
) -> None:
    """A reset or a held connection: the message came, nothing was done, and the next one goes through."""
    with fault(partners, name, kind), pytest.raises((TimeoutError, *GONE)):
        send(site, timeout_s=0.5)
    received = only(partners, name)
    assert (received.accepted, received.fault) == (False, kind)
    assert kind in received.reason
    assert send(site) == fine


@each_partner
def test_a_partner_that_vanished_keeps_nothing(
    site: Site, partners: Partners, name: str, send: Send, fine: object
) -> None:
    """The connection ends unanswered, and the message never was."""
    with fault(partners, name, FaultKind.VANISH):
        assert unanswered(send, site)
    assert partners.received(name, ONE.cpr) == ()
    assert send(site) == fine


@each_sender
def test_a_lost_acknowledgement_was_given(site: Site, partners: Partners, name: str, send: Send) -> None:
    """The message is accepted, and its sender never hears it."""
    with fault(partners, name, FaultKind.LOST_ACKNOWLEDGEMENT):
        assert unanswered(send, site)
    received = only(partners, name)
    assert (received.accepted, received.fault) == (True, FaultKind.LOST_ACKNOWLEDGEMENT)


def unanswered(send: Send, site: Site) -> bool:
    try:
        return send(site) == []
    except GONE:
        return True


@each_partner
def test_latency_comes_before_processing(site: Site, partners: Partners, name: str, send: Send, fine: object) -> None:
    """While it lasts nothing has been received; then all is well."""
    with fault(partners, name, FaultKind.LATENCY, seconds=0.7), ThreadPoolExecutor(1) as pool:
        answer = pool.submit(send, site)
        time.sleep(0.1)
        assert partners.received(name, ONE.cpr) == ()
        assert answer.result() == fine
    assert only(partners, name).accepted


def test_a_slow_message_keeps_its_place(site: Site, partners: Partners) -> None:
    """One that arrived later and was processed sooner is listed after it."""
    slow = Fault(kind=FaultKind.LATENCY, about="slow", seconds=0.8)
    fault_id = partners.add_fault("laboratory", slow)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(tell, site.urls["laboratory"], order_message(number="slow"))
        while not partners.fault_uses("laboratory", fault_id):
            time.sleep(0.01)
        time.sleep(0.05)  # it is struck a moment before it gets its number
        tell(site.urls["laboratory"], order_message(number="fast"))
        assert "fast" in only(partners, "laboratory").text
    assert ["slow" in received.text for received in partners.received("laboratory", ONE.cpr)] == [True, False]


@each_partner
def test_a_late_acknowledgement_comes_after_processing(
    site: Site, partners: Partners, name: str, send: Send, fine: object
) -> None:
    """The message is accepted at once, and answered later."""
    started = time.monotonic()
    with fault(partners, name, FaultKind.LATE_ACKNOWLEDGEMENT, seconds=0.7), ThreadPoolExecutor(1) as pool:
        answer = pool.submit(send, site)
        while not partners.received(name, ONE.cpr):
            assert time.monotonic() - started < 0.7
        assert not answer.done()
        assert answer.result() == fine
    assert time.monotonic() - started >= 0.7


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        (FaultKind.REFUSAL, "fmk", 400),
        (FaultKind.REFUSAL, "lpr3", 422),
        (FaultKind.REFUSAL, "medcom", "fatal-error"),
        (FaultKind.REFUSAL, "laboratory", ["AE"]),
        (FaultKind.TRANSIENT, "fmk", 503),
        (FaultKind.TRANSIENT, "lpr3", 503),
        (FaultKind.TRANSIENT, "medcom", "transient-error"),
        (FaultKind.TRANSIENT, "laboratory", []),
    ],
)
def test_refusals_are_said_in_the_partners_protocol(
    site: Site, partners: Partners, kind: FaultKind, name: str, expected: object
) -> None:
    """For good or for now; nothing is stored, so the message may come again."""
    send, fine = SENDERS[name]
    with fault(partners, name, kind):
        assert send(site) == expected
    assert (only(partners, name).accepted, only(partners, name).fault) == (False, kind)
    assert send(site) == fine


def test_mllp_answers_twice(site: Site, partners: Partners) -> None:
    """The same acknowledgement twice, for a message that was processed once."""
    with fault(partners, "laboratory", FaultKind.DUPLICATE):
        first, second = tell(site.urls["laboratory"], order_message(), answers=2)
    assert first == second
    assert only(partners, "laboratory").accepted


def test_http_processes_twice(site: Site, partners: Partners) -> None:
    """As if the network had doubled the request: the second is recognised, the sender hears the first answer."""
    with fault(partners, "fmk", FaultKind.DUPLICATE):
        assert to_fmk(site) == 201
    assert [received.repeated for received in partners.received("fmk", ONE.cpr)] == [False, True]


def test_reading_a_card_is_no_message(site: Site, partners: Partners) -> None:
    """It is not kept, and uses up no fault that is meant for a message; one that stands strikes it too."""
    read = "/medicine-cards/" + ONE.cpr
    with fault(partners, "fmk", FaultKind.TRANSIENT):
        assert ask(site.urls["fmk"], "GET", read)[0] == 200
        assert to_fmk(site) == 503
    partners.add_fault("fmk", Fault(kind=FaultKind.TRANSIENT, about=ONE.cpr, times=0))
    assert ask(site.urls["fmk"], "GET", read)[0] == 503
    assert len(partners.received("fmk", ONE.cpr)) == 1


def test_partners_of_one_kind_are_apart(site: Site, partners: Partners) -> None:
    """What the laboratory is told, imaging does not know."""
    to_laboratory(site)
    assert partners.received("imaging", ONE.cpr) == ()


def test_frames_in_one_packet_are_answered_in_order(site: Site) -> None:
    """Two orders at once on one connection, then half a one and its rest."""
    orders = [b"\x0b" + order_message(number=number, control=number).encode() + b"\x1c\r" for number in "123"]
    with connect(site.urls["laboratory"]) as connection:
        connection.sendall(orders[0] + orders[1] + orders[2][:50])
        time.sleep(0.05)
        connection.sendall(orders[2][50:])
        answers = b""
        while answers.count(b"\x1c\r") < 3:
            answers += connection.recv(4096)
    assert [answer.split(b"|")[-1] for answer in answers.split(b"\r\x1c\r")[:-1]] == [b"1", b"2", b"3"]


def test_many_senders_and_testers_at_once(site: Site, partners: Partners) -> None:
    """50 connections send while 8 testers ask: every message is there, in an order of its own."""

    def send(number: int) -> int:
        return len(tell(site.urls["laboratory"], order_message(number=f"{number}-order"), timeout_s=20))

    with ThreadPoolExecutor(50) as senders, ThreadPoolExecutor(8) as testers:
        sent = [senders.submit(send, number) for number in range(200)]
        asked = [testers.submit(partners.received, "laboratory", ONE.cpr) for _ in range(40)]
        assert sum(answer.result() for answer in sent) == 200
        assert all(len(answer.result()) <= 200 for answer in asked)
    received = partners.received("laboratory", ONE.cpr)
    assert sorted(message.number for message in received) == list(range(1, 201))
    assert len({message.text for message in received}) == 200


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT, FaultKind.LATENCY, FaultKind.LATE_ACKNOWLEDGEMENT])
@pytest.mark.parametrize("name", ["fmk", "laboratory"])
def test_closing_ends_what_is_held(kind: FaultKind, name: str) -> None:
    """A site that is closed in the middle of a fault is gone within a second, its threads too."""
    before = set(threading.enumerate())
    site = Site({"fmk": "fmk", "laboratory": "mllp"}, Redactor(b"key"))
    site.open("127.0.0.1")
    seconds = 0.0 if kind is FaultKind.TIMEOUT else 60.0
    partners = Partners(site.control_url)
    fault_id = partners.add_fault(name, Fault(kind=kind, about=ONE.cpr, seconds=seconds))
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(SENDERS[name][0], site, timeout_s=30)
        while not partners.fault_uses(name, fault_id):
            time.sleep(0.01)
        started = time.monotonic()
        site.close()
        assert time.monotonic() - started < 1
        assert set(threading.enumerate()) - before <= pool._threads
        assert isinstance(answer.exception(), OSError | http.client.HTTPException | None)
    site.close()
    assert site.urls == {}


class Careless(MedicationRecord):
    """A record that accepts everything."""

    def judge(self, message: HttpRequest, now: datetime) -> HttpJudgement:
        """Accept."""
        super().judge(message, now)
        return accepted(201, {"MedicineCardVersion": 1, "Identifier": "x"})


class Stubborn(MedicationRecord):
    """A record that accepts nothing."""

    def judge(self, message: HttpRequest, now: datetime) -> HttpJudgement:  # noqa: ARG002 - whatever it is
        """Refuse."""
        return self.refusal(message)


class Confused(MedicationRecord):
    """A record that answers in no known way."""

    def judge(self, message: HttpRequest, now: datetime) -> HttpJudgement:  # noqa: ARG002 - whatever it is
        """Answer with a status that nobody expects."""
        return accepted(299, {})


@pytest.mark.parametrize(
    ("rules", "told"),
    [(Careless, "must be refused"), (Stubborn, "must be accepted"), (Confused, "no proper answer")],
)
def test_a_partner_that_judges_wrongly_is_unfit(rules: type[MedicationRecord], told: str) -> None:
    """The site does not open: the harness is at fault, and nothing is left running."""
    before = set(threading.enumerate())
    site = Site({"lpr3": "lpr3", "fmk": "fmk"}, Redactor(b"key"), http_rules={**HTTP_RULES, PartnerKind.FMK: rules})
    with pytest.raises(PartnerUnfit, match=told) as refusal:
        site.open("127.0.0.1")
    assert "fmk" in refusal.value.problem
    assert set(threading.enumerate()) == before
    assert site.urls == {}


def test_an_address_of_another_machine_is_unfit() -> None:
    """The address is of a range that is kept for documents (RFC 5737)."""
    with pytest.raises(PartnerUnfit, match=r"192\.0\.2\.1"):
        Site({"fmk": "fmk"}, Redactor(b"key")).open("192.0.2.1")


def test_an_unknown_kind_names_the_known_ones() -> None:
    """A mistake in the description of a system says what may stand there."""
    with pytest.raises(UsageError, match="fmk, lpr3, medcom, mllp"):
        Site({"pharmacy": "fax"}, Redactor(b"key"))


def test_a_site_is_what_environments_ask_for(site: Site) -> None:
    """It has the form of the port; each partner has an address that candidates can use, without a trailing slash."""
    port: PartnerSite = site
    assert sorted(port.urls) == ["fmk", "imaging", "laboratory", "lpr3", "medcom"]
    assert port.urls["imaging"].startswith("mllp://127.0.0.1:")
    assert not any(url.endswith("/") for url in port.urls.values())


def test_partners_listen_where_they_are_told_and_control_on_the_loopback() -> None:
    """At another local address partners are reached there only, and the control server nowhere but on 127.0.0.1."""
    with Site({"laboratory": "mllp"}, Redactor(b"key")) as site:
        site.open("127.0.0.2")
        assert to_laboratory(site) == ["AA"]
        assert site.control_url.startswith("http://127.0.0.1:")
        port = int(site.urls["laboratory"].rpartition(":")[2])
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=1)


def test_the_card_is_read_through_the_control_server(site: Site, partners: Partners) -> None:
    """What FMK would answer, as its JSON text; None where nobody wrote to the card."""
    message: Content = card_message()
    ask(site.urls["fmk"], "POST", "/drug-medications", message)
    card = partners.medicine_card("fmk", ONE.cpr)
    assert card is not None
    assert '"MedicineCardVersion": 1' in card
    assert "1½ tablet" in card
    assert partners.medicine_card("fmk", OTHER.cpr) is None


class Forgetful(MedicationRecord):
    """FMK whose own rules fail at a message."""

    def judge(self, message: HttpRequest, now: datetime) -> HttpJudgement:
        """Fail at one person, by a mistake that looks like one of the connection."""
        if OTHER.cpr.encode() in message.body:
            raise BrokenPipeError
        return super().judge(message, now)


def test_a_partner_that_failed_answers_nothing_more() -> None:
    """Neither what came nor what its faults met, and the site itself is unfit: else the candidate would be blamed."""
    with Site({"fmk": "fmk"}, Redactor(b"key"), http_rules={**HTTP_RULES, PartnerKind.FMK: Forgetful}) as site:
        site.open("127.0.0.1")
        partners = Partners(site.control_url)
        fault = partners.add_fault("fmk", Fault(kind=FaultKind.REFUSAL, about=ONE.cpr))
        site.raise_if_unfit()
        with pytest.raises(http.client.RemoteDisconnected):
            ask(site.urls["fmk"], "POST", "/drug-medications", card_message(cpr=OTHER.cpr))
        for question in (
            lambda: partners.received("fmk", ONE.cpr),
            lambda: partners.medicine_card("fmk", ONE.cpr),
            lambda: partners.fault_uses("fmk", fault),
            site.raise_if_unfit,
        ):
            with pytest.raises(PartnerUnfit, match="it failed at a message"):
                question()
