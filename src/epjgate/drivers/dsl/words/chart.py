"""Words about what stands in the chart: allergies, notes, orders and answers."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from epjgate.drivers.dsl.allergies import Allergies, Allergy, AllergyAlerts, AllergyRef
from epjgate.drivers.dsl.laboratory import Laboratory, LabResult, LabResultRef
from epjgate.drivers.dsl.medication import Drug
from epjgate.drivers.dsl.notes import ChartNote, Note, NoteRef, Notes, NoteSigning
from epjgate.drivers.dsl.orders import (
    Discipline,
    ImagingAnswer,
    Investigation,
    InvestigationOrder,
    InvestigationRef,
    Orders,
    TextAnswer,
)
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.dsl.serving import ALLERGIES, ALLERGY_ALERTS, LABORATORY, NOTE_SIGNING, NOTES, ORDERS, serve
from epjgate.drivers.dsl.words.base import Words


class ChartWords(Words):
    """Words of `allergies`, `allergy_alerts`, `notes`, `note_signing`, `orders` and `laboratory`."""

    def record_allergy(self, patient: PatientRef, allergy: Allergy) -> AllergyRef:
        """Record an active, confirmed allergy."""
        with self._step(f"Record that patient {patient.id} is allergic to {allergy.substance}"):
            return self._allergies.record(patient, allergy)

    def allergies_of(self, patient: PatientRef) -> list[Allergy]:
        """Return the active allergies of `patient` by ATC code; what stands there twice is there twice."""
        with self._step(f"Read allergies of patient {patient.id}"):
            return self._allergies.of(patient)

    def allergy_alerts(self, patient: PatientRef, drug: Drug) -> list[str]:
        """Return what the doctor is warned of before `drug` is prescribed; empty where there is no warning."""
        with self._step(f"Ask for alerts before {drug.name} for patient {patient.id}"):
            return self._allergy_alerts.alerts(patient, drug)

    def write_note(self, patient: PatientRef, note: Note) -> NoteRef:
        """Write `note` as a draft."""
        with self._step(f"Write note for patient {patient.id}"):
            return self._notes.write(patient, note)

    def read_note(self, note: NoteRef) -> ChartNote:
        """Return the note as it stands now."""
        with self._step(f"Read note {note.id}"):
            return self._notes.read(note)

    def change_note(self, note: NoteRef, text: str) -> NoteRef:
        """Put `text` in the place of the note's text; Refused where the note is signed."""
        with self._step(f"Change note {note.id}"):
            return self._notes.change(note, text)

    def replace_note(self, note: NoteRef, by: Note) -> NoteRef:
        """Write the note `by`, which says that it comes in the place of `note`."""
        with self._step(f"Replace note {note.id}"):
            return self._notes.replace(note, by)

    def delete_note(self, note: NoteRef) -> None:
        """Take the note out of the record; Refused where it is signed."""
        with self._step(f"Delete note {note.id}"):
            self._notes.delete(note)

    def notes_of(self, patient: PatientRef) -> list[ChartNote]:
        """Return the notes of `patient`, earliest first, those that were superseded included."""
        with self._step(f"Read notes of patient {patient.id}"):
            return self._notes.of(patient)

    def sign_note(self, note: NoteRef) -> NoteRef:
        """Sign the note as the user who is signed in; from then on nobody changes it."""
        with self._step(f"Sign note {note.id}"):
            return self._note_signing.sign(note)

    def order_lab(self, patient: PatientRef, investigation: Investigation) -> InvestigationRef:
        """Order an analysis of the laboratory, active at once."""
        with self._step(f"Order {investigation.name} from the laboratory for patient {patient.id}"):
            return self._orders.order(patient, Discipline.LABORATORY, investigation)

    def order_imaging(self, patient: PatientRef, investigation: Investigation) -> InvestigationRef:
        """Order an image, active at once."""
        with self._step(f"Order {investigation.name} from imaging for patient {patient.id}"):
            return self._orders.order(patient, Discipline.IMAGING, investigation)

    def order_procedure(self, patient: PatientRef, investigation: Investigation) -> InvestigationRef:
        """Order what neither the laboratory nor imaging does, active at once."""
        with self._step(f"Order {investigation.name} for patient {patient.id}"):
            return self._orders.order(patient, Discipline.PROCEDURE, investigation)

    def orders_of(self, patient: PatientRef) -> list[InvestigationOrder]:
        """Return all investigations ordered for `patient`, earliest first."""
        with self._step(f"Read investigations ordered for patient {patient.id}"):
            return self._orders.of(patient)

    def report_imaging(self, patient: PatientRef, answer: ImagingAnswer) -> None:
        """Report what an image shows, as final."""
        with self._step(f"Report {answer.name} of patient {patient.id}"):
            self._orders.report_imaging(patient, answer)

    def imaging_answers_of(self, patient: PatientRef) -> list[ImagingAnswer]:
        """Return what images of `patient` show, earliest first, without what was entered in error."""
        with self._step(f"Read imaging answers of patient {patient.id}"):
            return self._orders.imaging_answers_of(patient)

    def text_answers_of(self, patient: PatientRef) -> list[TextAnswer]:
        """Return what any department answered in text, earliest first, without what was entered in error."""
        with self._step(f"Read answers in text of patient {patient.id}"):
            return self._orders.text_answers_of(patient)

    def report_lab_result(
        self, patient: PatientRef, result: LabResult, answers: InvestigationRef | None = None
    ) -> LabResultRef:
        """Report `result` as final, as the answer to an order where one is given."""
        with self._step(f"Report {result.name} of patient {patient.id}"):
            return self._laboratory.report(patient, result, answers)

    def lab_results_of(
        self, patient: PatientRef, *, taken_from: datetime | None = None, taken_before: datetime | None = None
    ) -> list[LabResult]:
        """Return the laboratory results of `patient`, earliest sample first, without those entered in error.

        With limits, the system itself selects those whose sample was taken from the one on and before the other.
        """
        with self._step(f"Read laboratory results of patient {patient.id}"):
            return self._laboratory.results_of(patient, taken_from, taken_before)

    @cached_property
    def _allergies(self) -> Allergies:
        return serve("allergies", ALLERGIES, self._connections)

    @cached_property
    def _allergy_alerts(self) -> AllergyAlerts:
        return serve("allergy_alerts", ALLERGY_ALERTS, self._connections)

    @cached_property
    def _notes(self) -> Notes:
        return serve("notes", NOTES, self._connections)

    @cached_property
    def _note_signing(self) -> NoteSigning:
        return serve("note_signing", NOTE_SIGNING, self._connections)

    @cached_property
    def _orders(self) -> Orders:
        return serve("orders", ORDERS, self._connections)

    @cached_property
    def _laboratory(self) -> Laboratory:
        return serve("laboratory", LABORATORY, self._connections)
