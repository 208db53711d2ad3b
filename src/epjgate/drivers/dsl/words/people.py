"""Words about who somebody is: registering, finding, merging, protecting."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from epjgate.drivers.dsl.identity import AddressProtection, PatientMerge, ReplacementCpr, ReplacementNumbers
from epjgate.drivers.dsl.patients import PatientRef, Patients
from epjgate.drivers.dsl.serving import ADDRESS_PROTECTION, PATIENT_MERGE, PATIENTS, REPLACEMENT_CPR, serve
from epjgate.drivers.dsl.words.base import Words
from epjgate.model.person import Address, Person, Sex


class PeopleWords(Words):
    """Words of `patients`, `patient_merge`, `replacement_cpr` and `address_protection`."""

    def register_patient(self, person: Person) -> PatientRef:
        """Register `person` as a new patient."""
        with self._step(f"Register patient {person.full_name}"):
            return self._acquaintances.meet(self._patients.register(person), person.cpr)

    def register_patient_if_unknown(self, person: Person) -> PatientRef:
        """Register `person` unless somebody has the CPR number already; returns who has it then."""
        with self._step(f"Register patient {person.full_name} if unknown"):
            return self._acquaintances.meet(self._patients.register_if_unknown(person), person.cpr)

    def find_patient_by_cpr(self, cpr: str) -> PatientRef | None:
        """Return the patient with this CPR number or None; CandidateFault where several have it, or the wrong one."""
        with self._step(f"Find patient by CPR number {cpr}"):
            found = self._patients.find_by_cpr(cpr)
            return found and self._acquaintances.meet(found, cpr)

    def find_patients_by_name(self, family_name: str) -> list[PatientRef]:
        """Return the patients whose family name begins like `family_name`, in no order."""
        with self._step(f"Find patients called {family_name}"):
            return self._patients.find_by_name(family_name)

    def read_patient(self, patient: PatientRef) -> Person:
        """Return the person as the system knows it now."""
        with self._step(f"Read patient {patient.id}"):
            return self._patients.read(patient)

    def read_patient_version(self, patient: PatientRef) -> Person:
        """Return the person as the system knew it when it named `patient`, by the version in the reference."""
        with self._step(f"Read version {patient.version} of patient {patient.id}"):
            return self._patients.read_version(patient)

    def change_address(self, patient: PatientRef, address: Address) -> PatientRef:
        """Replace the home address of `patient`; everything else stays as it is."""
        with self._step(f"Change address of patient {patient.id}"):
            return self._patients.change_address(patient, address)

    def merge_patients(self, source: PatientRef, into: PatientRef) -> PatientRef:
        """Move the whole record of `source` to `into`; returns who survives. Refused where it makes no sense."""
        with self._step(f"Merge patient {source.id} into {into.id}"):
            return self._patient_merge.merge(source, into)

    def survivor_of(self, patient: PatientRef) -> PatientRef | None:
        """Return the patient in whom `patient` went up by a merge, None where `patient` stands alone."""
        with self._step(f"Ask in whom patient {patient.id} went up"):
            return self._patient_merge.survivor_of(patient)

    def register_unknown_patient(self, sex: Sex, born_about: date, name: str = "") -> PatientRef:
        """Register somebody who cannot say who they are; the system gives them a replacement CPR number."""
        with self._step(f"Register an unknown {sex.value} patient"):
            return self._replacements.register_unknown(sex, born_about, name)

    def register_patient_with_replacement_cpr(self, person: Person, replacement: ReplacementCpr) -> PatientRef:
        """Register `person` by a replacement CPR number that somebody issued, and without their own."""
        with self._step(f"Register patient {person.full_name} with a {replacement.issuer} replacement CPR number"):
            patient = self._replacements.register_with(person, replacement)
            return self._acquaintances.meet(patient, replacement.number)

    def identify_patient(self, patient: PatientRef, cpr: str) -> PatientRef:
        """Give a patient with a replacement number the real CPR number; returns who survives, if somebody has it."""
        with self._step(f"Identify patient {patient.id} as {cpr}"):
            return self._acquaintances.meet(self._replacements.identify(patient, cpr), cpr)

    def replacement_numbers_of(self, patient: PatientRef) -> list[ReplacementCpr]:
        """Return the replacement CPR numbers of `patient`, old ones included."""
        with self._step(f"Read replacement CPR numbers of patient {patient.id}"):
            return self._replacements.replacements_of(patient)

    def find_patients_by_replacement_cpr(self, number: str) -> list[PatientRef]:
        """Return all patients with this replacement CPR number, whoever issued it, without those merged away."""
        with self._step(f"Find patients by replacement CPR number {number}"):
            return self._replacements.find(number)

    def protect_address(self, patient: PatientRef) -> None:
        """Protect the address of `patient`."""
        with self._step(f"Protect the address of patient {patient.id}"):
            self._protection.protect(patient)

    def address_of(self, patient: PatientRef) -> Address | None:
        """Return the home address as this user sees it, None where it is withheld."""
        with self._step(f"Read address of patient {patient.id}"):
            return self._protection.address_of(patient)

    def find_patients_by_address(self, address: Address) -> list[PatientRef]:
        """Return everybody whom a search for the street, the postal code or the city alone finds, each once."""
        with self._step("Find patients by address"):
            return self._protection.find_by_address(address)

    def where_address_shows(self, patient: PatientRef, address: Address) -> list[str]:
        """Return by which ways of asking this user sees the street of `address`; empty where by none."""
        with self._step(f"Look everywhere for the address of patient {patient.id}"):
            return self._protection.where_shown(patient, address)

    @cached_property
    def _patients(self) -> Patients:
        return serve("patients", PATIENTS, self._connections)

    @cached_property
    def _patient_merge(self) -> PatientMerge:
        return serve("patient_merge", PATIENT_MERGE, self._connections)

    @cached_property
    def _replacements(self) -> ReplacementNumbers:
        return serve("replacement_cpr", REPLACEMENT_CPR, self._connections)

    @cached_property
    def _protection(self) -> AddressProtection:
        return serve("address_protection", ADDRESS_PROTECTION, self._connections)
