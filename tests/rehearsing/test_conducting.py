"""Conducting a rehearsal: step by step as planned, all of it in the evidence, and nothing stands at its end."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.rehearsing.conftest import FakeSite, Stage, Waiting, down

from epjgate.environments.interface import EnvironmentDown
from epjgate.environments.site import Done
from epjgate.errors import Interruption, SuitesFailed
from epjgate.evidence.reader import read_bundle
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.evidence import Evidence
from epjgate.model.rehearsal import StepKind, StepOutcome
from epjgate.rehearsing.conducting import rehearse

Make = Callable[..., Stage]


def held(stage: Stage) -> Evidence:
    """Hold the rehearsal of `stage` and return the evidence of it, which is whole."""
    rehearse(stage.rehearsal, Waiting())
    evidence = read_bundle(stage.rehearsal.job.folder)
    assert evidence.flaws == ()
    return evidence


def outcomes(evidence: Evidence) -> list[StepOutcome]:
    """Return how the steps ended."""
    return [one.outcome for one in evidence.steps_ended]


def kind_of(stage: Stage, step: str) -> StepKind:
    """Return what the planned step does."""
    return next(one.kind for trial in stage.rehearsal.plan.trials for one in trial.steps if one.id == step)


def test_every_planned_step_is_done_in_its_order_and_written_down(stage: Make) -> None:
    """Begun and ended, each once, in the order of the plan."""
    made = stage()
    evidence = held(made)
    planned = [step.id for trial in made.rehearsal.plan.trials for step in trial.steps]
    assert [one.step for one in evidence.steps_begun] == planned
    assert [one.step for one in evidence.steps_ended] == planned
    assert set(outcomes(evidence)) == {StepOutcome.DONE}
    assert evidence.ready is not None
    assert evidence.checked is not None
    assert evidence.run_finished is not None


def test_a_timed_trial_upgrades_and_brings_back(stage: Make, site: FakeSite) -> None:
    """The old release stands, is stopped and backed up; the candidate migrates and stands; the old one comes back."""
    held(stage((100, 200, 400), crosses=False, drills=0))
    assert site.done[:14] == [
        "fill 1.0",
        "start 1.0",
        "stop 1.0",
        "census 1.0",
        "backup 1.0",
        "migrate 2.0",
        "start 2.0",
        "census 2.0",
        "stop 2.0",
        "restore 1.0",
        "start 1.0",
        "census 1.0",
        "stop 1.0",
        "fill 1.0",
    ]


def test_what_was_filled_once_is_not_filled_again(stage: Make, site: FakeSite) -> None:
    """Three sizes, in two repeats and a drill: three fills."""
    held(stage())
    assert site.done.count("fill 1.0") == 3


def test_tests_meet_each_release_while_it_stands(stage: Make) -> None:
    """Before on the old release, after on the candidate, back on the old release as it runs on that database."""
    made = stage()
    held(made)
    assert made.seen == ["before on 1.0", "after on 2.0", "back on 1.0 back"]


def test_a_drill_kills_a_migration_in_its_midst_and_has_another_end(stage: Make, site: FakeSite) -> None:
    """It is killed within the time that a migration of this size took, and what follows comes to its end."""
    held(stage())
    (killed,) = [limits.kill_after_s for limits in site.limits if limits.kill_after_s is not None]
    assert 0.1 * 2 <= killed <= 0.9 * 2
    assert site.done[-4:] == ["migrate 2.0", "start 2.0", "census 2.0", "stop 2.0"]


def test_the_times_of_all_sizes_bear_a_forecast(stage: Make) -> None:
    """A second and a hundredth for every patient in each command: the forecast says so, within its bounds."""
    evidence = held(stage())
    assert evidence.not_forecasted is None
    assert evidence.forecasted is not None
    steps = {one.step: one for one in evidence.forecasted.forecast.steps}
    assert steps["migrate"].duration_s.low <= 21 <= steps["migrate"].duration_s.high
    assert steps["migrate"].sizes == (100, 200, 400)
    assert steps["migrate"].timings == 6


def test_too_few_sizes_bear_no_forecast_and_say_what_to_measure(stage: Make) -> None:
    """Nobody knows then whether the upgrade fits."""
    evidence = held(stage((100, 200)))
    assert evidence.forecasted is None
    assert evidence.not_forecasted is not None
    assert evidence.not_forecasted.fix


@pytest.mark.parametrize(
    ("what", "kind", "outcome"),
    [
        ("migrate", StepKind.MIGRATE, StepOutcome.FAILED),
        ("fill", StepKind.FILL, StepOutcome.BROKEN),
        ("backup", StepKind.BACKUP, StepOutcome.BROKEN),
        ("restore", StepKind.RESTORE, StepOutcome.BROKEN),
    ],
)
def test_a_step_that_is_not_done_ends_the_rehearsal(
    stage: Make, site: FakeSite, what: str, kind: StepKind, outcome: StepOutcome
) -> None:
    """The candidate fails where its own migration ends with an error; where the surroundings do, nobody blames it."""
    site.ends[what] = lambda _release: Done(0.5, "", "no such table: 170590-9998")
    made = stage(crosses=False)
    evidence = held(made)
    last = evidence.steps_ended[-1]
    assert (kind_of(made, last.step), last.outcome) == (kind, outcome)
    assert "no such table" in last.why
    assert "170590-9998" not in last.why
    assert len(evidence.steps_begun) == len(evidence.steps_ended)
    assert evidence.forecasted is None
    assert evidence.run_finished is not None


def test_a_step_without_progress_is_stalled(stage: Make, site: FakeSite) -> None:
    """It was ended by the harness, for it would never have ended."""
    site.ends["migrate"] = lambda _release: Done(180, "", "no progress for 180 s", stalled=True)
    assert outcomes(held(stage(crosses=False)))[-1] is StepOutcome.STALLED


def test_records_that_are_not_kept_are_named(stage: Make, site: FakeSite) -> None:
    """The census after the upgrade is compared with the one before it, and so is the one after the restore."""
    altered = '{"patients": 100, "kinds": {"Patient": {"count": 9, "digest": "a"}}, "audit_entries": 3}'
    site.ends["census"] = lambda release: Done(1, altered if release == "2.0" else altered.replace("9", "10"))
    evidence = held(stage((100,), crosses=False, drills=0))
    told = [
        (kind_of_census.census.kinds["Patient"].count, len(kind_of_census.changes))
        for kind_of_census in evidence.censuses
    ]
    assert told == [(10, 0), (9, 1), (10, 0)] * 2
    assert evidence.censuses[1].changes[0].what == "Patient: how many"


def test_a_census_that_cannot_be_read_is_no_census(stage: Make, site: FakeSite) -> None:
    """Half an answer is the harness's trouble, and never a census of nothing."""
    site.ends["census"] = lambda _release: Done(1, '{"patients": 100, "kinds": {}')
    evidence = held(stage(crosses=False))
    assert outcomes(evidence)[-1] is StepOutcome.BROKEN
    assert evidence.censuses == ()


