"""What a run's manifest keeps of the incidents that it tests for."""

from __future__ import annotations

from pathlib import Path

from epjgate.incidents.digests import words_digest
from epjgate.incidents.proofs import standing_of
from epjgate.incidents.record import read_records
from epjgate.model.manifest import IncidentPlan


def plan_incidents(suites: Path, fixtures: Path) -> tuple[IncidentPlan, ...]:
    """Return every incident below `suites` with the standing of its proof now; raises UsageError as read_records."""
    words = words_digest(suites, fixtures)
    return tuple(
        IncidentPlan(
            id=record.incident.id,
            title=record.incident.title,
            title_da=record.incident.title_da,
            hazard=record.incident.hazard,
            hazard_da=record.incident.hazard_da,
            kind=record.incident.kind.value,
            proof=standing_of(record, words),
        )
        for record in read_records(suites)
    )
