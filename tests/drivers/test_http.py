"""Requests, and what happens when no answer comes."""

from __future__ import annotations

import gc
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from tests.drivers.taps import Tap

from epjgate.drivers.http import RecordedSession
from epjgate.errors import CandidateFault, CandidateUnreachable
from epjgate.evidence.recorder import Recorder
from epjgate.model import wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.drivers.conftest import StandIn

SHORT_S = 0.3


@pytest.fixture
def session(stand_in: StandIn, recorder: Recorder) -> Iterator[RecordedSession]:
    with RecordedSession(stand_in.url, recorder, timeout_s=SHORT_S) as session:
        yield session


def test_an_answer_is_returned_whatever_its_status(session: RecordedSession, stand_in: StandIn) -> None:
    """A 404 is an answer like any other, with its status, headers and body."""
    stand_in.answers(b"gone", status=404, headers={"X-Ward": "O2"})
    answer = session.request("GET", "Patient/1")
    assert (answer.status, answer.content, answer.headers["x-ward"]) == (404, b"gone", "O2")
    assert answer.duration_s > 0


def test_the_request_arrives_as_it_was_asked(session: RecordedSession, stand_in: StandIn) -> None:
    """Path, repeated parameters, headers and body bytes reach the server unchanged; nothing else is added."""
    stand_in.answers()
    session.request(
        "PUT",
        "/Patient/1",
        params=[("a", "æ+ø"), ("a", "2")],
        body="blødning 🩸",
        headers={"X-A": "1", "User-Agent": None},
    )
    (asked,) = stand_in.asked
    assert (asked.method, asked.path) == ("PUT", "/fhir/Patient/1?a=%C3%A6%2B%C3%B8&a=2")
    assert asked.body == "blødning 🩸".encode()
    assert asked.headers["X-A"] == "1"
    assert not {"Cookie", "Authorization"} & asked.headers.keys()
    assert not asked.headers.get("User-Agent", "").startswith("epjgate")


def test_the_empty_path_is_the_base_itself(session: RecordedSession, stand_in: StandIn) -> None:
    """A transaction goes to the base URL without a trailing slash."""
    stand_in.answers()
    session.request("POST", "", body=b"{}")
    assert stand_in.asked[0].path == "/fhir"


def test_json_is_sent_with_exact_decimals(session: RecordedSession, stand_in: StandIn) -> None:
    """A Decimal keeps its zeros, letters go out as UTF-8."""
    stand_in.answers()
    session.request("POST", "Observation", json={"value": Decimal("5.10"), "text": "æ"})
    assert stand_in.asked[0].body == '{"value":5.10,"text":"æ"}'.encode()
    assert stand_in.asked[0].headers["Content-Type"] == "application/json; charset=utf-8"


def test_json_and_body_exclude_each_other(session: RecordedSession) -> None:
    """Two bodies are a mistake of the test, not something to choose from."""
    with pytest.raises(ValueError, match="not both"):
        session.request("POST", "Patient", json={}, body=b"")


def test_every_exchange_is_recorded(session: RecordedSession, stand_in: StandIn, recorder: Recorder) -> None:
    """Method, URL, status, headers, bodies and duration are kept, without the CPR number that they held."""
    stand_in.answers(b'{"cpr": "0203754321"}', status=201, headers={"Set-Cookie": "a=b"})
    session.request("POST", "Patient", params={"identifier": "urn:oid:1|0203754321"}, body=b"0203754321")
    (kept,) = recorder.exchanges
    assert (kept.method, kept.status, kept.error) == ("POST", 201, None)
    assert kept.url.startswith(f"{stand_in.url}/Patient?identifier=urn%3Aoid%3A1%7C[cpr ")
    assert (kept.response_body or "").startswith('{"cpr": "[cpr ')
    assert kept.response_headers["Set-Cookie"] == "[secret]"
    assert kept.duration_s > 0
    assert "0203754321" not in str(kept)


def test_a_redirect_is_an_answer(session: RecordedSession, stand_in: StandIn, recorder: Recorder) -> None:
    """A redirect is not followed; its body is there to be read."""
    stand_in.answers(b"elsewhere", status=302, headers={"Location": "/fhir/other"})
    answer = session.request("GET", "Patient")
    assert (answer.status, answer.headers["Location"], answer.content) == (302, "/fhir/other", b"elsewhere")
    assert (len(stand_in.asked), recorder.count) == (1, 1)


