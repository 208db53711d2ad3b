"""What a partner's rules and its connection promise to each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from pydantic import JsonValue

from epjgate.errors import EnvironmentFailed

Message = TypeVar("Message", contravariant=True)
Answer = TypeVar("Answer")
AnswerIn = TypeVar("AnswerIn", contravariant=True)
AnswerOut = TypeVar("AnswerOut", covariant=True)


class PartnerUnfit(EnvironmentFailed):
    """A partner cannot be relied on: a fault of the harness, never of the candidate."""


@dataclass(frozen=True)
class Judgement(Generic[Answer]):
    """What the rules said about one message, and what its sender is told."""

    answer: Answer
    accepted: bool
    reason: str = ""
    repeated: bool = False


class Rules(Protocol[Message, Answer]):
    """One receiving system, without its connection. `judge` is called for one message at a time."""

    def kind(self, message: Message) -> str:
        """Return in a word or two what `message` asks for, for example `POST reports` or `ADT^A01`."""

    def text(self, message: Message) -> str:
        """Return the content of `message` as text; bytes that mean nothing become replacement characters."""

    def parsed(self, text: str) -> dict[str, JsonValue]:
        """Return what `text` holds as `Received.parsed` describes it; empty where it cannot be read."""

    def is_read(self, message: Message) -> bool:
        """Whether `message` only asks what is stored, and so is none that was received."""

    def judge(self, message: Message, now: datetime) -> Judgement[Answer]:
        """Judge `message` by the rules and by what was stored before; store it if it is accepted."""

    def refusal(self, message: Message) -> Judgement[Answer]:
        """Return a proper refusal in the partner's protocol that does not depend on the content; store nothing."""

    def transient(self, message: Message) -> Answer | None:
        """Return the answer that asks the sender to try again later; None where the protocol has none."""

    def forget(self) -> None:
        """Forget everything that was stored."""


class Wire(Protocol[AnswerIn]):
    """The connection on which one message came, for its answer or for breaking it."""

    @property
    def can_answer_twice(self) -> bool:
        """Whether the protocol lets a second answer follow the first."""

    def send(self, answer: AnswerIn) -> None:
        """Send `answer`; a sender who is gone by now is no error."""

    def wait(self, seconds: float) -> None:
        """Wait; ends early when the partner is being closed."""

    def hold(self) -> None:
        """Say nothing until the sender gives up."""

    def reset(self) -> None:
        """End the connection with a reset (RST)."""

    def drop(self) -> None:
        """End the connection without an answer."""


class Receiver(Protocol[Message, AnswerOut]):
    """Takes every message that arrives at one partner, and sees to its answer."""

    def receive(self, message: Message, wire: Wire[AnswerOut]) -> None:
        """Judge `message`, keep it, and answer on `wire`, unless a fault strikes it."""
