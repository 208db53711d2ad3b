"""A measurement kept as the floor that the policy reads, and how it stands to the suites of a run."""

from __future__ import annotations

import json
from math import floor

from epjgate.model.sensitivity import Sensitivity, StoredSensitivity, StoredSuite, StoredTally, Tally

_HEAD = """\
# What the suites were seen to notice, and which suites those were. Written by `epjgate sensitivity --write`;
# docs/sensitivity.md says what the figures mean.
"""


def stored(measured: Sensitivity) -> StoredSensitivity:
    """Return what is kept of `measured`; rates are cut after four digits, never rounded up."""
    total = measured.total()
    suites = measured.by_suite()
    return StoredSensitivity(
        system=measured.system,
        candidate=measured.candidate,
        environment=measured.environment,
        measured_at=measured.at.replace(microsecond=0),
        seed=measured.seed,
        kill_rate=_cut(total.kill_rate),
        raw_kill_rate=_cut(total.raw_kill_rate),
        mutants=total.mutants,
        suites={
            name: StoredSuite(kill_rate=_cut(tally.kill_rate), mutants=tally.mutants, digest=measured.suites[name])
            for name, tally in suites.items()
        },
        interfaces={name: _kept(tally) for name, tally in measured.by_interface().items()},
    )


def stored_text(measured: Sensitivity) -> str:
    """Return the document that keeps `measured`, as TOML."""
    document = stored(measured).model_dump(mode="json")
    tables = {name: document.pop(name) for name in ("suites", "interfaces")}
    lines = [_HEAD + _pairs(document)]
    for table, rows in tables.items():
        lines += [f"[{table}.{json.dumps(name)}]\n{_pairs(row)}" for name, row in rows.items()]
    return "\n".join(lines)


def _pairs(values: dict[str, object]) -> str:
    """Return one line a value; JSON writes these texts and numbers as TOML does."""
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())


def _kept(tally: Tally) -> StoredTally:
    return StoredTally(kill_rate=_cut(tally.kill_rate), mutants=tally.mutants)


def _cut(rate: float) -> float:
    return floor(rate * 10_000) / 10_000
