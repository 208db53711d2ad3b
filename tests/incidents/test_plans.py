"""What a manifest keeps of incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from epjgate.incidents.plans import plan_incidents
from epjgate.model.proof import ProofState

if TYPE_CHECKING:
    from tests.incidents.conftest import Suites


def test_every_incident_is_planned_with_its_standing(suites: Suites) -> None:
    """In both languages of the reports, so that the bundle needs no checkout to be told."""
    suites.record("INC-0002_b", id='"INC-0002"', title_da='"To"')
    suites.record("INC-0001_a")
    first, second = plan_incidents(suites.root, suites.root)
    assert (first.id, second.id, second.title_da) == ("INC-0001", "INC-0002", "To")
    assert (first.kind, first.hazard) == ("silent success", "The patient waits at a door that nobody opens.")
    assert first.proof.state is ProofState.MISSING
