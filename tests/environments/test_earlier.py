"""The release before the candidate, on its database: what it says of the candidate, and what of its surroundings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import pytest
from tests.environments.test_process import Heard

from epjgate.environments.earlier import earlier_beside, earlier_release_of
from epjgate.environments.interface import EnvironmentDown, Listener, Order, Running
from epjgate.errors import UsageError
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.redaction import Redactor
from epjgate.model.system import System

SYSTEM = System.model_validate(
    {
        "schema_version": "epjgate/system/1",
        "name": "tiny",
        "title": "Tiny",
        "services": {"desk": {"ready": {"path": "/"}}, "lab": {"ready": {"path": "/"}}},
        "interfaces": {"http": {"service": "desk", "path": "/api"}, "hl7v2": {"service": "lab"}},
        "earlier_release": {"service": "desk"},
        "releases": {"0.9": {}},
    }
)


def down(root: EnvironmentCause, stage: EnvironmentStage = EnvironmentStage.START) -> EnvironmentDown:
    return EnvironmentDown("desk is gone", "last line: 170590-9998", "look", stage=stage, root=root, service="desk")


@dataclass
class Candidate:
    """A candidate beside which the earlier release fails where it is told to, and else stands at a URL."""

    fails: EnvironmentDown | None = None
    dies: EnvironmentDown | None = None
    standing: bool = False
    urls: Mapping[str, str] = field(default_factory=lambda: {"desk": "http://127.0.0.1:1"})
    ports: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    identities: Sequence[object] = ()

    @contextmanager
    def start_earlier(self, order: Order, listener: Listener) -> Iterator[Candidate]:
        """Stand while the context lasts."""
        listener.step(f"really starting {order.version}")
        if self.fails is not None:
            raise self.fails
        self.standing = True
        yield self
        self.standing = False

    def raise_if_down(self) -> None:
        """Stand, or not."""
        if self.dies is not None:
            raise self.dies


@pytest.fixture
def order(tmp_path: Path) -> Order:
    """The earlier release of the tiny system."""
    return Order("run-earlier", SYSTEM, "0.9", SYSTEM.releases["0.9"], tmp_path / "earlier", Redactor(b"key"))


def running(candidate: Candidate) -> Running:
    return cast("Running", candidate)


def test_it_is_told_where_it_stands(order: Order, heard: Heard) -> None:
    """Only what its own service speaks can be asked of it; it stands while the context lasts."""
    candidate = Candidate()
    with earlier_beside(running(candidate), order, heard) as beside:
        assert candidate.standing
        assert (beside.told.release, beside.told.fault) == ("0.9", "")
        assert {one.interface: one.url for one in beside.told.endpoints} == {"http": "http://127.0.0.1:1/api"}
        assert beside.told.log == str(order.logs / "desk.log")
        beside.raise_if_taken()
    assert not candidate.standing


@pytest.mark.parametrize("root", [EnvironmentCause.CRASHED, EnvironmentCause.UNREACHABLE])
def test_what_does_not_come_up_by_itself_speaks_of_the_database(
    order: Order, heard: Heard, root: EnvironmentCause
) -> None:
    """The suites run all the same, and are told why: the last log lines, without a CPR number."""
    with earlier_beside(running(Candidate(fails=down(root))), order, heard) as beside:
        assert beside.running is None
        assert beside.told.endpoints == ()
        assert beside.identities == ()
        assert beside.told.fault.startswith("desk is gone\nlast line: ")
        assert "170590" not in beside.told.fault
        beside.raise_if_taken()


@pytest.mark.parametrize(
    ("root", "stage"),
    [
        (EnvironmentCause.KILLED, EnvironmentStage.START),
        (EnvironmentCause.ENGINE, EnvironmentStage.START),
        (EnvironmentCause.SET_UP, EnvironmentStage.START),
        (EnvironmentCause.SET_UP, EnvironmentStage.PREPARE),
        (EnvironmentCause.CRASHED, EnvironmentStage.PREPARE),
    ],
)
def test_surroundings_that_fail_are_no_fault_of_the_candidate(
    order: Order, heard: Heard, root: EnvironmentCause, stage: EnvironmentStage
) -> None:
    """Killed from outside, refused by the engine, not to be had: nothing is said of the database."""
    failed = down(root, stage)
    with pytest.raises(EnvironmentDown) as raised, earlier_beside(running(Candidate(fails=failed)), order, heard):
        pass
    assert raised.value is failed


def test_what_could_not_be_cleared_away_is_not_hidden(order: Order, heard: Heard) -> None:
    """A release that did not come up and left something behind is trouble with the surroundings as well."""
    failed = down(EnvironmentCause.CRASHED)
    failed.add_note("cleaning up found process 1")
    with pytest.raises(EnvironmentDown), earlier_beside(running(Candidate(fails=failed)), order, heard):
        pass


@pytest.mark.parametrize(
    ("root", "taken"),
    [
        (EnvironmentCause.CRASHED, False),
        (EnvironmentCause.UNREACHABLE, False),
        (EnvironmentCause.KILLED, True),
        (EnvironmentCause.ENGINE, True),
    ],
)
def test_an_end_while_it_is_tested_counts_against_whoever_made_it(
    order: Order, heard: Heard, root: EnvironmentCause, *, taken: bool
) -> None:
    """What ends by itself is found gone by the tests; what was taken away ends the run."""
    candidate = Candidate(dies=down(root, EnvironmentStage.RUN))
    with earlier_beside(running(candidate), order, heard) as beside:
        if not taken:
            beside.raise_if_taken()
            return
        with pytest.raises(EnvironmentDown):
            beside.raise_if_taken()


def test_a_system_that_does_not_say_how_has_none(order: Order) -> None:
    """It is a mistake to ask for it, and the error says what to add."""
    silent = SYSTEM.model_copy(update={"earlier_release": None})
    with pytest.raises(UsageError, match="earlier_release"):
        earlier_release_of(replace(order, system=silent))
