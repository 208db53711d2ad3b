"""Values of the go/no-go clock, as reports read them."""

from __future__ import annotations

from datetime import datetime

import pytest
from pydantic import ValidationError
from tests.cutover.nights import forecast, plan

from epjgate.cutover.clock import cutover_of
from epjgate.model.cutover import Cutover, Moment, Reason, Remark
from epjgate.model.rehearsal import StepKind


def test_a_cutover_survives_being_written_and_read() -> None:
    """As JSON, without loss, on the night in which an hour comes twice as well."""
    told = cutover_of(plan(date="2026-10-25"), forecast())
    again = Cutover.model_validate_json(told.model_dump_json())
    assert again == told
    assert again.model_dump_json() == told.model_dump_json()


def test_a_single_reason_is_enough_for_no_go() -> None:
    """Go means that nothing at all speaks against it."""
    told = cutover_of(plan(), forecast())
    assert told.go
    assert not told.model_copy(update={"reasons": (Remark(about=Reason.NO_DATE),)}).go


def test_a_time_without_its_offset_is_none() -> None:
    """02:30 alone may come twice in a night."""
    with pytest.raises(ValidationError, match="offset"):
        Moment(after_s=0, at=datetime(2026, 10, 25, 2, 30))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize("after_s", [-1.0, float("nan"), float("inf")])
def test_no_time_lies_before_the_start_or_nowhere(after_s: float) -> None:
    """Times count from the start, onwards."""
    with pytest.raises(ValidationError):
        Moment(after_s=after_s)


def test_the_meeting_decides_after_the_last_check() -> None:
    """That is where users have not been let in yet."""
    assert cutover_of(plan(), forecast()).checked.kind is StepKind.VERIFY
