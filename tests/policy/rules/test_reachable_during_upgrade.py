"""The rule reachable-during-upgrade."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.builders import availability, ended, rehearsal_plan, track

from epjgate.model.availability import Standing, TrackSeen
from epjgate.model.evidence import Evidence
from epjgate.model.rehearsal import StepOutcome
from epjgate.model.verdict import Blame, Finding
from epjgate.policy.document import ReachableDuringUpgrade
from epjgate.policy.rules.reachable_during_upgrade import check

if TYPE_CHECKING:
    from tests.policy.conftest import Builders

UP, DOWN, UNKNOWN = Standing.UP, Standing.DOWN, Standing.UNKNOWN
GOOD = ((UP, 10.05), (DOWN, 19.95), (UP, 40.05), (DOWN, 49.95), (UP, 60.0))


def seen(build: Builders, *tracks: TrackSeen) -> Evidence:
    return build.rehearsal(availability=availability(*tracks))


def blamed(findings: tuple[Finding, ...]) -> list[Blame]:
    return [finding.blame for finding in findings if finding.blame is not Blame.NOBODY]


def test_a_system_that_is_down_only_while_it_is_closed_is_approved(build: Builders) -> None:
    """From before the upgrade until after the way back, on every track."""
    assert check(build.case(build.rehearsal())) == ()


def test_an_outage_of_the_open_candidate_rejects(build: Builders) -> None:
    """Track, edges and what the probe met are told."""
    write = track((UP, 10.0), (DOWN, 20.0), (UP, 25.0), (DOWN, 25.5), (UP, 60.0), probe="write")
    (finding,) = check(build.case(seen(build, track(*GOOD), write)))
    assert finding.blame is Blame.CANDIDATE
    assert "1 outage of up to 0.50 s, write over new connections" in finding.summary
    expected = "write over new connections: down from 25.00 to 25.50 s, edges within 0.10 s: 503"
    assert finding.detail == expected


def test_a_candidate_that_opens_too_late_is_out_from_when_it_should_be_open(build: Builders) -> None:
    """The part of an outage that lies in the closed time is not counted."""
    late = track((UP, 10.0), (DOWN, 23.0), (UP, 40.0), (DOWN, 50.0), (UP, 60.0))
    (finding,) = check(build.case(seen(build, late)))
    assert (finding.blame, "of up to 2.90 s" in finding.summary) == (Blame.CANDIDATE, True)


def test_an_outage_within_the_precision_of_its_edges_is_part_of_the_closed_time(build: Builders) -> None:
    """Samples are a tenth of a second apart: which of the two closed first cannot be seen."""
    near = track((UP, 9.91), (DOWN, 20.09), (UP, 40.0), (DOWN, 50.0), (UP, 60.0))
    assert check(build.case(seen(build, near))) == ()


def test_edges_that_are_not_known_hide_no_outage(build: Builders) -> None:
    """A prober that missed samples has wide edges; they are not the candidate's to use."""
    late = track((UP, 10.0), (DOWN, 23.0), (UP, 40.0), (DOWN, 50.0), (UP, 60.0))
    wide = tuple(one.model_copy(update={"edge_s": 5.0}) for one in late.stretches)
    (finding,) = check(build.case(seen(build, late.model_copy(update={"stretches": wide}))))
    assert finding.blame is Blame.CANDIDATE


def test_an_outage_before_anything_was_changed_is_not_the_candidates(build: Builders) -> None:
    """The release in production had one of its own."""
    early = track((UP, 3.0), (DOWN, 4.0), (UP, 10.0), (DOWN, 20.0), (UP, 60.0))
    (finding,) = check(build.case(seen(build, early)))
    assert (finding.blame, "before the upgrade" in finding.summary) == (Blame.ENVIRONMENT, True)


def test_the_allowance_is_for_each_track_as_a_whole(build: Builders) -> None:
    """Two outages of a second are two seconds."""
    twice = track((UP, 22.0), (DOWN, 23.0), (UP, 25.0), (DOWN, 26.0), (UP, 60.0))
    for most, expected in ((2.0, []), (1.9, [Blame.CANDIDATE])):
        policy = build.policy(reachable_during_upgrade=ReachableDuringUpgrade(max_outage_s=most))
        assert blamed(check(build.case(seen(build, twice, track(*GOOD)), policy=policy))) == expected


