"""An acknowledgement that comes late neither doubles an order nor loses the ones behind it (INC-0042)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from epjgate.drivers.dsl import Epj, Investigation, PatientRef, Receiver

ANALYSES = (("NPU03230", "P-Kalium"), ("NPU18016", "P-Kreatinin"), ("NPU19748", "P-C-reaktivt protein"))


def test_a_late_acknowledgement_neither_doubles_nor_loses_orders(
    epj: Epj, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """The laboratory has the order and is late to say so: it carries out every order once, those behind it too."""
    laboratory = epj.receiver(Receiver.LABORATORY)
    with laboratory.acknowledges_late(patient, seconds=3):
        ordered = [
            epj.order_lab(patient, Investigation(name, at(f"2026-02-03 08:0{minute}"), code))
            for minute, (code, name) in enumerate(ANALYSES)
        ]
    requisitions = epj.requisitions_of(patient, within_s=10)

    asked = [requisition.order for requisition in requisitions]
    assert set(asked) == set(ordered), "an order behind a late acknowledgement did not arrive"
    assert asked == ordered, "an order whose acknowledgement was late is carried out twice, or out of turn"
    assert [requisition.code for requisition in requisitions] == [code for code, _ in ANALYSES], (
        "the laboratory was asked for another analysis than the one ordered"
    )
    assert epj.undelivered_of(patient) == [], "an order whose acknowledgement was late is not acknowledged"
