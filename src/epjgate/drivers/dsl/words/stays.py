"""Words about where a patient lies."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from epjgate.drivers.dsl.encounters import Encounter, EncounterRef, Encounters
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.dsl.serving import ENCOUNTERS, serve
from epjgate.drivers.dsl.words.base import Words


class StayWords(Words):
    """Words of `encounters`."""

    def admit(self, patient: PatientRef, at: datetime, ward: str) -> EncounterRef:
        """Admit `patient` to `ward`."""
        with self._step(f"Admit patient {patient.id} to {ward}"):
            return self._encounters.admit(patient, at, ward)

    def discharge(self, encounter: EncounterRef, at: datetime, diagnosis: str = "") -> EncounterRef:
        """End `encounter`, with the SKS code of its diagnosis where one is given."""
        with self._step(f"Discharge from encounter {encounter.id}"):
            return self._encounters.discharge(encounter, at, diagnosis)

    def send_on_leave(self, encounter: EncounterRef, at: datetime) -> EncounterRef:
        """Let the patient go home for a while."""
        with self._step(f"Send on leave from encounter {encounter.id}"):
            return self._encounters.send_on_leave(encounter, at)

    def end_leave(self, encounter: EncounterRef) -> EncounterRef:
        """Take the patient back from leave."""
        with self._step(f"Take back from leave to encounter {encounter.id}"):
            return self._encounters.end_leave(encounter)

    def strike_out_encounter(self, encounter: EncounterRef) -> EncounterRef:
        """Say that `encounter` was entered in error."""
        with self._step(f"Strike out encounter {encounter.id}"):
            return self._encounters.strike_out(encounter)

    def encounters_of(self, patient: PatientRef) -> list[Encounter]:
        """Return all encounters of `patient`, earliest admission first."""
        with self._step(f"Read encounters of patient {patient.id}"):
            return self._encounters.of(patient)

    @cached_property
    def _encounters(self) -> Encounters:
        return serve("encounters", ENCOUNTERS, self._connections)
