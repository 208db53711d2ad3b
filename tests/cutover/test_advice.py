"""What speaks against beginning, and what is to be known beforehand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cutover.nights import NIGHT, SIZES, forecast, interval, plan, trial

from epjgate.cutover.clock import cutover_of
from epjgate.model.cutover import Caution, Cutover, Reason, Remark
from epjgate.model.forecast import Phase
from epjgate.model.rehearsal import StepKind
from epjgate.model.verdict import Decision

SURE = st.floats(0, 1)


def reasons(cutover: Cutover) -> list[str]:
    return [reason.about.value for reason in cutover.reasons]


def caution(cutover: Cutover, about: Caution) -> Remark | None:
    return next((one for one in cutover.cautions if one.about is about), None)


def slow(kind: StepKind, expected_min: float, cautious_min: float) -> Any:
    """Return the night with one step as slow as told."""
    return tuple((*one[:3], expected_min, cautious_min) if one[0] is kind else one for one in NIGHT)


def planned(night: Any, **changes: Any) -> Any:
    trials = [trial(number, size, night) for number, size in enumerate((SIZES[0], *SIZES))]
    return plan(trials=[one.model_dump() for one in trials], **changes)


def test_a_night_against_which_nothing_speaks_is_go() -> None:
    """Also where the gate has approved."""
    assert reasons(cutover_of(plan(), forecast())) == []
    approved = cutover_of(plan(), forecast(), verdict=Decision.APPROVED)
    assert approved.go
    assert caution(approved, Caution.NO_VERDICT) is None


@pytest.mark.parametrize("verdict", [Decision.REJECTED, Decision.INCONCLUSIVE])
def test_what_the_gate_does_not_approve_is_no_go(verdict: Decision) -> None:
    """However well it fits; and where it was not asked, that is said."""
    assert reasons(cutover_of(plan(), forecast(), verdict=verdict)) == ["not_approved"]
    assert caution(cutover_of(plan(), forecast()), Caution.NO_VERDICT)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"abort_minute": None, "latest_rollback_start_min": interval(5, -3, 9)}, "no_abort"),
        ({"abort_minute": None}, "no_abort"),
        ({"abort_minute": 128}, "no_abort"),
        ({"fits_p": interval(0.99, 0.9499, 1)}, "may_not_fit"),
        ({"rollback_fits_p": interval(0.99, 0.9499, 1)}, "rollback_may_not_fit"),
    ],
)
def test_a_forecast_that_is_not_sure_is_no_go(changes: dict[str, Any], reason: str) -> None:
    """No abort minute, one that contradicts its own bound, or a lower bound that is too low."""
    told = cutover_of(plan(), forecast(**changes))
    assert (told.go, reasons(told)) == (False, [reason])
    assert (told.abort is None) == (reason == "no_abort")


@given(fits=st.tuples(SURE, SURE).map(sorted), back=st.tuples(SURE, SURE).map(sorted), least=st.floats(0.01, 1))
def test_the_lower_bounds_decide(fits: list[float], back: list[float], least: float) -> None:
    """Against whatever is asked, each by itself; an estimate convinces nobody."""
    foretold = forecast(fits_p=interval(fits[1], fits[0]), rollback_fits_p=interval(back[1], back[0]))
    told = cutover_of(plan(), foretold, least_fits_p=least, least_rollback_fits_p=least)
    assert ("may_not_fit" in reasons(told)) == (fits[0] < least)
    assert ("rollback_may_not_fit" in reasons(told)) == (back[0] < least)
    assert told.go == (fits[0] >= least and back[0] >= least)


def test_steps_that_do_not_end_in_the_window_are_no_go() -> None:
    """By their cautious bounds, whatever the probabilities say; 180 minutes to the second still fit."""
    rest = sum(cautious for _, phase, _, _, cautious in NIGHT if phase in (Phase.UPGRADE, Phase.VERIFICATION)) - 27
    fits = slow(StepKind.MIGRATE, 20, 180 - rest)
    assert "overruns" not in reasons(cutover_of(planned(fits), forecast(fits)))
    late = slow(StepKind.MIGRATE, 20, 180.1 - rest)
    told = cutover_of(planned(late), forecast(late))
    assert reasons(told) == ["overruns"]
    assert told.reasons[0].figures["ends_min"] == pytest.approx(180.1)


def test_checks_that_end_after_the_abort_time_are_no_go_where_that_is_expected() -> None:
    """Where only the cautious bounds say so, the abort time comes first, which is said."""
    expected = slow(StepKind.MIGRATE, 110, 115)
    assert reasons(cutover_of(planned(expected), forecast(expected))) == ["checked_too_late"]
    feared = slow(StepKind.MIGRATE, 20, 110)
    told = cutover_of(planned(feared), forecast(feared))
    assert told.go
    met = caution(told, Caution.CHECK_MEETS_ABORT)
    assert met is not None
    assert met.figures == {"check_min": pytest.approx(140), "abort_min": 127}
    assert caution(cutover_of(plan(), forecast()), Caution.CHECK_MEETS_ABORT) is None


def test_a_plan_without_a_point_of_no_return_is_no_go() -> None:
    """Nobody would know until when the old release is simply started again."""
    night = tuple((kind, phase, False, *rest) for kind, phase, _, *rest in NIGHT)
    told = cutover_of(planned(night), forecast())
    assert (reasons(told), told.no_return) == (["no_return_unknown"], None)


def test_a_night_without_a_date_is_no_go() -> None:
    """Nothing that a date decides was checked; the abort is told in minutes."""
    told = cutover_of(plan(date=""), forecast())
    assert reasons(told) == ["no_date"]
    assert told.abort is not None
    assert (told.abort.after_s, told.abort.at) == (127 * 60, None)
    assert {Caution.LPR_LIST_MADE, Caution.LPR_LIST_SENT}.isdisjoint(one.about for one in told.cautions)


def test_the_night_that_lacks_an_hour_is_no_go_and_has_no_abort_time() -> None:
    """The forecast is for a longer window than there is."""
    told = cutover_of(plan(date="2027-03-28"), forecast())
    assert (reasons(told), told.abort) == (["window_shorter"], None)
    assert told.reasons[0].figures == {"real_min": 120, "planned_min": 180}
    forward = caution(told, Caution.CLOCKS_FORWARD)
    assert forward is not None
    assert {name: f"{at:%H:%M %z}" for name, at in forward.clocks.items()} == {
        "until": "02:00 +0100",
        "again": "03:00 +0200",
    }


def test_the_night_that_has_an_hour_twice_is_told() -> None:
    """The forecast's end comes before the window's, and the clock is told on both sides of the change."""
    told = cutover_of(plan(date="2026-10-25"), forecast())
    assert told.go
    back, longer = caution(told, Caution.CLOCKS_BACK), caution(told, Caution.WINDOW_LONGER)
    assert back is not None
    assert longer is not None
    clocks = back.clocks | longer.clocks
    assert {name: f"{at:%H:%M %z}" for name, at in clocks.items()} == {
        "until": "03:00 +0200",
        "again": "02:00 +0100",
        "planned": "03:00 +0100",
        "end": "04:00 +0100",
    }


def test_a_window_that_is_shorter_than_planned_by_the_clock_is_no_go_without_a_date_too() -> None:
    """Three hours forecast, two hours between the times."""
    assert "window_shorter" in reasons(cutover_of(plan(date="", window_until="03:00"), forecast()))


@pytest.mark.parametrize(
    ("window", "about"), [(("02:30", "05:30"), Caution.BEGINS_TWICE), (("23:30", "02:30"), Caution.ENDS_TWICE)]
)
def test_an_edge_that_comes_twice_is_told(window: tuple[str, str], about: Caution) -> None:
    """And only on that night."""
    times = {"window_from": window[0], "window_until": window[1]}
    for night, twice in (("2026-10-24", about is Caution.ENDS_TWICE), ("2026-10-25", about is Caution.BEGINS_TWICE)):
        told = cutover_of(plan(date=night, **times), forecast())
        assert (caution(told, about) is not None) == twice


def test_batches_of_the_register_are_told_and_those_a_rollback_meets() -> None:
    """01:55 lies before the abort time, 03:15 and on in a rollback that lasts until then."""
    told = cutover_of(plan(), forecast())
    assert caution(told, Caution.LPR_LIST_MADE)
    assert caution(told, Caution.LPR_LIST_SENT)
    assert caution(told, Caution.LPR_IN_ROLLBACK) is None
    meets = cutover_of(plan(window_from="23:30", window_until="02:30"), forecast())
    met = caution(meets, Caution.LPR_IN_ROLLBACK)
    assert met is not None
    assert {name: f"{at:%H:%M}" for name, at in met.clocks.items()} == {"at": "01:55", "abort": "01:37"}
    assert (
        caution(cutover_of(plan(window_from="20:00", window_until="23:00"), forecast()), Caution.LPR_LIST_MADE) is None
    )


def test_what_the_backup_does_not_hold_is_told() -> None:
    """Taken before the stop it misses what is written meanwhile; restored, it takes what was written after."""
    assert caution(cutover_of(plan(), forecast()), Caution.BACKUP_BEFORE_STOP) is None
    order = {step[0]: step for step in NIGHT}
    early = (order[StepKind.BACKUP], *(step for step in NIGHT if step[0] is not StepKind.BACKUP))
    assert caution(cutover_of(planned(early), forecast(early)), Caution.BACKUP_BEFORE_STOP)
    assert caution(cutover_of(plan(), forecast()), Caution.RESTORE_LOSES)
    kept = tuple((StepKind.ROLL_BACK, *step[1:]) if step[0] is StepKind.RESTORE else step for step in NIGHT)
    assert caution(cutover_of(planned(kept), forecast(kept)), Caution.RESTORE_LOSES) is None


def test_a_rollback_that_ends_late_by_its_cautious_bounds_is_told() -> None:
    """They are more cautious one by one than the abort time, which counts them together."""
    slowly = slow(StepKind.RESTORE, 15, 60)
    tight = caution(cutover_of(planned(slowly), forecast(slowly)), Caution.ROLLBACK_TIGHT)
    assert tight is not None
    assert tight.figures["ends_min"] == pytest.approx(127 + 1 + 60 + 2 + 10)
    assert caution(cutover_of(plan(), forecast()), Caution.ROLLBACK_TIGHT) is None


def test_how_far_the_forecast_reaches_is_told() -> None:
    """Five times the largest rehearsal; nothing where production itself was rehearsed."""
    told = caution(cutover_of(plan(), forecast()), Caution.EXTRAPOLATED)
    assert told is not None
    assert told.figures == {"factor": 5}
    assert caution(cutover_of(plan(), forecast(largest_patients=500_000)), Caution.EXTRAPOLATED) is None


def test_every_reason_and_caution_can_come_up() -> None:
    """One that never does would be a promise that nobody keeps."""
    late, feared, slowly = (
        slow(StepKind.MIGRATE, 150, 250),
        slow(StepKind.MIGRATE, 20, 110),
        slow(StepKind.RESTORE, 9, 99),
    )
    order = {step[0]: step for step in NIGHT}
    early = (
        order[StepKind.BACKUP],
        *((*step[:2], False, *step[3:]) for step in NIGHT if step[0] is not StepKind.BACKUP),
    )
    unsure: dict[str, Any] = {"fits_p": interval(0.1), "rollback_fits_p": interval(0.1), "abort_minute": None}
    nights = [
        cutover_of(planned(late), forecast(late)),
        cutover_of(planned(feared), forecast(feared)),
        cutover_of(planned(slowly), forecast(slowly)),
        cutover_of(planned(early, date=""), forecast(early), verdict=Decision.REJECTED),
        cutover_of(plan(), forecast(**unsure)),
        *(cutover_of(plan(date=day), forecast()) for day in ("2026-10-25", "2027-03-28")),
        cutover_of(plan(date="2026-10-25", window_from="02:30", window_until="05:30"), forecast()),
        cutover_of(plan(date="2026-10-24", window_from="23:30", window_until="02:30"), forecast()),
    ]
    told = {remark.about for night in nights for remark in (*night.reasons, *night.cautions)}
    assert told == {*Reason, *Caution}
