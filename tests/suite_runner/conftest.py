"""A folder of tiny suites without a network, and a bench to run them on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from epjgate.environments.ledger import Ledger
from epjgate.evidence.journal import read_journal
from epjgate.evidence.layout import Layout
from epjgate.model.events import Event
from epjgate.model.redaction import Redactor
from epjgate.model.target import Target
from epjgate.suite_runner.catalogue import choose_suites
from epjgate.suite_runner.pytest_process import PytestProcess
from epjgate.suite_runner.waiting import WaitingPytest

REAL = Path(__file__).parents[2] / "suites" / "pytest.toml"
SUITE_TOML = 'schema_version = "epjgate/suite/1"\ntitle = "{0}"\ntitle_da = "{0}"\nabout = "What {0} must do."\n'


class Told:
    """A person who waits: keeps what was told."""

    def __init__(self) -> None:
        self.counts: list[tuple[int, int, int]] = []

    def tests(self, *, done: int, total: int, not_passed: int) -> None:
        """Take note."""
        self.counts.append((done, total, not_passed))


@dataclass
class Bench:
    """Runs suites as the gate does, and looks at what they leave behind."""

    root: Path
    redactor: Redactor
    told: Told = field(default_factory=Told)
    marks: list[dict[str, str]] = field(default_factory=list)

    @property
    def suites(self) -> Path:
        """The folder of all suites."""
        return self.root / "suites"

    @property
    def layout(self) -> Layout:
        """The bundle that receives the evidence."""
        return Layout(self.root / "run")

    def suite(self, name: str, tests: str = "") -> Path:
        """Write a suite with these tests in one file, and return its folder."""
        folder = self.suites / name
        folder.mkdir(parents=True)
        (folder / "suite.toml").write_text(SUITE_TOML.format(name), encoding="utf-8")
        (folder / f"test_{folder.name}.py").write_text(tests, encoding="utf-8")
        return folder

    def run(
        self,
        *names: str,
        while_up: Callable[[], None] = lambda: None,
        workers: int = 1,
        only: tuple[Path, ...] = (),
        options: tuple[str, ...] = (),
        waiting: Callable[[], WaitingPytest] = WaitingPytest.start,
        handover: Path | None = None,
    ) -> None:
        """Run the suites called `names`, or all, to their end."""
        if not self.layout.folder.exists():
            self.layout.create()
        runner = PytestProcess(
            folder=self.suites,
            cache=self.root / "cache",
            open_book=self._open_book,
            workers=workers,
            only=only,
            options=options,
            waiting=waiting,
            handover=handover,
        )
        target = Target(system="tiny", release="1.0", environment="process", endpoints=(), capabilities={})
        runner.run(
            choose_suites(self.suites, names),
            target,
            self.layout,
            redactor=self.redactor,
            while_up=while_up,
            progress=self.told,
        )

    def events(self) -> list[Event]:
        """What the journal holds; a fault in it is an error."""
        entries, flaws = read_journal(self.layout.journal)
        assert flaws == ()
        return [entry.data for entry in entries]

    def log(self) -> str:
        """What pytest printed, as it was kept."""
        return (self.layout.logs / "pytest.log").read_text(encoding="utf-8")

    def still_running(self) -> list[psutil.Process]:
        """Every process on this machine that a run of this bench started, however it has left its family."""
        return [process for process in psutil.process_iter() if any(_carries(process, mark) for mark in self.marks)]

    def _open_book(self) -> Ledger:
        ledger = Ledger(self.root / "state", "run-1")
        self.marks.append(dict(ledger.mark))
        return ledger


def _carries(process: psutil.Process, mark: dict[str, str]) -> bool:
    try:
        return mark.items() <= process.environ().items()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A bench with suites' own settings, and no suite yet."""
    made = Bench(tmp_path, Redactor(b"one run"))
    made.suites.mkdir()
    # The population lies in this repository, not beside these suites.
    kept = [line for line in REAL.read_text(encoding="utf-8").splitlines() if not line.startswith("pythonpath")]
    (made.suites / "pytest.toml").write_text("\n".join(kept), encoding="utf-8")
    return made
