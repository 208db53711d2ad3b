"""What is ordered while the laboratory is out of reach waits, users are told, and it arrives once (INC-0009)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from epjgate.drivers.dsl import Epj, Investigation, PatientRef, Receiver

ANALYSES = (("NPU03230", "P-Kalium"), ("NPU18016", "P-Kreatinin"), ("NPU19748", "P-C-reaktivt protein"))


def test_orders_wait_for_a_laboratory_out_of_reach(
    epj: Epj, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """During the outage users are told and nothing counts as delivered; after it every order arrives once, in order."""
    laboratory = epj.receiver(Receiver.LABORATORY)
    with laboratory.is_unreachable(patient):
        ordered = [
            epj.order_lab(patient, Investigation(name, at(f"2026-02-03 08:0{minute}"), code))
            for minute, (code, name) in enumerate(ANALYSES)
        ]
        settled = epj.wait_for_deliveries(patient, within_s=1.5)
        banner = epj.status_banner()
        arrived = laboratory.messages_about(patient)
    requisitions = epj.requisitions_of(patient, within_s=10)

    assert arrived == [], "the laboratory was not out of reach"
    assert not settled, "what a laboratory out of reach cannot have got does not wait for it"
    assert [requisition.order for requisition in requisitions] == ordered, (
        "what was ordered during the outage did not arrive once and in order after it"
    )
    assert Receiver.LABORATORY in banner.disturbed, "users are not told that the laboratory is out of reach"
    assert banner.text, "the banner is empty while the laboratory is out of reach"
    assert epj.undelivered_of(patient) == [], "after the outage something is left in the queue"
