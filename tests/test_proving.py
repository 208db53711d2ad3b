"""Proving incidents: each build once, what was kept, and what is left behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from tests.incident_fixtures import FINGERPRINT, FOLDER, IncidentProject

from epjgate.compose import IncidentBench
from epjgate.errors import Interruption, UsageError
from epjgate.incidents.conclusion import Result, State
from epjgate.incidents.record import read_records
from epjgate.incidents.trials import Trial
from epjgate.model.train import Train
from epjgate.proving import SetUp, prove
from epjgate.settings import Settings, load_settings

SECOND = "INC-0002_recreated"
RECIPE = """
schema_version = "epjgate/fault/1"
about = "The desk of another house said yes to a door that is not there."
[[alteration]]
match = { path = "nowhere" }
action = "status"
status = 200
"""
ALTERED = """
import pytest
from epjgate.drivers.http import RecordedSession

@pytest.fixture
def desk(target, recorder):
    with RecordedSession(target.url("http"), recorder, alterations=target.alterations) as session:
        yield session
"""


class Heard:
    """Whoever is told how far it has come."""

    def __init__(self, then: Callable[[str], None] = lambda _text: None) -> None:
        self.steps: list[str] = []
        self._then = then

    def step(self, text: str) -> None:
        """Keep what was said, and react to it."""
        self.steps.append(text)
        self._then(text)


@pytest.fixture
def settings(incidents: IncidentProject, cache: Path) -> Settings:
    """The settings of the tiny project, with two incidents: the second's fault is no build's and has a recipe."""
    incidents.record(fingerprint=f'"{FINGERPRINT}"')
    second = {"id": '"INC-0002"', "known_bad": '"1.0"', "fault": '"fault.toml"'}
    incidents.record(folder=SECOND, **second)
    incidents.test(folder=SECOND)
    incidents.project.write(f"suites/incidents/{SECOND}/fault.toml", RECIPE)
    incidents.project.write("suites/conftest.py", ALTERED)
    made = load_settings(incidents.project.root)
    return made.model_copy(update={"cache": cache, "state": incidents.project.root / "state"})


def bench(settings: Settings, folder: str = "proofs") -> IncidentBench:
    """Return the bench on which processes are proven."""
    return IncidentBench(settings, "process", 3, settings.root / folder)


def test_each_build_is_started_once_and_a_recipe_makes_its_own(settings: Settings) -> None:
    """Three trials for two incidents; the recipe's is red without a faulty build; nothing kept is left behind."""
    heard, kept = Heard(), []

    def keep(result: Result) -> Result:
        kept.append(result.record.incident.id)
        return result

    first, second = prove(read_records(settings.path(settings.suites)), bench(settings), heard, keep, at_once=2)
    assert [step for step in heard.steps if step.startswith("starting tiny")] != []
    assert sum(step.startswith("starting tiny") for step in heard.steps) == 3
    assert "seen tiny 1.0 with the fault of INC-0002 re-created (" in "\n".join(heard.steps)
    assert "(3 of 3 builds)" in heard.steps[-1]
    assert sorted(kept) == ["INC-0001", "INC-0002"]
    assert (first.state, first.reasons) == (State.PROVEN, ())
    assert (second.state, second.unrecorded) == (State.REFUSED, True)
    assert second.message == "the desk says yes to a door that it does not have"
    left = {folder.name for folder in (settings.root / "proofs").iterdir()}
    assert left == {"tiny-1.0", "tiny-1.0-INC-0002"}  # where something was not as it should be


def test_an_interruption_lets_no_further_build_start(settings: Settings) -> None:
    """What had been started is stopped before the interruption goes on."""
    asked = Event()

    def interrupt(text: str) -> None:
        if text.startswith("seen"):
            asked.set()
            raise Interruption("SIGINT")

    heard = Heard(interrupt)
    with pytest.raises(Interruption):
        prove(read_records(settings.path(settings.suites)), bench(settings), heard, lambda result: result, at_once=1)
    assert asked.is_set()
    assert sum(step.startswith("seen") for step in heard.steps) == 1
    assert sum(step.startswith("starting tiny") for step in heard.steps) <= 2


class Refusing:
    """A bench on which nothing can be set up."""

    times = 3

    def folder_of(self, trial: Trial) -> Path:
        """Return a folder that is never made."""
        return Path("nowhere") / trial.version

    def set_up(self, trial: Trial) -> SetUp:
        """Refuse."""
        raise UsageError(f"there is no {trial.version}", "it was never built", "build it")

    def train_of(self, system: str) -> Train | None:  # noqa: ARG002 - the port's
        """Return no train."""
        return None


def test_a_build_that_cannot_be_set_up_is_told_and_the_others_go_on(settings: Settings) -> None:
    """Trouble of the harness, for every incident, and no proof."""
    records = read_records(settings.path(settings.suites))
    results = prove(records, Refusing(), Heard(), lambda result: result, at_once=2)
    assert [result.state for result in results] == [State.HARNESS, State.HARNESS]
    assert "on tiny 0.9: there is no 0.9: it was never built" in results[0].reasons
    assert records[0].folder.name == FOLDER


class Unknown(Refusing):
    """A bench that does not even know the system."""

    def train_of(self, system: str) -> Train | None:
        """Refuse."""
        raise UsageError(f"there is no system {system}", "it was never described", "describe it")


def test_a_system_that_does_not_exist_takes_no_other_proof_away(settings: Settings) -> None:
    """It is told of each incident that names it; no train is asked for where no build was seen."""
    records = read_records(settings.path(settings.suites))
    results = prove(records, Unknown(), Heard(), lambda result: result, at_once=2)
    assert [result.state for result in results] == [State.HARNESS, State.HARNESS]
