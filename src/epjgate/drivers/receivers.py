"""What the drivers ask of the receiving systems that the gate plays; whoever starts them hands it in."""

from __future__ import annotations

from typing import Protocol

from epjgate.model.partner import Fault, Received


class Partners(Protocol):
    """The receiving systems of this run, by their names in `[partners]`; their failures are the harness's own."""

    def received(self, partner: str, about: str) -> tuple[Received, ...]:
        """Return the messages that reached `partner` and contain `about`, in the order of their arrival."""

    def medicine_card(self, partner: str, cpr: str) -> str | None:
        """Return the medicine card of `cpr` as its JSON text, None where there is none."""

    def add_fault(self, partner: str, fault: Fault) -> str:
        """Let `partner` misbehave; returns the id of the fault."""

    def remove_fault(self, partner: str, fault_id: str) -> None:
        """Let it behave again."""

    def fault_uses(self, partner: str, fault_id: str) -> int:
        """Return how often the fault struck, also after it was removed."""
