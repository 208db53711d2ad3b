"""`pytest suites/` by itself: starts the candidate that the settings name, and leaves a bundle behind."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from epjgate import compose
from epjgate.environments.interface import Environment
from epjgate.errors import UsageError
from epjgate.evidence.bundle import write_whole
from epjgate.model.redaction import Redactor
from epjgate.observing import Job, observe
from epjgate.plugin.recording import redaction_key
from epjgate.settings import load_settings


@dataclass
class OwnRun:
    """A candidate that this pytest session started itself, and the folder of its bundle."""

    folder: Path
    standing: ExitStack

    def finish(self) -> None:
        """Stop the candidate and seal the bundle."""
        self.standing.close()

    def last_words(self) -> str:
        """Return where the evidence is and how to have it judged."""
        return f"evidence, not judged: {self.folder} (epjgate judge {self.folder})"


def start(config: pytest.Config) -> OwnRun:
    """Start the candidate that options and settings name, and name it in the options as the target.

    Raises UsageError for a system or release that does not exist, EnvironmentDown when it cannot be started.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)  # pytest comes to its end, and stops the candidate
    settings = load_settings(config.rootpath)
    job = compose.make_job(settings, _wish(config), Redactor(redaction_key()))
    return _start(config, job, compose.make_environment(settings, job.manifest.environment))


def _start(config: pytest.Config, job: Job, environment: Environment) -> OwnRun:
    with ExitStack() as standing:
        seen = standing.enter_context(observe(job, environment, compose.Silent()))
        write_whole(seen.layout.target, seen.target.model_dump_json())
        config.option.epj_target = str(seen.layout.target)
        config.option.epj_bundle = str(job.folder)
        return OwnRun(job.folder, standing.pop_all())


def _wish(config: pytest.Config) -> compose.Wish:
    settings = load_settings(config.rootpath)
    system = config.getoption("epj_system") or settings.system
    candidate = config.getoption("epj_release") or settings.candidate
    if not system or not candidate:
        raise UsageError(
            "there is nothing to run the suites against",
            "neither options nor settings name a system and a release",
            "give --epj-system and --epj-release, or set system and candidate in [tool.epjgate]",
        )
    bundle = config.getoption("epj_bundle")
    places = [Path(argument.partition("::")[0]).resolve() for argument in config.args]
    return compose.Wish(
        system=system,
        candidate=candidate,
        environment=config.getoption("epj_environment"),
        suites=compose.suites_at(settings, places),
        workers=int(config.getoption("numprocesses", None) or 1),
        folder=Path(bundle) if bundle else None,
    )
