"""Holds the matrix of builds and incidents against the release train: what it must show, and what has changed since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from epjgate.incidents.record import Record
from epjgate.model.matrix import Matrix, Repetition, Row, Showing
from epjgate.model.system import System
from epjgate.model.train import Train

RUNS = 20
"""How often a clean build must meet the catalogue without a red, for the catalogue to be free of false ones."""


@dataclass(frozen=True)
class Catalogue:
    """What a matrix is made of, as it is now: incidents and builds, and the digests of what decides how they meet.

    `words` is the digest of what all tests stand on, `tests` that of each incident's own, by number, `sources` that of
    each build's source code, by version.
    """

    system: System
    train: Train
    records: tuple[Record, ...]
    words: str
    tests: Mapping[str, str]
    sources: Mapping[str, str]

    def carried_by(self, version: str) -> tuple[Record, ...]:
        """Return the incidents whose fault the build `version` carries."""
        faults = self.train.faults_of(version)
        return tuple(record for record in self.records if record.incident.id in faults)

    def expected(self, version: str, record: Record) -> Showing:
        """Return what the build `version` must show of `record`."""
        if record.incident.id in self.train.faults_of(version):
            return Showing.RED
        applies = self.system.capabilities.keys() >= set(record.incident.capabilities)
        return Showing.GREEN if applies else Showing.NOT_APPLICABLE


def staleness_of(matrix: Matrix, catalogue: Catalogue) -> Iterator[str]:
    """Yield what has changed since `matrix` was made, so that it has to be made again."""
    if matrix.words != catalogue.words:
        yield "what the tests stand on (drivers, partners, suites/conftest.py, fixtures) has changed"
    yield from _changed("the test of", matrix.tests, catalogue.tests)
    made_of = {version: row.source for version, row in matrix.builds.items()}
    yield from _changed("the source code of", made_of, catalogue.sources)
    repeated = matrix.repeated
    if repeated and repeated.source != catalogue.sources.get(repeated.build):
        yield f"the source code of {repeated.build}, which was repeated, has changed"


def _changed(what: str, before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(before.keys() | now.keys()):
        if name not in before:
            yield f"{name} is not in it"
        elif name not in now:
            yield f"{name} is in it, and there is no such any more"
        elif before[name] != now[name]:
            yield f"{what} {name} has changed"


def contradictions_of(matrix: Matrix, catalogue: Catalogue) -> Iterator[str]:
    """Yield where builds showed something else than the train says of them, and faults that nothing would show."""
    if matrix.system != catalogue.system.name:
        yield f"it is a matrix of {matrix.system}, and not of {catalogue.system.name}"
    yield from _unmatched(catalogue)
    for version, row in matrix.builds.items():
        if version in catalogue.train.versions:
            yield from row_contradictions(version, row, catalogue)
    yield from _false_reds(matrix.repeated, catalogue)


def row_contradictions(version: str, row: Row, catalogue: Catalogue) -> Iterator[str]:
    """Yield where the build `version` showed something else of an incident than the train says of it."""
    seen = row.showings
    for record in catalogue.records:
        number, expected = record.incident.id, catalogue.expected(version, record)
        shown = seen.get(number)
        if shown is not expected:
            yield f"{version} {number}: {shown or 'nothing was seen'}, and must be {expected}{_why(row, number)}"
        elif shown is Showing.RED and set(row.red[number].fingerprints) != set(record.incident.fingerprint):
            recorded = ", ".join(record.incident.fingerprint) or "nothing"
            yield f"{version} {number}: red for another reason than the recorded one ({recorded}){_why(row, number)}"
    for number in sorted(seen.keys() - catalogue.tests.keys()):
        yield f"{version} {number}: {seen[number]}, and there is no such incident"


def differences(kept: Row, seen: Row) -> Iterator[str]:
    """Yield the incidents of which a build showed something else than is kept of it; messages may change."""
    before, now = kept.showings, seen.showings
    for number in sorted(before.keys() | now.keys()):
        if before.get(number) is not now.get(number):
            was, is_now = before.get(number, "nothing"), now.get(number, "nothing")
            yield f"{number}: {is_now}, and was {was}{_why(seen, number)}"
        elif number in seen.red and kept.red[number].fingerprints != seen.red[number].fingerprints:
            yield f"{number}: red for another reason than before{_why(seen, number)}"


def _why(row: Row, number: str) -> str:
    if number in row.red:
        red = row.red[number]
        return f": {', '.join(red.fingerprints)}, {red.message!r}"
    return f": {'; '.join(row.unclear[number])}" if number in row.unclear else ""


def _unmatched(catalogue: Catalogue) -> Iterator[str]:
    """Yield faults that no incident tests for, and incidents of this system whose fault no build carries."""
    carried = {fault for version in catalogue.train.versions for fault in catalogue.train.faults_of(version)}
    for fault in sorted(carried - catalogue.tests.keys()):
        yield f"{fault} is carried by builds, and there is no such incident"
    for record in catalogue.records:
        incident = record.incident
        if incident.system == catalogue.system.name and not incident.fault and incident.id not in carried:
            yield f"{incident.id} is carried by no build"


def _false_reds(repeated: Repetition | None, catalogue: Catalogue) -> Iterator[str]:
    if repeated is None or repeated.runs < RUNS:
        yield f"no build has met the catalogue {RUNS} times"
        return
    if repeated.build in catalogue.train.versions and catalogue.train.faults_of(repeated.build):
        yield f"{repeated.build}, which was repeated, is no clean build"
    for number, count in repeated.red.items():
        yield f"{number} was red in {count} of {repeated.runs} runs of {repeated.build}"
    for number, count in repeated.unclear.items():
        yield f"{number} was unclear in {count} of {repeated.runs} runs of {repeated.build}"
