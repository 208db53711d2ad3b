"""From what the sessions wrote down to what became of each mutant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from epjgate.model.mutant import Mutant
from epjgate.model.outcome import Outcome
from epjgate.model.sensitivity import Excuse, Fate, LeftOut, Trial
from epjgate.sensing.ledger import RED, Control, Line, Meeting, Sighting, Tried, Work

Excuses = Callable[[Mutant], Excuse | None]
"""Says why a survivor is left alone, None where nobody has said so."""


def left_out(sightings: Iterable[Sighting]) -> tuple[LeftOut, ...]:
    """Return the tests that were not green on true answers: none of them can tell a mutant from the candidate."""
    return tuple(
        LeftOut(test=one.test, suite=one.suite, outcome=one.outcome, reason=one.reason)
        for one in sightings
        if one.outcome is not Outcome.PASSED
    )


@dataclass
class Tries:
    """What became of the mutants of one pass, taken in line by line."""

    work: Sequence[Work]
    _meetings: defaultdict[int, list[Meeting]] = field(default_factory=lambda: defaultdict(list))
    _confirmed: set[tuple[int, str]] = field(default_factory=set)
    _done: set[int] = field(default_factory=set)

    @property
    def done(self) -> int:
        """How many mutants have been tried."""
        return len(self._done)

    @property
    def alive(self) -> int:
        """How many of them no test has turned red for, as far as is known."""
        return sum(not any(map(_is_red, self._meetings[number])) for number in self._done)

    def take(self, line: Line) -> None:
        """Take in one line."""
        match line:
            case Meeting():
                self._meetings[line.number].append(line)
            case Control(outcome=Outcome.PASSED):
                self._confirmed.update((number, line.test) for number in line.numbers)
            case Tried():
                self._done.add(line.number)
            case _:
                pass

    def trials(self, excuse_of: Excuses) -> tuple[Trial, ...]:
        """Return every mutant that was tried to the end, in the order of the sample."""
        return tuple(self._trial(number, excuse_of) for number in sorted(self._done))

    def _trial(self, number: int, excuse_of: Excuses) -> Trial:
        meetings = self._meetings[number]
        suites: defaultdict[str, list[Meeting]] = defaultdict(list)
        for meeting in meetings:
            suites[meeting.suite].append(meeting)
        fates = {suite: self._fate(found) for suite, found in suites.items()}
        fate = _worst(fates.values())
        killers = {one.suite: one.test for one in meetings if self._killed(one)}
        reasons = [one.reason for one in meetings if one.reason and (fate is not Fate.KILLED or self._killed(one))]
        mutant = self.work[number].mutant
        return Trial(
            mutant=mutant,
            fate=fate,
            suites=fates,
            killed_by=killers,
            tests=len(meetings),
            reason=reasons[0] if reasons else "",
            excuse=None if fate in (Fate.KILLED, Fate.NOT_REACHED) else excuse_of(mutant),
        )

    def _killed(self, meeting: Meeting) -> bool:
        return _is_red(meeting) and (meeting.number, meeting.test) in self._confirmed

    def _fate(self, meetings: Sequence[Meeting]) -> Fate:
        struck = [meeting for meeting in meetings if meeting.struck]
        if any(map(self._killed, struck)):
            return Fate.KILLED
        if not struck:
            return Fate.NOT_REACHED
        # A red that no green followed on true answers proves nothing, and neither does a crash.
        spoiled = any(meeting.outcome is not Outcome.PASSED for meeting in struck)
        return Fate.BROKEN if spoiled else Fate.SURVIVED


def _is_red(meeting: Meeting) -> bool:
    return meeting.struck > 0 and meeting.outcome in RED


def _worst(fates: Iterable[Fate]) -> Fate:
    """Return what became of a mutant that had `fates` in the suites that met it."""
    found = set(fates)
    order = (Fate.KILLED, Fate.BROKEN, Fate.SURVIVED)
    return next((fate for fate in order if fate in found), Fate.NOT_REACHED)
