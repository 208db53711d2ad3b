"""What a candidate changed since the baseline, at every interface, each change graded by a rule.

Nothing here reads a file or asks a system: two surfaces go in, changes come out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from epjgate.contracts.diff import absence, capability_statement, database, hl7v2, messages, openapi, steps
from epjgate.contracts.diff.register import RULES
from epjgate.contracts.diff.rules import DiffRule, in_order
from epjgate.model.contract_change import ContractChange
from epjgate.model.surface import PARTS, PartName, Surface

__all__ = ["RULES", "DiffRule", "compare"]

_DIFFERENCES: dict[PartName, Callable[..., Iterator[ContractChange]]] = {
    "capability_statement": capability_statement.differences,
    "openapi": openapi.differences,
    "hl7v2": hl7v2.differences,
    "database": database.differences,
    "messages": messages.differences,
}


def compare(baseline: Surface, candidate: Surface) -> tuple[ContractChange, ...]:
    """Return what `candidate` changed since `baseline`, worst first, each change once; nothing where they are equal.

    A part that only one of the two shows is a change: breaking where the candidate lacks it, risky where the baseline
    does. A part that neither shows is none: `absent` of both says why. A part that cannot be read is a breaking one.
    A part that is `incomplete` in one of the two is not compared, so no change of it is told.
    """
    changes = [*absence.differences(baseline, candidate), *steps.differences(baseline, candidate)]
    for part in PARTS:
        before, after = getattr(baseline, part), getattr(candidate, part)
        both = (baseline, candidate)
        if not any(absence.reason_of_absence(one, part) or part in one.incomplete for one in both):
            changes += _DIFFERENCES[part](before, after)
    return in_order(changes)
