"""Tests have their say again where the machine stood still while they failed; every such failure is shown.

A virtual machine may be paused for seconds, and all its clocks go on: what is measured meanwhile says nothing of the
code. A failure without a pause is final, and so is the third one with pauses.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from _pytest.runner import runtestprotocol

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

BEAT_S = 0.05
PAUSE_S = 0.2
"""A heart that beats every BEAT_S and paused for this much longer was not let run: neither were the tests."""
ATTEMPTS = 3
AGAIN = "ran again"


class Heart:
    """Beats in a thread while a test runs, and knows its longest pause."""

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._ended = threading.Event()

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Beat while the context lasts."""
        thread = threading.Thread(target=self._beat, name="heart", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()

    def _beat(self) -> None:
        last = time.monotonic()
        while not self._ended.wait(BEAT_S):
            now = time.monotonic()
            self.longest_s = max(self.longest_s, now - last - BEAT_S)
            last = now
        self.longest_s = max(self.longest_s, time.monotonic() - last - BEAT_S)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Run a test, up to ATTEMPTS times where it fails and the machine stood still meanwhile."""
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    earlier: list[str] = []
    while True:
        heart = Heart()
        with heart.beating():
            reports = runtestprotocol(item, log=False, nextitem=nextitem)
        failed = next((one for one in reports if one.failed), None)
        if failed is None or failed.when != "call" or heart.longest_s < PAUSE_S or len(earlier) + 1 == ATTEMPTS:
            break
        earlier.append(f"stood still for {heart.longest_s:.1f} s; failed with:\n{failed.longreprtext}")
    for report in reports:
        if report.when == "call":
            report.sections += [(AGAIN, one) for one in earlier]
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Show every failure that a later attempt made good."""
    for reports in list(terminalreporter.stats.values()):
        for report in reports:
            for title, text in getattr(report, "sections", ()):
                if title == AGAIN:
                    terminalreporter.section(f"{report.nodeid}: {title}", sep="_", yellow=True)
                    terminalreporter.line(text)
