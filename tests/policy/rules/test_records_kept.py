"""The rule records-kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.builders import census, ended, rehearsal_plan, trial

from epjgate.model.evidence import Evidence
from epjgate.model.rehearsal import CensusChange, StepOutcome, Tally
from epjgate.model.rehearsal_events import CensusTaken
from epjgate.model.verdict import Blame, Finding
from epjgate.policy.document import RecordsKept
from epjgate.policy.rules.records_kept import check

if TYPE_CHECKING:
    from tests.policy.conftest import Builders

CENSUS, VERIFY, RESTORED = "t3.s4", "t3.s8", "t3.s13"
REVIVED = CensusChange(what="prescriptions ended", before="40", after="38")
OTHER = {"prescriptions": Tally(count=39_998, digest="sha256:2")}


def counted(build: Builders, step: str, *changes: CensusChange, **found: Any) -> Evidence:
    """Return a rehearsal in which the census at `step` found and told something else."""
    good = build.rehearsal()
    other = CensusTaken(step=step, census=census(**found), changes=changes)
    return replace(good, censuses=tuple(other if one.step == step else one for one in good.censuses))


def blamed(findings: tuple[Finding, ...]) -> list[Blame]:
    return [finding.blame for finding in findings if finding.blame is not Blame.NOBODY]


def test_an_upgrade_that_keeps_every_record_is_approved(build: Builders) -> None:
    """Counted before, after, and after the way back, in every trial that nobody writes in."""
    assert check(build.case(build.rehearsal())) == ()


def test_a_changed_record_is_the_candidates_and_named(build: Builders) -> None:
    """One finding for all of them, with where, before and after."""
    lost = CensusChange(what="notes", before="12", after="")
    (finding,) = check(build.case(counted(build, VERIFY, REVIVED, lost, kinds=OTHER)))
    assert finding.blame is Blame.CANDIDATE
    assert finding.summary == "The upgrade does not keep every record: prescriptions ended, notes"
    assert finding.detail.splitlines() == [
        "t3.s8, at 3,000 patients, repeat 1: prescriptions ended: 40 to 38",
        "t3.s8, at 3,000 patients, repeat 1: notes: 12 to -",
    ]


def test_a_change_in_a_drill_counts_like_any_other(build: Builders) -> None:
    """A migration that was killed and taken up again has to end at the same records."""
    assert blamed(check(build.case(counted(build, "t7.s6", REVIVED, kinds=OTHER)))) == [Blame.CANDIDATE]


def test_a_change_that_the_policy_accepts_is_a_note_with_its_reason(build: Builders) -> None:
    """Accepted is what is named exactly, of this system and no other."""
    evidence = counted(build, VERIFY, REVIVED, kinds=OTHER)
    reason = "two were entered twice"
    accepting = RecordsKept(accepted_changes={build.system: {REVIVED.what: reason}})
    (note,) = check(build.case(evidence, policy=build.policy(records_kept=accepting)))
    assert (note.blame, note.detail.splitlines()[0]) == (Blame.NOBODY, reason)
    for system, what in (("other", REVIVED.what), (build.system, "prescriptions"), (build.system, "")):
        other = RecordsKept(accepted_changes={system: {what: reason}})
        assert blamed(check(build.case(evidence, policy=build.policy(records_kept=other)))) == [Blame.CANDIDATE]


def test_what_a_restore_does_not_bring_back_is_never_accepted(build: Builders) -> None:
    """The candidate takes no part in it, and there is no way back without."""
    accepting = RecordsKept(accepted_changes={build.system: {REVIVED.what: "meant"}})
    evidence = counted(build, RESTORED, REVIVED, kinds=OTHER)
    (finding,) = check(build.case(evidence, policy=build.policy(records_kept=accepting)))
    assert (finding.blame, "restored backup" in finding.summary) == (Blame.ENVIRONMENT, True)


@pytest.mark.parametrize(
    ("step", "blame"), [(VERIFY, Blame.CANDIDATE), (CENSUS, Blame.ENVIRONMENT), (RESTORED, Blame.ENVIRONMENT)]
)
def test_a_lock_that_is_left_is_named(build: Builders, step: str, blame: Blame) -> None:
    """After the upgrade it is the candidate's; before it, or after the restore, it is not."""
    (finding,) = check(build.case(counted(build, step, locks=("databasechangeloglock",))))
    assert (finding.blame, finding.summary.endswith(": databasechangeloglock")) == (blame, True)