def test_a_candidate_that_does_not_come_up_has_failed_and_its_tests_are_not_run(stage: Make, site: FakeSite) -> None:
    """The release ended by itself; what was to be tested on it ends with the reason."""
    site.comes_up["2.0"] = down()
    made = stage()
    evidence = held(made)
    assert (kind_of(made, evidence.steps_ended[-1].step), outcomes(evidence)[-1]) == (
        StepKind.START_NEW,
        StepOutcome.FAILED,
    )
    assert made.seen == ["before on 1.0", "no after: the rehearsal ended at the step start_new"]
    assert evidence.broke is None


def test_an_old_release_that_cannot_use_the_database_any_more_speaks_of_the_candidate(
    stage: Make, site: FakeSite
) -> None:
    """There is no way back but the backup, and what was written since would be lost."""
    site.comes_up["1.0 back"] = down()
    made = stage()
    evidence = held(made)
    assert kind_of(made, evidence.steps_ended[-1].step) is StepKind.ROLL_BACK
    assert outcomes(evidence)[-1] is StepOutcome.FAILED
    assert made.seen[-1] == "no back: the rehearsal ended at the step roll_back"


@pytest.mark.parametrize(
    ("release", "trouble"),
    [("1.0", down()), ("2.0", down(EnvironmentCause.ENGINE)), ("2.0", down(stage=EnvironmentStage.RUN))],
)
def test_what_the_surroundings_do_is_not_blamed_on_the_candidate(
    stage: Make, site: FakeSite, release: str, trouble: EnvironmentDown
) -> None:
    """The old release did not come up before anything was upgraded, or the engine went away: the environment broke."""
    site.comes_up[release] = trouble
    made = stage()
    with pytest.raises(EnvironmentDown):
        rehearse(made.rehearsal, Waiting())
    evidence = read_bundle(made.rehearsal.job.folder)
    assert evidence.broke is not None
    assert evidence.run_finished is not None
    assert len(evidence.steps_ended) == len(evidence.steps_begun) - 1


@pytest.mark.parametrize(("release", "crosses"), [("1.0", False), ("2.0", False), ("1.0 back", True)])
def test_a_release_that_ended_meanwhile_is_never_called_healthy(
    stage: Make, site: FakeSite, release: str, *, crosses: bool
) -> None:
    """Each is asked once more before it is stopped, and what stands last at the end of its trial."""
    site.silent[release] = down(stage=EnvironmentStage.RUN)
    made = stage(crosses=crosses)
    with pytest.raises(EnvironmentDown):
        rehearse(made.rehearsal, Waiting())
    evidence = read_bundle(made.rehearsal.job.folder)
    assert evidence.broke is not None
    assert evidence.checked is None


def test_suites_that_die_before_the_upgrade_are_told_and_nothing_is_upgraded(stage: Make, site: FakeSite) -> None:
    """Nobody waits for ever for tests that cannot be collected."""
    evidence = held(stage(dies=SuitesFailed("they cannot be collected", "a line is wrong", "mend it")))
    assert [one.problem for one in evidence.suites_broke] == ["they cannot be collected"]
    assert "migrate 2.0" not in site.done


def test_an_interruption_leaves_nothing_standing_and_is_written_down(stage: Make, site: FakeSite) -> None:
    """Whatever was under way is ended: the release, the tests that wait, the site."""

    def interrupted(_release: str) -> Done:
        raise Interruption("SIGTERM")

    site.ends["migrate"] = interrupted
    made = stage()
    with pytest.raises(Interruption):
        rehearse(made.rehearsal, Waiting())
    evidence = read_bundle(made.rehearsal.job.folder)
    assert evidence.interrupted is not None
    assert evidence.interrupted.signal == "SIGTERM"
    assert not site.standing
