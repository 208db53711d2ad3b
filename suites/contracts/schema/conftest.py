"""What the database contract tests share: the two releases on one database, and who writes while the other reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest

from epjgate.drivers.dsl import Drug, Epj, LabResult, PatientRef, Prescription
from epjgate.drivers.dsl.words.base import token_of
from epjgate.drivers.fhir import FhirClient
from epjgate.evidence.recorder import Recorder
from epjgate.model.person import Person
from epjgate.model.target import Target
from epjgate.plugin.attempt import missing
from epjgate.plugin.fixtures import ALL_RIGHTS

Moment = Callable[[str], datetime]
BY_EARLIER, BY_CANDIDATE = "the earlier release writes", "the candidate writes"


@dataclass(frozen=True)
class Pair:
    """The two releases on one database: `writer` is at work, `reader` is asked by somebody else."""

    writer: Epj
    reader: Epj


@pytest.fixture(
    params=[
        pytest.param(BY_CANDIDATE, marks=pytest.mark.rule("schema-new-data-read-by-earlier"), id=BY_CANDIDATE),
        pytest.param(BY_EARLIER, marks=pytest.mark.rule("schema-earlier-data-read-by-new"), id=BY_EARLIER),
    ]
)
def pair(request: pytest.FixtureRequest, epj: Epj, earlier_epj: Epj) -> Pair:
    """The two releases, in turn as the one that writes."""
    return Pair(epj, earlier_epj) if request.param == BY_CANDIDATE else Pair(earlier_epj, epj)


@pytest.fixture
def known(pair: Pair, person: Person) -> PatientRef:
    """A patient whom the writer has registered."""
    return pair.writer.register_patient(person)


@pytest.fixture
def earlier_fhir(earlier_target: Target, recorder: Recorder) -> Iterator[FhirClient]:
    """Give a FHIR client of the release before the candidate; where users sign in, of the one who may do everything."""
    url = earlier_target.url("fhir_r4")
    if url is None:
        raise missing("fhir_r4", earlier_target)
    token = token_of(earlier_target, ALL_RIGHTS) if earlier_target.users else None
    with FhirClient(url, recorder, timeout_s=earlier_target.timeout_s, token=token) as client:
        yield client


@pytest.fixture
def both(fhir: FhirClient, earlier_fhir: FhirClient) -> tuple[FhirClient, FhirClient]:
    """FHIR clients of the candidate and of the release before it."""
    return fhir, earlier_fhir


@pytest.fixture
def prescription(at: Moment) -> Prescription:
    """An order with a dose of more than one unit, an interval in seconds, and letters that get lost easily."""
    return Prescription(
        drug=Drug(atc_code="H03AA01", name="Levothyroxinnatrium"),
        strength_mg=Decimal("0.05"),
        dose=Decimal("1.50"),
        dose_unit="{tablet}",
        interval=timedelta(hours=8),
        start=at("2026-02-03 08:00"),
        text="1½ tablet på tom mave; må ikke ændres uden aftale.",
    )


@pytest.fixture
def result(at: Moment) -> Callable[..., LabResult]:
    """Call it with a value and a time for a potassium with unit, reference range and comment."""

    def potassium(value: str = "3.90", taken: str = "2026-02-03 06:45") -> LabResult:
        return LabResult(
            code="NPU03230",
            name="P-Kalium",
            value=Decimal(value),
            unit="mmol/L",
            taken_at=at(taken),
            reference_low=Decimal("3.5"),
            reference_high=Decimal("4.4"),
            comment="Let hæmolyse; prøven er ikke gentaget.",
        )

    return potassium


@pytest.fixture
def at_once() -> Callable[[Sequence[Callable[[], Any]]], list[Any]]:
    """Call it with acts to have them all begin at the same moment; returns what each gave, in order."""

    def begin(acts: Sequence[Callable[[], Any]]) -> list[Any]:
        barrier = Barrier(len(acts), timeout=10)

        def wait_and_act(act: Callable[[], Any]) -> Any:
            barrier.wait()
            return act()

        with ThreadPoolExecutor(len(acts)) as actors:
            return list(actors.map(wait_and_act, acts))

    return begin
