"""Which builds must be started to prove incidents, each of them once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from epjgate.incidents.recipe import alterations_of
from epjgate.incidents.record import Record
from epjgate.model.alteration import Alteration


@dataclass(frozen=True)
class Trial:
    """One build to be started once, and the incidents whose tests it is to meet: red those, green these.

    `alterations` re-create the fault of its one red incident at the interface.
    """

    system: str
    version: str
    red: tuple[Record, ...] = ()
    green: tuple[Record, ...] = ()
    alterations: tuple[Alteration, ...] = ()

    @property
    def records(self) -> tuple[Record, ...]:
        """Every incident that the build meets, once, by number."""
        every = {record.incident.id: record for record in (*self.red, *self.green)}
        return tuple(every[number] for number in sorted(every))

    @property
    def build(self) -> str:
        """The build in words."""
        altered = f" with the fault of {self.red[0].incident.id} re-created" if self.alterations else ""
        return f"{self.system} {self.version}{altered}"


def plan_trials(records: Iterable[Record]) -> tuple[Trial, ...]:
    """Return the trials that prove `records`; an incident with a fault recipe has its red build to itself.

    Raises UsageError for a recipe that is missing or has a mistake.
    """
    red: dict[tuple[str, str], list[Record]] = {}
    green: dict[tuple[str, str], list[Record]] = {}
    altered: list[Trial] = []
    for record in records:
        incident = record.incident
        recipe = alterations_of(record)
        if recipe:
            altered.append(Trial(incident.system, incident.known_bad, red=(record,), alterations=recipe))
        else:
            red.setdefault((incident.system, incident.known_bad), []).append(record)
        green.setdefault((incident.system, incident.fixed_in), []).append(record)
    plain = (
        Trial(*build, red=tuple(red.get(build, ())), green=tuple(green.get(build, ())))
        for build in sorted(red.keys() | green.keys())
    )
    return (*plain, *altered)
