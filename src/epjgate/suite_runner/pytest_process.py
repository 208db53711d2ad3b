"""Runs the suites by pytest in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from epjgate.errors import SuitesFailed
from epjgate.evidence.bundle import write_whole
from epjgate.evidence.layout import Layout
from epjgate.model.redaction import Redactor
from epjgate.model.target import Target
from epjgate.suite_runner.catalogue import Suite
from epjgate.suite_runner.interface import Book, Progress
from epjgate.suite_runner.journal_tail import JournalTail
from epjgate.suite_runner.waiting import WaitingPytest

_POLL_S = 0.1
_PATIENCE_S = ((signal.SIGINT, 10.0), (signal.SIGTERM, 3.0), (signal.SIGKILL, 3.0))
# By name, and no others: whatever else is installed for pytest must not change what is run, or how.
ALLURE = "allure_pytest"
PLUGINS = ("epjgate.plugin.hooks", ALLURE, "hypothesispytest")
CROSSING = "epjgate.crossing.hooks"
# By these Hypothesis knows a pipeline, where it pays no heed to the run's seed: each run would try the same examples.
PIPELINE = frozenset(
    [
        "CI",
        "TF_BUILD",
        "bamboo.buildKey",
        "BUILDKITE",
        "CIRCLECI",
        "CIRRUS_CI",
        "CODEBUILD_BUILD_ID",
        "GITHUB_ACTIONS",
        "GITLAB_CI",
        "HEROKU_TEST_RUN_ID",
        "TEAMCITY_VERSION",
        "__TOX_ENVIRONMENT_VARIABLE_ORIGINAL_CI",
    ]
)
_PYTEST_ENDS_ITSELF = frozenset({0, 1, 2, 5})  # passed, failed, stopped, found nothing; the others are faults


@dataclass(frozen=True)
class PytestProcess:
    """Runs suites by pytest, with `workers` parallel workers where that is more than one.

    `open_book` gives the book in which its processes are kept, `cache` takes the compiled suites. Of the suites only
    what lies in `only` is run, where that names anything; `options` are handed on to pytest. `waiting` gives the
    process that will be pytest, which may have been started long ago. Where nobody is to read of single tests,
    `for_allure` is False. `handover` is the folder in which suites that cross an upgrade and its rehearsal take turns
    (`Handover`), None where none is rehearsed; what crosses runs in one process, for its values live there.
    """

    folder: Path
    cache: Path
    open_book: Callable[[], Book]
    workers: int = 1
    only: tuple[Path, ...] = ()
    options: tuple[str, ...] = ()
    waiting: Callable[[], WaitingPytest] = WaitingPytest.start
    for_allure: bool = True
    handover: Path | None = None

    def run(
        self,
        suites: Sequence[Suite],
        target: Target,
        layout: Layout,
        *,
        redactor: Redactor,
        while_up: Callable[[], None],
        progress: Progress,
    ) -> None:
        """See SuiteRunner."""
        book = self.open_book()
        pump: threading.Thread | None = None
        try:
            process = self._start(suites, target, layout, redactor, book)
            pump = threading.Thread(target=_pump, args=(process, layout, redactor), daemon=True)
            pump.start()
            progress.tests(done=0, total=0, not_passed=0)
            _attend(process, pump, while_up, JournalTail(layout.journal, progress))
        except OSError as err:
            raise SuitesFailed("the suites could not be started", f"{err}", "free disk space, then run again") from err
        finally:
            left = book.clear()
            if pump is not None:
                pump.join(timeout=5)  # what a test had left running held the pipe open until now
        if left:
            raise SuitesFailed("what the suites started could not be ended", "; ".join(left), "epjgate doctor --clean")
        if process.returncode not in _PYTEST_ENDS_ITSELF:
            raise SuitesFailed(
                "the suites did not come to their end",
                f"pytest ended with {_exit_in_words(process.returncode)}; its last lines:\n{_last_lines(layout)}",
                "see logs/pytest.log in the bundle",
            )

    def _start(
        self, suites: Sequence[Suite], target: Target, layout: Layout, redactor: Redactor, book: Book
    ) -> subprocess.Popen[bytes]:
        write_whole(layout.target, target.model_dump_json(), durable=False)  # no evidence, and removed at the end
        waiting = self.waiting()
        book.record_process(waiting.process.pid)
        waiting.begin(
            self._arguments(suites, layout),
            folder=self.folder.parent,
            environment={**self._surroundings(redactor), **book.mark},
        )
        return waiting.process

    def _arguments(self, suites: Sequence[Suite], layout: Layout) -> list[str]:
        command = ["-c", str(self.folder / "pytest.toml"), "--rootdir", str(self.folder)]
        command += [f"--epj-bundle={layout.folder}", f"--epj-target={layout.target}"]
        command += [f"--alluredir={layout.allure}", "--allure-no-capture"] if self.for_allure else []
        plugins = [name for name in PLUGINS if self.for_allure or name != ALLURE]
        crosses = any(suite.description.crosses_upgrade for suite in suites)
        plugins += [CROSSING] if crosses else []
        command += ["-q", "--color=no", "--tb=short", *(f"-p{name}" for name in plugins)]
        if crosses and self.handover is not None:
            command.append(f"--epj-handover={self.handover.absolute()}")
        elif self.workers > 1:
            command += ["-pxdist", "-n", str(self.workers)]
        return [*command, *self.options, *map(str, self.only or [suite.folder for suite in suites])]

    def _surroundings(self, redactor: Redactor) -> dict[str, str]:
        """Return this process's environment without whatever could change which tests pytest runs, and how."""
        env = {name: value for name, value in os.environ.items() if not _changes_the_tests(name)}
        # The cache is ours; without leave to write it every run would compile pytest and all suites anew.
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        return env | {
            "EPJGATE_REDACTION_KEY": redactor.key_for_workers(),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            # Compiled test modules count their assertions; ones that another pytest compiled do not.
            "PYTHONPYCACHEPREFIX": str(self.cache / "pycache"),
        }


