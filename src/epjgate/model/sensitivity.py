"""How much of what could be wrong with a candidate's answers the suites notice: the result of a measurement."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from epjgate.model.base import Value
from epjgate.model.mutant import Mutant
from epjgate.model.outcome import Outcome

Rate = Annotated[float, Field(ge=0, le=1)]


class Fate(StrEnum):
    """What became of a mutant, or of a mutant in one suite.

    `killed`: a test that is green on true answers turned red. `survived`: every test that met it stayed green.
    `broken`: none turned red, and at least one crashed, or could not be relied on afterwards; it counts as not killed.
    `not reached`: in no run was there anything that the mutant changed; it counts neither way.
    """

    KILLED = "killed"
    SURVIVED = "survived"
    BROKEN = "broken"
    NOT_REACHED = "not reached"


class Excuse(Value):
    """Why a survivor is left alone; an `equivalent` mutant changes nothing that anybody could notice or need."""

    reason: str
    equivalent: bool = False


class Trial(Value):
    """One mutant and what became of it; `suites` says it for each suite, `killed_by` names the test that turned red."""

    mutant: Mutant
    fate: Fate
    suites: dict[str, Fate]
    killed_by: dict[str, str] = {}
    tests: int
    reason: str = ""
    excuse: Excuse | None = None

    def is_equivalent(self, fate: Fate) -> bool:
        """Whether a mutant of this `fate` is alive because there is nothing to notice."""
        return fate is not Fate.KILLED and self.excuse is not None and self.excuse.equivalent


class Tally(Value):
    """Mutants that were reached, how many were killed, and how many of the rest are declared equivalent."""

    mutants: int = 0
    killed: int = 0
    equivalent: int = 0

    @property
    def kill_rate(self) -> float:
        """Killed among those that somebody could notice; 0 where there was none: nothing measured is nothing shown."""
        noticeable = self.mutants - self.equivalent
        return self.killed / noticeable if noticeable else 0.0

    @property
    def raw_kill_rate(self) -> float:
        """Killed among all, equivalent ones included."""
        return self.killed / self.mutants if self.mutants else 0.0


class LeftOut(Value):
    """A test that could not be used: it was not green on the candidate as it is."""

    test: str
    suite: str
    outcome: Outcome
    reason: str = ""


class Sensitivity(Value):
    """A whole measurement."""

    schema_version: Literal["epjgate/sensitivity-result/1"] = "epjgate/sensitivity-result/1"
    system: str
    candidate: str
    environment: str
    seed: int
    at: AwareDatetime
    suites: dict[str, str]
    tests: int
    possible: int
    trials: tuple[Trial, ...]
    left_out: tuple[LeftOut, ...] = ()
    watch_s: float
    strike_s: float

    def total(self) -> Tally:
        """Return the tally of all mutants, killed by whichever suite."""
        return _tally(self.trials, lambda trial: trial.fate)

    def by_interface(self) -> dict[str, Tally]:
        """Return a tally for each interface, by name."""
        return self._grouped(lambda trial: trial.mutant.place.interface)

    def by_operator(self) -> dict[str, Tally]:
        """Return a tally for each operator, by name."""
        return self._grouped(lambda trial: trial.mutant.operator.value)

    def by_suite(self) -> dict[str, Tally]:
        """Return a tally for each suite: of the mutants that its own tests met, how many they killed."""
        return {
            name: _tally(self.trials, lambda trial, suite=name: trial.suites.get(suite, Fate.NOT_REACHED))  # type: ignore[misc]
            for name in sorted(self.suites)
        }

    def _grouped(self, key: Callable[[Trial], str]) -> dict[str, Tally]:
        names = sorted({key(trial) for trial in self.trials})
        return {
            name: _tally([trial for trial in self.trials if key(trial) == name], lambda trial: trial.fate)
            for name in names
        }


def _tally(trials: Iterable[Trial], fate_of: Callable[[Trial], Fate]) -> Tally:
    met = [(trial, fate) for trial in trials if (fate := fate_of(trial)) is not Fate.NOT_REACHED]
    return Tally(
        mutants=len(met),
        killed=sum(fate is Fate.KILLED for _, fate in met),
        equivalent=sum(trial.is_equivalent(fate) for trial, fate in met),
    )


class StoredTally(Value):
    """What is kept of a tally."""

    kill_rate: Rate
    mutants: Annotated[int, Field(ge=0)]


class StoredSuite(StoredTally):
    """What is kept of a suite: its digest says which suite was measured."""

    digest: str


class StoredSensitivity(Value):
    """The document `ci/sensitivity.toml`: the last measurement that was accepted, as a floor for the policy.

    `kill_rate` leaves out what is declared equivalent, `raw_kill_rate` does not.
    """

    schema_version: Literal["epjgate/sensitivity/1"] = "epjgate/sensitivity/1"
    system: str
    candidate: str
    environment: str
    measured_at: AwareDatetime
    seed: int
    kill_rate: Rate
    raw_kill_rate: Rate
    mutants: Annotated[int, Field(ge=1)]
    suites: Annotated[dict[str, StoredSuite], Field(min_length=1)]
    interfaces: dict[str, StoredTally]
