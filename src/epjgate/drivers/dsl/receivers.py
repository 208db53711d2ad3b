"""The capabilities of receiving systems: what arrived there, which is the only proof that it was sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from epjgate.drivers.dsl.encounters import EncounterState
from epjgate.drivers.dsl.medication import OrderRef, OrderState, Prescription
from epjgate.drivers.dsl.orders import InvestigationRef
from epjgate.model.person import Sex


class Receiver(StrEnum):
    """A system that receives messages; UNKNOWN stands in a ledger for one that the sender has no address for."""

    SHARED_MEDICATION_RECORD = "shared medication record"
    NATIONAL_REGISTER = "national register"
    HOSPITAL_NOTIFICATIONS = "hospital notifications"
    LABORATORY = "laboratory"
    IMAGING = "imaging"
    UNKNOWN = "unknown receiver"

    @property
    def partner(self) -> str:
        """Its name in the system description's `[partners]`."""
        return _PARTNERS[self]


_PARTNERS = {
    Receiver.SHARED_MEDICATION_RECORD: "fmk",
    Receiver.NATIONAL_REGISTER: "lpr3",
    Receiver.HOSPITAL_NOTIFICATIONS: "medcom",
    Receiver.LABORATORY: "laboratory",
    Receiver.IMAGING: "imaging",
    Receiver.UNKNOWN: "unknown",
}


@dataclass(frozen=True)
class Message:
    """One message as it arrived: of which kind, whether it was accepted, and the rule that it broke where it was not.

    `repeated` means that the same message had been accepted before and nothing was done again.
    """

    at: datetime
    kind: str
    accepted: bool
    repeated: bool
    reason: str


@dataclass(frozen=True)
class SharedMedication:
    """A drug on a person's card in the shared medication record; `order` is the order that it came from."""

    order: OrderRef
    state: OrderState
    prescription: Prescription
    paused_from: datetime | None = None


@dataclass(frozen=True)
class SharedMedicationRecord:
    """A person's card: its version, which counts changes and is 0 where nothing arrived, and all drugs on it."""

    version: int = 0
    medications: tuple[SharedMedication, ...] = ()

    def of(self, order: OrderRef) -> SharedMedication | None:
        """Return what the card says of `order`, None where it says nothing."""
        return next((one for one in self.medications if one.order == order), None)


@dataclass(frozen=True)
class NationalReport:
    """A report of a hospital contact that the register accepted, or the withdrawal of one (`nullified`)."""

    document: str
    version: int
    nullified: bool
    cpr: str
    sex: Sex
    birth_date: date
    contact: str
    organisation: str
    begin: datetime
    end: datetime | None
    diagnosis: str


@dataclass(frozen=True)
class HospitalNotification:
    """What the municipality was told of a stay: whose it is, how far it has come, and under which episode."""

    state: EncounterState
    cpr: str
    episode: str


@dataclass(frozen=True)
class Requisition:
    """What laboratory or imaging were asked to do: for whom, what, and which order asks."""

    receiver: Receiver
    order: InvestigationRef
    cpr: str
    family_name: str
    code: str
    name: str


class NoticeKind(StrEnum):
    """What the laboratory was told about a patient (the ADT events A01, A03, A08 and A40)."""

    ADMITTED = "admitted"
    DISCHARGED = "discharged"
    UPDATED = "updated"
    MERGED = "merged"


@dataclass(frozen=True)
class Notice:
    """What the laboratory was told about a patient; `merged_from` is the CPR number that went up in `cpr`."""

    kind: NoticeKind
    cpr: str
    family_name: str
    given_names: tuple[str, ...]
    ward: str = ""
    merged_from: str = ""


class SharedMedicationRecords(Protocol):
    """What every implementation of `shared_medication_record` promises."""

    def card_of(self, cpr: str) -> SharedMedicationRecord:
        """Return the card as it is now; version 0 and nothing on it where there is none."""


class NationalRegister(Protocol):
    """What every implementation of `national_register` promises."""

    def reports_of(self, cpr: str) -> list[NationalReport]:
        """Return the reports that the register accepted, in the order of their arrival, each once."""


class HospitalNotifications(Protocol):
    """What every implementation of `hospital_notifications` promises."""

    def notifications_of(self, cpr: str) -> list[HospitalNotification]:
        """Return the notifications that were accepted, in the order of their arrival, each once."""


class LaboratoryRequisitions(Protocol):
    """What every implementation of `laboratory_requisitions` promises."""

    def requisitions_of(self, cpr: str) -> list[Requisition]:
        """Return the new orders that were accepted, laboratory first, in the order of arrival, each once."""

    def notices_of(self, cpr: str) -> list[Notice]:
        """Return what the laboratory was told about the patient, in the order of arrival, each once."""