def test_what_nobody_knows_is_never_up(build: Builders) -> None:
    """A prober that stood still for five seconds of forty says nothing of them: not down, and not up."""
    stalled = track((UP, 10.0), (DOWN, 20.0), (UP, 25.0), (UNKNOWN, 30.0), (UP, 60.0), taken=550)
    findings = check(build.case(seen(build, stalled)))
    assert blamed(findings) == [Blame.HARNESS]
    assert "12.5% of 40.0 s are unknown, of at most 5.0%; 550 of 600 samples were taken" in findings[0].detail
    assert "550 taken, 600 due" in findings[1].detail


def test_a_little_that_nobody_knows_is_named(build: Builders) -> None:
    """The gap is a note; a second of unknown in closed time counts for nothing."""
    little = track((UP, 10.0), (DOWN, 12.0), (UNKNOWN, 15.0), (DOWN, 20.0), (UP, 58.0), (UNKNOWN, 60.0), taken=580)
    policy = build.policy(reachable_during_upgrade=ReachableDuringUpgrade(max_unknown_share=0.05))
    (note,) = check(build.case(seen(build, little), policy=policy))
    assert (note.blame, note.detail) == (Blame.NOBODY, "read over new connections: 580 taken, 600 due")
    strict = build.policy(reachable_during_upgrade=ReachableDuringUpgrade(max_unknown_share=0.04))
    assert blamed(check(build.case(seen(build, little), policy=strict))) == [Blame.HARNESS]


@pytest.mark.parametrize("expected", [0, 600])
def test_a_track_without_a_sample_saw_nothing(build: Builders, expected: int) -> None:
    """Whatever its stretches say."""
    findings = check(build.case(seen(build, track(*GOOD, taken=0, expected=expected))))
    assert blamed(findings) == [Blame.HARNESS]


def test_a_system_that_is_never_open_again_was_never_seen(build: Builders) -> None:
    """Closed times that last until the end leave nothing to see of the candidate."""
    shut = availability(track((UP, 10.0), (DOWN, 60.0)), closed=((10, 60),))
    (finding,) = check(build.case(build.rehearsal(availability=shut)))
    assert (finding.blame, finding.summary) == (Blame.HARNESS, "Probes never looked at the open candidate")


def test_an_upgrade_that_closes_nothing_has_to_be_up_throughout(build: Builders) -> None:
    """A rolling upgrade: any outage is the candidate's."""
    rolling = availability(track((UP, 30.0), (DOWN, 30.2), (UP, 60.0)), closed=())
    assert blamed(check(build.case(build.rehearsal(availability=rolling)))) == [Blame.CANDIDATE]
    whole = availability(track((UP, 60.0)), closed=())
    assert check(build.case(build.rehearsal(availability=whole))) == ()


def test_probes_of_another_trial_are_not_those_that_tests_cross(build: Builders) -> None:
    """In a timed trial nobody works on the system."""
    other = availability().model_copy(update={"step": "t1.s1"})
    (finding,) = check(build.case(build.rehearsal(availability=other)))
    assert (finding.blame, "the trial that tests cross" in finding.summary) == (Blame.HARNESS, True)


def test_where_nobody_looked_nothing_is_known(build: Builders) -> None:
    """Also where the plan has no trial that tests cross."""
    for plan in (None, rehearsal_plan(trials=rehearsal_plan().trials[1:])):
        (finding,) = check(build.case(build.rehearsal(plan, availability=None)))
        assert (finding.blame, "Nobody looked" in finding.summary) == (Blame.NOTHING_TESTED, True)


def test_a_policy_may_say_why_nobody_looks(build: Builders) -> None:
    """Of this system and no other; the reason is shown."""
    for system, expected in ((build.system, []), ("other", [Blame.NOTHING_TESTED])):
        policy = build.policy(reachable_during_upgrade=ReachableDuringUpgrade(not_probed={system: "a batch system"}))
        findings = check(build.case(build.rehearsal(availability=None), policy=policy))
        assert blamed(findings) == expected
        assert (findings[0].detail == "a batch system") is (expected == [])


def test_a_step_that_failed_explains_that_nobody_looked(build: Builders) -> None:
    """The step is blamed by its own rule; this one is left open."""
    halted = build.rehearsal(None, ended("t0.s2", StepOutcome.FAILED), availability=None)
    (note,) = check(build.case(halted))
    assert (note.blame, note.summary) == (Blame.NOBODY, "Not judged as a whole: a step of the rehearsal was not done")


def test_a_run_that_rehearses_nothing_shows_nothing_of_an_outage(build: Builders) -> None:
    """Empty never passes."""
    assert blamed(check(build.case())) == [Blame.NOTHING_TESTED]
