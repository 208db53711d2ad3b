"""The rules of the policy, one a file, in the order in which they are asked and shown."""

from epjgate.policy.interface import Rule
from epjgate.policy.rules import (
    candidate_identified,
    contract_changes,
    environment_healthy,
    evidence_complete,
    floors,
    incidents_proven,
    no_vacuous_test,
    not_applicable,
    reachable_during_upgrade,
    records_kept,
    skips_declared,
    suites_executed,
    suites_sensitive,
    tests_passed,
    upgrade_steps_done,
    window_kept,
)

RULES: tuple[Rule, ...] = (
    evidence_complete.RULE,
    environment_healthy.RULE,
    suites_executed.RULE,
    tests_passed.RULE,
    no_vacuous_test.RULE,
    incidents_proven.RULE,
    suites_sensitive.RULE,
    contract_changes.RULE,
    skips_declared.RULE,
    not_applicable.RULE,
    floors.RULE,
    candidate_identified.RULE,
)

# What is asked of the upgrade itself. Incidents, sensitivity, contracts and floors are asked of the release in its own
# run: a rehearsal runs none of the suites that they speak of.
REHEARSAL_RULES: tuple[Rule, ...] = (
    evidence_complete.RULE,
    environment_healthy.RULE,
    upgrade_steps_done.RULE,
    window_kept.RULE,
    records_kept.RULE,
    reachable_during_upgrade.RULE,
    suites_executed.RULE,
    tests_passed.RULE,
    no_vacuous_test.RULE,
    skips_declared.RULE,
    not_applicable.RULE,
    candidate_identified.RULE,
)
