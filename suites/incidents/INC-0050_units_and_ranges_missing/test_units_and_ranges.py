"""Value, unit and reference range arrive as the laboratory sent them (INC-0050)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product

from epjgate.drivers.dsl import Epj, LabMessage, LabResult, PatientRef
from epjgate.model.person import Person

UNITS = ["mmol/L", "nmol/L", "ug/L", "10*9/L", "%", "mmol/mol", "m[IU]/L"]
RANGES = [
    (Decimal("7.30"), Decimal("9.50")),
    (Decimal("3.5"), None),
    (None, Decimal("5.00")),
    (None, None),
    (Decimal("-2.5"), Decimal("2.5")),
    (Decimal(-5), Decimal(-1)),
]


def test_unit_and_range_arrive_as_they_were_sent(
    epj: Epj, person: Person, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Every unit with every form of a range; trailing zeros count, for they say how exact a value is."""
    sent = [
        LabResult(
            code="NPU02192",
            name="P-Glukose",
            value=Decimal(f"{number}.10"),
            unit=unit,
            taken_at=at("2026-02-03 07:00") + timedelta(minutes=number),
            reference_low=low,
            reference_high=high,
        )
        for number, (unit, (low, high)) in enumerate(product(UNITS, RANGES))
    ]
    told = epj.laboratory_sends_together([LabMessage(person, result) for result in sent])
    arrived = epj.lab_results_of(patient)

    assert all(answer.accepted for answer in told), "a result was refused for its unit or range"
    assert [one.unit for one in arrived] == [one.unit for one in sent], "a result lost its unit on the way in"
    assert list(map(written, arrived)) == list(map(written, sent)), "a value or a reference range is not the one sent"


def written(result: LabResult) -> tuple[str, ...]:
    """Return value and limits with all their digits."""
    return tuple(map(str, (result.value, result.reference_low, result.reference_high)))
