"""The committed reasons for survivors, `ci/survivors.toml`, and survivors in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import Field

from epjgate.model.base import Value
from epjgate.model.mutant import Mutant, Operator
from epjgate.model.sensitivity import Excuse, Fate, Trial

_Text = Annotated[str, Field(min_length=1)]


class Survivor(Value):
    """Survivors of one kind, and why they are left alone.

    `field` is the place as it is listed (`Observation.meta.lastUpdated`); `*` stands for anything, also in `interface`.
    Without `operators` all are meant.
    """

    interface: _Text = "*"
    field: _Text
    operators: tuple[Operator, ...] = ()
    reason: _Text
    equivalent: bool = False

    def covers(self, mutant: Mutant) -> bool:
        """Whether this speaks of `mutant`."""
        return (
            fnmatchcase(mutant.place.interface, self.interface)
            and fnmatchcase(str(mutant.place), self.field)
            and (not self.operators or mutant.operator in self.operators)
        )


class Survivors(Value):
    """The document `ci/survivors.toml`."""

    schema_version: Literal["epjgate/survivors/1"]
    survivor: tuple[Survivor, ...] = ()

    def excuse_of(self, mutant: Mutant) -> Excuse | None:
        """Return the reason for `mutant`, the first that covers it; None where nobody has given one."""
        found = next((one for one in self.survivor if one.covers(mutant)), None)
        return None if found is None else Excuse(reason=found.reason, equivalent=found.equivalent)

    def idle(self, trials: Iterable[Trial]) -> tuple[Survivor, ...]:
        """Return the entries that speak of mutants which were all killed: the suites have outgrown them."""
        tried = tuple(trials)
        met = [one for one in self.survivor if any(one.covers(trial.mutant) for trial in tried)]
        alive = [trial.mutant for trial in tried if trial.fate in (Fate.SURVIVED, Fate.BROKEN)]
        return tuple(one for one in met if not any(map(one.covers, alive)))


def in_words(trials: Iterable[Trial]) -> dict[str, tuple[str, ...]]:
    """Return, by interface, which places nobody asserts, with the operators that nobody noticed there."""
    operators: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for trial in trials:
        place = trial.mutant.place
        operators[place.interface, str(place)].append(trial.mutant.operator.value)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for (interface, name), names in sorted(operators.items()):
        found[interface].append(f"nobody asserts {name} ({', '.join(sorted(names))})")
    return {interface: tuple(lines) for interface, lines in found.items()}
