"""What is still wrong with an incident: record, test, and proof."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from epjgate.errors import UsageError
from epjgate.incidents.patient_data import possible_persons
from epjgate.incidents.proofs import standing_of
from epjgate.incidents.recipe import alterations_of
from epjgate.incidents.record import Record, read_record
from epjgate.incidents.skeleton import NOT_WRITTEN
from epjgate.incidents.vocabulary import offences
from epjgate.model.proof import ProofState


def problems_of(folder: Path, *, capabilities: Collection[str], words: str) -> tuple[str, ...]:
    """Return what is wrong with the incident in `folder`, in words; nothing where it is complete and proven.

    `capabilities` are those that the DSL knows, `words` is the digest of what incident tests stand on.
    """
    try:
        record = read_record(folder)
        recipe = alterations_of(record)
    except UsageError as err:
        return (f"{err.problem}: {err.cause}",)
    return (
        *(f"nothing is written under {heading!r}" for heading in record.unwritten),
        *(f"{where} could be a real person's CPR number" for where in possible_persons(record)),
        *(_unknown(record, capabilities)),
        *(_same_release(record, has_recipe=bool(recipe))),
        *(_tests(record)),
        *(_proof(record, words)),
    )


def _unknown(record: Record, capabilities: Collection[str]) -> Iterator[str]:
    for name in record.incident.capabilities:
        if name not in capabilities:
            yield f"the DSL knows no capability {name!r}; known: {', '.join(sorted(capabilities))}"


def _same_release(record: Record, *, has_recipe: bool) -> Iterator[str]:
    incident = record.incident
    if incident.known_bad == incident.fixed_in and not has_recipe:
        yield "known-bad and fixed-in are the same release, and no fault recipe makes a difference"


def _tests(record: Record) -> Iterator[str]:
    if not record.tests:
        yield "it has no test (test_*.py)"
    for file in sorted(record.folder.rglob("*.py")):
        if NOT_WRITTEN in file.read_text(encoding="utf-8", errors="replace"):
            yield f"{file.name} is not written yet"
        try:
            yield from offences(file)
        except UsageError as err:
            yield f"{err.problem}: {err.cause}"


def _proof(record: Record, words: str) -> Iterator[str]:
    standing = standing_of(record, words)
    if standing.state is not ProofState.FRESH:
        yield from (f"proof {standing.state.value}: {reason}" for reason in standing.reasons)
