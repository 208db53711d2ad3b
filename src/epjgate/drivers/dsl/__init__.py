"""The DSL: what a clinic does, in its own words, on top of the protocol drivers."""

from epjgate.drivers.dsl.encounters import Encounter, EncounterRef, EncounterState
from epjgate.drivers.dsl.epj import Epj
from epjgate.drivers.dsl.laboratory import LabResult, LabResultRef, Terminology
from epjgate.drivers.dsl.medication import Drug, MedicationOrder, OrderRef, OrderState, Prescription
from epjgate.drivers.dsl.patients import PatientRef

__all__ = [
    "Drug",
    "Encounter",
    "EncounterRef",
    "EncounterState",
    "Epj",
    "LabResult",
    "LabResultRef",
    "MedicationOrder",
    "OrderRef",
    "OrderState",
    "PatientRef",
    "Prescription",
    "Terminology",
]