def _changes_the_tests(variable: str) -> bool:
    return variable.startswith(("PYTEST_", "EPJGATE_", "HYPOTHESIS_")) or variable in PIPELINE


def _attend(
    process: subprocess.Popen[bytes], pump: threading.Thread, while_up: Callable[[], None], tail: JournalTail
) -> None:
    """Wait until pytest has ended; it is ended at once when `while_up` raises."""
    try:
        while process.poll() is None:
            while_up()
            tail.read_on()
            pump.join(_POLL_S)  # it is through as soon as pytest ends, unless a test left something running
            if not pump.is_alive():
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_POLL_S)
    finally:
        _end(process)
        tail.read_on()


def _pump(process: subprocess.Popen[bytes], layout: Layout, redactor: Redactor) -> None:
    """Copy what pytest prints to its log, redacted; a full disk must not make pytest stand still."""
    assert process.stdout is not None  # noqa: S101 - it was asked for as a pipe
    with process.stdout as printed:
        with suppress(OSError), (layout.logs / "pytest.log").open("w", encoding="utf-8") as log:
            for line in printed:
                log.write(redactor.text(line.decode("utf-8", "replace")))
                log.flush()
        for _ in printed:
            pass


def _end(process: subprocess.Popen[bytes]) -> None:
    """End pytest: ask, so that it can close its evidence, then insist."""
    for signal_number, patience_s in _PATIENCE_S:
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal_number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(patience_s)


def _exit_in_words(returncode: int) -> str:
    if returncode >= 0:
        return f"exit status {returncode}"
    with suppress(ValueError):
        return f"signal {signal.Signals(-returncode).name}"
    return f"signal {-returncode}"


def _last_lines(layout: Layout, count: int = 15) -> str:
    with suppress(OSError):
        lines = (layout.logs / "pytest.log").read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-count:])
    return "(no log)"