def test_cookies_are_not_sent_back(session: RecordedSession, stand_in: StandIn) -> None:
    """Each request stands alone, so tests do not depend on each other's sessions."""
    stand_in.answers(headers={"Set-Cookie": "session=1"})
    stand_in.answers()
    session.request("GET", "a")
    session.request("GET", "b")
    assert "Cookie" not in stand_in.asked[1].headers


def test_the_environments_proxy_is_not_used(
    session: RecordedSession, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy of the machine must not stand between the tester and the candidate."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    stand_in.answers(b"direct")
    assert session.request("GET", "Patient").content == b"direct"


def test_a_connection_is_used_again(session: RecordedSession, stand_in: StandIn) -> None:
    """Requests one after the other, whatever their answers, share one connection."""
    for status in (200, 204, 302, 404):
        stand_in.answers(status=status)
        session.request("GET", "Patient")
    stand_in.answers(b"body")
    session.request("GET", "Patient")
    assert len({asked.peer for asked in stand_in.asked}) == 1


def test_eight_threads_may_ask_at_once(session: RecordedSession, stand_in: StandIn, recorder: Recorder) -> None:
    """Each thread gets the answer to its own request."""
    stand_in.otherwise = lambda asked: lambda handler: handler.say(200, asked.path.encode())

    def ask(number: int) -> bytes:
        return session.request("GET", str(number)).content

    with ThreadPoolExecutor(8) as pool:
        contents = list(pool.map(ask, range(80)))
    assert contents == [f"/fhir/{number}".encode() for number in range(80)]
    assert recorder.count == 80


def test_nothing_is_left_open(stand_in: StandIn, recorder: Recorder) -> None:
    """A session that nobody closed leaves no warning behind (warnings are errors here)."""
    stand_in.answers(b"x")
    RecordedSession(stand_in.url, recorder).request("GET", "Patient")
    gc.collect()


def test_a_refused_connection_is_no_answer(recorder: Recorder) -> None:
    """Nobody listens: CandidateUnreachable says so, and the attempt is recorded."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with RecordedSession(url, recorder) as session, pytest.raises(CandidateUnreachable) as caught:
            session.request("GET", "metadata")
    assert f"GET {url}/metadata" in caught.value.problem
    assert caught.value.cause.startswith("ConnectionRefusedError")
    assert caught.value.fix
    (kept,) = recorder.exchanges
    assert (kept.status, kept.error) == (None, caught.value.cause)


def test_a_reset_connection_is_no_answer(session: RecordedSession, stand_in: StandIn, recorder: Recorder) -> None:
    """The request arrived and the connection was reset; it is not sent a second time."""
    stand_in.resets()
    with pytest.raises(CandidateUnreachable, match="ConnectionResetError"):
        session.request("POST", "Patient", body=b"{}")
    assert (len(stand_in.asked), recorder.count) == (1, 1)


def test_a_closed_connection_is_no_answer(session: RecordedSession, stand_in: StandIn) -> None:
    """The server hung up without a word."""
    stand_in.sends(b"")
    with pytest.raises(CandidateUnreachable, match="RemoteDisconnected"):
        session.request("GET", "Patient")
    assert len(stand_in.asked) == 1


def test_silence_is_no_answer(session: RecordedSession, stand_in: StandIn) -> None:
    """No answer within the limit: CandidateUnreachable names the limit."""
    stand_in.keeps_silent()
    with pytest.raises(CandidateUnreachable, match=r"timed out \(0\.3 s"):
        session.request("GET", "Patient")


def test_silence_amid_the_body_is_no_answer(session: RecordedSession, stand_in: StandIn, recorder: Recorder) -> None:
    """Half a body is no answer, however good its status was."""
    stand_in.keeps_silent(after=b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    with pytest.raises(CandidateUnreachable, match="timed out"):
        session.request("GET", "Patient")
    assert recorder.exchanges[0].status is None


def test_a_dripping_body_is_no_answer(session: RecordedSession, stand_in: StandIn) -> None:
    """Bytes that keep coming, too slowly, do not hold the run although no single wait is long."""
    stand_in.drips()
    with pytest.raises(CandidateUnreachable, match=r"0\.9 s for the body"):
        session.request("GET", "Patient")


def test_a_body_cut_short_is_no_answer(session: RecordedSession, stand_in: StandIn) -> None:
    """Fewer bytes than promised are not taken for the whole."""
    stand_in.sends(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}")
    with pytest.raises(CandidateUnreachable, match="IncompleteRead"):
        session.request("GET", "Patient")


def test_a_chunked_body_cut_short_is_no_answer(session: RecordedSession, stand_in: StandIn) -> None:
    """A chunked body must come to its own end."""
    stand_in.sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")
    with pytest.raises(CandidateUnreachable):
        session.request("GET", "Patient")


def test_a_chunked_body_is_put_together(session: RecordedSession, stand_in: StandIn) -> None:
    """Chunks make one body."""
    stand_in.sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n3\r\n[1]\r\n0\r\n\r\n")
    assert session.request("GET", "Patient").content == b"{}[1]"


def test_what_is_not_http_is_the_candidates_fault(
    session: RecordedSession, stand_in: StandIn, recorder: Recorder
) -> None:
    """A server that answers something else than HTTP answered, wrongly."""
    stand_in.sends(b"220 mail.example ESMTP\r\n")
    with pytest.raises(CandidateFault, match="is not HTTP"):
        session.request("GET", "Patient")
    assert "is not HTTP" in (recorder.exchanges[0].error or "")


def test_a_body_that_cannot_be_unpacked_is_the_candidates_fault(session: RecordedSession, stand_in: StandIn) -> None:
    """Said to be gzip and is not: the candidate answered, wrongly."""
    stand_in.answers(b"plain", headers={"Content-Encoding": "gzip"})
    with pytest.raises(CandidateFault, match="gzip"):
        session.request("GET", "Patient")


def test_a_flood_is_the_candidates_fault(stand_in: StandIn, recorder: Recorder) -> None:
    """A body beyond the limit is not read to its end."""
    with RecordedSession(stand_in.url, recorder, body_limit=1000) as session:
        stand_in.answers(b"x" * 1000)
        assert len(session.request("GET", "fits").content) == 1000
        stand_in.answers(b"x" * 1001)
        with pytest.raises(CandidateFault, match="longer than 1000 bytes"):
            session.request("GET", "Patient")


def test_an_absolute_url_on_the_same_server_is_asked(session: RecordedSession, stand_in: StandIn) -> None:
    """Paging links are absolute."""
    stand_in.answers(b"page 2")
    assert session.request("GET", f"{stand_in.url}?page=2").content == b"page 2"
    assert stand_in.asked[0].path == "/fhir?page=2"


@pytest.mark.parametrize(
    "url",
    ["http://epj.internal:8080/fhir?page=2", "http://127.0.0.1:1/fhir", "https://127.0.0.1/fhir", "http://[broken/"],
)
def test_an_advertised_address_that_is_not_ours_is_the_candidates_fault(
    session: RecordedSession, stand_in: StandIn, recorder: Recorder, url: str
) -> None:
    """A link to another host, port or scheme is named and never followed."""
    with pytest.raises(CandidateFault, match="the candidate advertises"):
        session.request("GET", url)
    assert (stand_in.asked, recorder.count) == ([], 0)


def test_a_url_in_a_parameter_does_not_make_a_path_absolute(session: RecordedSession, stand_in: StandIn) -> None:
    """Only what stands before the question mark says where to ask."""
    stand_in.answers()
    session.request("GET", "Patient?identifier=http://example.org|1")
    assert stand_in.asked[0].path == "/fhir/Patient?identifier=http://example.org%7C1"


def test_what_the_tap_hands_on_is_what_the_test_sees_and_the_record_holds(
    stand_in: StandIn, recorder: Recorder
) -> None:
    """It is told at which interface, by which method and path, and with what body the candidate was asked."""
    stand_in.answers({"state": "open"})
    tap = Tap(lambda got: replace(got, content=b"shut"))
    recorder.tap = tap
    with RecordedSession(stand_in.url, recorder) as session:
        answer = session.request("PUT", "/door", params={"which": "front"}, json={"a": 1})
    assert (answer.content, recorder.exchanges[0].response_body) == (b"shut", "shut")
    assert tap.asked == [wire.Asked("PUT", "/door?which=front", b'{"a":1}', stand_in.url)]


def test_an_answer_that_the_tap_takes_away_is_no_answer(stand_in: StandIn, recorder: Recorder) -> None:
    """The candidate was asked, and the record says why nothing came."""

    def lose(_: wire.Got) -> wire.Got:
        raise CandidateUnreachable("no answer", "it was taken away", "nothing")

    stand_in.answers({})
    recorder.tap = Tap(lose)
    with RecordedSession(stand_in.url, recorder) as session, pytest.raises(CandidateUnreachable):
        session.request("GET", "/door")
    assert (len(stand_in.asked), recorder.exchanges[0].error) == (1, "it was taken away")
