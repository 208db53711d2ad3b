"""Sends HL7 v2 messages to the candidate over MLLP, once each, and records every exchange (HL7 v2 MLLP Release 1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from epjgate.drivers.mllp_conversation import AlterAnswer, Conversation, Listener
from epjgate.drivers.mllp_frames import END, START, decoded, framed
from epjgate.evidence.recorder import Recorder

__all__ = ["END", "START", "AlterAnswer", "Conversation", "MllpClient", "decoded", "framed"]


class MllpClient:
    """One MLLP listener at `url` (`mllp://host:port`): a connection for each call, and nothing is ever sent again.

    `timeout_s` bounds the connection and the wait for each whole answer. `alter_answer` is given every message with its
    answer and returns the answer that the caller sees instead; an OSError that it raises is an answer lost on its way.
    Any number of threads may send at once.
    """

    def __init__(
        self, url: str, recorder: Recorder, *, timeout_s: float = 10.0, alter_answer: AlterAnswer | None = None
    ) -> None:
        self.url = url
        parts = urlsplit(url)
        self._listener = Listener(url, parts.hostname or "", parts.port or 0, timeout_s)
        self._recorder = recorder
        self._alter_answer = alter_answer

    def send(self, *messages: bytes) -> list[str]:
        """Send `messages` in one packet and return the answers without their frames, in the order in which they came.

        Every message is one exchange. Raises CandidateUnreachable where a whole answer did not come for each of them,
        CandidateFault where what came is no MLLP frame.
        """
        with self.conversation() as talk:
            talk.send(b"".join(map(framed, messages)))
            return [talk.answer() for _ in messages]

    @contextmanager
    def conversation(self) -> Iterator[Conversation]:
        """Give one connection for as long as the block lasts: bytes go out as they are given, frames or not.

        What was sent and never answered is recorded when the block ends.
        """
        talk = Conversation(self._listener, self._recorder, self._alter_answer)
        try:
            yield talk
        finally:
            talk.close()
