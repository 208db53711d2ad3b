"""The receiving systems as the gate plays them: their messages read as what they mean to the clinic."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from epjgate.drivers import exact_json
from epjgate.drivers.admin import moment
from epjgate.drivers.dsl.encounters import EncounterState
from epjgate.drivers.dsl.fhir_encounters import STATES as ENCOUNTER_STATES
from epjgate.drivers.dsl.fhir_records import state_at
from epjgate.drivers.dsl.medication import Drug, OrderRef, OrderState, Prescription
from epjgate.drivers.dsl.orders import InvestigationRef
from epjgate.drivers.dsl.receivers import (
    HospitalNotification,
    NationalReport,
    Notice,
    NoticeKind,
    Receiver,
    Requisition,
    SharedMedication,
    SharedMedicationRecord,
)
from epjgate.drivers.fhir_values import Resource, date_at, object_at, objects_at, text_at, value_at
from epjgate.drivers.hl7v2 import field_of, segments_of
from epjgate.drivers.receivers import Partners
from epjgate.errors import CandidateFault
from epjgate.model.partner import Received
from epjgate.model.person import Sex

_CARD_STATES = {
    "Active": OrderState.ACTIVE,
    "Completed": OrderState.COMPLETED,
    "Stopped": OrderState.STOPPED,
    "EnteredInError": OrderState.ENTERED_IN_ERROR,
}
_NOTICES = {
    "A01": NoticeKind.ADMITTED,
    "A03": NoticeKind.DISCHARGED,
    "A08": NoticeKind.UPDATED,
    "A40": NoticeKind.MERGED,
}
_NEW_ORDER = "NW"  # HL7 table 0119


def taken_in(partners: Partners, receiver: Receiver, cpr: str) -> list[Received]:
    """Return the messages about `cpr` that `receiver` accepted, in the order of their arrival, each once."""
    return [one for one in partners.received(receiver.partner, cpr) if one.accepted and not one.repeated]


class FmkReceiver:
    """`shared_medication_record`, played by the partner of kind `fmk`."""

    def __init__(self, partners: Partners) -> None:
        self._partners = partners

    def card_of(self, cpr: str) -> SharedMedicationRecord:
        """Read the card as FMK would hand it out to any other system."""
        text = self._partners.medicine_card(Receiver.SHARED_MEDICATION_RECORD.partner, cpr)
        if text is None:
            return SharedMedicationRecord()
        card = exact_json.decode(text.encode("utf-8"))
        medications = tuple(map(_medication, objects_at(card, "DrugMedications")))
        return SharedMedicationRecord(int(value_at(card, "MedicineCardVersion")), medications)


class Lpr3Receiver:
    """`national_register`, played by the partner of kind `lpr3`."""

    def __init__(self, partners: Partners) -> None:
        self._partners = partners

    def reports_of(self, cpr: str) -> list[NationalReport]:
        """Read the reports that kept the register's rules."""
        received = taken_in(self._partners, Receiver.NATIONAL_REGISTER, cpr)
        return [_report(exact_json.decode(one.text.encode("utf-8"))) for one in received]


class MedcomReceiver:
    """`hospital_notifications`, played by the partner of kind `medcom`."""

    def __init__(self, partners: Partners) -> None:
        self._partners = partners

    def notifications_of(self, cpr: str) -> list[HospitalNotification]:
        """Read the messages that kept MedCom's rules."""
        received = taken_in(self._partners, Receiver.HOSPITAL_NOTIFICATIONS, cpr)
        return [_notification(exact_json.decode(one.text.encode("utf-8"))) for one in received]


class Hl7Receivers:
    """`laboratory_requisitions`, played by partners of kind `mllp`."""

    def __init__(self, partners: Partners) -> None:
        self._partners = partners

    def requisitions_of(self, cpr: str) -> list[Requisition]:
        """Read the ORM^O01 messages to laboratory and imaging that ask for work, by a new order (ORC-1 NW)."""
        return [
            _requisition(receiver, one)
            for receiver in (Receiver.LABORATORY, Receiver.IMAGING)
            for one in taken_in(self._partners, receiver, cpr)
            if one.kind.startswith("ORM") and _fields(one)("ORC", 1) == _NEW_ORDER
        ]

    def notices_of(self, cpr: str) -> list[Notice]:
        """Read the ADT messages to the laboratory."""
        received = taken_in(self._partners, Receiver.LABORATORY, cpr)
        return [_notice(one) for one in received if one.kind.startswith("ADT")]


