"""The capability `orders`: which investigation was asked for, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from epjgate.drivers.dsl.instants import point_in_time
from epjgate.drivers.dsl.patients import PatientRef


class Discipline(StrEnum):
    """Who carries out an investigation; a procedure is done by some other department."""

    LABORATORY = "laboratory"
    IMAGING = "imaging"
    PROCEDURE = "procedure"


class InvestigationState(StrEnum):
    """How far an ordered investigation has come."""

    ACTIVE = "active"
    COMPLETED = "completed"
    REVOKED = "revoked"
    DRAFT = "draft"
    PAUSED = "paused"
    ENTERED_IN_ERROR = "entered in error"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Investigation:
    """What is asked for: an NPU code where it has one, and a name in any case."""

    name: str
    ordered_at: datetime
    code: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "ordered_at", point_in_time("ordered_at", self.ordered_at))


@dataclass(frozen=True)
class InvestigationRef:
    """An ordered investigation as the system named it; equal when it is the same order, whatever the version."""

    id: str
    version: str = field(default="", compare=False)


@dataclass(frozen=True)
class InvestigationOrder:
    """An ordered investigation as the system knows it."""

    ref: InvestigationRef
    discipline: Discipline
    state: InvestigationState
    investigation: Investigation


@dataclass(frozen=True)
class ImagingAnswer:
    """What the radiologist says; `answers` is the order that asked, None where the answer names none."""

    name: str
    conclusion: str
    reported_at: datetime
    answers: InvestigationRef | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "reported_at", point_in_time("reported_at", self.reported_at))


@dataclass(frozen=True)
class TextAnswer:
    """What a department answers in words; `answers` is the order that asked, None where the answer names none."""

    name: str
    text: str
    reported_at: datetime
    discipline: Discipline
    answers: InvestigationRef | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "reported_at", point_in_time("reported_at", self.reported_at))


class Orders(Protocol):
    """What every implementation of `orders` promises; a broken answer is a CandidateFault."""

    def order(self, patient: PatientRef, discipline: Discipline, investigation: Investigation) -> InvestigationRef:
        """Order `investigation`, active at once."""

    def of(self, patient: PatientRef) -> list[InvestigationOrder]:
        """Return all investigations ordered for `patient`, earliest first."""

    def report_imaging(self, patient: PatientRef, answer: ImagingAnswer) -> None:
        """Report `answer` as final."""

    def imaging_answers_of(self, patient: PatientRef) -> list[ImagingAnswer]:
        """Return what was answered in text, earliest first, without what was entered in error."""

    def text_answers_of(self, patient: PatientRef) -> list[TextAnswer]:
        """Return what any department answered in text, earliest first, without what was entered in error."""
