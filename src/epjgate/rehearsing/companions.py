"""What runs beside the upgrade of one trial: tests that cross it, and probes that ask all the time."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from epjgate.errors import Interruption, SuitesFailed
from epjgate.evidence.layout import Layout
from epjgate.model.rehearsal_events import AvailabilitySeen
from epjgate.model.target import Target
from epjgate.observing import Audience
from epjgate.probing.prober import Prober
from epjgate.probing.request import ProbeRequest
from epjgate.rehearsing.interface import Rehearsal
from epjgate.suite_runner.handover import Handover, Part

PROBE_EVERY_S = 0.25
PATIENCE_S = 2.0
"""How long an answer may take before the system counts as out of reach: slow is not down."""
TIMEOUT_S = 10.0
_OVER = "the suites ended before the upgrade"


class CrossingTests:
    """The tests that cross the upgrade, in a thread of their own, for they wait while releases are changed."""

    def __init__(self, rehearsal: Rehearsal, layout: Layout, audience: Audience, folder: Path) -> None:
        self._rehearsal = rehearsal
        self._layout = layout
        self._audience = audience
        self._folder = folder
        self._handover = Handover(folder)
        self._stop = threading.Event()
        self._ended = threading.Event()
        self._answered: set[Part] = set()
        self._error: BaseException | None = None
        self._thread: threading.Thread | None = None

    def begin(self, target: Target) -> None:
        """Run the parts on the old release, which is `target`, to their end; raises SuitesFailed where they break."""
        self._thread = threading.Thread(target=self._run, args=(target,), name="crossing")
        self._thread.start()
        self._handover.wait_asked(Part.AFTER, self._raise_if_over)

    def go_on(self, part: Part) -> None:
        """Let the tests of `part` run to their end: their release stands."""
        self._answer(part, go=True)
        if part is Part.AFTER:
            self._handover.wait_asked(Part.BACK, self._raise_if_over)
        else:
            self._join()

    def end(self, why: str) -> None:
        """Have the suites end: parts that were not run end with `why`. Raises what they themselves died of."""
        self._refuse(why)
        self._join()

    def kill(self) -> None:
        """End the suites at once; what they were at is not passed."""
        self._stop.set()
        self._refuse("the rehearsal was ended")
        if self._thread is not None:  # what it died of says less than what ended the rehearsal
            self._thread.join()
            self._thread = None

    def _refuse(self, why: str) -> None:
        for part in (Part.AFTER, Part.BACK):
            if part not in self._answered:
                with suppress(SuitesFailed):  # nobody has asked
                    self._answer(part, go=False, why=why)

    def _answer(self, part: Part, *, go: bool, why: str = "") -> None:
        self._handover.answer(part, go=go, why=why)
        self._answered.add(part)

    def _join(self) -> None:
        if self._thread is not None:
            self._thread.join()
            self._thread = None
            if self._error is not None:
                raise self._error

    def _run(self, target: Target) -> None:
        job = self._rehearsal.job
        try:
            self._rehearsal.suites(self._folder).run(
                job.suites,
                target,
                self._layout,
                redactor=job.order.redactor,
                while_up=self._raise_if_stopped,
                progress=self._audience,
            )
        except BaseException as err:  # noqa: BLE001 - it is raised again by who waits
            self._error = err
        finally:
            self._ended.set()

    def _raise_if_stopped(self) -> None:
        if self._stop.is_set():
            raise Interruption("SIGINT")

    def _raise_if_over(self) -> None:
        if self._ended.is_set():
            raise self._error or SuitesFailed(_OVER, "they never asked for the candidate", "see logs/pytest.log")


@dataclass
class Probes:
    """The probes of one trial, and the times at which the plan has the system closed."""

    prober: Prober
    closed: list[tuple[float, float]] = field(default_factory=list)
    _since: float | None = None

    def close(self) -> None:
        """From now on the system is closed by plan."""
        self._since = self.prober.now_s()

    def open(self) -> None:
        """From now on it is open again."""
        if self._since is not None:
            self.closed.append((self._since, self.prober.now_s()))
            self._since = None

    def seen(self, step: str) -> AvailabilitySeen:
        """Return what was seen, once probing has ended, in the trial of `step`."""
        self.open()
        return AvailabilitySeen(step=step, availability=self.prober.seen(), closed=tuple(self.closed))


def probe_requests(rehearsal: Rehearsal, target: Target) -> tuple[ProbeRequest, ...]:
    """Return what is asked of `target` all the time."""
    return tuple(
        ProbeRequest(
            name=probe.name,
            method=probe.method,
            url=f"{target.url(probe.interface)}{probe.path}",
            headers={
                **({"Authorization": f"Bearer {target.users[probe.user]}"} if probe.user else {}),
                **({"Content-Type": probe.content_type} if probe.body else {}),
            },
            body=probe.body.encode(),
            status=probe.status,
        )
        for probe in rehearsal.upgrade.probes
    )


def prober_of(requests: Sequence[ProbeRequest]) -> Prober:
    """Return what asks all of `requests` beside an upgrade, at a rate that leaves the system its time."""
    return Prober(requests, PROBE_EVERY_S, timeout_s=TIMEOUT_S, patience_s=PATIENCE_S)