def _medication(drug: Resource) -> SharedMedication:
    paused = drug.get("Pause")
    state = state_at(drug, _CARD_STATES, "Status")
    if state is OrderState.ACTIVE and paused is not None:
        state = OrderState.PAUSED
    return SharedMedication(
        order=OrderRef(text_at(drug, "Identifier")),
        state=state,
        prescription=_prescription(drug),
        paused_from=None if paused is None else _at(text_at(drug, "Pause", "BeginDate"), "Pause.BeginDate"),
    )


def _prescription(drug: Resource) -> Prescription:
    try:
        return Prescription(
            drug=Drug(text_at(drug, "Drug", "AtcCode"), text_at(drug, "Drug", "Name")),
            strength_mg=_decimal(drug, "Strength", "Value"),
            dose=_decimal(drug, "Dosage", "Quantity"),
            dose_unit=text_at(drug, "Dosage", "Unit"),
            interval=timedelta(seconds=int(value_at(drug, "Dosage", "IntervalSeconds"))),
            start=_at(text_at(drug, "BeginDate"), "BeginDate"),
            text=text_at(drug, "Dosage", "Text"),
            end=_at(text_at(drug, "EndDate"), "EndDate") if "EndDate" in drug else None,
        )
    except ValueError as err:
        raise CandidateFault(f"the shared medication record was sent what cannot be ordered: {err}") from err


def _decimal(record: Resource, *path: str) -> Decimal:
    text = text_at(record, *path)
    try:
        return Decimal(text)
    except InvalidOperation as err:
        raise CandidateFault(f"{'.'.join(path)} was sent as {text!r}, not a number") from err


def _at(text: str, what: str) -> datetime:
    """Return the moment that `text` names; a date alone is its midnight in UTC."""
    try:
        day = date.fromisoformat(text) if "T" not in text else None
    except ValueError as err:
        raise CandidateFault(f"{what} was sent as {text!r}: {err}") from err
    return moment(text, what) if day is None else datetime.combine(day, time(), UTC)


def _report(report: Resource) -> NationalReport:
    contact = report.get("Contact", {})
    sex = text_at(report, "Sex")
    if sex not in set(Sex):
        raise CandidateFault(f"the register was sent the sex {sex!r}")
    return NationalReport(
        document=text_at(report, "DocumentId"),
        version=int(value_at(report, "Version")),
        nullified=text_at(report, "Type") == "Nullify",
        cpr=text_at(report, "PersonIdentifier"),
        sex=Sex(sex),
        birth_date=date_at(report, "BirthDate"),
        contact=text_at(contact, "Identifier"),
        organisation=str(contact.get("SorCode", "")),
        begin=_at(text_at(contact, "Begin"), "Begin"),
        end=_at(text_at(contact, "End"), "End") if "End" in contact else None,
        diagnosis=str(contact.get("ActionDiagnosis", "")),
    )


def _notification(bundle: Resource) -> HospitalNotification:
    records = {text_at(record, "resourceType"): record for record in _records(bundle)}
    missing = {"Patient", "Encounter"} - records.keys()
    if missing:
        raise CandidateFault(f"the notification holds no {' and no '.join(sorted(missing))}")
    encounter = records["Encounter"]
    return HospitalNotification(
        state=_notified(encounter),
        cpr=text_at(records["Patient"], "identifier", 0, "value"),
        episode=text_at(encounter, "episodeOfCare", 0, "identifier", "value").removeprefix("urn:uuid:"),
    )


def _notified(encounter: Resource) -> EncounterState:
    return state_at(encounter, ENCOUNTER_STATES, "status")


def _records(bundle: Resource) -> list[Resource]:
    return [object_at(entry, "resource") for entry in objects_at(bundle, "entry")]


def _requisition(receiver: Receiver, received: Received) -> Requisition:
    of = _fields(received)
    return Requisition(
        receiver=receiver,
        order=InvestigationRef(of("ORC", 2)),
        cpr=of("PID", 3),
        family_name=of("PID", 5),
        code=of("OBR", 4),
        name=of("OBR", 4, 2),
    )


def _notice(received: Received) -> Notice:
    of = _fields(received)
    given = tuple(name for component in (2, 3) for name in of("PID", 5, component).split())
    return Notice(
        kind=_NOTICES[received.kind.partition("^")[2][:3]],
        cpr=of("PID", 3),
        family_name=of("PID", 5),
        given_names=given,
        ward=of("PV1", 3),
        merged_from=of("MRG", 1),
    )


def _fields(received: Received) -> Callable[..., str]:
    """Return a reader of the message's fields: segment, number, component; empty where the segment is not there."""
    segments = segments_of(received.text, f"the {received.kind} that {received.partner} received")

    def read(segment: str, number: int, component: int = 1) -> str:
        return field_of(segments[segment], number, component) if segment in segments else ""

    return read
