"""Runs the suites by pytest in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
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

_POLL_S = 0.1
_PATIENCE_S = ((signal.SIGINT, 10.0), (signal.SIGTERM, 3.0), (signal.SIGKILL, 3.0))
_PYTEST_ENDS_ITSELF = frozenset({0, 1, 2, 5})  # passed, failed, stopped, found nothing; the others are faults


@dataclass(frozen=True)
class PytestProcess:
    """Runs suites by `python -m pytest`, with `workers` parallel workers where that is more than one.

    `open_book` gives the book in which its processes are kept, `cache` takes the compiled suites.
    """

    folder: Path
    cache: Path
    open_book: Callable[[], Book]
    workers: int = 1

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
            _attend(process, while_up, JournalTail(layout.journal, progress))
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
        write_whole(layout.target, target.model_dump_json())
        process = subprocess.Popen(
            self._command(suites, target, layout),
            cwd=self.folder.parent,
            env={**self._surroundings(redactor), **book.mark},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        book.record_process(process.pid)
        return process

    def _command(self, suites: Sequence[Suite], target: Target, layout: Layout) -> list[str]:
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-c",
            str(self.folder / "pytest.toml"),
            "--rootdir",
            str(self.folder),
        ]
        command += [f"--epj-bundle={layout.folder}", f"--epj-target={layout.target}"]
        command += [f"--alluredir={layout.allure}", "--allure-no-capture", f"--hypothesis-seed={target.seed}"]
        command += ["-q", "--color=no", "--tb=short"]
        if self.workers > 1:
            command += ["-n", str(self.workers)]
        return command + [str(suite.folder) for suite in suites]

    def _surroundings(self, redactor: Redactor) -> dict[str, str]:
        """Return this process's environment without whatever could change which tests pytest runs, and how."""
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "EPJGATE_"))}
        # The cache is ours; without leave to write it every run would compile pytest and all suites anew.
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        return env | {
            "EPJGATE_REDACTION_KEY": redactor.key_for_workers(),
            # Compiled test modules count their assertions; ones that another pytest compiled do not.
            "PYTHONPYCACHEPREFIX": str(self.cache / "pycache"),
        }


def _attend(process: subprocess.Popen[bytes], while_up: Callable[[], None], tail: JournalTail) -> None:
    """Wait until pytest has ended; it is ended at once when `while_up` raises."""
    try:
        while process.poll() is None:
            while_up()
            tail.read_on()
            time.sleep(_POLL_S)
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
