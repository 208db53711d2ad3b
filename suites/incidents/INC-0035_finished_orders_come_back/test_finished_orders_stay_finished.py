"""What was over before an upgrade is over after it (INC-0035)."""

from __future__ import annotations

import earlier
from epjgate.drivers.dsl import Epj, OrderState


def test_orders_of_an_earlier_release_keep_their_states(epj: Epj) -> None:
    """Completed and stopped orders stay so, those in use stay in use, and each is still the order that was given."""
    known = earlier.PATIENTS[0]
    patient = epj.find_patient_by_cpr(known.person.cpr)
    assert patient is not None, "the patient whom an earlier release registered is gone"

    orders = epj.medication_orders_of(patient)
    written = {order.prescription.drug: order for order in known.orders}
    over = {drug: order.state for drug, order in written.items() if order.state is not OrderState.ACTIVE}
    states = {order.prescription.drug: order.state for order in orders}

    assert {drug: states.get(drug) for drug in over} == over, "an order that was over is no longer over"
    assert states == {drug: order.state for drug, order in written.items()}, "an order in use has changed its state"
    assert len(orders) == len(written), "there are more orders than the earlier release wrote"
    prescriptions = {order.prescription.drug: order.prescription for order in orders}
    assert prescriptions == {drug: order.prescription for drug, order in written.items()}, "an old order has changed"
