"""What a receiving system can be told to do wrong, and what it says it received."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import AwareDatetime, Field, JsonValue, model_validator

from epjgate.model.base import Value


class PartnerKind(StrEnum):
    """The receiving systems that can be played; `[partners]` in system.toml gives each a name."""

    FMK = "fmk"
    LPR3 = "lpr3"
    MEDCOM = "medcom"
    MLLP = "mllp"


class FaultKind(StrEnum):
    """How a receiving system can misbehave (the words are Toxiproxy's where it has one)."""

    LATENCY = "latency"
    TIMEOUT = "timeout"
    RESET = "reset"
    LATE_ACKNOWLEDGEMENT = "late_acknowledgement"
    REFUSAL = "refusal"
    TRANSIENT = "transient"
    VANISH = "vanish"
    LOST_ACKNOWLEDGEMENT = "lost_acknowledgement"
    DUPLICATE = "duplicate"


_TAKES_TIME = frozenset({FaultKind.LATENCY, FaultKind.LATE_ACKNOWLEDGEMENT})


class Fault(Value):
    """A misbehaviour that strikes the next `times` messages that contain `about`; 0 times means until it is removed.

    `about` is normally a CPR number or the id of an order, so that tests that run side by side do not disturb each
    other. `seconds` says how long, for the kinds that take time, and only for these.
    """

    kind: FaultKind
    about: str = Field(min_length=1)
    times: int = Field(default=1, ge=0)
    seconds: float = Field(default=0.0, ge=0, le=600)

    @model_validator(mode="after")
    def _only_what_takes_time_has_seconds(self) -> Self:
        if (self.kind in _TAKES_TIME) != (self.seconds > 0):
            kinds = " and ".join(sorted(_TAKES_TIME))
            raise ValueError(f"{kinds} need seconds above 0, the other kinds take none")
        return self


class Received(Value):
    """One message that reached a partner; `number` counts in order of arrival within the partner, from 1.

    `accepted` is what its rules said, `reason` the rule that it broke. `repeated` means that an equal identity was
    accepted before: the original answer was given again and nothing done. `fault` is what struck it, if anything; a
    message that a fault kept from being processed counts as not accepted. `text` is the message as it came. `parsed`
    is its JSON object, or for HL7 v2 `{"PID-3": field, "PID-3.1": component, "OBX[2]-5": field of the second OBX}`.
    """

    partner: str
    number: int = Field(ge=1)
    at: AwareDatetime
    kind: str
    accepted: bool
    reason: str = ""
    repeated: bool = False
    fault: FaultKind | None = None
    text: str
    parsed: dict[str, JsonValue] = {}
