"""The words of the clinic: what a test case says, whatever system answers."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import Self

from epjgate.drivers.dsl.encounters import Encounter, EncounterRef, Encounters
from epjgate.drivers.dsl.laboratory import Laboratory, LabResult, LabResultRef
from epjgate.drivers.dsl.medication import Medication, MedicationOrder, OrderRef, Prescription
from epjgate.drivers.dsl.patients import PatientRef, Patients
from epjgate.drivers.dsl.serving import (
    CAPABILITIES,
    ENCOUNTERS,
    LABORATORY,
    MEDICATION,
    PATIENTS,
    Connections,
    serve,
)
from epjgate.errors import UsageError
from epjgate.evidence.recorder import Recorder
from epjgate.model.person import Address, Person
from epjgate.model.target import Target


class Epj:
    """The system under test as the clinic uses it. Every word is one step in the evidence and asks without retries.

    Raises CapabilityMissing where the system does not have what a word needs, CandidateUnreachable where it gives no
    answer, CandidateFault where its answer is refused or broken. What was written is proven by reading it back, which
    is the test's business. Times need a zone, else ValueError.
    """

    def __init__(self, target: Target, recorder: Recorder) -> None:
        self._recorder = recorder
        self._connections = Connections(target, recorder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection to the system."""
        self._connections.close()

    def requires(self, *capabilities: str) -> None:
        """Return where the system has all of `capabilities`; CapabilityMissing names the first that it lacks."""
        for capability in capabilities:
            if capability not in CAPABILITIES:
                known = ", ".join(CAPABILITIES)
                raise UsageError(f"{capability!r} is no capability", f"known are {known}", "correct the name")
            serve(capability, CAPABILITIES[capability], self._connections)

    def register_patient(self, person: Person) -> PatientRef:
        """Register `person` as a new patient."""
        with self._recorder.step(f"Register patient {person.full_name}"):
            return self._patients.register(person)

    def find_patient_by_cpr(self, cpr: str) -> PatientRef | None:
        """Return the patient with this CPR number or None; CandidateFault where several have it, or the wrong one."""
        with self._recorder.step(f"Find patient by CPR number {cpr}"):
            return self._patients.find_by_cpr(cpr)

    def read_patient(self, patient: PatientRef) -> Person:
        """Return the person as the system knows it now."""
        with self._recorder.step(f"Read patient {patient.id}"):
            return self._patients.read(patient)

    def change_address(self, patient: PatientRef, address: Address) -> PatientRef:
        """Replace the home address of `patient`; everything else stays as it is."""
        with self._recorder.step(f"Change address of patient {patient.id}"):
            return self._patients.change_address(patient, address)

    def admit(self, patient: PatientRef, at: datetime, ward: str) -> EncounterRef:
        """Admit `patient` to `ward`."""
        with self._recorder.step(f"Admit patient {patient.id} to {ward}"):
            return self._encounters.admit(patient, at, ward)

    def discharge(self, encounter: EncounterRef, at: datetime) -> EncounterRef:
        """End `encounter`."""
        with self._recorder.step(f"Discharge from encounter {encounter.id}"):
            return self._encounters.discharge(encounter, at)

    def encounters_of(self, patient: PatientRef) -> list[Encounter]:
        """Return all encounters of `patient`, earliest admission first."""
        with self._recorder.step(f"Read encounters of patient {patient.id}"):
            return self._encounters.of(patient)

    def report_lab_result(self, patient: PatientRef, result: LabResult) -> LabResultRef:
        """Report `result` as final."""
        with self._recorder.step(f"Report {result.name} of patient {patient.id}"):
            return self._laboratory.report(patient, result)

    def lab_results_of(self, patient: PatientRef) -> list[LabResult]:
        """Return the laboratory results of `patient`, earliest sample first, without those entered in error."""
        with self._recorder.step(f"Read laboratory results of patient {patient.id}"):
            return self._laboratory.results_of(patient)

    def prescribe(self, patient: PatientRef, prescription: Prescription) -> OrderRef:
        """Order `prescription` for `patient`, active at once."""
        with self._recorder.step(f"Prescribe {prescription.drug.name} for patient {patient.id}"):
            return self._medication.prescribe(patient, prescription)

    def medication_orders_of(self, patient: PatientRef) -> list[MedicationOrder]:
        """Return all medication orders of `patient` in whatever state, earliest start first."""
        with self._recorder.step(f"Read medication orders of patient {patient.id}"):
            return self._medication.orders_of(patient)

    def stop_medication(self, order: OrderRef, at: datetime) -> OrderRef:
        """Stop `order`, which then ends at `at`."""
        with self._recorder.step(f"Stop medication order {order.id}"):
            return self._medication.stop(order, at)

    @cached_property
    def _patients(self) -> Patients:
        return serve("patients", PATIENTS, self._connections)

    @cached_property
    def _encounters(self) -> Encounters:
        return serve("encounters", ENCOUNTERS, self._connections)

    @cached_property
    def _laboratory(self) -> Laboratory:
        return serve("laboratory", LABORATORY, self._connections)

    @cached_property
    def _medication(self) -> Medication:
        return serve("medication", MEDICATION, self._connections)
