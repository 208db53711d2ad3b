"""The policy document and the floors."""

from __future__ import annotations

from pathlib import Path

import pytest

from epjgate.errors import UsageError
from epjgate.model.events import Level
from epjgate.model.parsing import parse_toml
from epjgate.policy.document import Floors, Policy
from epjgate.suite_runner.catalogue import load_suites

CI = Path(__file__).parents[2] / "ci"
STRICTEST = 'schema_version = "epjgate/policy/1"\n[suites_executed]\nrequired = ["contracts"]\n'


def test_the_committed_policy_is_valid_and_demands_something() -> None:
    """The policy that this repository releases by names suites and capabilities, and sees its own digests."""
    policy = parse_toml((CI / "policy.toml").read_text(encoding="utf-8"), "policy.toml", Policy)
    assert {"clinic", "contracts/fhir_r4"} <= set(policy.suites_executed.required)
    assert policy.not_applicable.required_capabilities["sekmet"]
    assert policy.not_applicable.max_share <= 0.1
    # A system that nobody here wrote cannot do most of what the incidents are about.
    assert policy.not_applicable.max_shares.keys() == {"sekmet"}
    assert policy.not_applicable.max_shares["sekmet"]["incidents"] == 0.9
    assert not policy.candidate_identified.accept_declared


def test_every_required_suite_has_a_committed_floor() -> None:
    """A required suite without a floor would never be approved."""
    policy = parse_toml((CI / "policy.toml").read_text(encoding="utf-8"), "policy.toml", Policy)
    floors = parse_toml((CI / "floors.toml").read_text(encoding="utf-8"), "floors.toml", Floors)
    for system in policy.not_applicable.required_capabilities:
        assert set(policy.suites_executed.of(system)) <= floors.of(system).keys()


def test_every_suite_has_a_floor_or_is_not_for_the_system() -> None:
    """A suite of this repository that a system cannot run at all says so in the policy; any other one has a floor.

    A suite that crosses an upgrade is run by rehearsals alone, of which no floor is asked.
    """
    policy = parse_toml((CI / "policy.toml").read_text(encoding="utf-8"), "policy.toml", Policy)
    floors = parse_toml((CI / "floors.toml").read_text(encoding="utf-8"), "floors.toml", Floors)
    suites = {suite.name for suite in load_suites(CI.parent / "suites") if not suite.description.crosses_upgrade}
    for system in policy.not_applicable.required_capabilities:
        others = {suite for suite in suites if policy.not_applicable.share_of(system, suite) == 1}
        assert others | floors.of(system).keys() == suites
        assert not others & floors.of(system).keys()


def test_a_table_left_out_is_its_strictest_form() -> None:
    """Nothing is advice, nothing may be not applicable, nothing declared is believed."""
    policy = parse_toml(STRICTEST, "policy.toml", Policy)
    assert policy.tests_passed.advisory_levels == ()
    assert policy.not_applicable.max_share == 0
    assert not policy.candidate_identified.accept_declared
    assert policy.suites_executed.rehearsal == ("upgrade",)
    kept = policy.window_kept
    assert (kept.min_fits_p, kept.min_rollback_fits_p, kept.min_confidence) == (0.95, 0.95, 0.9)
    assert (kept.min_timed_sizes, kept.min_repeats) == (3, 2)
    assert policy.records_kept.accepted_changes == {}
    assert (policy.reachable_during_upgrade.max_outage_s, policy.reachable_during_upgrade.not_probed) == (0, {})
    assert policy.reachable_during_upgrade.max_unknown_share == 0.05


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (STRICTEST.replace('["contracts"]', '["contracts"]\nrehearsal = []'), "suites_executed.rehearsal"),
        (STRICTEST + "[window_kept]\nmin_fits_p = 0.0\n", "window_kept.min_fits_p"),
        (STRICTEST + "[window_kept]\nmin_rollback_fits_p = 0.49\n", "window_kept.min_rollback_fits_p"),
        (STRICTEST + "[window_kept]\nmin_confidence = 0.1\n", "window_kept.min_confidence"),
        (STRICTEST + "[window_kept]\nmin_timed_sizes = 2\n", "window_kept.min_timed_sizes"),
        (STRICTEST + "[window_kept]\nmin_repeats = 0\n", "window_kept.min_repeats"),
        (STRICTEST + "[reachable_during_upgrade]\nmax_outage_s = inf\n", "reachable_during_upgrade.max_outage_s"),
        (STRICTEST + "[reachable_during_upgrade]\nmax_unknown_share = 1.0\n", "max_unknown_share"),
        (STRICTEST + '[reachable_during_upgrade.not_probed]\ntiny = ""\n', "not_probed.tiny"),
        (STRICTEST + '[records_kept.accepted_changes.tiny]\nnotes = ""\n', "accepted_changes.tiny.notes"),
        ('schema_version = "epjgate/policy/1"\n', "suites_executed"),
        (STRICTEST.replace('["contracts"]', "[]"), "suites_executed.required"),
        (STRICTEST.replace("policy/1", "policy/2"), "schema_version"),
        (STRICTEST + "[floors]\nenabled = false\n", "floors"),
        (STRICTEST + '[tests_passed]\nadvisory_levels = ["shall"]\n', "tests_passed.advisory_levels"),
        (STRICTEST + "[not_applicable]\nmax_share = 1.5\n", "not_applicable.max_share"),
    ],
)
def test_a_policy_that_asks_too_little_is_refused(text: str, named: str) -> None:
    """No rule can be switched off, nothing binding becomes advice, and the mistake is named."""
    with pytest.raises(UsageError) as caught:
        parse_toml(text, "policy.toml", Policy)
    assert named in caught.value.cause


def test_should_may_be_advice() -> None:
    """The one level that a policy may call advice."""
    policy = parse_toml(STRICTEST + '[tests_passed]\nadvisory_levels = ["should"]\n', "policy.toml", Policy)
    assert policy.tests_passed.advisory_levels == (Level.SHOULD,)


def test_floors_are_positive_and_by_system() -> None:
    """A floor of zero would be none; a system without floors has none, not another's."""
    head = 'schema_version = "epjgate/floors/1"\n[floors.sekmet]\n'
    with pytest.raises(UsageError):
        parse_toml(head + "contracts = 0\n", "floors.toml", Floors)
    floors = parse_toml(head + "contracts = 1\n", "floors.toml", Floors)
    assert (floors.of("sekmet"), floors.of("other")) == ({"contracts": 1}, {})
