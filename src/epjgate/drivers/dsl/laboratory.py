"""The capability `laboratory`: what was measured, in which unit, against which range."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from epjgate.drivers.dsl.instants import point_in_time
from epjgate.drivers.dsl.orders import InvestigationRef
from epjgate.drivers.dsl.patients import PatientRef


class Terminology(StrEnum):
    """Who defines the code of an analysis."""

    NPU = "NPU"
    LOINC = "LOINC"


@dataclass(frozen=True)
class LabResultRef:
    """A laboratory result as the system named it; equal when it is the same result, whatever the version."""

    id: str
    version: str = field(default="", compare=False)


@dataclass(frozen=True)
class LabResult:
    """One measured value.

    `code` belongs to `terminology`. `unit` is a UCUM code and holds for `value` and the reference limits alike; a
    limit of None is not given. Decimals compare by value: compare them as text where the number of digits matters.
    """

    code: str
    name: str
    value: Decimal
    unit: str
    taken_at: datetime
    reference_low: Decimal | None = None
    reference_high: Decimal | None = None
    comment: str = ""
    terminology: Terminology = Terminology.NPU

    def __post_init__(self) -> None:
        object.__setattr__(self, "taken_at", point_in_time("taken_at", self.taken_at))


class Laboratory(Protocol):
    """What every implementation of `laboratory` promises; a broken answer is a CandidateFault."""

    def report(self, patient: PatientRef, result: LabResult, answers: InvestigationRef | None) -> LabResultRef:
        """Report `result` as final, as the answer to an order where one is given."""

    def results_of(
        self, patient: PatientRef, taken_from: datetime | None, taken_before: datetime | None
    ) -> list[LabResult]:
        """Return the results of `patient`, earliest sample first, without those entered in error.

        Samples are from `taken_from` on and before `taken_before`, where these are given; the system selects them.
        """
