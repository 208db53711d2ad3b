"""The DSL: what a clinic does, in its own words, on top of the protocol drivers."""

from epjgate.drivers.dsl.allergies import Allergy, AllergyRef
from epjgate.drivers.dsl.downtime import DowntimeBed, DowntimeChart, DowntimePerson, DowntimeResult
from epjgate.drivers.dsl.encounters import Encounter, EncounterRef, EncounterState
from epjgate.drivers.dsl.epj import Epj, UserWords
from epjgate.drivers.dsl.feeds import Acknowledgement, Charset, Envelope, LabMessage, Verdict
from epjgate.drivers.dsl.identity import Issuer, ReplacementCpr
from epjgate.drivers.dsl.laboratory import LabResult, LabResultRef, Terminology
from epjgate.drivers.dsl.medication import Drug, MedicationOrder, OrderRef, OrderState, Prescription
from epjgate.drivers.dsl.notes import ChartNote, Note, NoteRef, NoteState
from epjgate.drivers.dsl.orders import (
    Discipline,
    ImagingAnswer,
    Investigation,
    InvestigationOrder,
    InvestigationRef,
    InvestigationState,
    TextAnswer,
)
from epjgate.drivers.dsl.oversight import Access, AuditEntry, Banner, Certificate, Delivery, DeliveryState
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.dsl.prescribing import Label, Tablets
from epjgate.drivers.dsl.receivers import (
    HospitalNotification,
    Message,
    NationalReport,
    Notice,
    NoticeKind,
    Receiver,
    Requisition,
    SharedMedication,
    SharedMedicationRecord,
)
from epjgate.drivers.refusals import AccessDenied, NotThere, Refused

__all__ = [
    "Access",
    "AccessDenied",
    "Acknowledgement",
    "Allergy",
    "AllergyRef",
    "AuditEntry",
    "Banner",
    "Certificate",
    "Charset",
    "ChartNote",
    "Delivery",
    "DeliveryState",
    "Discipline",
    "DowntimeBed",
    "DowntimeChart",
    "DowntimePerson",
    "DowntimeResult",
    "Drug",
    "Encounter",
    "EncounterRef",
    "EncounterState",
    "Envelope",
    "Epj",
    "HospitalNotification",
    "ImagingAnswer",
    "Investigation",
    "InvestigationOrder",
    "InvestigationRef",
    "InvestigationState",
    "Issuer",
    "LabMessage",
    "LabResult",
    "LabResultRef",
    "Label",
    "MedicationOrder",
    "Message",
    "NationalReport",
    "NotThere",
    "Note",
    "NoteRef",
    "NoteState",
    "Notice",
    "NoticeKind",
    "OrderRef",
    "OrderState",
    "PatientRef",
    "Prescription",
    "Receiver",
    "Refused",
    "ReplacementCpr",
    "Requisition",
    "SharedMedication",
    "SharedMedicationRecord",
    "Tablets",
    "Terminology",
    "TextAnswer",
    "UserWords",
    "Verdict",
]
