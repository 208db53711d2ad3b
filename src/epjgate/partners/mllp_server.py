"""Serves a receiver of HL7 v2 over MLLP."""

from __future__ import annotations

from epjgate.partners.interface import Receiver
from epjgate.partners.mllp import Deframer, frame
from epjgate.partners.tcp import Connection, TcpServer


class MllpServer:
    """Serves one receiver over MLLP from its construction until `close`."""

    def __init__(self, name: str, address: str, receiver: Receiver[bytes, bytes]) -> None:
        """Listen at once; raises OSError where `address` cannot be had."""
        self._receiver = receiver
        self._server = TcpServer(name, address, self._converse)
        self.url = f"mllp://{address}:{self._server.port}"

    def close(self) -> None:
        """End every connection and thread."""
        self._server.close()

    def _converse(self, connection: Connection) -> None:
        deframer = Deframer()
        wire = _MllpWire(connection)
        while not wire.ended and (piece := connection.receive()):
            try:
                messages = deframer.feed(piece)
            except ValueError:  # longer than any message: end the connection
                return
            for message in messages:
                if not wire.ended:
                    self._receiver.receive(message, wire)


class _MllpWire:
    """One connection, for the answers to all its messages."""

    can_answer_twice = True

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.ended = False

    def send(self, answer: bytes) -> None:
        """Send `answer` as a frame; a sender who is gone by now is no error."""
        self._connection.send(frame(answer))

    def wait(self, seconds: float) -> None:
        """Wait; ends early when the server is closed."""
        self._connection.wait(seconds)

    def hold(self) -> None:
        """Say nothing until the sender gives up."""
        self._connection.hold()
        self.drop()

    def reset(self) -> None:
        """End the connection with a reset."""
        self._connection.reset()
        self.drop()

    def drop(self) -> None:
        """End the connection without an answer; messages that came with this one are lost with it."""
        self.ended = True
