"""The capabilities `laboratory_feed` and `admission_feed`: what other systems of a hospital send in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from epjgate.drivers.dsl.laboratory import LabResult
from epjgate.drivers.dsl.orders import InvestigationRef
from epjgate.drivers.hl7v2 import Charset
from epjgate.model.person import Person

__all__ = ["Acknowledgement", "AdmissionFeed", "Charset", "Envelope", "LabMessage", "LaboratoryFeed", "Verdict"]


class Verdict(StrEnum):
    """What the receiver of a message says of it (HL7 table 0008)."""

    ACCEPTED = "AA"
    ERROR = "AE"
    REJECTED = "AR"


@dataclass(frozen=True)
class Acknowledgement:
    """The answer to one message: what the receiver says of it, why, and which message it is the answer to."""

    verdict: Verdict
    reason: str
    message_id: str

    @property
    def accepted(self) -> bool:
        """Whether the sender may forget the message."""
        return self.verdict is Verdict.ACCEPTED


@dataclass(frozen=True)
class Envelope:
    """How a message is sent: its character set, and its id where it is to be a given one.

    The same id a second time is the same message again. Without one, every message gets its own.
    """

    charset: Charset = Charset.UTF_8
    message_id: str = ""


@dataclass(frozen=True)
class LabMessage:
    """One message of the laboratory: a measured value, or an answer in text, about the person with a CPR number.

    `content` is a LabResult or the text; `name` is what the text is about. `answers` names the order, if any.
    """

    person: Person
    content: LabResult | str
    name: str = ""
    taken_at: datetime | None = None
    answers: InvestigationRef | None = None
    envelope: Envelope = Envelope()


class LaboratoryFeed(Protocol):
    """What every implementation of `laboratory_feed` promises; a broken answer is a CandidateFault."""

    def send(self, messages: Sequence[LabMessage]) -> list[Acknowledgement]:
        """Send `messages` in one packet, as a laboratory that has caught up does; returns an answer for each."""


class AdmissionFeed(Protocol):
    """What every implementation of `admission_feed` promises; a broken answer is a CandidateFault."""

    def admits(self, person: Person, at: datetime, ward: str, envelope: Envelope) -> Acknowledgement:
        """Tell that `person` was admitted to `ward`."""

    def transfers(self, person: Person, at: datetime, ward: str, envelope: Envelope) -> Acknowledgement:
        """Tell that `person` was moved to `ward`."""

    def discharges(self, person: Person, at: datetime, envelope: Envelope) -> Acknowledgement:
        """Tell that `person` went home."""

    def updates(self, person: Person, envelope: Envelope) -> Acknowledgement:
        """Tell name, sex, birth date and address of `person` anew."""

    def merges(self, gone: Person, survivor: Person, envelope: Envelope) -> Acknowledgement:
        """Tell that `gone` was `survivor` all along."""
