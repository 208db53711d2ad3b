"""The record dates what is done by the real time (INC-0011)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from epjgate.drivers.dsl import Access, Epj, Note
from epjgate.model.person import Person

CLOCKS_DIFFER = timedelta(seconds=5)
"""By how much the clocks of two machines may differ that both are set by a time server."""


def test_what_is_done_is_dated_by_the_real_time(epj: Epj, person: Person, at: Callable[[str], datetime]) -> None:
    """Each entry of the audit trail is dated between the moments before and after, and they are in the right order."""
    began = datetime.now(UTC)
    patient = epj.register_patient(person)
    note = epj.write_note(patient, Note("Notat", "Patienten er set på stuen.", at("2026-02-03 08:00")))
    epj.read_note(note)
    epj.write_note(patient, Note("Notat", "Patienten er udskrevet.", at("2026-02-03 11:00")))
    ended = datetime.now(UTC)

    done = [entry for entry in epj.read_audit_trail(patient) if entry.role == "doctor"]
    order = [Access.CREATE, Access.CREATE, Access.READ, Access.CREATE]
    assert [entry.access for entry in done] == order, "what was done is not in the audit trail in its order"
    in_time = [began - CLOCKS_DIFFER <= entry.at <= ended + CLOCKS_DIFFER for entry in done]
    assert all(in_time), "the record dates what is done by another time than the real one"
