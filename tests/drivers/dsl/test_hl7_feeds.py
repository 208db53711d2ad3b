"""Acknowledgements of HL7 v2 messages; the messages themselves are tested on the reference EPJ."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from epjgate.drivers.dsl.feeds import Envelope, LabMessage
from epjgate.drivers.dsl.hl7_feeds import Hl7AdmissionFeed, Hl7LaboratoryFeed
from epjgate.drivers.dsl.laboratory import LabResult
from epjgate.drivers.hl7v2 import field_of, parsed
from epjgate.drivers.mllp import MllpClient
from epjgate.errors import CandidateFault
from epjgate.evidence.recorder import Recorder
from population.persons import person

PERSON = person(4, 0)
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
ENVELOPE = Envelope(message_id="17")
HEADER = "MSH|^~\\&|EPJ||LAB||20260301||ACK|1|P|2.5\r"


@contextmanager
def answering(answer: str, recorder: Recorder, seen: list[str] | None = None) -> Iterator[MllpClient]:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                received = b""
                while b"\x1c\r" not in received:
                    received += connection.recv(4096)
                if seen is not None:
                    seen.append(received[1:-2].decode())
                connection.sendall(b"\x0b" + answer.encode() + b"\x1c\r")

        thread = threading.Thread(target=serve)
        thread.start()
        yield MllpClient(f"mllp://127.0.0.1:{server.getsockname()[1]}", recorder, timeout_s=2)
        thread.join()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (f"{HEADER}MSA|AA|18\r", "belongs to the message '18'"),
        (f"{HEADER}MSA|OK|17\r", "says 'OK'; HL7 v2 knows AA, AE, AR"),
        (HEADER, "holds no MSA segment"),
        ("hello", "is no HL7 v2 message"),
    ],
)
def test_an_answer_that_is_none_is_the_candidates_fault(recorder: Recorder, answer: str, told: str) -> None:
    """It must not be taken for an acknowledgement."""
    with answering(answer, recorder) as client, pytest.raises(CandidateFault, match=told):
        Hl7AdmissionFeed(client).updates(PERSON, ENVELOPE)


def test_a_refusal_tells_why(recorder: Recorder) -> None:
    """With the reason that the receiver gave, unescaped."""
    with answering(f"{HEADER}MSA|AE|17|no \\T\\ no\r", recorder) as client:
        answer = Hl7AdmissionFeed(client).updates(PERSON, ENVELOPE)
    assert (answer.accepted, answer.reason, answer.message_id) == (False, "no & no", "17")


@pytest.mark.parametrize(
    ("low", "high", "written"),
    [("4.20", "6", "4.20-6"), (None, "6", "<6"), ("4.20", None, ">4.20"), (None, None, "")],
)
def test_limits_are_written_as_the_standard_says(
    recorder: Recorder, low: str | None, high: str | None, written: str
) -> None:
    """Both, either or none, with their digits."""
    lowest, highest = (None if limit is None else Decimal(limit) for limit in (low, high))
    result = LabResult("NPU02192", "P-Glukose", Decimal("1E+1"), "mmol/L", AT, lowest, highest)
    seen: list[str] = []
    with answering(f"{HEADER}MSA|AA|17\r", recorder, seen) as client:
        Hl7LaboratoryFeed(client).send([LabMessage(PERSON, result, envelope=ENVELOPE)])
    obx = parsed(seen[0], "the message").segment("OBX")
    assert [field_of(obx, number) for number in (2, 3, 5, 6, 7)] == ["NM", "NPU02192", "10", "mmol/L", written]


def test_survivor_and_gone_stand_in_their_fields(recorder: Recorder) -> None:
    """PID-3 survives, MRG-1 goes."""
    gone = person(4, 1)
    seen: list[str] = []
    with answering(f"{HEADER}MSA|AA|17\r", recorder, seen) as client:
        Hl7AdmissionFeed(client).merges(gone, PERSON, ENVELOPE)
    message = parsed(seen[0], "the message")
    assert (field_of(message.segment("PID"), 3), field_of(message.segment("MRG"), 1)) == (PERSON.cpr, gone.cpr)
