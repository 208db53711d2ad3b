"""The one view of a verdict and its evidence that all text reports share."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from epjgate.model.approved_change import JudgedChange
from epjgate.model.events import TestFinished
from epjgate.model.evidence import Evidence
from epjgate.model.identity import Identity
from epjgate.model.outcome import Outcome
from epjgate.model.rehearsal import RehearsalPlan
from epjgate.model.verdict import Blame, Finding, RuleResult, Verdict
from epjgate.reports.window import WindowView, window_of
from epjgate.reports.words import Words

NOT_TESTED = (Outcome.SKIPPED, Outcome.NOT_APPLICABLE)
FAULTY = (Outcome.FAILED, Outcome.UNREACHABLE, Outcome.UNFINISHED, Outcome.BROKEN)
ORDER = (Outcome.PASSED, *FAULTY, *NOT_TESTED)
EXECUTED = (Outcome.PASSED, Outcome.FAILED, Outcome.UNREACHABLE, Outcome.BROKEN)


@dataclass(frozen=True)
class SuiteRow:
    """How the tests of one suite ended; every outcome is in `counts`."""

    suite: str
    title: str
    counts: Mapping[Outcome, int]
    floor: int | None = None

    @property
    def total(self) -> int:
        """All tests of the suite, whatever their outcome."""
        return sum(self.counts.values())

    @property
    def executed(self) -> int:
        """The tests that ran to an end of their own."""
        return sum(self.counts[outcome] for outcome in EXECUTED)

    @property
    def passed(self) -> int:
        """The tests that passed."""
        return self.counts[Outcome.PASSED]

    @property
    def below_floor(self) -> bool:
        """Whether fewer tests passed than the committed floor asks for."""
        return self.floor is not None and self.passed < self.floor


@dataclass(frozen=True)
class NotTested:
    """Something that this run says nothing about, with the reason and the one who answers for it."""

    suite: str
    test: str
    title: str
    outcome: Outcome
    reason: str
    owner: str


@dataclass(frozen=True)
class Returned:
    """A past incident that the candidate brings back, told in the report's language."""

    incident: str
    title: str
    hazard: str


@dataclass(frozen=True)
class Command:
    """A command line that repeats something, and what it repeats."""

    purpose: str
    line: str


@dataclass(frozen=True)
class View:
    """A verdict, told in `words`; the lists are sorted, and equal input gives an equal view.

    `in_the_way` holds the findings that decide, the first of them the one that decided; `faulty` the tests that failed,
    got no answer, broke or never finished, worst first. `changes` are those since the baseline, worst first, and None
    where nothing was compared. `facts` are label and value. `window` is None but for the rehearsal of an upgrade, and
    `subject` then is the upgrade. Texts from tests are as they came: each report escapes them for its own form.
    """

    words: Words
    verdict: Verdict
    verdict_word: str
    heading: str
    subject: str
    headline: str
    why: str
    in_the_way: tuple[Finding, ...]
    incidents: tuple[Returned, ...]
    notes: tuple[Finding, ...]
    suites: tuple[SuiteRow, ...]
    total: SuiteRow
    faulty: tuple[TestFinished, ...]
    not_tested: tuple[NotTested, ...]
    passed: tuple[TestFinished, ...]
    identities: tuple[Identity, ...]
    rules: tuple[RuleResult, ...]
    facts: tuple[tuple[str, str], ...]
    commands: tuple[Command, ...]
    changes: tuple[JudgedChange, ...] | None = None
    window: WindowView | None = None

    @property
    def way(self) -> str:
        """The key of the words for what stands in the way: of a release, or of an upgrade that was rehearsed."""
        return "upgrade_in_the_way" if self.verdict.rehearsal else "in_the_way"

    @property
    def untested(self) -> int:
        """How many tests were skipped or not applicable."""
        return sum(self.total.counts[outcome] for outcome in NOT_TESTED)

    @property
    def faults(self) -> int:
        """How many tests failed, got no answer, broke or never finished."""
        return sum(self.total.counts[outcome] for outcome in FAULTY)


def view_of(verdict: Verdict, evidence: Evidence, words: Words, bundle: str) -> View:
    """Return the view of `verdict` and the evidence it rests on; `bundle` is the folder name of the evidence."""
    rows = suite_rows(verdict, evidence)
    word = words.decision(verdict.decision)
    heading = f"{words['rehearsal.title']}: {word}" if verdict.rehearsal else word
    subject = f"{verdict.system} {verdict.rehearsal or verdict.candidate}"
    tests = sorted(evidence.tests, key=lambda test: (test.outcome.rank, test.suite, test.test))
    return View(
        words=words,
        verdict=verdict,
        verdict_word=word,
        heading=heading.upper(),
        subject=subject,
        headline=f"{heading.capitalize()}: {subject}",
        why=_why(verdict, words),
        in_the_way=tuple(finding for finding in verdict.findings if finding.blame is not Blame.NOBODY),
        incidents=tuple(_returned(evidence, words)),
        notes=tuple(finding for finding in verdict.findings if finding.blame is Blame.NOBODY),
        suites=rows,
        total=_total(rows, words),
        faulty=tuple(test for test in tests if test.outcome in FAULTY),
        not_tested=tuple(_not_tested(evidence, rows, words)),
        passed=tuple(test for test in tests if test.outcome is Outcome.PASSED),
        identities=tuple(sorted(verdict.identities, key=lambda identity: identity.service)),
        rules=verdict.rules,
        facts=tuple(_facts(verdict, evidence, words)),
        commands=_commands(verdict, words, bundle),
        changes=verdict.changes if evidence.compared is not None else None,
        window=window_of(verdict.rehearsed, words) if verdict.rehearsed else None,
    )


