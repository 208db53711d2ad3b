"""Times and figures of a runbook, in both languages."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.cutover.window import told_locally
from epjgate.model.cutover import Caution, Moment, Reason, Remark
from epjgate.model.rehearsal import StepKind
from epjgate.reports.runbook_words import RunbookWords

BEGIN = told_locally(datetime(2026, 10, 24, 23, 0, tzinfo=UTC))  # Sunday 25 October, 01:00 summer time
ENGLISH, DANISH = RunbookWords("en", BEGIN), RunbookWords("da", BEGIN)


def figures(text: str) -> list[str]:
    """Return the figures in `text` as both languages would write them alike."""
    return re.findall(r"\d+", text)


def test_a_text_that_does_not_exist_is_an_error() -> None:
    """Never an empty place on paper."""
    with pytest.raises(KeyError):
        ENGLISH["nothing"]


def test_a_time_names_its_zone_and_a_day_that_is_not_the_first() -> None:
    """02:30 is told apart from 02:30; after midnight the weekday stands before it, after a week the date."""
    hours = {
        hour: ENGLISH.clock(told_locally(BEGIN + timedelta(hours=hour))) for hour in (0, 1.5, 2.5, 23.5, 25, 24 * 8)
    }
    assert hours == {
        0: "01:00 CEST",
        1.5: "02:30 CEST",
        2.5: "02:30 CET",
        23.5: "23:30 CET",
        25: "Mon 01:00 CET",
        24 * 8: "2026-11-02 00:00 CET",
    }
    assert DANISH.clock(told_locally(BEGIN + timedelta(hours=25))) == "man 01:00 CET"
    assert ENGLISH.clock(BEGIN.astimezone(timezone(timedelta(hours=3)))) == "02:00 UTC+0300"


def test_times_are_rounded_down_and_durations_up() -> None:
    """A time is a deadline, a duration a need: neither is told more kindly than it is."""
    assert ENGLISH.moment(Moment(after_s=119.9, at=BEGIN + timedelta(seconds=119.9))) == "01:01 CEST"
    assert ENGLISH.moment(Moment(after_s=119.9)) == "+1 min"
    assert ENGLISH.moment(Moment(after_s=5400)) == "+1 h 30 min"
    assert DANISH.moment(Moment(after_s=7200)) == "+2 t"
    told = [ENGLISH.duration(seconds) for seconds in (0, 0.2, 59.5, 90, 599.1, 601, 3600, 7260)]
    assert told == ["0 s", "1 s", "1 min", "1 min 30 s", "10 min", "11 min", "1 h", "2 h 1 min"]


def test_a_probability_never_looks_surer_than_it_is() -> None:
    """Rounded down to a tenth of a percent."""
    assert [ENGLISH.probability(share) for share in (0, 0.9499, 0.95, 0.9999, 1)] == [
        *("0.0 %", "94.9 %", "95.0 %", "99.9 %", "100.0 %")
    ]
    assert DANISH.probability(0.973) == "97,3 %"


def test_a_day_is_told_in_words() -> None:
    """With its weekday, by which a wrong date is seen at once."""
    assert (ENGLISH.date(BEGIN), DANISH.date(BEGIN)) == ("Sunday 25 October 2026", "søndag den 25. oktober 2026")


def test_numbers_and_nouns_follow_the_language() -> None:
    """1 patient, 500,000 patients; 500.000 in Danish."""
    assert [ENGLISH.count(number, "patient") for number in (1, 500_000)] == ["1 patient", "500,000 patients"]
    assert DANISH.count(500_000, "patient") == "500.000 patienter"


def test_a_step_has_a_name_and_something_to_look_at() -> None:
    """In the language asked for."""
    assert (ENGLISH.step(StepKind.OPEN), DANISH.step(StepKind.OPEN)) == ("let users in", "luk brugerne ind")
    assert ENGLISH.look(StepKind.BACKUP) != DANISH.look(StepKind.BACKUP)


def test_a_remark_tells_the_clock_or_how_long_after_the_start() -> None:
    """The same sentence with and without a date."""
    minutes = {"check_min": 140.0, "abort_min": 127.0}
    clocks = {
        "check": told_locally(BEGIN + timedelta(minutes=140)),
        "abort": told_locally(BEGIN + timedelta(minutes=127)),
    }
    dated = ENGLISH.remark(Remark(about=Reason.CHECKED_TOO_LATE, figures=minutes, clocks=clocks))
    assert "end at 02:20 CET, after the abort time 02:07 CET" in dated
    undated = ENGLISH.remark(Remark(about=Reason.CHECKED_TOO_LATE, figures=minutes))
    assert "end at +2 h 20 min, after the abort time +2 h 7 min" in undated


@given(seconds=st.floats(0, 1e6), share=st.floats(0, 1), factor=st.floats(1, 10))
def test_both_languages_tell_the_same_figures(seconds: float, share: float, factor: float) -> None:
    """Durations, times, probabilities and factors, with a comma or a point."""
    moments = Moment(after_s=seconds), Moment(after_s=seconds, at=told_locally(BEGIN + timedelta(seconds=seconds)))
    remarks = (
        Remark(about=Reason.MAY_NOT_FIT, figures={"low_p": share, "least_p": share}),
        Remark(about=Caution.EXTRAPOLATED, figures={"factor": factor}),
        Remark(about=Reason.WINDOW_SHORTER, figures={"real_min": seconds / 60, "planned_min": 180}),
    )
    for english, danish in (
        *((ENGLISH.moment(one), DANISH.moment(one)) for one in moments),
        *((ENGLISH.remark(one), DANISH.remark(one)) for one in remarks),
        (ENGLISH.duration(seconds), DANISH.duration(seconds)),
    ):
        assert figures(english) == figures(danish)
        assert figures(english)


@given(st.lists(st.floats(0, 1e5), min_size=2, max_size=2).map(sorted))
def test_no_duration_is_told_shorter_and_no_time_later_than_it_is(seconds: list[float]) -> None:
    """The longer of two is never told as the shorter."""

    def told_s(text: str) -> int:
        units = {"h": 3600, "min": 60, "s": 1}
        return sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+) (h|min|s)", text))

    short, long = (told_s(ENGLISH.duration(one)) for one in seconds)
    assert seconds[0] - 0.01 <= short <= long
    early, late = (told_s(ENGLISH.moment(Moment(after_s=one))) for one in seconds)
    assert early <= late <= seconds[1] + 0.01
