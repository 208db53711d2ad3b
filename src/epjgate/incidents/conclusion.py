"""From what two builds showed to a proof of the incident, or to the reasons why there is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from epjgate.incidents.record import Record
from epjgate.incidents.seen import (
    Red,
    Trouble,
    TroubleKind,
    bases_of,
    red_of,
    refused_green,
    refused_reason,
    short_name,
    trouble_of,
)
from epjgate.incidents.trials import Trial
from epjgate.model.evidence import Evidence
from epjgate.model.proof import ProvenBuild
from epjgate.model.train import Train


class State(StrEnum):
    """How an attempt to prove an incident ended; only `proven` says that its test bites.

    `refused` speaks of the incident's test or of its builds, `environment` and `harness` of neither.
    """

    PROVEN = "proven"
    REFUSED = "refused"
    ENVIRONMENT = "environment"
    HARNESS = "harness"


@dataclass(frozen=True)
class Observed:
    """A trial and the evidence it left in `folder`; `trouble` is what kept it from counting."""

    trial: Trial
    folder: Path
    evidence: Evidence | None
    trouble: Trouble | None

    @property
    def build(self) -> ProvenBuild:
        """Which bits ran."""
        ready = self.evidence.ready if self.evidence else None
        identities = ready.identities if ready else ()
        return ProvenBuild(version=self.trial.version, digests={one.service: one.digest for one in identities})


@dataclass(frozen=True)
class Result:
    """What was seen of one incident; `reasons` say why it is not proven, and on which build that was seen.

    `unrecorded` means that nothing stands in the way but a fingerprint that has yet to be recorded.
    """

    record: Record
    state: State
    known_bad: ProvenBuild
    fixed_in: ProvenBuild
    reasons: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()
    message: str = ""
    unrecorded: bool = False


def observed(trial: Trial, folder: Path, evidence: Evidence) -> Observed:
    """Return what a run of `trial` left behind."""
    return Observed(trial, folder, evidence, trouble_of(evidence))


def unobserved(trial: Trial, folder: Path, why: str) -> Observed:
    """Return that `trial` could not be run at all, for a reason that lies in the harness."""
    return Observed(trial, folder, None, Trouble(TroubleKind.HARNESS, why))


def conclude(record: Record, bad: Observed, fixed: Observed, train: Train | None, times: int) -> Result:
    """Return what `bad`, the build with the fault, and `fixed`, one without, say of `record` by `times` attempts each.

    Trouble with either build decides before anything that was seen on them: it is no proof, and no refusal.
    """
    troubles = tuple(_troubles(bad, fixed))
    if troubles or bad.evidence is None or fixed.evidence is None:
        return Result(record, _state_of(bad, fixed), bad.build, fixed.build, troubles)
    red, not_green = red_of(record, bad.evidence, times), refused_green(record, fixed.evidence, times)
    refused = (
        *_against_the_train(record, train, red),
        *_same_bits(record, bad, fixed),
        *(f"on {bad.trial.build}: {reason}" for reason in red.refused),
        *(f"on {fixed.trial.build}: {reason}" for reason in not_green),
        *(() if red.refused or not_green else _different_tests(record, bad.evidence, fixed.evidence)),
        *([f"nothing is written under {heading!r}" for heading in record.unwritten]),
    )
    reason = refused_reason(record, red) if red.fingerprints and not red.refused else ""
    unrecorded = bool(reason) and not refused and not record.incident.fingerprint
    reasons = (*refused, f"on {bad.trial.build}: {reason}") if reason else refused
    state = State.REFUSED if reasons else State.PROVEN
    return Result(record, state, bad.build, fixed.build, reasons, red.fingerprints, red.message, unrecorded)


def _state_of(bad: Observed, fixed: Observed) -> State:
    kinds = {one.trouble.kind for one in (bad, fixed) if one.trouble}
    return State.ENVIRONMENT if TroubleKind.ENVIRONMENT in kinds else State.HARNESS


def _troubles(bad: Observed, fixed: Observed) -> Iterator[str]:
    for one in (bad, fixed):
        unseen = [service for service, digest in one.build.digests.items() if not digest]
        if one.trouble:
            yield f"on {one.trial.build}: {one.trouble.why}"
        elif unseen or not one.build.digests:
            yield f"on {one.trial.build}: nobody saw which bits ran: {', '.join(unseen) or 'no service is named'}"


def _same_bits(record: Record, bad: Observed, fixed: Observed) -> Iterator[str]:
    """Yield that two builds are one and the same, where no recipe makes the difference between them."""
    if not record.incident.fault and bad.build.digests == fixed.build.digests:
        yield f"{bad.trial.build} and {fixed.trial.build} are the same bits: no mending can be seen between them"


def _different_tests(record: Record, bad: Evidence, fixed: Evidence) -> Iterator[str]:
    """Yield that a test was met by one build alone: what is red on one must be what is green on the other."""
    apart = bases_of(record, bad) ^ bases_of(record, fixed)
    if apart:
        yield f"the builds met different tests: {', '.join(sorted(map(short_name, apart)))}"


def _against_the_train(record: Record, train: Train | None, red: Red) -> Iterator[str]:
    """Yield where the train contradicts the record: a red that another incident's fault explains proves nothing."""
    incident = record.incident
    if train is None or incident.fault:
        return
    carried = train.faults_of(incident.known_bad) if incident.known_bad in train.versions else ()
    if incident.id not in carried:
        others = f", but that of {', '.join(carried)}" if carried else ""
        yield f"by the train, {incident.known_bad} does not carry the fault of {incident.id}{others}"
        if red.fingerprints:
            yield f"so that it is red there for another reason: {red.message!r}"
    if incident.fixed_in in train.versions and incident.id in train.faults_of(incident.fixed_in):
        yield f"by the train, {incident.fixed_in} still carries the fault of {incident.id}"
