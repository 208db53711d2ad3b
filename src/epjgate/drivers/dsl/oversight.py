"""The capabilities `audit`, `delivery_ledger`, `status_banner` and `certificates`: what a system says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.dsl.receivers import Receiver


class Access(StrEnum):
    """What somebody did to a record (the actions of AuditEvent)."""

    CREATE = "create"
    READ = "read"
    UPDATE = "update"
    DELETE = "delete"
    EXECUTE = "execute"


@dataclass(frozen=True)
class AuditEntry:
    """Who did what to which record, when, and whether they were let.

    `record` names the record as the system does; `source` is where it came in, for example `fhir` or `hl7v2`.
    """

    at: datetime
    user: str
    role: str
    access: Access
    allowed: bool
    record: str
    source: str


class DeliveryState(StrEnum):
    """How far a message to a receiver has come."""

    QUEUED = "queued"
    RETRYING = "retrying"
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNROUTABLE = "unroutable"


@dataclass(frozen=True)
class Delivery:
    """A message to a receiver as the sender's own ledger has it; `alarm` is true where somebody must look at it."""

    id: str
    receiver: Receiver
    kind: str
    state: DeliveryState
    attempts: int
    error: str
    created_at: datetime
    alarm: bool

    @property
    def is_on_its_way(self) -> bool:
        """Whether the system still means to deliver it."""
        return self.state in (DeliveryState.QUEUED, DeliveryState.RETRYING)


@dataclass(frozen=True)
class Banner:
    """What users are told about the state of the connections: a text, empty where all is well, and who is disturbed.

    `told` are all receivers whose state is told; nothing is known of any other.
    """

    text: str
    disturbed: frozenset[Receiver]
    told: frozenset[Receiver]


@dataclass(frozen=True)
class Certificate:
    """A certificate that the release brings along, and the last moment at which it holds."""

    name: str
    expires_at: datetime


class Audit(Protocol):
    """What every implementation of `audit` promises; a broken answer is a CandidateFault, a refusal a Denial."""

    def trail_of(self, patient: PatientRef) -> list[AuditEntry]:
        """Return all entries about `patient`, earliest first."""


class DeliveryLedger(Protocol):
    """What every implementation of `delivery_ledger` promises; a broken answer is a CandidateFault."""

    def deliveries_of(self, patient: PatientRef) -> list[Delivery]:
        """Return the messages about `patient`, earliest first."""


class StatusBanner(Protocol):
    """What every implementation of `status_banner` promises; a broken answer is a CandidateFault."""

    def banner(self) -> Banner:
        """Return what users are told now."""


class Certificates(Protocol):
    """What every implementation of `certificates` promises; a broken answer is a CandidateFault."""

    def shipped(self) -> list[Certificate]:
        """Return the certificates of this release by name."""
