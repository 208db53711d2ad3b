"""Lets every build of a release train meet the test of every incident, and keeps what was seen in a matrix.

    python ci/matrix.py [BUILD...] [--stale | --sample N --seed S] [--check] [-n BUILDS]
    python ci/matrix.py BUILD --repeat 20

Exit code 0: every build that was started showed what the train says of it (with --check: what the matrix says).
10: at least one did not. 4 and 5: environment or harness kept at least one from being seen. 130: interrupted; what was
seen by then is kept, and `--stale` goes on from there.
"""

from __future__ import annotations

import random
import secrets
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from epjgate import compose
from epjgate.cli.audience import Terminal
from epjgate.cli.exit_codes import ExitCode
from epjgate.cli.main import run
from epjgate.environments.catalogue import load_system, load_train
from epjgate.environments.source import assembled_files, files_digest
from epjgate.errors import UsageError
from epjgate.evidence.journal import utc_now
from epjgate.incidents.conclusion import Observed
from epjgate.incidents.digests import digest_of_tests, words_digest
from epjgate.incidents.matrix import Catalogue, differences, row_contradictions, staleness_of
from epjgate.incidents.matrix_keeping import keep_matrix, read_matrix, stale_builds, with_repetition, with_row
from epjgate.incidents.record import read_records
from epjgate.incidents.rows import row_of
from epjgate.incidents.seen import TroubleKind
from epjgate.incidents.trials import Trial
from epjgate.model.matrix import Matrix, Repetition, Row
from epjgate.model.system import System
from epjgate.proving import observe_each
from epjgate.settings import Settings, load_settings

FILE = Path("tests/incidents/matrix.json")
SYSTEM = "reference_epj"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def load_catalogue(settings: Settings, name: str) -> Catalogue:
    """Return the incidents, and the builds of the train of the system `name`, as they are now.

    Raises UsageError for a system that has no train, and EnvironmentDown for a build that cannot be assembled.
    """
    systems = settings.path(settings.systems)
    system = load_system(systems, name)
    train = load_train(systems, system)
    if train is None:
        raise UsageError(f"{name} has no release train", "its system.toml names none", "name a system that has one")
    sources = {version: source_of(settings, system, version) for version in train.versions}
    words, tests = tests_of(settings)
    return Catalogue(system, train, read_records(settings.path(settings.suites)), words, tests, sources)


def tests_of(settings: Settings) -> tuple[str, dict[str, str]]:
    """Return the digests, as they are now, of what all incident tests stand on, and of each incident's own."""
    suites, fixtures = settings.path(settings.suites), settings.path(settings.fixtures)
    return words_digest(suites, fixtures), {one.incident.id: digest_of_tests(one) for one in read_records(suites)}


def source_of(settings: Settings, system: System, version: str) -> str:
    """Return the digest of the source code of the build `version`; raises EnvironmentDown as assembling does."""
    builds = system.train.builds if system.train else ""
    return files_digest(assembled_files((settings.path(settings.systems) / system.name / builds).parent, version))


@dataclass
class Sighting:
    """Starts builds so that they meet every incident, and keeps what was seen of them."""

    settings: Settings
    catalogue: Catalogue
    at_once: int
    folder: Path
    troubles: list[Observed] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    def trial_of(self, version: str) -> Trial:
        """Return how the build `version` meets every incident."""
        red = self.catalogue.carried_by(version)
        green = tuple(record for record in self.catalogue.records if record not in red)
        return Trial(self.catalogue.system.name, version, red=red, green=green)

    def observe(self, versions: Sequence[str], take: Callable[[Observed], None]) -> None:
        """Start every build of `versions`, as often as it is named, and hand on what was seen of it."""
        trials = [
            (self.trial_of(version), compose.IncidentBench(self.settings, "process", 1, self.folder / f"{number}"))
            for number, version in enumerate(versions, start=1)
        ]
        with Terminal(Console(stderr=True)) as terminal:
            observe_each(trials, terminal, take, at_once=self.at_once)

    def row(self, seen: Observed) -> Row | None:
        """Return what was seen, None where that does not count; of what is as it must be no evidence stays.

        Raises UsageError where tests or build were edited meanwhile.
        """
        version = seen.trial.version
        if seen.trouble or seen.evidence is None:
            self.troubles.append(seen)
            return None
        self._raise_if_changed(version)
        row = row_of(seen.trial.records, seen.evidence, self.catalogue.sources[version], utc_now())
        odd = tuple(row_contradictions(version, row, self.catalogue))
        if not odd:
            shutil.rmtree(seen.folder, ignore_errors=True)
        self.odd += odd
        return row

    def _raise_if_changed(self, version: str) -> None:
        """Return where tests and the build `version` are still those of the catalogue; raises UsageError otherwise.

        Somebody who edits a file while builds run would have others in the matrix than those that met.
        """
        old = self.catalogue
        source = source_of(self.settings, old.system, version)
        if (*tests_of(self.settings), source) != (old.words, old.tests, old.sources[version]):
            raise UsageError(
                f"tests or builds were edited while {version} met them",
                "what was seen may be of either",
                "run again with --stale",
            )

    def tell(self) -> ExitCode:
        """Print what was not as it must be, remove empty folders, and return how that ends."""
        for told in self.odd:
            typer.echo(told)
        for seen in self.troubles:
            typer.echo(f"{seen.trial.version}: {seen.trouble.why if seen.trouble else 'no evidence'}")
        for folder in (*self.folder.glob("*"), self.folder):
            with suppress(OSError):
                folder.rmdir()  # only where nothing is left in it
        if self.folder.exists():
            Console(stderr=True).print(f"matrix: evidence of that: {self.folder}", soft_wrap=True, highlight=False)
        if self.odd:
            return ExitCode.REJECTED
        kinds = {seen.trouble.kind for seen in self.troubles if seen.trouble}
        if TroubleKind.ENVIRONMENT in kinds:
            return ExitCode.ENVIRONMENT
        return ExitCode.HARNESS if self.troubles else ExitCode.APPROVED


