"""Keeps the proofs of an incident, and says whether they still hold."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from epjgate.errors import EvidenceUnwritable, UsageError
from epjgate.evidence.bundle import write_whole
from epjgate.incidents.digests import digest_of_tests
from epjgate.incidents.record import Record
from epjgate.model.proof import Proof, ProofEnvironment, Proofs, ProofStanding, ProofState, Refusal


def read_proofs(record: Record) -> Proofs:
    """Return what `proof.json` says, no proofs where it is missing.

    Raises UsageError for a file that cannot be read as one, has an unknown schema, or belongs to another incident.
    """
    file = record.proof_file
    try:
        proofs = Proofs.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return Proofs(incident=record.incident.id)
    except ValidationError as err:
        first = err.errors()[0]
        why = f"{'.'.join(map(str, first['loc'])) or 'the file'}: {first['msg']}"
        raise UsageError(f"{file} is no proof", why, "delete it, and prove the incident again") from err
    except OSError as err:
        raise UsageError(f"{file} cannot be read", f"{err}", "make it readable, or prove the incident again") from err
    if proofs.incident != record.incident.id:
        raise UsageError(
            f"{file} is no proof of {record.incident.id}", f"it proves {proofs.incident}", "prove the incident again"
        )
    return proofs


def keep_proof(record: Record, environment: ProofEnvironment, word: Proof | Refusal) -> None:
    """Write `word` as the last one of `environment`; what other environments said stays.

    A file that cannot be read is replaced, for its proofs hold nothing up. Raises EvidenceUnwritable.
    """
    with _alone_in(record.folder):
        _write(record, _with(_known(record), environment, word))


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep others waiting: of two that write at once, one would lose its word, or take the other's away."""
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _known(record: Record) -> Proofs:
    try:
        return read_proofs(record)
    except UsageError:
        return Proofs(incident=record.incident.id)


def _with(before: Proofs, environment: ProofEnvironment, word: Proof | Refusal) -> Proofs:
    proofs = {name: proof for name, proof in before.proofs.items() if name != environment}
    refusals = {name: refusal for name, refusal in before.refusals.items() if name != environment}
    if isinstance(word, Proof):
        proofs[environment] = word
    else:
        refusals[environment] = word
    return Proofs(incident=before.incident, proofs=proofs, refusals=refusals)


def _write(record: Record, after: Proofs) -> None:
    try:
        text = json.dumps(after.model_dump(mode="json"), indent=2, sort_keys=True, ensure_ascii=False)
        write_whole(record.proof_file, text + "\n")
    except OSError as err:
        raise EvidenceUnwritable(
            f"{record.proof_file} cannot be written", f"{err}", "free disk space or make the folder writable"
        ) from err


def standing_of(record: Record, words: str) -> ProofStanding:
    """Return how `record` stands proven now; `words` is the digest of what incident tests stand on.

    Fresh: a proof of at least one environment fits record, test and words as they are, and no environment refused.
    """
    try:
        proofs = read_proofs(record)
    except UsageError as err:
        return ProofStanding(state=ProofState.MISSING, reasons=(f"{err.problem}: {err.cause}",))
    if proofs.refusals:
        refused = tuple(
            f"refused in the environment {name}: {reason}"
            for name, refusal in sorted(proofs.refusals.items())
            for reason in refusal.reasons
        )
        return ProofStanding(state=ProofState.REFUSED, reasons=refused)
    if not proofs.proofs:
        return ProofStanding(state=ProofState.MISSING, reasons=("it was never proven",))
    found = {name: tuple(_changes(record, proof, words)) for name, proof in sorted(proofs.proofs.items())}
    if not all(found.values()):
        return ProofStanding(state=ProofState.FRESH)
    reasons = tuple(f"{change} since the proof in {name}" for name, changes in found.items() for change in changes)
    return ProofStanding(state=ProofState.STALE, reasons=reasons)


def _changes(record: Record, proof: Proof, words: str) -> Iterator[str]:
    incident = record.incident
    for what, proven, now in (
        ("the system", proof.system, incident.system),
        ("the way of proving", proof.how, incident.how),
        ("known-bad", proof.known_bad.version, incident.known_bad),
        ("fixed-in", proof.fixed_in.version, incident.fixed_in),
        ("the fingerprint", sorted(proof.fingerprints), sorted(incident.fingerprint)),
        ("the test", proof.test_digest, digest_of_tests(record)),
        ("the words that tests stand on (drivers, partners, fixtures)", proof.dsl_digest, words),
    ):
        if proven != now:
            yield f"{what} changed"
