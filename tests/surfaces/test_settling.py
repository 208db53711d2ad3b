"""Deliveries are waited for as long as they get on, and what is given up is told."""

from __future__ import annotations

from collections.abc import Callable

from epjgate.drivers.dsl.patients import PatientRef
from epjgate.errors import CandidateFault, CandidateUnreachable
from epjgate.surfaces.persons import BO, INGER
from epjgate.surfaces.settling import Patience, Settling, Whom

QUICK = Patience(look_s=0.01, stalled_s=0.3, longest_s=3, quiet_s=0.05, quiet_unseen_s=0.4)


class Release:
    """A release whose messages arrive one a look, until all `sends` have arrived; then nothing is on its way."""

    def __init__(self, sends: int, *, stuck: bool = False, error: Exception | None = None) -> None:
        self.sends = sends
        self.stuck = stuck
        self.error = error
        self.arrived = 0
        self.looks = 0

    def delivered(self, _whom: Whom, within_s: float) -> bool:
        """Look once."""
        assert within_s == QUICK.look_s
        self.looks += 1
        if self.error is not None:
            error, self.error = self.error, None if self.sends else self.error
            raise error
        self.arrived = min(self.arrived + 1, self.sends)
        return self.arrived == self.sends and not self.stuck

    def count(self) -> int:
        """What has arrived."""
        return self.arrived


def waited(
    release: Release, *persons: Whom, count: Callable[[], int] | None = None, has_ledger: bool = True
) -> tuple[str, ...]:
    """Wait for the deliveries of `release`."""
    return Settling(release.delivered, count or release.count, QUICK).wait(persons, has_ledger=has_ledger)


def test_a_slow_machine_is_given_time_while_messages_arrive() -> None:
    """It takes far more looks than would be given to one that stands still."""
    release = Release(sends=60)
    assert waited(release, BO, INGER) == ()
    assert release.arrived == 60


def test_what_stands_still_is_given_up_and_named() -> None:
    """Each person once, and the second without waiting all over again."""
    (first, second) = waited(Release(sends=1, stuck=True), BO, PatientRef("7"))
    assert first.startswith("messages about Bo Skov were on their way when nothing had arrived for")
    assert second.startswith("messages about somebody unknown were on their way")


def test_a_ledger_that_answers_again_is_asked_again() -> None:
    """One request without an answer is no reason to miss messages."""
    assert waited(Release(2, error=CandidateUnreachable("no answer", "timed out", "look")), BO) == ()


def test_a_ledger_that_cannot_be_read_is_told() -> None:
    """Nobody knows then what was on its way."""
    (told,) = waited(Release(0, error=CandidateFault("500")), BO)
    assert told.startswith("messages about Bo Skov could not be followed: CandidateFault")


def test_messages_that_never_end_are_told() -> None:
    """What was heard until then is not all."""
    numbers = iter(range(10_000_000))
    told = waited(Release(0), count=lambda: next(numbers))
    assert told == ("messages went on arriving for as long as they were waited for",)


def test_without_a_ledger_silence_has_to_last_longer() -> None:
    """Only silence tells there that nothing more comes: a message after a pause is still waited for."""
    pauses = iter([*[0] * 5, *[1] * 10_000_000])
    seen: list[int] = []

    def count() -> int:
        seen.append(next(pauses))
        return seen[-1]

    assert waited(Release(0), count=count, has_ledger=False) == ()
    assert seen[-1] == 1
