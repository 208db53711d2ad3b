"""Which implementation serves a capability over which interface."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from epjgate.drivers.dsl.admin_oversight import AdminCertificates, AdminDeliveryLedger, AdminStatusBanner
from epjgate.drivers.dsl.allergies import Allergies, AllergyAlerts
from epjgate.drivers.dsl.connections import ADMIN, DOWNTIME, FHIR_R4, HL7V2, PARTNERS, Connections
from epjgate.drivers.dsl.downtime import DowntimeCopy
from epjgate.drivers.dsl.downtime_server import DowntimeServer
from epjgate.drivers.dsl.encounters import Encounters
from epjgate.drivers.dsl.feeds import AdmissionFeed, LaboratoryFeed
from epjgate.drivers.dsl.fhir_allergies import FhirAllergies, FhirAllergyAlerts
from epjgate.drivers.dsl.fhir_audit import FhirAudit
from epjgate.drivers.dsl.fhir_encounters import FhirEncounters
from epjgate.drivers.dsl.fhir_identity import FhirPatientMerge, FhirReplacementNumbers
from epjgate.drivers.dsl.fhir_laboratory import FhirLaboratory
from epjgate.drivers.dsl.fhir_medication import FhirMedication
from epjgate.drivers.dsl.fhir_notes import FhirNotes, FhirNoteSigning
from epjgate.drivers.dsl.fhir_orders import FhirOrders
from epjgate.drivers.dsl.fhir_patients import FhirPatients
from epjgate.drivers.dsl.fhir_prescribing import (
    FhirDispensing,
    FhirMedicationRenewal,
    FhirOrderSets,
    FhirPrescriptionLabel,
)
from epjgate.drivers.dsl.fhir_protection import FhirAddressProtection
from epjgate.drivers.dsl.hl7_feeds import Hl7AdmissionFeed, Hl7LaboratoryFeed
from epjgate.drivers.dsl.identity import AddressProtection, PatientMerge, ReplacementNumbers
from epjgate.drivers.dsl.laboratory import Laboratory
from epjgate.drivers.dsl.medication import Medication
from epjgate.drivers.dsl.notes import Notes, NoteSigning
from epjgate.drivers.dsl.orders import Orders
from epjgate.drivers.dsl.oversight import Audit, Certificates, DeliveryLedger, StatusBanner
from epjgate.drivers.dsl.partner_receivers import FmkReceiver, Hl7Receivers, Lpr3Receiver, MedcomReceiver
from epjgate.drivers.dsl.patients import Patients
from epjgate.drivers.dsl.prescribing import Dispensing, MedicationRenewal, OrderSets, PrescriptionLabel
from epjgate.drivers.dsl.receivers import (
    HospitalNotifications,
    LaboratoryRequisitions,
    NationalRegister,
    SharedMedicationRecords,
)
from epjgate.errors import CapabilityMissing, UsageError
from epjgate.model.target import Target

Served = TypeVar("Served")

# A further driver serves a capability by one more entry in its table.
Table = Mapping[str, Callable[[Connections], Served]]
PATIENTS: Table[Patients] = {FHIR_R4: lambda at: FhirPatients(at.fhir_r4)}
PATIENT_MERGE: Table[PatientMerge] = {FHIR_R4: lambda at: FhirPatientMerge(at.fhir_r4)}
REPLACEMENT_CPR: Table[ReplacementNumbers] = {FHIR_R4: lambda at: FhirReplacementNumbers(at.fhir_r4)}
ADDRESS_PROTECTION: Table[AddressProtection] = {FHIR_R4: lambda at: FhirAddressProtection(at.fhir_r4)}
ENCOUNTERS: Table[Encounters] = {FHIR_R4: lambda at: FhirEncounters(at.fhir_r4)}
LABORATORY: Table[Laboratory] = {FHIR_R4: lambda at: FhirLaboratory(at.fhir_r4)}
ORDERS: Table[Orders] = {FHIR_R4: lambda at: FhirOrders(at.fhir_r4)}
ALLERGIES: Table[Allergies] = {FHIR_R4: lambda at: FhirAllergies(at.fhir_r4)}
ALLERGY_ALERTS: Table[AllergyAlerts] = {FHIR_R4: lambda at: FhirAllergyAlerts(at.fhir_r4)}
NOTES: Table[Notes] = {FHIR_R4: lambda at: FhirNotes(at.fhir_r4)}
NOTE_SIGNING: Table[NoteSigning] = {FHIR_R4: lambda at: FhirNoteSigning(at.fhir_r4)}
MEDICATION: Table[Medication] = {FHIR_R4: lambda at: FhirMedication(at.fhir_r4)}
MEDICATION_RENEWAL: Table[MedicationRenewal] = {FHIR_R4: lambda at: FhirMedicationRenewal(at.fhir_r4)}
PRESCRIPTION_LABEL: Table[PrescriptionLabel] = {FHIR_R4: lambda at: FhirPrescriptionLabel(at.fhir_r4)}
DISPENSING: Table[Dispensing] = {FHIR_R4: lambda at: FhirDispensing(at.fhir_r4)}
ORDER_SETS: Table[OrderSets] = {FHIR_R4: lambda at: FhirOrderSets(at.fhir_r4)}
AUDIT: Table[Audit] = {FHIR_R4: lambda at: FhirAudit(at.fhir_r4)}
# Nothing serves it but users who can sign in; the interface says where.
ACCESS_CONTROL: Table[Connections] = {FHIR_R4: lambda at: at}
# The records that an earlier release wrote are read like any others; that they are there is what is declared.
EARLIER_RECORDS: Table[Connections] = {FHIR_R4: lambda at: at}
DELIVERY_LEDGER: Table[DeliveryLedger] = {ADMIN: lambda at: AdminDeliveryLedger(at.admin)}
STATUS_BANNER: Table[StatusBanner] = {ADMIN: lambda at: AdminStatusBanner(at.admin)}
CERTIFICATES: Table[Certificates] = {ADMIN: lambda at: AdminCertificates(at.admin)}
DOWNTIME_COPY: Table[DowntimeCopy] = {DOWNTIME: lambda at: DowntimeServer(at.downtime)}
LABORATORY_FEED: Table[LaboratoryFeed] = {HL7V2: lambda at: Hl7LaboratoryFeed(at.hl7v2)}
ADMISSION_FEED: Table[AdmissionFeed] = {HL7V2: lambda at: Hl7AdmissionFeed(at.hl7v2)}
SHARED_MEDICATION_RECORD: Table[SharedMedicationRecords] = {PARTNERS: lambda at: FmkReceiver(at.partners)}
NATIONAL_REGISTER: Table[NationalRegister] = {PARTNERS: lambda at: Lpr3Receiver(at.partners)}
HOSPITAL_NOTIFICATIONS: Table[HospitalNotifications] = {PARTNERS: lambda at: MedcomReceiver(at.partners)}
LABORATORY_REQUISITIONS: Table[LaboratoryRequisitions] = {PARTNERS: lambda at: Hl7Receivers(at.partners)}

CAPABILITIES: Mapping[str, Table[object]] = {
    "patients": PATIENTS,
    "patient_merge": PATIENT_MERGE,
    "replacement_cpr": REPLACEMENT_CPR,
    "address_protection": ADDRESS_PROTECTION,
    "encounters": ENCOUNTERS,
    "laboratory": LABORATORY,
    "orders": ORDERS,
    "allergies": ALLERGIES,
    "allergy_alerts": ALLERGY_ALERTS,
    "notes": NOTES,
    "note_signing": NOTE_SIGNING,
    "medication": MEDICATION,
    "medication_renewal": MEDICATION_RENEWAL,
    "prescription_label": PRESCRIPTION_LABEL,
    "dispensing": DISPENSING,
    "order_sets": ORDER_SETS,
    "audit": AUDIT,
    "access_control": ACCESS_CONTROL,
    "earlier_records": EARLIER_RECORDS,
    "delivery_ledger": DELIVERY_LEDGER,
    "status_banner": STATUS_BANNER,
    "certificates": CERTIFICATES,
    "downtime_copy": DOWNTIME_COPY,
    "laboratory_feed": LABORATORY_FEED,
    "admission_feed": ADMISSION_FEED,
    "shared_medication_record": SHARED_MEDICATION_RECORD,
    "national_register": NATIONAL_REGISTER,
    "hospital_notifications": HOSPITAL_NOTIFICATIONS,
    "laboratory_requisitions": LABORATORY_REQUISITIONS,
}


def serve(capability: str, table: Table[Served], connections: Connections) -> Served:
    """Return what serves `capability` on this target.

    Raises CapabilityMissing where the system does not have it, UsageError where it is said to have it and nothing
    here can ask for it: that is a mistake in the description, and never a reason to leave a test out.
    """
    target = connections.target
    interface = target.capabilities.get(capability)
    if interface is None:
        raise _missing(target, capability, capability)
    if interface in target.absent:
        raise _missing(target, capability, interface)
    if interface not in table:
        raise UsageError(
            f"{capability} of {target.system} cannot be tested",
            f"no driver serves {capability} over {interface}; known: {', '.join(sorted(table))}",
            f"correct capabilities.{capability} in the description of {target.system}, or write the driver",
        )
    return table[interface](connections)


def _missing(target: Target, capability: str, absent: str) -> CapabilityMissing:
    return CapabilityMissing(
        f"{target.system} does not have {capability}",
        target.absent.get(absent, "not declared"),
        f"declare {capability} in the description of {target.system} once it has it",
    )
