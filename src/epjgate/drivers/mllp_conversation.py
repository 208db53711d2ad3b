"""One MLLP connection on which bytes are sent exactly as they are given, each message recorded with its answer."""

from __future__ import annotations

import re
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial

from epjgate.drivers.alterations import ALTERED
from epjgate.drivers.exchanges import exchange_of, redacted
from epjgate.drivers.mllp_frames import END, START, decoded
from epjgate.errors import CandidateFault, CandidateUnreachable
from epjgate.evidence.recorder import Recorder
from epjgate.model.wire import Asked, Got

AlterAnswer = Callable[[bytes, str], str]
"""Takes a message as it was sent and its answer, and returns the answer that the test sees."""

_ANSWER_LIMIT = 1024 * 1024
_BYTES_AT_ONCE = 64 * 1024
_MSA_1 = re.compile(r"^MSA\|([^|\r]*)", re.MULTILINE)
# Closing throws away what is not sent yet and resets the connection.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Listener:
    """Where the candidate listens; `timeout_s` bounds the connection and the wait for each whole answer."""

    url: str
    host: str
    port: int
    timeout_s: float


@dataclass
class _Sent:
    """What was sent up to the end of a frame, without its marks; `at` is when its last byte was about to go out."""

    content: bytes
    at: float


class Conversation:
    """One connection to a listener, opened by the first `send`.

    Answers belong to the frames in the order in which those were completed. Every method raises CandidateUnreachable
    where the connection fails, with the reason; each frame is recorded once, with its answer or with why there is none.
    """

    def __init__(self, listener: Listener, recorder: Recorder, alter_answer: AlterAnswer | None = None) -> None:
        self._listener = listener
        self._recorder = recorder
        self._alter_answer = alter_answer
        self._socket: socket.socket | None = None
        self._begun = b""
        self._unanswered: deque[_Sent] = deque()
        self._received = b""
        self._error = "no answer was waited for"

    def send(self, *pieces: bytes, pause_s: float = 0.0) -> None:
        """Send each of `pieces` as a packet of its own, with a pause of `pause_s` seconds after each but the last."""
        with self._blaming_the_candidate():
            for number, piece in enumerate(pieces):
                if number and pause_s:
                    time.sleep(pause_s)
                self._note(piece)
                self._connected().sendall(piece)

    def answer(self) -> str:
        """Return the next answer without its frame; CandidateFault where what comes is no MLLP frame."""
        with self._blaming_the_candidate():
            answer = decoded(self._next_frame())
            sent = self._unanswered[0] if self._unanswered else _Sent(b"", time.perf_counter())
            seen = answer if self._alter_answer is None else self._alter_answer(sent.content, answer)
            seen = self._tapped(sent.content, seen)
        if self._unanswered:
            self._unanswered.popleft()
        self._record(sent, seen, altered=seen != answer)
        return seen

    def heard(self, for_s: float) -> bytes:
        """Return every byte that comes within `for_s` seconds and was not read as an answer; none is silence."""
        until = time.monotonic() + for_s
        with self._blaming_the_candidate(), suppress(TimeoutError):
            while piece := self._piece(until):
                self._received += piece
        return self._received

    def drop(self) -> None:
        """Reset the connection, as a sender that breaks down does: what was sent so far has no end."""
        with self._blaming_the_candidate():
            self._connected().setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._error = "the connection was dropped on purpose"
        self.close()

    def close(self) -> None:
        """Close the connection in order, and record what stayed without an answer."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._begun:
            self._unanswered.append(_Sent(self._begun.removeprefix(START), time.perf_counter()))
        self._begun = b""
        while self._unanswered:
            self._record(self._unanswered.popleft(), None)

    def _tapped(self, sent: bytes, answer: str) -> str:
        asked = Asked("MLLP", "", sent, self._listener.url)
        try:
            got = self._recorder.tapped(asked, lambda: Got(0, {}, answer.encode("utf-8")))
        except CandidateUnreachable as err:
            raise TimeoutError(err.cause) from err
        return got.content.decode("utf-8")

    def _connected(self) -> socket.socket:
        if self._socket is None:
            address = (self._listener.host, self._listener.port)
            self._socket = socket.create_connection(address, self._listener.timeout_s)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(self._listener.timeout_s)
        return self._socket

    def _note(self, piece: bytes) -> None:
        """Keep what is sent for the record, cut where frames end."""
        *complete, self._begun = (self._begun + piece).split(END)
        self._unanswered.extend(_Sent(block.removeprefix(START), time.perf_counter()) for block in complete)

    def _next_frame(self) -> bytes:
        """Return the content of the next frame and keep what came after it."""
        until = time.monotonic() + self._listener.timeout_s
        received = bytearray(self._received)
        while END not in received:
            if len(received) > _ANSWER_LIMIT:
                raise self._fault(f"the answer is longer than {_ANSWER_LIMIT} bytes")
            piece = self._piece(until)
            if not piece:
                raise ConnectionAbortedError(f"the connection was closed after {len(received)} bytes")
            received += piece
        frame, _, self._received = bytes(received).partition(END)
        if not frame.startswith(START):
            shown = redacted(self._recorder.redactor, frame[:40].decode("utf-8", "replace"))
            raise self._fault(f"the answer does not begin with 0x0B but with {shown!r}")
        return frame[1:]

    def _piece(self, until: float) -> bytes:
        connection = self._connected()
        connection.settimeout(max(until - time.monotonic(), 0.001))
        return connection.recv(_BYTES_AT_ONCE)

    def _fault(self, what: str) -> CandidateFault:
        self._error = f"MLLP {self._listener.url}: {what}"
        return CandidateFault(self._error)

    @contextmanager
    def _blaming_the_candidate(self) -> Iterator[None]:
        try:
            yield
        except OSError as err:
            self._error = _why(err, self._listener.timeout_s)
            raise CandidateUnreachable(
                f"MLLP {self._listener.url}: the candidate gave no complete answer",
                self._error,
                "see the candidate's log for this moment; raise timeout_s if it is only slow",
            ) from err

    def _record(self, sent: _Sent, answer: str | None, *, altered: bool = False) -> None:
        duration_s = time.perf_counter() - sent.at
        acknowledged = None if answer is None else _MSA_1.search(answer.replace("\r", "\n"))
        headers = {ALTERED: "answer"} if altered else {}
        self._recorder.record(
            partial(
                exchange_of,
                self._recorder.redactor,
                ("MLLP", self._listener.url, {}, _legible(decoded(sent.content))),
                None if answer is None else (None, headers, _legible(answer)),
                duration_s=duration_s,
                error=self._error if answer is None else None,
                code=acknowledged[1] if acknowledged else "",
            )
        )


def _legible(text: str) -> bytes:
    """Return the segments of `text` one a line, as evidence shows them."""
    return text.replace("\r", "\n").encode("utf-8")


def _why(err: OSError, timeout_s: float) -> str:
    return f"timed out ({timeout_s:g} s)" if isinstance(err, TimeoutError) else f"{type(err).__name__}: {err}"
