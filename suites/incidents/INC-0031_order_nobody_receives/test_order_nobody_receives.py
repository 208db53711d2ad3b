"""An order that nobody receives raises the alarm with its sender (INC-0031)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from epjgate.drivers.dsl import DeliveryState, Epj, Investigation, PatientRef, Receiver


def test_an_order_that_nobody_receives_raises_the_alarm(
    epj: Epj, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Beside an order that arrives, one for a department without a line stands in the ledger as undelivered."""
    sent = epj.order_lab(patient, Investigation("P-Kalium", at("2026-02-03 08:00"), "NPU03230"))
    epj.order_procedure(patient, Investigation("Lungefunktionsundersøgelse", at("2026-02-03 08:05")))
    arrived = [requisition.order for requisition in epj.requisitions_of(patient)]
    epj.wait_for_deliveries(patient)
    deliveries = epj.deliveries_of(patient)
    delivered = [one for one in deliveries if one.receiver is Receiver.LABORATORY]
    astray = [one for one in deliveries if one.receiver is not Receiver.LABORATORY]

    assert arrived == [sent], "the laboratory did not get the order that is for it, and only that"
    assert [one.state for one in delivered] == [DeliveryState.ACKNOWLEDGED], "what arrived is not acknowledged"
    assert not any(one.alarm for one in delivered), "what arrived raises an alarm"
    assert len(astray) == 1, "an order that nobody receives does not stand in the ledger"
    assert astray[0].state in (DeliveryState.UNROUTABLE, DeliveryState.REFUSED), "what nobody receives seems to arrive"
    assert astray[0].alarm, "an order that nobody receives raises no alarm"
