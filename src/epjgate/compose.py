"""The one place that picks implementations."""

from __future__ import annotations

import platform
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from epjgate import __version__
from epjgate.environments.catalogue import find_release, load_system
from epjgate.environments.interface import Environment, Order
from epjgate.errors import UsageError
from epjgate.evidence.digests import text_digest, tree_digest
from epjgate.evidence.journal import utc_now
from epjgate.evidence.layout import Layout
from epjgate.judging import demands_digest
from epjgate.model.manifest import Manifest
from epjgate.model.parsing import parse_toml
from epjgate.model.redaction import Redactor
from epjgate.observing import Job
from epjgate.policy.document import Floors, Policy
from epjgate.reports.interface import Publisher
from epjgate.settings import Settings
from epjgate.suite_runner.catalogue import choose_suites
from epjgate.suite_runner.interface import SuiteRunner

if TYPE_CHECKING:
    from rich.console import Console

    from epjgate.reports.words import Language

ENVIRONMENTS = ("process", "container", "remote")


@dataclass(frozen=True)
class Wish:
    """What somebody asked for, as it was said; empty or None where it was left to the gate."""

    system: str
    candidate: str
    baseline: str = ""
    environment: str = "process"
    suites: tuple[str, ...] = ()
    workers: int = 1
    seed: int | None = None
    folder: Path | None = None


def make_job(settings: Settings, wish: Wish, redactor: Redactor, clock: Callable[[], datetime] = utc_now) -> Job:
    """Look up everything that `wish` names and return the job; raises UsageError for what does not exist.

    Policy and floors are read and checked here, so that no candidate is started for a verdict that cannot be reached.
    """
    if wish.environment not in ENVIRONMENTS:
        raise UsageError(
            f"there is no environment {wish.environment!r}", f"known: {', '.join(ENVIRONMENTS)}", "name one of them"
        )
    system = load_system(settings.path(settings.systems), wish.system)
    release = find_release(system, wish.candidate)
    if wish.baseline:
        find_release(system, wish.baseline)
    suites = choose_suites(settings.path(settings.suites), wish.suites)
    policy, floors = _checked(settings.path(settings.policy), Policy), _checked(settings.path(settings.floors), Floors)
    started = clock()
    run_id = f"{started:%Y%m%dT%H%M%S}-{system.name}-{wish.candidate}-{secrets.token_hex(3)}"
    folder = (wish.folder or settings.path(settings.runs) / run_id).absolute()
    manifest = Manifest(
        run_id=run_id,
        epjgate_version=__version__,
        system=system.name,
        candidate=wish.candidate,
        baseline=wish.baseline,
        environment=wish.environment,
        suites=tuple(suite.plan() for suite in suites),
        suite_revision=tree_digest(*map(settings.path, (settings.suites, settings.fixtures, settings.contracts))),
        policy_digest=demands_digest(policy, floors),
        seed=secrets.randbits(32) if wish.seed is None else wish.seed,
        workers=wish.workers,
        started_at=started,
        host=text_digest(platform.node())[7:19],
        python=platform.python_version(),
    )
    order = Order(
        run_id=run_id,
        system=system,
        version=wish.candidate,
        release=release,
        logs=Layout(folder).logs,
        redactor=redactor,
    )
    return Job(manifest=manifest, order=order, suites=suites, folder=folder, policy=policy, floors=floors)


def make_environment(settings: Settings, name: str) -> Environment:
    """Return the environment called `name`; only the one asked for is imported."""
    match name:
        case "process":
            from epjgate.environments.process import ProcessEnvironment

            return ProcessEnvironment(settings.cache, settings.state, settings.path(settings.systems))
        case "container":
            from epjgate.environments.container import ContainerEnvironment

            return ContainerEnvironment()
        case _:
            from epjgate.environments.remote import RemoteEnvironment

            return RemoteEnvironment()


def make_suite_runner(settings: Settings, job: Job) -> SuiteRunner:
    """Return what runs the suites of `job`; its process is in the ledger, to be found should the gate be killed."""
    from epjgate.environments.ledger import Ledger
    from epjgate.suite_runner.pytest_process import PytestProcess

    return PytestProcess(
        folder=settings.path(settings.suites),
        cache=settings.cache,
        open_book=lambda: Ledger(settings.state, job.manifest.run_id),
        workers=job.manifest.workers,
    )


def suites_at(settings: Settings, paths: Sequence[Path]) -> tuple[str, ...]:
    """Return the names of the suites that lie at, below or around `paths`."""
    return tuple(
        suite.name
        for suite in choose_suites(settings.path(settings.suites), ())
        if any(suite.folder in (path, *path.parents) or path in suite.folder.parents for path in paths)
    )


def _checked(file: Path, document: type[Policy | Floors]) -> str:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise UsageError(f"{file} cannot be read", f"{err}", "check [tool.epjgate] in pyproject.toml") from err
    parse_toml(text, str(file), document)
    return text


def make_publishers(language: str, console: Console) -> tuple[Publisher, ...]:
    """Return every publisher, the console last; raises UsageError for a language that there are no words for."""
    from epjgate.reports.allure import AllurePublisher
    from epjgate.reports.html import HtmlPublisher
    from epjgate.reports.json_file import JsonPublisher
    from epjgate.reports.junit import JUnitPublisher
    from epjgate.reports.markdown import MarkdownPublisher

    known = _language(language)
    return (
        JsonPublisher(),
        JUnitPublisher(),
        MarkdownPublisher(language=known),
        HtmlPublisher(language=known),
        AllurePublisher(Redactor(new_redaction_key()).text),
        make_console_publisher(known, console),
    )


def make_console_publisher(language: str, console: Console) -> Publisher:
    """Return the publisher that tells the verdict on `console`."""
    from epjgate.reports.console import ConsolePublisher

    return ConsolePublisher(console, language=_language(language))


def new_redaction_key() -> bytes:
    """Return a key for one run's redaction; it is never written down."""
    return secrets.token_bytes(16)


def _language(name: str) -> Language:
    languages: dict[str, Language] = {"en": "en", "da": "da"}
    if name in languages:
        return languages[name]
    raise UsageError(f"there is no language {name!r}", "reports speak en and da", "give --language en or da")


class Silent:
    """An audience that says and hears nothing."""

    def step(self, text: str) -> None:
        """Ignore a step."""

    def tests(self, *, done: int, total: int, not_passed: int) -> None:
        """Ignore the progress."""

    def hold(self) -> str:
        """No signal is caught here, so none was held back."""
        return ""
