"""A past incident, as the front matter of its record tells it."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from epjgate.model.base import Value
from epjgate.model.events import Severity
from epjgate.model.proof import Fingerprint, How

UNKNOWN = "unknown"
"""The date of an incident that no source tells: better than one that is made up."""

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


class IncidentClass(StrEnum):
    """What kind of fault an incident was; a closed list, so that the catalogue can be counted by it."""

    SILENT_SUCCESS = "silent success"
    DUPLICATE = "duplicate"
    IDENTITY_MIX_UP = "identity mix-up"
    STALE_FIELD = "stale field"
    DOSE_ARITHMETIC = "dose arithmetic"
    DOSE_INTERVAL = "dose interval"
    DOSE_DISPLAY = "dose display"
    UNITS = "units"
    SUBSTITUTION = "substitution"
    MAPPING = "mapping"
    TEXT_TRUNCATED = "text truncated"
    ENCODING = "encoding"
    TIME_ZONE = "time zone"
    DAYLIGHT_SAVING = "daylight saving"
    CLOCK = "clock"
    MERGE = "merge"
    RACE = "race"
    PARTIAL_FAILURE = "partial failure"
    RESULT_LOST = "result lost"
    INCOMPLETE_REPORTING = "incomplete reporting"
    UNROUTABLE = "unroutable"
    QUEUE = "queue"
    LATE_ACKNOWLEDGEMENT = "late acknowledgement"
    AUDIT_MISSING = "audit missing"
    ACCESS = "access"
    LEAK = "leak"
    OVER_VALIDATION = "over-validation"
    MIGRATION_STATE = "migration state"
    HOTFIX_REGRESSION = "hotfix regression"
    CERTIFICATE = "certificate"
    DOWNTIME_COPY = "downtime copy"
    FALLBACK = "fallback"


def _possible_date(text: str) -> str:
    """Return `text`; raises ValueError for one that is neither `unknown` nor YYYY, YYYY-MM or YYYY-MM-DD."""
    if text == UNKNOWN:
        return text
    if not _DATE.fullmatch(text):
        raise ValueError(f"{text!r} is not YYYY, YYYY-MM or YYYY-MM-DD, and not {UNKNOWN!r}")
    date.fromisoformat(f"{text}-01-01"[:10])
    return text


def _several(value: object) -> object:
    """Return one text as a tuple of it, and an empty text as nothing."""
    return ((value,) if value else ()) if isinstance(value, str) else value


def _filled(text: str) -> str:
    """Return `text` without space around it; raises ValueError where nothing is left or a placeholder stands in it."""
    if not text.strip() or is_placeholder(text):
        raise ValueError("must be written")
    return text.strip()


def is_placeholder(text: str) -> bool:
    """Whether `text` is what a new record holds where its author has yet to write."""
    return text.strip().upper().startswith("TODO")


IncidentId = Annotated[str, Field(pattern=r"^INC-\d{4}$")]
Filled = Annotated[str, AfterValidator(_filled)]
Day = Annotated[str, AfterValidator(_possible_date)]


class Incident(Value):
    """The front matter of `incident.md`; keys are written with hyphens.

    `date` is as exact as it was reported (`unknown` where no source tells), `source` is what was read. `known_bad` is
    a release of `system` that has the fault, `fixed_in` one that has not. `fingerprint` names the fault that the test
    shows on the former, several where several tests show it; empty until it is recorded. `fault` names the recipe,
    a file beside the record, that re-creates the fault at the interface where no build has it: then both releases are
    the same, so that nothing but the recipe can make the difference.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=lambda name: name.replace("_", "-"))

    id: IncidentId
    title: Filled
    title_da: Filled = Field(alias="title_da")
    date: Day
    source: Filled
    kind: IncidentClass = Field(alias="class")
    severity: Severity
    hazard: Filled
    hazard_da: Filled = Field(alias="hazard_da")
    capabilities: tuple[Filled, ...] = Field(min_length=1)
    system: Filled
    known_bad: Filled
    fixed_in: Filled
    fingerprint: Annotated[tuple[Fingerprint, ...], BeforeValidator(_several)] = ()
    fault: str = Field(default="", pattern=r"^([a-z0-9_]+\.toml)?$")

    @model_validator(mode="after")
    def _differs_by_its_recipe_alone(self) -> Self:
        if self.fault and self.known_bad != self.fixed_in:
            raise ValueError("with a fault recipe known-bad and fixed-in are the same release")
        return self

    @property
    def how(self) -> How:
        """What the test must be red on."""
        return How.RECIPE if self.fault else How.BUILD
