"""The command that shows a finding of an exploration again: on the release that it was found in, or on any server."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer
from pydantic import ValidationError
from rich.console import Console

from epjgate import compose
from epjgate.cli.audience import Terminal
from epjgate.cli.exit_codes import ExitCode
from epjgate.drivers.http import RecordedSession
from epjgate.drivers.openapi import origin_of
from epjgate.drivers.openapi_findings import Finding, Step, read_exploration
from epjgate.drivers.openapi_replay import ALL_RIGHTS, Replayed, replay
from epjgate.environments.catalogue import find_release, load_system
from epjgate.environments.interface import Order
from epjgate.environments.reach import target_of
from epjgate.errors import EvidenceUnreadable, UsageError
from epjgate.evidence.layout import Layout
from epjgate.evidence.recorder import Recorder
from epjgate.model.manifest import Manifest
from epjgate.model.redaction import Redactor
from epjgate.reports.legible import one_line
from epjgate.settings import load_settings

_SHOWN_CHARACTERS = 600


@dataclass(frozen=True)
class _Server:
    """Where to ask, and by which token."""

    origin: str
    token: str | None


def replay_finding(place: str, url: str) -> int:
    """Send the steps of the finding `place` (FILE#n) again and print what is answered now.

    Without `url` the release that the bundle is about is started for it. 10: the answer is the same; 0: it is not.
    """
    file, finding = _find(place)
    redactor = Redactor(compose.new_redaction_key())
    with _given(file, url) if url else _started(_manifest(file), redactor) as server:
        recorder = Recorder(redactor)
        with RecordedSession(server.origin, recorder) as session:
            replayed = replay(finding, session, server.token)
    _print(replayed, redactor)
    return ExitCode.REJECTED if replayed.is_the_same else ExitCode.APPROVED


def _find(place: str) -> tuple[Path, Finding]:
    name, _, number = place.rpartition("#")
    if not name or not number.isdigit():
        raise UsageError(f"{place!r} names no finding", "it is no FILE#n", "write it as the suite's finding does")
    file = Path(name)
    findings = read_exploration(file).findings
    if not 1 <= int(number) <= len(findings):
        known = f"the file holds {len(findings)} findings"
        raise UsageError(f"there is no finding {number} in {file}", known, "name one of them, from 1")
    return file, findings[int(number) - 1]


def _manifest(file: Path) -> Manifest:
    """Return what the run was about whose exploration lies in `file`."""
    layout = Layout(file.absolute().parent.parent)
    try:
        return Manifest.model_validate_json(layout.manifest.read_bytes())
    except (OSError, ValidationError) as err:
        raise EvidenceUnreadable(
            f"{file} lies in no bundle that can be read", f"{err}".partition("\n")[0], "name a server by --url"
        ) from err


@contextmanager
def _given(file: Path, url: str) -> Iterator[_Server]:
    try:
        manifest = _manifest(file)
    except EvidenceUnreadable:
        yield _Server(origin_of(url), None)
        return
    settings = load_settings(Path.cwd())
    users = load_system(settings.path(settings.systems), manifest.system).users
    yield _Server(origin_of(url), users.get(ALL_RIGHTS))


@contextmanager
def _started(manifest: Manifest, redactor: Redactor) -> Iterator[_Server]:
    settings = load_settings(Path.cwd())
    environment = compose.make_environment(settings, manifest.environment)
    system = load_system(settings.path(settings.systems), manifest.system)
    with tempfile.TemporaryDirectory(prefix="epjgate-replay-") as logs, Terminal(Console(stderr=True)) as terminal:
        partners = compose.make_partners(system, manifest.environment, redactor)
        order = Order(
            run_id=f"replay-{manifest.system}-{manifest.candidate}-{secrets.token_hex(3)}",
            system=system,
            version=manifest.candidate,
            release=find_release(system, manifest.candidate),
            logs=Path(logs),
            redactor=redactor,
            partners=partners,
        )
        try:
            terminal.step(f"starting {manifest.system} {manifest.candidate} ({manifest.environment})")
            with environment.start(order, terminal) as running:
                target = target_of(order, manifest.environment, running)
                yield _Server(origin_of(target.url("openapi") or ""), target.users.get(ALL_RIGHTS))
                terminal.hold()
        finally:
            if partners is not None:
                partners.close()


def _print(replayed: Replayed, redactor: Redactor) -> None:
    finding = replayed.finding
    typer.echo(f"{finding.operation}: {finding.title}")
    for then, now in replayed.steps:
        typer.echo(f"  {now.method} {redactor.text(now.path)}")
        typer.echo(f"    then: {_answer(then, redactor)}")
        typer.echo(f"    now:  {_answer(now, redactor)}")
    verdict = "the candidate answers the same" if replayed.is_the_same else "the candidate answers otherwise now"
    typer.echo(verdict)


def _answer(step: Step, redactor: Redactor) -> str:
    said = one_line(redactor.text(step.answer), _SHOWN_CHARACTERS)
    return f"{step.status} {step.content_type} {said}".rstrip()
