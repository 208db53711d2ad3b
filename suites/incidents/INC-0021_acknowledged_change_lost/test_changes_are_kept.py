"""A change that was acknowledged is read back, whatever it was made to (INC-0021)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from epjgate.drivers.dsl import Drug, EncounterState, Epj, Note, OrderState, PatientRef, Prescription
from epjgate.model.person import Address


def test_what_is_changed_is_read_back(epj: Epj, patient: PatientRef, at: Callable[[str], datetime]) -> None:
    """A new address, a new dose, a pause, another wording and a discharge are all there when they are read."""
    home = Address(line="Ærøgade 12, 3. tv.", postal_code="5970", city="Ærøskøbing")
    order = epj.prescribe(patient, warfarin(at("2026-02-03 18:00")))
    paused = epj.prescribe(patient, warfarin(at("2026-02-04 18:00")))
    note = epj.write_note(patient, Note("Notat", "Tåler behandlingen.", at("2026-02-03 09:00")))
    stay = epj.admit(patient, at("2026-02-03 08:00"), "Medicinsk afsnit M1")

    epj.change_address(patient, home)
    epj.change_dose(order, Decimal(1), text="1 tablet hver aften")
    epj.pause_medication(paused)
    epj.change_note(note, "Tåler ikke behandlingen.")
    epj.discharge(stay, at("2026-02-06 11:30"))

    orders = {one.ref: one for one in epj.medication_orders_of(patient)}
    (encounter,) = epj.encounters_of(patient)
    kept = {
        "address": epj.read_patient(patient).address == home,
        "dose": orders[order].prescription.dose == Decimal(1),
        "wording of an order": orders[order].prescription.text == "1 tablet hver aften",
        "pause": orders[paused].state is OrderState.PAUSED,
        "note": epj.read_note(note).note.text == "Tåler ikke behandlingen.",
        "discharge": (encounter.state, encounter.discharged_at) == (EncounterState.DISCHARGED, at("2026-02-06 11:30")),
    }
    lost = [change for change, is_there in kept.items() if not is_there]
    assert lost == [], "a change that was acknowledged is not in the record"


def test_a_change_is_found_by_those_who_list(epj: Epj, patient: PatientRef, at: Callable[[str], datetime]) -> None:
    """Of several changes to one record the last one counts, in the record itself and in the list."""
    note = epj.write_note(patient, Note("Notat", "Første udgave", at("2026-02-03 09:00")))
    for text in ("Anden udgave", "Tredje udgave"):
        epj.change_note(note, text)
    (listed,) = epj.notes_of(patient)

    assert listed.note.text == epj.read_note(note).note.text, "record and list do not say the same"
    assert listed.note.text == "Tredje udgave", "the last of several changes is not in the record"


def warfarin(start: datetime) -> Prescription:
    """Return an order whose dose is changed often."""
    drug = Drug(atc_code="B01AA03", name="Warfarin")
    return Prescription(
        drug, Decimal("2.5"), Decimal(2), "{tablet}", timedelta(days=1), start, "2 tabletter hver aften"
    )
