"""Sets up the suites to be measured themselves: on builds with a fault, and by altered answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from epjgate.compose.job import Wish, make_job
from epjgate.compose.parts import make_environment, pytest_process
from epjgate.compose.telling import new_redaction_key
from epjgate.environments.catalogue import load_system, load_train
from epjgate.incidents.record import SUITE as INCIDENTS
from epjgate.model.redaction import Redactor
from epjgate.model.train import Train
from epjgate.settings import Settings
from epjgate.suite_runner.interface import SuiteRunner

if TYPE_CHECKING:
    from epjgate.incidents.trials import Trial
    from epjgate.proving import SetUp
    from epjgate.sensing.measuring import SetUp as Measurement


@dataclass(frozen=True)
class IncidentBench:
    """Sets up builds so that they meet the tests of past incidents, `times` attempts each; see epjgate.proving.Bench.

    `folder` takes one bundle for each build.
    """

    settings: Settings
    environment: str
    times: int
    folder: Path

    def folder_of(self, trial: Trial) -> Path:
        """See Bench."""
        fault = f"-{trial.red[0].incident.id}" if trial.alterations else ""
        return self.folder / f"{trial.system}-{trial.version}{fault}"

    def set_up(self, trial: Trial) -> SetUp:
        """See Bench."""
        from epjgate.proving import SetUp

        wish = Wish(
            system=trial.system,
            candidate=trial.version,
            environment=self.environment,
            suites=(INCIDENTS,),
            folder=self.folder_of(trial),
        )
        job = replace(make_job(self.settings, wish, Redactor(new_redaction_key())), alterations=trial.alterations)
        suites = replace(
            pytest_process(self.settings, job),
            only=tuple(record.folder for record in trial.records),
            options=(f"--epj-times={self.times}", "--continue-on-collection-errors"),
        )
        return SetUp(job, make_environment(self.settings, self.environment), suites)

    def train_of(self, system: str) -> Train | None:
        """See Bench."""
        systems = self.settings.path(self.settings.systems)
        return load_train(systems, load_system(systems, system))


def make_measurement(settings: Settings, wish: Wish, folder: Path) -> Measurement:
    """Return what measures the suites that `wish` names, all where it names none, below the new `folder`."""
    from epjgate.sensing.measuring import SetUp as Measurement

    wish = replace(wish, workers=1, folder=folder / "evidence")
    job = make_job(settings, wish, Redactor(new_redaction_key()))

    def session(order: Path) -> SuiteRunner:
        options = (f"--epj-sensing={order}",)
        return replace(pytest_process(settings, job), options=options, for_allure=False)

    environment = make_environment(settings, wish.environment)
    return Measurement(job, environment, session, settings.path(settings.suites), folder / "sessions")
