"""Writes down what proving has shown: the proof or the refusal, and a fingerprint that was not recorded yet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from epjgate.errors import EvidenceUnwritable, UsageError
from epjgate.evidence.bundle import write_whole
from epjgate.incidents.conclusion import Result, State
from epjgate.incidents.digests import digest_of_tests
from epjgate.incidents.proofs import keep_proof
from epjgate.incidents.record import FENCE, Record, read_record
from epjgate.model.proof import Proof, ProofEnvironment, Refusal

_LINE = re.compile(r"^fingerprint[ \t]*=[ \t]*(?:\[[^\]]*\]|.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Circumstances:
    """How incidents are proven: where, by how many attempts, standing on which words, and with which tests by id."""

    environment: ProofEnvironment
    times: int
    words: str
    tests: Mapping[str, str]


def circumstances_of(records: Iterable[Record], environment: ProofEnvironment, times: int, words: str) -> Circumstances:
    """Return the circumstances as they are before anything is started."""
    tests = {record.incident.id: digest_of_tests(record) for record in records}
    return Circumstances(environment, times, words, tests)


def unless_changed(result: Result, circumstances: Circumstances, words: str) -> Result:
    """Return `result`, or trouble of the harness where the test or the `words` of now are not those that were proven.

    Somebody who edits a file while builds run would else have another test proven than the one that ran.
    """
    changed = [
        *(["the test"] if _digest_now(result.record) != circumstances.tests[result.record.incident.id] else []),
        *(["what tests stand on (drivers, partners, fixtures)"] if words != circumstances.words else []),
    ]
    if not changed or result.state not in (State.PROVEN, State.REFUSED):
        return result
    reason = f"{' and '.join(changed)} changed while it was being proven; prove it again"
    return replace(result, state=State.HARNESS, reasons=(reason,), unrecorded=False)


def _digest_now(record: Record) -> str:
    """Return the digest of the test, its record read anew; empty where that cannot be read any more."""
    try:
        return digest_of_tests(read_record(record.folder))
    except UsageError:
        return ""


def keep_result(result: Result, circumstances: Circumstances, at: datetime) -> None:
    """Keep `result` in the incident's `proof.json`; trouble with environment or harness leaves what was known before.

    A fingerprint that has yet to be recorded is no refusal to be kept. Raises EvidenceUnwritable.
    """
    if result.state is State.PROVEN:
        keep_proof(result.record, circumstances.environment, _proof(result, circumstances, at))
    elif result.state is State.REFUSED and not result.unrecorded:
        keep_proof(result.record, circumstances.environment, Refusal(reasons=result.reasons, at=at))


def record_fingerprint(result: Result) -> Result:
    """Write the fingerprint that was seen into the record where it names none, and return the result as proven.

    Raises EvidenceUnwritable.
    """
    record = result.record
    text = record.file.read_text(encoding="utf-8")
    matter, fence, story = text.partition(f"\n{FENCE}\n")
    named = ", ".join(f'"{fingerprint}"' for fingerprint in result.fingerprints)
    line = f"fingerprint = {named}" if len(result.fingerprints) == 1 else f"fingerprint = [{named}]"
    matter = _LINE.sub(line, matter, count=1) if _LINE.search(matter) else f"{matter}\n{line}"
    try:
        write_whole(record.file, matter + fence + story)
    except OSError as err:
        raise EvidenceUnwritable(f"{record.file} cannot be written", f"{err}", "make it writable") from err
    recorded: Record = read_record(record.folder)
    return replace(result, record=recorded, state=State.PROVEN, reasons=(), unrecorded=False)


def _proof(result: Result, circumstances: Circumstances, at: datetime) -> Proof:
    incident = result.record.incident
    return Proof(
        system=incident.system,
        how=incident.how,
        known_bad=result.known_bad,
        fixed_in=result.fixed_in,
        fingerprints=result.fingerprints,
        message=result.message,
        red=circumstances.times,
        green=circumstances.times,
        at=at,
        test_digest=digest_of_tests(result.record),
        dsl_digest=circumstances.words,
    )
