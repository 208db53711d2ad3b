"""Waits until everything that a release sends has arrived: as long as it gets on, and not by the clock alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.dsl.waiting import wait_until_quiet
from epjgate.errors import CandidateFault, CandidateUnreachable
from epjgate.model.person import Person


@dataclass(frozen=True)
class Patience:
    """How long deliveries are waited for, in seconds; a slow machine is given time while anything still moves.

    `stalled_s`: so long nothing may arrive before what is on its way is given up. `longest_s`: so long in all.
    `quiet_s`: so long nothing may arrive before all is taken to be there; `quiet_unseen_s` where no ledger says so.
    """

    look_s: float = 3.0
    stalled_s: float = 30.0
    longest_s: float = 300.0
    quiet_s: float = 1.5
    quiet_unseen_s: float = 5.0


PATIENT = Patience()


Whom = Person | PatientRef


@dataclass(frozen=True)
class Settling:
    """Waits for deliveries of one release.

    `delivered` waits for so many seconds until nothing about somebody is on its way, and says whether that is so;
    `arrived` counts what has reached the release's partners.
    """

    delivered: Callable[[Whom, float], bool]
    arrived: Callable[[], int]
    patience: Patience = PATIENT

    def wait(self, persons: Sequence[Whom], *, has_ledger: bool) -> tuple[str, ...]:
        """Return when nothing is on its way any more: nothing, or in words what had not arrived when it was given up.

        Where `has_ledger` is false, only silence tells that nothing more comes, and more of it is asked for.
        """
        progress = _Progress(self.arrived, self.patience)
        late = tuple(why for whom in persons if (why := self._late(whom, progress)))
        quiet_s = self.patience.quiet_s if has_ledger else self.patience.quiet_unseen_s
        if wait_until_quiet(self.arrived, max(progress.left_s, 2 * quiet_s), quiet_s=quiet_s):
            return late
        return (*late, "messages went on arriving for as long as they were waited for")

    def _late(self, whom: Whom, progress: _Progress) -> str:
        while True:
            try:
                if self.delivered(whom, self.patience.look_s):
                    return ""
                why = "were on their way"
            except (CandidateFault, CandidateUnreachable) as err:
                why = f"could not be followed: {type(err).__name__}"
            if progress.is_over():
                return f"messages about {_name(whom)} {why} when nothing had arrived for {progress.still_s:.0f} s"


class _Progress:
    """Whether anything has arrived lately."""

    def __init__(self, arrived: Callable[[], int], patience: Patience) -> None:
        self._arrived = arrived
        self._patience = patience
        self._began = self._since = time.monotonic()
        self._seen = arrived()

    @property
    def still_s(self) -> float:
        """For how long nothing has arrived."""
        return time.monotonic() - self._since

    @property
    def left_s(self) -> float:
        """For how long may still be waited."""
        return self._began + self._patience.longest_s - time.monotonic()

    def is_over(self) -> bool:
        """Whether waiting on is of no use."""
        now = self._arrived()
        if now != self._seen:
            self._seen, self._since = now, time.monotonic()
        return self.still_s >= self._patience.stalled_s or self.left_s <= 0


def _name(whom: Whom) -> str:
    return whom.full_name if isinstance(whom, Person) else "somebody unknown"
