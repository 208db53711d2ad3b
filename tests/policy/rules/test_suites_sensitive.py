"""The rule suites-sensitive."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from epjgate.model.sensitivity import StoredSensitivity, StoredSuite
from epjgate.model.verdict import Blame, Decision
from epjgate.policy.document import SuitesSensitive
from epjgate.policy.interface import Case
from epjgate.policy.judge import judge
from epjgate.policy.rules.suites_sensitive import check

if TYPE_CHECKING:
    from tests.policy.conftest import Builders

SUITE = "contracts/fhir_r4"


def measured(kill_rate: float = 0.93, digest: str = "sha256:0", suite: str = SUITE) -> StoredSensitivity:
    """Return a measurement of the one suite."""
    return StoredSensitivity(
        system="reference",
        candidate="2.1",
        environment="process",
        measured_at=datetime(2026, 3, 3, tzinfo=UTC),
        seed=1,
        kill_rate=kill_rate,
        raw_kill_rate=0.9,
        mutants=300,
        suites={suite: StoredSuite(kill_rate=0.85, mutants=200, digest=digest)},
        interfaces={},
    )


def case(build: Builders, sensitivity: StoredSensitivity | None, **demands: Any) -> Case:
    policy = build.policy(suites_sensitive=SuitesSensitive.model_validate({"min_kill_rate": 0.9, **demands}))
    evidence = build.evidence(manifest=build.manifest(sensitivity=sensitivity))
    return build.case(evidence, policy=policy)


def test_suites_that_notice_enough_are_approved(build: Builders) -> None:
    """With a floor for all together and for one of them."""
    asked = case(build, measured(), min_kill_rates={SUITE: 0.85})
    assert check(asked) == ()
    assert judge(asked, build.now).decision is Decision.APPROVED


@pytest.mark.parametrize(
    ("sensitivity", "demands", "says"),
    [
        (measured(0.89), {}, "all suites together 89.0% of 90.0%"),
        (measured(), {"min_kill_rates": {SUITE: 0.9}}, f"{SUITE} 85.0% of 90.0%"),
        (measured(), {"min_kill_rates": {"incidents": 0.1}}, "incidents 0.0% of 10.0%"),
    ],
)
def test_suites_that_notice_too_little_approve_nothing(
    build: Builders, sensitivity: StoredSensitivity, demands: dict[str, Any], says: str
) -> None:
    """The harness is at fault, not the candidate; a suite with a floor that was not measured has noticed nothing."""
    asked = case(build, sensitivity, **demands)
    (finding,) = check(asked)
    assert (finding.blame, finding.detail) == (Blame.HARNESS, says)
    assert judge(asked, build.now).decision is Decision.INCONCLUSIVE


def test_suites_that_were_never_measured_approve_nothing(build: Builders) -> None:
    """Unless the policy says that nobody need have measured them."""
    (finding,) = check(case(build, None))
    assert finding.blame is Blame.HARNESS
    assert "epjgate sensitivity" in finding.fix
    assert check(case(build, None, without_measurement="accept")) == ()


@pytest.mark.parametrize("sensitivity", [measured(digest="sha256:1"), measured(suite="clinic")])
def test_suites_other_than_those_measured_are_refused_or_noted(build: Builders, sensitivity: StoredSensitivity) -> None:
    """As the policy says: a suite that was changed, or that was not there."""
    (refused,) = check(case(build, sensitivity))
    (noted,) = check(case(build, sensitivity, changed_suites="note"))
    assert (refused.blame, noted.blame) == (Blame.HARNESS, Blame.NOBODY)
    assert SUITE in noted.summary


def test_the_strictest_form_is_asked_where_the_policy_says_nothing(build: Builders) -> None:
    """Every mutant must have been killed."""
    evidence = build.evidence(manifest=build.manifest(sensitivity=measured(0.99)))
    (finding,) = check(build.case(evidence, policy=build.policy(suites_sensitive=SuitesSensitive())))
    assert finding.blame is Blame.HARNESS


def test_a_bundle_without_a_manifest_is_not_judged(build: Builders) -> None:
    """A note says so; whom it blames is another rule's business."""
    (finding,) = check(build.case(build.evidence(manifest=None)))
    assert (finding.blame, finding.summary) == (
        Blame.NOBODY,
        "Not judged as a whole: the evidence cannot be relied on",
    )
