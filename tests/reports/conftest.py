"""One run with everything in it, as verdict and evidence, for the publishers to tell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from tests.builders import COUNTING, availability, bounds, census, ended, rehearsal_plan, steps_of, window_forecast

from epjgate.model.approved_change import ApprovalState, JudgedChange
from epjgate.model.contract_change import ContractChange, Grade, Kind
from epjgate.model.events import (
    ContractsCompared,
    Fault,
    Level,
    Requirement,
    Severity,
    SurfaceTaken,
    TestFinished,
    TestsCollected,
)
from epjgate.model.evidence import Evidence
from epjgate.model.identity import DigestKind, Identity
from epjgate.model.manifest import IncidentPlan, Manifest, SuitePlan
from epjgate.model.outcome import Outcome
from epjgate.model.proof import ProofStanding, ProofState
from epjgate.model.rehearsal import CensusChange, StepOutcome
from epjgate.model.rehearsal_events import CensusTaken, WindowNotForecasted
from epjgate.model.verdict import Blame, Finding, Rehearsed, RuleResult, SuiteCount, Verdict

STARTED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
JUDGED = datetime(2026, 1, 5, 9, 2, 30, tzinfo=UTC)
SUITE = "contracts/fhir_r4"

MakeVerdict = Callable[..., Verdict]
MakeEvidence = Callable[..., Evidence]
MakeTest = Callable[..., TestFinished]


def _test(name: str, outcome: Outcome, **given: object) -> TestFinished:
    """Return a test of the suite; a failed one carries a fault and a requirement."""
    values: dict[str, object] = {
        "test": f"suites/{SUITE}/test_patients.py::{name}",
        "suite": SUITE,
        "title": f"Title of {name}",
        "outcome": outcome,
        "duration_s": 0.25,
    }
    if outcome in {Outcome.FAILED, Outcome.UNREACHABLE, Outcome.BROKEN}:
        values["fault"] = Fault(
            kind="AssertionError",
            message=f"expected 412, got 200 in {name}",
            location="test_patients.py:41",
            fingerprint="f1f2f3f4",
            trace="line 41\nassert status == 412",
        )
        values["requirements"] = (
            Requirement(
                specification="FHIR R4", section="3.1.0.5", level=Level.SHALL, url="https://hl7.org/fhir/R4/http.html"
            ),
        )
        values["severity"] = Severity.CRITICAL
    return TestFinished.model_validate(values | given)


_TESTS = (
    _test("test_reads_what_was_created", Outcome.PASSED),
    _test("test_refuses_a_stale_version", Outcome.FAILED, exchanges_file="exchanges/stale.jsonl"),
    _test("test_answers_at_all", Outcome.UNREACHABLE),
    _test("test_breaks_by_itself", Outcome.BROKEN),
    _test("test_never_ends", Outcome.UNFINISHED),
    _test("test_waits_for_a_mend", Outcome.SKIPPED, reason="waits for the vendor", owner="integration team"),
    _test("test_laboratory", Outcome.NOT_APPLICABLE, reason="the system has no laboratory"),
)


@pytest.fixture(scope="session")
def make_test() -> MakeTest:
    """Return the builder of one test."""
    return _test


@pytest.fixture(scope="session")
def make_evidence() -> MakeEvidence:
    """Return a builder of evidence, by default with one test of each outcome; arguments replace what they name."""

    def make(**given: object) -> Evidence:
        values: dict[str, object] = {
            "manifest": Manifest(
                run_id="run-1",
                epjgate_version="0.1.0",
                system="sekmet",
                candidate="0.1.1",
                baseline="0.1.0",
                environment="process",
                suites=(SuitePlan(name=SUITE, title="FHIR R4 contract", digest="sha256:" + "a" * 64),),
                suite_revision="sha256:" + "b" * 64,
                policy_digest="sha256:" + "c" * 64,
                seed=7,
                workers=2,
                started_at=STARTED,
                host="secret-host",
                python="3.11.2",
            ),
            "tests": _TESTS,
            "collected": (TestsCollected(tests={test.test: test.suite for test in _TESTS}),),
            "finished_at": JUDGED,
            "digest": "sha256:" + "d" * 64,
        }
        return Evidence(**(values | given))  # type: ignore[arg-type]  # the values are as the tests give them

    return make


@pytest.fixture(scope="session")
def make_verdict() -> MakeVerdict:
    """Return a builder of verdicts by blame, by default rejected; arguments replace what they name."""

    def make(blame: Blame = Blame.CANDIDATE, **given: object) -> Verdict:
        finding = Finding(
            rule="tests_passed",
            blame=blame,
            summary="1 test failed",
            detail="a stale version was accepted",
            fix="mend the candidate",
            tests=("test_refuses_a_stale_version",),
        )
        note = Finding(rule="skips_declared", blame=Blame.NOBODY, summary="1 skip is declared")
        stands = blame is not Blame.NOBODY
        values: dict[str, object] = {
            "decision": blame.decision,
            "blame": blame,
            "run_id": "run-1",
            "system": "sekmet",
            "candidate": "0.1.1",
            "baseline": "0.1.0",
            "environment": "process",
            "identities": (
                Identity(
                    service="sekmet",
                    reference="sekmet-fhir==0.1.1",
                    digest="sha256:" + "e" * 64,
                    kind=DigestKind.PACKAGES,
                    parts=("sekmet-fhir 0.1.1",),
                ),
            ),
            "suite_revision": "sha256:" + "b" * 64,
            "policy_digest": "sha256:" + "c" * 64,
            "evidence_digest": "sha256:" + "d" * 64,
            "seed": 7,
            "started_at": STARTED,
            "judged_at": JUDGED,
            "suites": (
                SuiteCount(
                    suite=SUITE, title="FHIR R4 contract", counts={test.outcome.value: 1 for test in _TESTS}, floor=3
                ),
            ),
            "rules": (
                RuleResult(rule="tests_passed", title="No test fails.", holds=not stands, findings=(finding,) * stands),
                RuleResult(rule="skips_declared", title="Skips have an owner.", holds=True, findings=(note,)),
            ),
        }
        return Verdict.model_validate(values | given)

    return make


@pytest.fixture(scope="session")
def verdict(make_verdict: MakeVerdict) -> Verdict:
    """Return a verdict that rejects."""
    return make_verdict()


@pytest.fixture(scope="session")
def evidence(make_evidence: MakeEvidence) -> Evidence:
    """Return evidence with one test of each outcome."""
    return make_evidence()


@pytest.fixture(scope="session")
def changes() -> tuple[JudgedChange, ...]:
    """Return a change of each grade since the baseline; of those that break, one is approved and one is not."""

    def made(place: str, grade: Grade, state: ApprovalState, **approval: object) -> JudgedChange:
        change = ContractChange(
            interface="hl7v2",
            kind=Kind.CHANGED,
            place=place,
            grade=grade,
            rule="diff-hl7v2-field-changed",
            says="A receiver that reads <it> finds another.",
            before="filled",
            after="*empty*",
        )
        return JudgedChange.model_validate({"change": change, "approval": state, **approval})

    known = {"owner": "integration team", "reason": "no receiver reads it", "expires": JUDGED + timedelta(days=30)}
    return (
        made("out:ADT^A08 PID-11", Grade.BREAKING, ApprovalState.MISSING),
        made("out:ADT^A01 PV1-3", Grade.BREAKING, ApprovalState.APPROVED, **known),
        made("out:ORM^O01 OBR-4", Grade.RISKY, ApprovalState.NOT_NEEDED),
    )


@pytest.fixture(scope="session")
def compared(make_evidence: MakeEvidence) -> Evidence:
    """Return evidence of a run in which the candidate was compared with its baseline."""
    before = SurfaceTaken(version="0.1.0", digest="sha256:" + "a" * 64, file="surfaces/baseline.json")
    after = SurfaceTaken(version="0.1.1", digest="sha256:" + "b" * 64, file="surfaces/candidate.json")
    return make_evidence(compared=ContractsCompared(baseline=before, candidate=after, changes=()))


@pytest.fixture(scope="session")
def returned(make_evidence: MakeEvidence) -> Evidence:
    """Return evidence of three past incidents: their tests passed, failed and broke, in this order."""
    good = make_evidence()
    assert good.manifest is not None
    plans = tuple(
        IncidentPlan(
            id=number,
            title="The dose stayed",
            title_da="Dosis blev",
            hazard="The patient takes <it>.",
            hazard_da="Patienten tager <den>.",
            kind="stale field",
            proof=ProofStanding(state=ProofState.FRESH),
        )
        for number in ("INC-0001", "INC-0002", "INC-0003")
    )
    ends = zip((good.tests[0], good.tests[1], good.tests[3]), plans, strict=True)
    tests = tuple(test.model_copy(update={"incident": plan.id}) for test, plan in ends)
    return make_evidence(manifest=good.manifest.model_copy(update={"incidents": plans}), tests=tests)


@pytest.fixture(scope="session")
def rehearsed() -> Rehearsed:
    """Return what a rehearsal found: a migration that may take too long, and that revives what was <ended>."""
    plan = rehearsal_plan()
    changes = (CensusChange(what="prescriptions <ended>", before="40", after="*38*"),)
    censuses = tuple(
        CensusTaken(step=step.id, census=census(locks=("changelog",)), changes=changes)
        if step.id == "t3.s8"
        else CensusTaken(step=step.id, census=census())
        for step in steps_of(plan)
        if step.kind in COUNTING
    )
    return Rehearsed(
        plan=plan,
        steps=tuple(ended(step.id) for step in steps_of(plan)),
        censuses=censuses,
        availability=availability(),
        forecast=window_forecast(upgrade_s=bounds(2640, 2280, 12_000), fits_p=bounds(0.97, 0.94996, 0.99)),
    )


@pytest.fixture(scope="session")
def halted() -> Rehearsed:
    """Return what a rehearsal found that a failed migration brought to a halt: no forecast, and nobody looked."""
    plan = rehearsal_plan()
    refused = WindowNotForecasted(problem="two <sizes> only", why="a curve shows at 3", fix="rehearse at 30000")
    done = tuple(ended(f"t1.s{number}") for number in range(1, 6))
    return Rehearsed(plan=plan, steps=(*done, ended("t1.s6", StepOutcome.FAILED)), not_forecasted=refused)


@pytest.fixture(scope="session")
def make_rehearsal(make_verdict: MakeVerdict, rehearsed: Rehearsed) -> MakeVerdict:
    """Return a builder of verdicts on the rehearsal, by blame, by default rejected; arguments replace theirs."""

    def make(blame: Blame = Blame.CANDIDATE, **given: object) -> Verdict:
        values: dict[str, object] = {"rehearsal": "0.9 -> 1.0", "rehearsed": rehearsed}
        return make_verdict(blame, **(values | {"candidate": "1.0", "baseline": "0.9"} | given))

    return make
