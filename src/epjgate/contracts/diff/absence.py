"""A part of a surface that only one of two releases shows: a change in itself, never silence."""

from __future__ import annotations

from collections.abc import Iterator

from epjgate.contracts.diff.rules import DiffRule, Rulebook
from epjgate.model.contract_change import ContractChange, Interface
from epjgate.model.surface import PARTS, PartName, Surface

INTERFACES: dict[PartName, Interface] = {
    "capability_statement": "fhir_r4",
    "openapi": "openapi",
    "hl7v2": "hl7v2",
    "database": "database",
    "messages": "messages",
}
_PREFIXES: dict[PartName, str] = {"capability_statement": "fhir"}
_NO_REASON = "no reason is given"
_NOTHING_SEEN: tuple[PartName, ...] = ("hl7v2", "messages")
"""Parts that hold what was seen: empty and not called absent means that nothing was sent, which can be compared."""


def _books() -> dict[PartName, Rulebook]:
    return {part: Rulebook(interface, _PREFIXES.get(part, part)) for part, interface in INTERFACES.items()}


BOOKS = _books()
LOST: dict[PartName, DiffRule] = {
    part: book.breaking(
        "part-lost",
        "Only the baseline shows this part",
        "What the candidate offers here is unknown, so everything that was relied upon may be gone.",
    )
    for part, book in BOOKS.items()
}
FIRST_SEEN: dict[PartName, DiffRule] = {
    part: book.risky(
        "part-first-seen",
        "Only the candidate shows this part",
        "There is nothing to compare it with, so what changed here is unknown.",
    )
    for part, book in BOOKS.items()
}


def differences(baseline: Surface, candidate: Surface) -> Iterator[ContractChange]:
    """Yield a change for each part that one of the two lacks."""
    for part in PARTS:
        before, after = reason_of_absence(baseline, part), reason_of_absence(candidate, part)
        if after and not before:
            yield (
                LOST[part]
                .removed(
                    f"all of {part}",
                    "",
                )
                .model_copy(update={"after": after})
            )
        elif before and not after:
            yield FIRST_SEEN[part].added(f"all of {part}").model_copy(update={"before": before})


def reason_of_absence(surface: Surface, part: PartName) -> str:
    """Return why `surface` has no such part, empty where it has one."""
    if part in surface.absent:
        return surface.absent[part]
    return _NO_REASON if part not in _NOTHING_SEEN and getattr(surface, part) is None else ""
