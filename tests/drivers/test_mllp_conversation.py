"""A connection on which a test decides every byte, and the evidence that it leaves."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest
from tests.drivers.listeners import ACK, MESSAGE, Talk, answering, listener, read_frames
from tests.drivers.taps import Tap

from epjgate.drivers.alterations import ALTERED
from epjgate.drivers.mllp import END, START, MllpClient, framed
from epjgate.errors import CandidateFault, CandidateUnreachable
from epjgate.evidence.recorder import Recorder
from epjgate.model.wire import Asked, Got

ANSWER = framed(ACK)


def client(url: str, recorder: Recorder, *, timeout_s: float = 2) -> MllpClient:
    return MllpClient(url, recorder, timeout_s=timeout_s)


def packets(seen: list[bytes]) -> Talk:
    """Read into `seen` what comes at once, until the sender closes or resets the connection."""

    def talk(connection: socket.socket) -> None:
        connection.settimeout(5)
        try:
            while piece := connection.recv(4096):
                seen.append(piece)
        except ConnectionResetError:
            seen.append(b"reset")

    return talk


def test_pieces_leave_one_by_one(recorder: Recorder) -> None:
    """With a pause between them, each piece arrives as a packet of its own."""
    seen: list[bytes] = []
    with listener(packets(seen)) as url, client(url, recorder).conversation() as talk:
        talk.send(START, MESSAGE, END, pause_s=0.05)
    assert seen == [START, MESSAGE, END]


def test_one_connection_bears_several_messages(recorder: Recorder) -> None:
    """Each answer is that of the oldest frame without one; each frame is one exchange."""

    def two_messages(connection: socket.socket) -> None:
        for number in (b"1", b"2"):
            read_frames(connection, 1)
            connection.sendall(framed(ACK.replace(b"|17|", b"|" + number + b"|")))

    with listener(two_messages) as url, client(url, recorder).conversation() as talk:
        answers = []
        for number in (b"|1|", b"|2|"):
            talk.send(framed(MESSAGE.replace(b"|17|", number)))
            answers.append(talk.answer())
    assert [answer.partition("MSA|AA|")[2][0] for answer in answers] == ["1", "2"]
    assert [(kept.request_body or "").split("|")[9] for kept in recorder.exchanges] == ["1", "2"]


def test_bytes_outside_frames_stand_in_the_evidence(recorder: Recorder) -> None:
    """What a test sent before a frame is part of what it sent."""
    with listener(answering(ANSWER)) as url, client(url, recorder).conversation() as talk:
        talk.send(b"junk" + framed(MESSAGE))
        talk.answer()
    (kept,) = recorder.exchanges
    assert (kept.request_body or "").startswith("junk\x0bMSH|")


def test_a_frame_that_was_dropped_half_way_is_recorded(recorder: Recorder) -> None:
    """The receiver sees a reset; the evidence says that it was meant, without a CPR number."""
    seen: list[bytes] = []
    with listener(packets(seen)) as url, client(url, recorder).conversation() as talk:
        talk.send(START + MESSAGE)
        talk.drop()
    assert seen[-1] == b"reset"
    (kept,) = recorder.exchanges
    assert (kept.error, kept.response_body) == ("the connection was dropped on purpose", None)
    assert "0203754321" not in (kept.request_body or "")


def test_silence_is_heard(recorder: Recorder) -> None:
    """What comes without being waited for is returned and still belongs to the next answer."""
    with listener(answering(ANSWER[:9], ANSWER[9:])) as url, client(url, recorder).conversation() as talk:
        talk.send(START + MESSAGE)
        assert talk.heard(0.05) == b""
        talk.send(END)
        assert talk.heard(0.2) == ANSWER
        assert talk.answer() == ACK.decode()
    assert [kept.code for kept in recorder.exchanges] == ["AA"]


def test_a_message_whose_answer_nobody_waited_for_is_recorded(recorder: Recorder) -> None:
    """No frame is missing from the evidence."""
    with listener(answering(ANSWER)) as url, client(url, recorder).conversation() as talk:
        talk.send(framed(MESSAGE))
    assert [kept.error for kept in recorder.exchanges] == ["no answer was waited for"]


def test_an_answer_that_does_not_come_ends_the_wait(recorder: Recorder) -> None:
    """Half an answer is none; the frames behind it have none either."""
    with listener(answering(ANSWER[:-1], frames=2)) as url, client(url, recorder).conversation() as talk:
        talk.send(framed(MESSAGE) * 2)
        with pytest.raises(CandidateUnreachable, match="the connection was closed after"):
            talk.answer()
    assert ["closed after" in (kept.error or "") for kept in recorder.exchanges] == [True, True]


def test_an_answer_without_a_frame_is_the_candidates_fault(recorder: Recorder) -> None:
    """Something answers, and does not speak MLLP."""
    with listener(answering(ACK + END)) as url, client(url, recorder).conversation() as talk:
        talk.send(framed(MESSAGE))
        with pytest.raises(CandidateFault, match="does not begin with 0x0B"):
            talk.answer()
    assert recorder.count == 1


def test_an_answer_without_an_end_is_not_read_for_ever(recorder: Recorder) -> None:
    """More than a mebibyte is no acknowledgement."""
    with (
        listener(answering(START + b"x" * (1024 * 1024 + 1))) as url,
        client(url, recorder).conversation() as talk,
    ):
        talk.send(framed(MESSAGE))
        with pytest.raises(CandidateFault, match="longer than 1048576 bytes"):
            talk.answer()
    assert recorder.count == 1


def test_what_the_tap_hands_on_is_the_answer(recorder: Recorder) -> None:
    """It is told which listener was sent what; the record says that the answer was altered."""
    tap = Tap(lambda got: replace(got, content=got.content.replace(b"|AA|", b"|AE|")))
    recorder.tap = tap
    with listener(answering(ANSWER)) as url:
        (answer,) = client(url, recorder).send(MESSAGE)
    assert "MSA|AE|" in answer
    assert tap.asked == [Asked("MLLP", "", MESSAGE, url)]
    assert recorder.exchanges[0].response_headers == {ALTERED: "answer"}


def test_an_answer_that_the_tap_takes_away_did_not_come_in_time(recorder: Recorder) -> None:
    """As if it had come later than anybody waits."""

    def lose(_: Got) -> Got:
        raise CandidateUnreachable("no answer", "it was taken away", "nothing")

    recorder.tap = Tap(lose)
    with listener(answering(ANSWER)) as url, pytest.raises(CandidateUnreachable, match="gave no complete answer"):
        client(url, recorder).send(MESSAGE)
