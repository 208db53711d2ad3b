"""Releases are started for their surface once, and stopped by whoever asked."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from tests.engine_fixtures import Heard
from tests.environments.receivers import Receivers
from tests.surfaces.conftest import Tiny

from epjgate.environments.interface import EnvironmentDown, Order
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.identity import DigestKind
from epjgate.surfaces.shelf import Shelf
from epjgate.surfaces.survey import Survey

DOWN = EnvironmentDown(
    "tiny 0.9 could not be started",
    "no memory",
    "buy some",
    stage=EnvironmentStage.START,
    root=EnvironmentCause.CRASHED,
)


def test_a_release_stands_until_it_is_stopped(tiny: Tiny, order: Order) -> None:
    """Whoever asked decides when, so that no signal can come in between."""
    with ExitStack() as until_stopped:
        taken = Survey(tiny).surface(order, Heard(), until_stopped)
        assert tiny.standing == 1
    assert tiny.standing == 0
    assert (taken.surface.version, set(taken.surface.absent)) == (
        "0.9",
        {"capability_statement", "openapi", "hl7v2", "messages"},
    )


def test_what_is_known_from_before_is_not_started(tiny: Tiny, order: Order, tmp_path: Path) -> None:
    """The second time, the surface comes from the shelf, and that is said."""
    survey, heard = Survey(tiny, Shelf(tmp_path)), Heard()
    with ExitStack() as until_stopped:
        first = survey.surface(order, heard, until_stopped)
        assert survey.surface(order, heard, until_stopped) == first
    assert tiny.starts == 1
    assert heard.steps[-1] == "the surface of tiny 0.9 is known from before"


def test_other_bits_are_started(tiny: Tiny, order: Order, tmp_path: Path) -> None:
    """A release that was built anew under the same version is another one."""
    survey = Survey(tiny, Shelf(tmp_path))
    with ExitStack() as until_stopped:
        survey.surface(order, Heard(), until_stopped)
        tiny.digest = f"sha256:{'c' * 64}"
        survey.surface(order, Heard(), until_stopped)
        tiny.kind = DigestKind.DECLARED
        survey.surface(order, Heard(), until_stopped)
        survey.surface(order, Heard(), until_stopped)
    assert tiny.starts == 4


def test_a_part_that_failed_is_asked_again(order: Order, tmp_path: Path) -> None:
    """What could not be had once is no property of the release."""
    tiny = Tiny(schema="not yet")
    survey = Survey(tiny, Shelf(tmp_path))
    with ExitStack() as until_stopped:
        assert "database" in survey.surface(order, Heard(), until_stopped).surface.absent
        tiny.schema = Tiny().schema
        assert "database" not in survey.surface(order, Heard(), until_stopped).surface.absent


def test_receivers_are_closed_after_the_release(tiny: Tiny, order: Order) -> None:
    """What it still sends while it is stopped finds them."""
    receivers = Receivers()
    tiny.seen_when_stopped = lambda: receivers.closed
    with ExitStack() as until_stopped:
        Survey(tiny).surface(replace(order, partners=receivers), Heard(), until_stopped)
    assert (tiny.seen, receivers.closed) == ([0], 1)


def test_a_release_that_cannot_be_had_is_an_error(order: Order) -> None:
    """Nothing is kept of it, and its receivers are closed."""
    tiny, receivers = Tiny(fails=DOWN), Receivers()
    with ExitStack() as until_stopped, pytest.raises(EnvironmentDown):
        Survey(tiny).surface(replace(order, partners=receivers), Heard(), until_stopped)
    assert (tiny.standing, receivers.closed) == (0, 1)