def test_a_lock_that_was_there_before_is_not_the_candidates(build: Builders) -> None:
    """It is not fine either."""
    good = counted(build, CENSUS, locks=("old",))
    after = CensusTaken(step=VERIFY, census=census(locks=("old",)))
    both = replace(good, censuses=tuple(after if one.step == VERIFY else one for one in good.censuses))
    assert blamed(check(build.case(both))) == [Blame.ENVIRONMENT]


def test_more_that_waits_than_before_is_the_candidates(build: Builders) -> None:
    """Nobody wrote meanwhile: what waits now was sent already, or will be sent twice."""
    (finding,) = check(build.case(counted(build, VERIFY, queued={"fmk": 3})))
    assert (finding.blame, finding.summary.endswith("queued fmk")) == (Blame.CANDIDATE, True)
    assert "queued fmk: 0 to 3" in finding.detail


def test_a_queue_that_drains_is_fine(build: Builders) -> None:
    """What waited may have been delivered, and a change that the comparison tells is told once."""
    before = counted(build, CENSUS, queued={"fmk": 3})
    assert check(build.case(before)) == ()
    told = CensusChange(what="queue fmk", before="0", after="3")
    (finding,) = check(build.case(counted(build, VERIFY, told, queued={"fmk": 3})))
    assert finding.summary.endswith(": queue fmk")


@pytest.mark.parametrize("step", [CENSUS, VERIFY, RESTORED])
def test_a_step_that_counts_and_left_no_census_has_shown_nothing(build: Builders, step: str) -> None:
    """Done is not counted."""
    good = build.rehearsal()
    without = replace(good, censuses=tuple(one for one in good.censuses if one.step != step))
    (finding,) = check(build.case(without))
    assert (finding.blame, f"{step}" in finding.summary) == (Blame.NOTHING_TESTED, True)


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        ("fill start_old backup start_new verify restore verify_restored", "no census is planned before the upgrade"),
        ("fill start_new census verify restore verify_restored", "no census is planned before the upgrade"),
        ("fill census verify start_new restore verify_restored", "no census is planned after the upgrade"),
        ("fill census start_new verify verify_restored restore", "no census is planned after the restore"),
    ],
)
def test_a_plan_that_does_not_count_is_not_enough(build: Builders, kinds: str, words: str) -> None:
    """Before, after, and after the restore, in this order."""
    (finding,) = check(build.case(build.rehearsal(rehearsal_plan(trials=(trial(0, 1000, kinds),)))))
    assert (finding.blame, words in finding.detail) == (Blame.NOTHING_TESTED, True)


def test_a_trial_that_tests_cross_need_not_be_counted(build: Builders) -> None:
    """Probes and tests write in it all the time."""
    plan = rehearsal_plan(trials=rehearsal_plan().trials[:1])
    assert check(build.case(build.rehearsal(plan))) == ()


@pytest.mark.parametrize("found", [{"patients": 2999}, {"kinds": {"prescriptions": Tally(count=0, digest="sha256:1")}}])
def test_data_that_are_fewer_than_planned_show_nothing(build: Builders, found: dict[str, Any]) -> None:
    """An empty database keeps all its records, and a small one is soon migrated."""
    findings = check(build.case(counted(build, CENSUS, **found)))
    assert Blame.HARNESS in blamed(findings)
    assert any("fewer than planned" in finding.summary for finding in findings)


def test_a_comparison_that_tells_nothing_of_a_difference_is_not_believed(build: Builders) -> None:
    """The records themselves are held against each other."""
    (finding,) = check(build.case(counted(build, VERIFY, kinds=OTHER)))
    assert (finding.blame, "does not say how" in finding.summary) == (Blame.HARNESS, True)


def test_steps_that_were_not_done_are_left_to_their_own_rule(build: Builders) -> None:
    """Only the note that the rule was not asked of a whole run is left."""
    (note,) = check(build.case(build.rehearsal(None, ended("t1.s6", StepOutcome.FAILED))))
    assert (note.blame, note.summary) == (Blame.NOBODY, "Not judged as a whole: a step of the rehearsal was not done")


def test_a_run_that_rehearses_nothing_shows_nothing_of_records(build: Builders) -> None:
    """Empty never passes."""
    assert blamed(check(build.case())) == [Blame.NOTHING_TESTED]
    assert blamed(check(build.case(build.rehearsal(censuses=())))) == [Blame.NOTHING_TESTED]
