"""A measurement, small enough to be counted by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.sensing.conftest import mutant

from epjgate.model.mutant import Operator
from epjgate.model.sensitivity import Excuse, Fate, Sensitivity, Trial

DIGEST = f"sha256:{'a' * 64}"
NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


def trial(field: str, fate: Fate, excuse: Excuse | None = None, interface: str = "fhir_r4", **suites: Fate) -> Trial:
    """Return a mutant that drops `field` and what became of it, in the suite `clinic` where no other is named."""
    return Trial(
        mutant=mutant(Operator.DROP, field, interface=interface),
        fate=fate,
        suites=suites or {"clinic": fate},
        tests=1,
        excuse=excuse,
    )


EQUIVALENT = Excuse(reason="the server's own", equivalent=True)
TRIALS = (
    trial("status", Fate.KILLED, clinic=Fate.SURVIVED, incidents=Fate.KILLED),
    trial("code", Fate.KILLED),
    trial("note", Fate.SURVIVED),
    trial("id", Fate.SURVIVED, EQUIVALENT),
    trial("text", Fate.BROKEN, Excuse(reason="crashes")),
    trial("MSA-1", Fate.KILLED, interface="hl7v2"),
    trial("language", Fate.NOT_REACHED),
)


def sensitivity(*trials: Trial, **changes: Any) -> Sensitivity:
    """Return a measurement of two suites with `trials`, those above where none are given, `changes` applied."""
    good = Sensitivity(
        system="tiny",
        candidate="1.0",
        environment="process",
        seed=7,
        at=NOON,
        suites={"clinic": DIGEST, "incidents": DIGEST},
        tests=3,
        possible=20,
        trials=trials or TRIALS,
        watch_s=1,
        strike_s=2,
    )
    return good.model_copy(update=changes)
