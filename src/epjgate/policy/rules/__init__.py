"""The rules of the policy, one a file, in the order in which they are asked and shown."""

from epjgate.policy.interface import Rule
from epjgate.policy.rules import (
    candidate_identified,
    environment_healthy,
    evidence_complete,
    floors,
    no_vacuous_test,
    not_applicable,
    skips_declared,
    suites_executed,
    tests_passed,
)

RULES: tuple[Rule, ...] = (
    evidence_complete.RULE,
    environment_healthy.RULE,
    suites_executed.RULE,
    tests_passed.RULE,
    no_vacuous_test.RULE,
    skips_declared.RULE,
    not_applicable.RULE,
    floors.RULE,
    candidate_identified.RULE,
)
