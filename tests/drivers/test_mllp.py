"""Messages over MLLP, and what happens when no answer comes."""

from __future__ import annotations

import socket

import pytest
from tests.drivers.listeners import ACK, MESSAGE, Talk, answering, listener, silent

from epjgate.drivers.mllp import END, START, MllpClient
from epjgate.errors import CandidateFault, CandidateUnreachable
from epjgate.evidence.recorder import Recorder


def test_a_message_is_framed_and_its_answer_returned(recorder: Recorder) -> None:
    """0x0B, the message, 0x1C and a carriage return; the answer comes without its frame."""
    seen: list[bytes] = []
    with listener(answering(START + ACK + END, seen=seen)) as url:
        assert MllpClient(url, recorder, timeout_s=2).send(MESSAGE) == [ACK.decode()]
    assert seen == [b"\x0b" + MESSAGE + b"\x1c\r"]


def test_several_messages_go_in_one_packet_and_answers_may_come_in_pieces(recorder: Recorder) -> None:
    """Answers that share a packet, or that are cut anywhere, are told apart."""
    whole = b"".join(START + ACK.replace(b"|17|", b"|%d|" % number) + END for number in (1, 2, 3))
    pieces = [whole[at : at + 50] for at in range(0, len(whole), 50)]
    with listener(answering(*pieces, frames=3)) as url:
        answers = MllpClient(url, recorder, timeout_s=2).send(MESSAGE, MESSAGE, MESSAGE)
    assert [answer.partition("MSA|AA|")[2][0] for answer in answers] == ["1", "2", "3"]
    assert recorder.count == 3


def test_an_exchange_is_recorded_with_its_code_and_without_cpr_numbers(recorder: Recorder) -> None:
    """Segments stand one a line; the acknowledgement's code is the answer."""
    with listener(answering(START + ACK + END)) as url:
        MllpClient(url, recorder, timeout_s=2).send(MESSAGE)
    (kept,) = recorder.exchanges
    assert (kept.method, kept.url, kept.code, kept.status, kept.error) == ("MLLP", url, "AA", None, None)
    assert (kept.request_body or "").splitlines()[1].startswith("PID|1||[cpr ")
    assert "0203754321" not in str(kept)


@pytest.mark.parametrize(
    ("talk", "why"),
    [
        (answering(START + ACK[:20]), "ConnectionAbortedError: the connection was closed after 21 bytes"),
        (answering(), "closed after 0 bytes|ConnectionResetError"),
        (silent, r"timed out \(0.3 s\)"),
    ],
)
def test_no_whole_answer_is_no_answer(recorder: Recorder, talk: Talk, why: str) -> None:
    """Cut, closed or silent: the candidate was unreachable, and the exchange says why."""
    with listener(talk) as url, pytest.raises(CandidateUnreachable, match=why):
        MllpClient(url, recorder, timeout_s=0.3).send(MESSAGE)
    (kept,) = recorder.exchanges
    assert (kept.code, kept.response_body, bool(kept.error)) == ("", None, True)


def test_a_refused_connection_is_no_answer(recorder: Recorder) -> None:
    """Nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(CandidateUnreachable, match="ConnectionRefusedError"):
            MllpClient(f"mllp://127.0.0.1:{unused.getsockname()[1]}", recorder, timeout_s=0.3).send(MESSAGE)
    assert recorder.count == 1


def test_an_answer_that_is_no_frame_is_the_candidates_fault(recorder: Recorder) -> None:
    """Something answers, and does not speak MLLP."""
    with (
        listener(answering(b"HTTP/1.1 400 0203754321" + END)) as url,
        pytest.raises(CandidateFault, match=r"does not begin with 0x0B but with 'HTTP/1\.1 400 .cpr"),
    ):
        MllpClient(url, recorder, timeout_s=2).send(MESSAGE)
    assert recorder.count == 1


def test_an_answer_can_be_altered_on_its_way_to_the_test(recorder: Recorder) -> None:
    """The altering is given the message as sent and its answer; the test and the evidence see what it returns."""
    given: list[tuple[bytes, str]] = []

    def refuse(message: bytes, answer: str) -> str:
        given.append((message, answer))
        return answer.replace("MSA|AA", "MSA|AE")

    with listener(answering(START + ACK + END)) as url:
        (answer,) = MllpClient(url, recorder, timeout_s=2, alter_answer=refuse).send(MESSAGE)
    assert given == [(MESSAGE, ACK.decode())]
    assert "MSA|AE|17" in answer
    (kept,) = recorder.exchanges
    assert (kept.code, kept.response_headers) == ("AE", {"X-Epjgate-Altered": "answer"})


def test_an_answer_that_is_not_altered_bears_no_mark(recorder: Recorder) -> None:
    """An altering that leaves an answer alone leaves no trace in the evidence."""
    with listener(answering(START + ACK + END)) as url:
        MllpClient(url, recorder, timeout_s=2, alter_answer=lambda _, answer: answer).send(MESSAGE)
    (kept,) = recorder.exchanges
    assert (kept.code, kept.response_headers) == ("AA", {})


def test_an_answer_can_be_lost_on_its_way_to_the_test(recorder: Recorder) -> None:
    """An altering that raises OSError is an answer that never came: of this message, and of those behind it."""

    def lose(_message: bytes, _answer: str) -> str:
        raise TimeoutError

    with (
        listener(answering(START + ACK + END, START + ACK + END, frames=2)) as url,
        pytest.raises(CandidateUnreachable, match=r"timed out \(2 s\)"),
    ):
        MllpClient(url, recorder, timeout_s=2, alter_answer=lose).send(MESSAGE, MESSAGE)
    assert [(kept.code, kept.error) for kept in recorder.exchanges] == [("", "timed out (2 s)")] * 2
