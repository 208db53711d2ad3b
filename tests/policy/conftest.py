"""Builds small pieces of evidence: good by default, and changed where a test says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.builders import COUNTING, availability, census, ended, rehearsal_plan, steps_of, window_forecast

from epjgate.model.contract_change import ContractChange
from epjgate.model.events import (
    ContractsCompared,
    EnvironmentBroke,
    EnvironmentCause,
    EnvironmentChecked,
    EnvironmentReady,
    EnvironmentStage,
    Fault,
    Interrupted,
    Level,
    Requirement,
    RunFinished,
    SuitesBroke,
    SuitesFinished,
    SurfaceTaken,
    TestFinished,
    TestsCollected,
)
from epjgate.model.evidence import Evidence
from epjgate.model.identity import DigestKind, Identity
from epjgate.model.manifest import Manifest, SuitePlan
from epjgate.model.outcome import Outcome
from epjgate.model.rehearsal import RehearsalPlan
from epjgate.model.rehearsal_events import CensusTaken, StepBegan, StepEnded, WindowForecasted
from epjgate.policy.document import (
    CandidateIdentified,
    Floors,
    NotApplicable,
    Policy,
    SuitesExecuted,
    SuitesSensitive,
    TestsPassed,
)
from epjgate.policy.interface import Case

SUITE = "contracts/fhir_r4"
SYSTEM = "sekmet"
NOON = datetime(2025, 3, 3, 12, 0, tzinfo=UTC)


class Builders:
    """Evidence of a good run of four tests, with the floor right at four, and changes to it.

    Keyword arguments replace fields; a test is named by a letter and belongs to the one planned suite.
    """

    suite = SUITE
    system = SYSTEM
    now = NOON

    def test(self, name: str = "a", **changes: Any) -> TestFinished:
        """Return a test that passed, `changes` applied."""
        fields: dict[str, Any] = {
            "test": f"suites/{SUITE}/test_read.py::test_{name}",
            "suite": SUITE,
            "title": f"Title of {name}",
            "outcome": Outcome.PASSED,
            "duration_s": 0.1,
            "assertions": 2,
            "exchanges": 1,
            "capabilities": ("patients", "medication"),
        }
        return TestFinished.model_validate(fields | changes)

    def failed(self, name: str = "a", fingerprint: str = "f1", **changes: Any) -> TestFinished:
        """Return a test that failed with the fault `fingerprint`, `changes` applied."""
        fault = Fault(
            kind="AssertionError", message=f"fault {fingerprint}", location="test_read.py:7", fingerprint=fingerprint
        )
        return self.test(name, **({"outcome": Outcome.FAILED, "fault": fault} | changes))

    def requirement(self, level: Level = Level.SHALL) -> Requirement:
        """Return a requirement of FHIR R4."""
        return Requirement(specification="FHIR R4", section="http.html#read", level=level)

    def identity(self, **changes: Any) -> Identity:
        """Return the identity of the one service, `changes` applied."""
        good = Identity(service="his", reference="his==2", digest=f"sha256:{'a' * 64}", kind=DigestKind.PACKAGES)
        return good.model_copy(update=changes)

    def ready(self, *identities: Identity) -> EnvironmentReady:
        """Return the event that the environment is ready, with `identities`."""
        return EnvironmentReady(environment="process", endpoints={}, identities=identities, start_s=1.0)

    def broke(
        self,
        cause: EnvironmentCause = EnvironmentCause.KILLED,
        stage: EnvironmentStage = EnvironmentStage.RUN,
        problem: str = "service his is gone",
    ) -> EnvironmentBroke:
        """Return the event that the environment broke."""
        return EnvironmentBroke(
            stage=stage, cause=cause, service="his", problem=problem, why="it was ended", fix="start it again"
        )

    def suites_broke(self) -> SuitesBroke:
        """Return the event that the process of the suites died."""
        return SuitesBroke(problem="the test process died", why="killed by signal 9")

    def interrupted(self) -> Interrupted:
        """Return the event that somebody stopped the run."""
        return Interrupted(signal="SIGINT")

    def manifest(self, *suites: str, **changes: Any) -> Manifest:
        """Return the manifest of a run of `suites`, the one suite if none is named, `changes` applied."""
        plans = tuple(SuitePlan(name=name, title=f"Suite {name}", digest="sha256:0") for name in suites or (SUITE,))
        good = Manifest(
            run_id="run-1",
            epjgate_version="0.1.0",
            system=SYSTEM,
            candidate="2",
            baseline="1",
            environment="process",
            suites=plans,
            suite_revision="rev",
            policy_digest="pol",
            seed=7,
            workers=1,
            started_at=NOON,
            host="host",
            python="3.11",
        )
        return good.model_copy(update=changes)

    def evidence(self, *tests: TestFinished, **changes: Any) -> Evidence:
        """Return evidence of a good run of `tests`, four that passed if none is named; `changes` are its fields."""
        found = tests or tuple(self.test(name) for name in "abcd")
        good = Evidence(
            manifest=self.manifest(),
            tests=found,
            collected=(TestsCollected(tests={test.test: test.suite for test in found}),),
            ready=self.ready(self.identity()),
            checked=EnvironmentChecked(services=("his",)),
            compared=self.compared(),
            suites_finished=SuitesFinished(exit_status=0),
            run_finished=RunFinished(),
            finished_at=NOON,
            digest="sha256:e",
        )
        return replace(good, **changes)

    def rehearsal(self, plan: RehearsalPlan | None = None, *others: StepEnded, **changes: Any) -> Evidence:
        """Return evidence of a good rehearsal of `plan`, of the usual one if none is named; `changes` are its fields.

        `others` are ends that steps had instead of being done; what is planned behind the first of them never began.
        """
        plan = plan or rehearsal_plan()
        halted = {other.step: other for other in others}
        begun = steps_of(plan)
        for at, step in enumerate(begun):
            if step.id in halted:
                begun = begun[: at + 1]
                break
        counted = [step.id for step in begun if step.kind in COUNTING and step.id not in halted]
        crossing = tuple(self.test(f"a[{part}]") for part in ("before", "after", "back"))
        good: dict[str, Any] = {
            "manifest": self.manifest("upgrade", baseline="0.9", candidate="1.0", rehearsal=plan),
            "tests": tuple(test.model_copy(update={"suite": "upgrade"}) for test in crossing),
            "compared": None,
            "steps_begun": tuple(StepBegan(step=step.id) for step in begun),
            "steps_ended": tuple(halted.get(step.id, ended(step.id)) for step in begun),
            "censuses": tuple(CensusTaken(step=step, census=census()) for step in counted),
            "availability": availability(),
            "forecasted": WindowForecasted(forecast=window_forecast()),
        }
        tests = {**good, **changes}["tests"]
        collected = (TestsCollected(tests={test.test: test.suite for test in tests}),)
        return self.evidence(**({"collected": collected} | good | changes))

    def compared(self, *changes: ContractChange, **candidate: Any) -> ContractsCompared:
        """Return a comparison of the two releases that found `changes`; `candidate` changes what was seen of it."""
        before = SurfaceTaken(version="1", digest="sha256:1", file="surfaces/baseline.json")
        after = SurfaceTaken(version="2", digest="sha256:2", file="surfaces/candidate.json")
        return ContractsCompared(baseline=before, candidate=after.model_copy(update=candidate), changes=changes)

    def empty(self) -> Evidence:
        """Return evidence of a run that planned its suite, came to its end, and did nothing in between."""
        return self.evidence(tests=(), collected=(TestsCollected(tests={}),))

    def policy(self, *required: str, **tables: Any) -> Policy:
        """Return a policy that requires the one suite and two capabilities, and allows some of everything else."""
        fields: dict[str, Any] = {
            "schema_version": "epjgate/policy/1",
            "suites_executed": SuitesExecuted(required=required or (SUITE,)),
            "tests_passed": TestsPassed(advisory_levels=(Level.SHOULD,)),
            "not_applicable": NotApplicable(required_capabilities={SYSTEM: ("patients", "medication")}, max_share=0.5),
            "candidate_identified": CandidateIdentified(),
            "suites_sensitive": SuitesSensitive(without_measurement="accept"),
        }
        return Policy.model_validate(fields | tables)

    def case(
        self, evidence: Evidence | None = None, *, policy: Policy | None = None, floor: int | None = 4, **suites: int
    ) -> Case:
        """Return the case before the judge; `floor` is the one suite's, None for no floor, `suites` those of others."""
        floors = suites if floor is None else {SUITE: floor, **suites}
        return Case(
            evidence=evidence or self.evidence(),
            policy=policy or self.policy(),
            floors=Floors(schema_version="epjgate/floors/1", floors={SYSTEM: floors}),
        )


@pytest.fixture(scope="session")
def build() -> Builders:
    """Builders of evidence; of session scope because they hold no state, so that properties may use them."""
    return Builders()