@app.command()
def main(
    builds: Annotated[list[str] | None, typer.Argument(help="Builds; all of the train where none is named.")] = None,
    system: Annotated[str, typer.Option(help="System that has a release train.")] = SYSTEM,
    file: Annotated[Path, typer.Option(help="The matrix.")] = FILE,
    sample: Annotated[int, typer.Option(min=0, help="Only so many builds, drawn at random.")] = 0,
    seed: Annotated[int, typer.Option(help="What they are drawn by.")] = 0,
    repeat: Annotated[int, typer.Option(min=0, help="Start the one build named so often, and count reds.")] = 0,
    at_once: Annotated[int, typer.Option("-n", "--at-once", min=1, help="Builds at a time.")] = 2,
    *,
    stale: Annotated[bool, typer.Option("--stale", help="Only builds that the matrix does not hold for.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Compare with the matrix, and leave it as it is.")] = False,
) -> int:
    """Let builds meet the test of every incident, and keep in a matrix what was red and green."""
    settings = load_settings(Path.cwd())
    catalogue = load_catalogue(settings, system)
    chosen = _chosen(catalogue, builds or (), sample, seed)
    kept = read_matrix(file)
    if stale:
        needed = stale_builds(kept, catalogue, "process")
        chosen = tuple(version for version in chosen if version in needed)
    folder = settings.path(settings.runs) / f"matrix-{utc_now():%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    sighting = Sighting(settings, catalogue, at_once, folder)
    if repeat:
        return _repeat(sighting, chosen, repeat, file, kept)
    return _compare(sighting, chosen, kept) if check else _renew(sighting, chosen, file, kept)


def _chosen(catalogue: Catalogue, names: Sequence[str], sample: int, seed: int) -> tuple[str, ...]:
    versions = catalogue.train.versions
    if unknown := sorted(set(names) - set(versions)):
        raise UsageError(f"there is no build {', '.join(unknown)}", f"known: {', '.join(versions)}", "name one of them")
    named = tuple(version for version in versions if version in names) or versions
    if sample > len(named):
        raise UsageError(f"{sample} builds cannot be drawn", f"there are {len(named)}", "draw fewer")
    drawn = random.Random(seed).sample(named, sample) if sample else named  # noqa: S311 - nothing is kept secret by it
    return tuple(version for version in named if version in drawn)


def _renew(sighting: Sighting, chosen: Sequence[str], file: Path, kept: Matrix | None) -> int:
    """Put a new row of every build that is `chosen` into `file`, as soon as it is seen."""

    def take(seen: Observed) -> None:
        nonlocal kept
        row = sighting.row(seen)
        if row is not None:
            kept = with_row(kept, sighting.catalogue, "process", seen.trial.version, row)
            keep_matrix(file, kept)

    sighting.observe(chosen, take)
    return sighting.tell()


def _compare(sighting: Sighting, chosen: Sequence[str], kept: Matrix | None) -> int:
    """Hold what every build that is `chosen` shows now against its row in `kept`."""
    if kept is None:
        raise UsageError("there is no matrix to compare with", "the file is missing", "make it, without --check")
    if stale := tuple(staleness_of(kept, sighting.catalogue)):
        raise UsageError("the matrix is stale", "; ".join(stale), "renew it: python ci/matrix.py --stale")

    def take(seen: Observed) -> None:
        row, version = sighting.row(seen), seen.trial.version
        if row is not None:
            sighting.odd += (f"{version} {told}" for told in differences(kept.builds[version], row))

    sighting.observe(chosen, take)
    return sighting.tell()


def _repeat(sighting: Sighting, chosen: Sequence[str], times: int, file: Path, kept: Matrix | None) -> int:
    """Start the one build that is `chosen` so many `times`, and keep how often it showed what."""
    if len(chosen) != 1:
        raise UsageError("one build is repeated", f"{len(chosen)} are chosen", "name one")
    red: Counter[str] = Counter()
    unclear: Counter[str] = Counter()

    def take(seen: Observed) -> None:
        row = sighting.row(seen)
        red.update(row.red.keys() if row else ())
        unclear.update(row.unclear.keys() if row else ())

    sighting.observe(tuple(chosen) * times, take)
    if not sighting.troubles:
        (version,) = chosen
        source = sighting.catalogue.sources[version]
        repeated = Repetition(build=version, source=source, at=utc_now(), runs=times, red=red, unclear=unclear)
        keep_matrix(file, with_repetition(kept, sighting.catalogue, "process", repeated))
    return sighting.tell()


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], app))
