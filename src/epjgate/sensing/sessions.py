"""Several sessions of pytest at once, on one candidate, that share one piece of work."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event

from epjgate.errors import Interruption, SuitesFailed
from epjgate.evidence.bundle import write_whole
from epjgate.evidence.layout import Layout
from epjgate.sensing.ledger import Ended, Line, Order, Reader

_POLL_S = 0.1


RunSession = Callable[[Path, Callable[[], None]], None]
"""Runs the session whose order is in the file; asks time and again a function that raises when it is to end."""


class Sessions:
    """`workers` sessions at a time; what they write lies below `folder`, which is theirs alone."""

    def __init__(self, run_session: RunSession, workers: int, folder: Path) -> None:
        self._run_session = run_session
        self._workers = workers
        self.folder = folder
        self.lock = folder / "turns"

    def run(self, name: str, order: Order, take: Callable[[Line], None], tell: Callable[[], None]) -> None:
        """Let every session do its share of `order`, and give `take` each line that they write.

        `tell` is called several times a second. Whatever is raised meanwhile, an interruption above all, ends every
        session first. Raises SuitesFailed where a session did not come to its own end.
        """
        taken = self.folder / name
        taken.mkdir(parents=True)
        self.lock.touch()
        order = order.model_copy(update={"folder": taken})
        stop = Event()
        pool = ThreadPoolExecutor(max_workers=self._workers, thread_name_prefix="session")
        try:
            files = [self._order_file(name, number, order) for number in range(self._workers)]
            running = [pool.submit(self._run_one, file, stop) for file in files]
            ended = self._follow(running, [Reader(file.with_suffix(".jsonl")) for file in files], take, tell)
        finally:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
        if ended < self._workers:
            raise SuitesFailed(
                "the suites could not be measured",
                f"{self._workers - ended} of {self._workers} sessions ended before their end; the last lines of one:\n"
                f"{_last_words(files)}",
                "run the suites themselves first: what cannot be collected there cannot be measured",
            )

    def _order_file(self, name: str, number: int, order: Order) -> Path:
        session = self.folder / f"{name}-{number}"
        Layout(session).create()
        file = session / "order.json"
        write_whole(file, order.model_dump_json())
        return file

    def _run_one(self, file: Path, stop: Event) -> None:
        def raise_if_stopped() -> None:
            if stop.is_set():
                raise Interruption("SIGINT")

        with suppress(Interruption):
            self._run_session(file, raise_if_stopped)

    @staticmethod
    def _follow(
        running: list[Future[None]], readers: list[Reader], take: Callable[[Line], None], tell: Callable[[], None]
    ) -> int:
        """Take lines until no session runs; returns how many wrote that they came to their end."""
        ended = 0
        going_on = True
        while going_on:
            going_on = not all(future.done() for future in running)
            for line in (line for reader in readers for line in reader.read_on()):
                take(line)
                ended += isinstance(line, Ended)
            for future in running:
                if future.done():
                    future.result()
            tell()
            time.sleep(_POLL_S if going_on else 0)
        return ended


def _last_words(files: list[Path]) -> str:
    for file in files:
        with suppress(OSError):
            lines = (Layout(file.parent).logs / "pytest.log").read_text(encoding="utf-8", errors="replace").splitlines()
            if lines:
                return "\n".join(lines[-8:])
    return "(no log)"