def _why(verdict: Verdict, words: Words) -> str:
    why = words.why(verdict.blame, verdict.findings)
    return f"{why} {words['rehearsal.only']}" if verdict.rehearsal else why


def suite_rows(verdict: Verdict, evidence: Evidence) -> tuple[SuiteRow, ...]:
    """Return one row for every suite that was counted, planned or met in the evidence, in this order.

    A planned suite of which nothing was found has a row of zeros: it must not vanish from a report.
    """
    rows = {
        count.suite: SuiteRow(count.suite, count.title, _every_outcome(Counter(count.counts)), count.floor)
        for count in verdict.suites
    }
    planned = {plan.name: plan.title for plan in evidence.manifest.suites} if evidence.manifest else {}
    met = {test.suite: test.suite for test in sorted(evidence.tests, key=lambda test: test.suite)}
    for suite, title in (met | planned).items():
        if suite not in rows:
            counts = Counter(test.outcome.value for test in evidence.tests if test.suite == suite)
            rows[suite] = SuiteRow(suite, title, _every_outcome(counts))
    return tuple(rows.values())


def time_of(moment: datetime | None, words: Words) -> str:
    """Return `moment` to the second in UTC, so that a report reads the same on every machine."""
    if moment is None:
        return words["fact.unknown"]
    if moment.tzinfo is None:
        return f"{moment:%Y-%m-%d %H:%M:%S}"
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _every_outcome(counts: Counter[str]) -> dict[Outcome, int]:
    return {outcome: counts[outcome.value] for outcome in Outcome}


def _total(rows: tuple[SuiteRow, ...], words: Words) -> SuiteRow:
    counts = {outcome: sum(row.counts[outcome] for row in rows) for outcome in Outcome}
    return SuiteRow(words["all_suites"], "", counts)


def _returned(evidence: Evidence, words: Words) -> Iterator[Returned]:
    """Yield the incidents of which a test failed, by number."""
    failed = {test.incident for test in evidence.tests if test.outcome is Outcome.FAILED}
    for plan in evidence.manifest.incidents if evidence.manifest else ():
        if plan.id in failed:
            danish = words.language == "da"
            yield Returned(plan.id, plan.title_da if danish else plan.title, plan.hazard_da if danish else plan.hazard)


def _not_tested(evidence: Evidence, rows: tuple[SuiteRow, ...], words: Words) -> Iterator[NotTested]:
    for row in rows:
        if row.total == 0:
            reason = words["not_tested.empty_suite"]
            yield NotTested(row.suite, "", row.title, Outcome.UNFINISHED, reason, "")
    for file in sorted({error for collected in evidence.collected for error in collected.errors}):
        yield NotTested("", file, "", Outcome.BROKEN, words["not_tested.uncollected"], "")
    for test in sorted(evidence.tests, key=lambda test: (test.outcome.rank, test.suite, test.test)):
        if test.outcome in NOT_TESTED:
            reason = test.reason or words["not_tested.no_reason"]
            yield NotTested(test.suite, test.test, test.title, test.outcome, reason, test.owner)


def _facts(verdict: Verdict, evidence: Evidence, words: Words) -> Iterator[tuple[str, str]]:
    unknown = words["fact.unknown"]
    yield words["fact.run_id"], verdict.run_id or unknown
    yield words["fact.system"], verdict.system or unknown
    yield words["fact.candidate"], verdict.candidate or unknown
    yield words["fact.baseline"], verdict.baseline or words["fact.none"]
    yield words["fact.environment"], verdict.environment or unknown
    yield words["fact.seed"], str(verdict.seed)
    yield words["fact.suite_revision"], verdict.suite_revision or unknown
    yield words["fact.policy_digest"], verdict.policy_digest or unknown
    yield words["fact.evidence_digest"], verdict.evidence_digest or unknown
    yield words["fact.started"], time_of(verdict.started_at, words)
    yield words["fact.finished"], time_of(evidence.finished_at, words)
    yield words["fact.judged"], time_of(verdict.judged_at, words)
    if evidence.manifest is None:
        yield words["fact.manifest"], words["fact.no_manifest"]
        return
    yield words["fact.workers"], str(evidence.manifest.workers)
    yield words["fact.made_by"], f"epjgate {evidence.manifest.epjgate_version}, Python {evidence.manifest.python}"


def _commands(verdict: Verdict, words: Words, bundle: str) -> tuple[Command, ...]:
    again = ["epjgate", "run", "--system", verdict.system, "--candidate", verdict.candidate]
    again += ["--baseline", verdict.baseline] if verdict.baseline else []
    if verdict.rehearsed is not None:
        again = _rehearse(verdict.system, verdict.rehearsed.plan)
    again += ["--environment", verdict.environment, "--seed", str(verdict.seed)]
    return (
        Command(words["reproduce.again"], shlex.join(again)),
        Command(words["reproduce.judge"], shlex.join(["epjgate", "judge", bundle])),
    )


def _rehearse(system: str, plan: RehearsalPlan) -> list[str]:
    again = ["epjgate", "rehearse", "--system", system, "--from", plan.from_release, "--to", plan.to_release]
    again += ["--window", f"{plan.window_from}-{plan.window_until}", *(["--date", plan.date] if plan.date else [])]
    again += ["--production-size", str(plan.production_patients), "--sizes", ",".join(map(str, plan.sizes))]
    return [*again, "--repeats", str(max(trial.repeat for trial in plan.trials))]
