"""From the evidence of one build to its row of the matrix: what it showed of every incident."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from epjgate.incidents.record import SUITE, Record
from epjgate.incidents.seen import ends_of, red_of, refused_green
from epjgate.model.evidence import Evidence
from epjgate.model.matrix import Row, SeenRed
from epjgate.model.outcome import Outcome


def row_of(records: Iterable[Record], evidence: Evidence, source: str, at: datetime) -> Row:
    """Return what `evidence` of a build, sound as a whole, shows of each of `records` by one attempt each."""
    red: dict[str, SeenRed] = {}
    unclear: dict[str, tuple[str, ...]] = {}
    not_applicable: list[str] = []
    green: list[str] = []
    for record in records:
        number = record.incident.id
        failed = red_of(record, evidence, 1)
        not_green = refused_green(record, evidence, 1)
        if failed.fingerprints and not failed.refused:
            red[number] = SeenRed(fingerprints=failed.fingerprints, message=failed.message)
        elif not not_green:
            green.append(number)
        elif _not_applicable(record, evidence):
            not_applicable.append(number)
        else:
            unclear[number] = tuple(dict.fromkeys((*failed.refused, *not_green)))
    return Row(source=source, at=at, red=red, unclear=unclear, not_applicable=tuple(not_applicable), green=tuple(green))


def _not_applicable(record: Record, evidence: Evidence) -> bool:
    inside = f"{SUITE}/{record.folder.name}/"
    unread = any(error.startswith(inside) for found in evidence.collected for error in found.errors)
    return not unread and {test.outcome for test in ends_of(record, evidence)} == {Outcome.NOT_APPLICABLE}
