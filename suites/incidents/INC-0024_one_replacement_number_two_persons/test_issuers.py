"""The same local replacement number of two issuers stands for two persons (INC-0024)."""

from __future__ import annotations

from collections.abc import Callable

from epjgate.drivers.dsl import Allergy, Epj, Issuer, PatientRef, ReplacementCpr
from epjgate.model.person import Person
from population import ReplacementKind, replacement_cpr

PENICILLIN = Allergy("J01C", "Penicillin", "udslæt")


def test_a_number_of_another_issuer_is_another_person(epj: Epj, people: Callable[[int], list[Person]]) -> None:
    """Two hospitals have given out one number; and another one gives out a number that this record has given out."""
    from_north, from_south, from_elsewhere, unknown = people(4)
    shared = replacement_cpr(from_north.birth_date, from_north.sex, 3000, kind=ReplacementKind.LOCAL)
    north = came_with(epj, from_north, shared, "Sygehus Nord")
    south = came_with(epj, from_south, shared, "Sygehus Syd")
    ours = epj.register_unknown_patient(unknown.sex, unknown.birth_date)
    (own,) = epj.replacement_numbers_of(ours)
    theirs = came_with(epj, from_elsewhere, own.number, "Sygehus Nord")

    for number, one, other in ((shared, north, south), (own.number, ours, theirs)):
        assert one != other, "persons under one replacement number of two issuers were taken for one"
        found = epj.find_patients_by_replacement_cpr(number)
        assert {one, other} <= set(found), "a person is not found by the replacement number"
        epj.record_allergy(one, PENICILLIN)
        assert epj.allergies_of(one) == [PENICILLIN], "an allergy is not with the person who has it"
        assert epj.allergies_of(other) == [], "an allergy shows with another person of the same replacement number"


def came_with(epj: Epj, person: Person, number: str, issued_by: str) -> PatientRef:
    """Register `person` by the local number that `issued_by` gave."""
    return epj.register_patient_with_replacement_cpr(person, ReplacementCpr(number, Issuer.LOCAL, issued_by))
