"""Tells texts, times and figures of a runbook in one language; both languages tell the same figures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from epjgate.model.cutover import Moment, Reason, Remark
from epjgate.model.rehearsal import StepKind
from epjgate.reports.runbook_remarks import CAUTIONS, REASONS
from epjgate.reports.runbook_steps import LOOK, STEPS
from epjgate.reports.runbook_texts import TEXTS, Text
from epjgate.reports.words import Language

_ZONES = {timedelta(hours=1): "CET", timedelta(hours=2): "CEST"}
_WEEKDAYS = (
    ("Monday", "mandag"),
    ("Tuesday", "tirsdag"),
    ("Wednesday", "onsdag"),
    ("Thursday", "torsdag"),
    ("Friday", "fredag"),
    ("Saturday", "lørdag"),
    ("Sunday", "søndag"),
)
_MONTHS = (
    ("January", "januar"),
    ("February", "februar"),
    ("March", "marts"),
    ("April", "april"),
    ("May", "maj"),
    ("June", "juni"),
    ("July", "juli"),
    ("August", "august"),
    ("September", "september"),
    ("October", "oktober"),
    ("November", "november"),
    ("December", "december"),
)
_IN_SECONDS_BELOW_S = 600
_A_HAIR = 1e-6  # what adding up floats may leave behind


@dataclass(frozen=True)
class RunbookWords:
    """The words of one language for a night that begins at `begin`, None where no date is known.

    Times are told rounded down, durations rounded up, probabilities rounded down: nothing is told more kindly than it
    is. A text that does not exist is an error, never an empty place.
    """

    language: Language
    begin: datetime | None = None

    def __getitem__(self, key: str) -> str:
        """Return the text `key`; raises KeyError for one that is not in the list."""
        return self._in(TEXTS[key])

    def fill(self, key: str, **values: str) -> str:
        """Return the text `key` with `values` in their places."""
        return self[key].format(**values)

    def step(self, kind: StepKind) -> str:
        """Return the name of a step."""
        return self._in(STEPS[kind])

    def look(self, kind: StepKind) -> str:
        """Return what to look at in a step."""
        return self._in(LOOK[kind])

    def remark(self, remark: Remark) -> str:
        """Return a reason or a caution as a sentence; where no clock is known, times count from the start."""
        told = {name: self.figure(name, value) for name, value in remark.figures.items()}
        for name, value in remark.figures.items():
            told.setdefault(name.removesuffix("_min"), self.moment(Moment(after_s=abs(value) * 60)))
        told.update({name: self.clock(at) for name, at in remark.clocks.items()})
        about = remark.about
        text = REASONS[about] if isinstance(about, Reason) else CAUTIONS[about]
        return self._in(text).format(**told)

    def figure(self, name: str, value: float) -> str:
        """Return a figure by the unit that its name ends with: `_min` minutes, `_p` a probability, else a factor."""
        if name.endswith("_min"):
            return self.duration(value * 60)
        return self.probability(value) if name.endswith("_p") else self._decimal(math.ceil(value * 10 - _A_HAIR) / 10)

    def moment(self, moment: Moment) -> str:
        """Return the time of the clock, or where no date is known, how long after the start."""
        return (
            f"+{self._minutes(math.floor(moment.after_s / 60 + _A_HAIR))}"
            if moment.at is None
            else self.clock(moment.at)
        )

    def clock(self, at: datetime) -> str:
        """Return the time with its zone, and with its day where that is not the day on which the window begins."""
        offset = at.utcoffset() or timedelta()
        zone = _ZONES.get(offset) or f"UTC{at:%z}"
        days = 0 if self.begin is None else (at.date() - self.begin.date()).days
        day = "" if not days else f"{self._in(_WEEKDAYS[at.weekday()])[:3]} " if 0 < days < 7 else f"{at:%Y-%m-%d} "
        return f"{day}{at:%H:%M} {zone}"

    def date(self, at: datetime) -> str:
        """Return the day in words: Sunday 25 October 2026."""
        weekday, month = self._in(_WEEKDAYS[at.weekday()]), self._in(_MONTHS[at.month - 1])
        return (
            f"{weekday} {at.day} {month} {at.year}"
            if self.language == "en"
            else (f"{weekday} den {at.day}. {month} {at.year}")
        )

    def duration(self, seconds: float) -> str:
        """Return a duration rounded up: to the second below ten minutes, else to the minute."""
        whole = math.ceil(seconds - _A_HAIR)
        if whole >= _IN_SECONDS_BELOW_S:
            return self._minutes(math.ceil(seconds / 60 - _A_HAIR))
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if minutes and rest else f"{minutes} min" if minutes else f"{rest} s"

    def probability(self, share: float) -> str:
        """Return a probability in percent, rounded down to a tenth."""
        return f"{self._decimal(math.floor(round(share * 1000, 6)) / 10)} %"

    def count(self, number: int, noun: str) -> str:
        """Return `number` with `noun` in singular or plural."""
        digits = f"{number:,}" if self.language == "en" else f"{number:,}".replace(",", ".")
        return f"{digits} {self[f'{noun}.one' if number == 1 else f'{noun}.many']}"

    def texts(self, group: str, keys: tuple[str, ...]) -> tuple[str, ...]:
        """Return the texts `group`.`key` of all `keys`."""
        return tuple(self[f"{group}.{key}"] for key in keys)

    def _minutes(self, minutes: int) -> str:
        hours, rest = divmod(minutes, 60)
        hour = "h" if self.language == "en" else "t"
        return f"{hours} {hour} {rest} min" if hours and rest else f"{hours} {hour}" if hours else f"{rest} min"

    def _decimal(self, number: float) -> str:
        return f"{number:.1f}" if self.language == "en" else f"{number:.1f}".replace(".", ",")

    def _in(self, text: Text) -> str:
        return text[0] if self.language == "en" else text[1]
