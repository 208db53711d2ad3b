"""Both releases write at the same moment, as they do while one takes over from the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from epjgate.drivers.dsl import Epj, LabResult, PatientRef, Prescription
from epjgate.drivers.fhir import FhirClient
from epjgate.model.person import Person
from population.fhir_r4 import observation, patient

pytestmark = [
    pytest.mark.needs("patients", "rolling_upgrade"),
    pytest.mark.rule("schema-nothing-lost-in-parallel"),
    pytest.mark.severity("blocker"),
]

AtOnce = Callable[[Sequence[Callable[[], Any]]], list[Any]]
WRITERS = 8
EACH = 5


@pytest.mark.needs("laboratory")
def test_results_through_both_are_all_there(
    epj: Epj, earlier_epj: Epj, patient: PatientRef, result: Callable[..., LabResult], at_once: AtOnce
) -> None:
    """Four writers at each release report five results of one patient: forty are there for both, each once."""

    def report(who: int) -> None:
        for number in range(EACH):
            value = f"{3 + who}.{number}0"
            (epj, earlier_epj)[who % 2].report_lab_result(patient, result(value, f"2026-02-03 {who:02}:{number:02}"))

    at_once([partial(report, who) for who in range(WRITERS)])
    expected = sorted(Decimal(f"{3 + who}.{number}0") for who in range(WRITERS) for number in range(EACH))
    for release in (epj, earlier_epj):
        assert sorted(one.value for one in release.lab_results_of(patient)) == expected


@pytest.mark.needs("medication")
def test_orders_of_different_patients_do_not_mix(
    epj: Epj, earlier_epj: Epj, people: Callable[[int], list[Person]], prescription: Prescription, at_once: AtOnce
) -> None:
    """Each of eight patients is registered and treated through one release, at the same moment: one order each."""

    def treat(who: int, newcomer: Person) -> PatientRef:
        release = (epj, earlier_epj)[who % 2]
        registered = release.register_patient(newcomer)
        release.prescribe(registered, prescription)
        return registered

    newcomers = people(WRITERS)
    treated = at_once([partial(treat, who, one) for who, one in enumerate(newcomers)])
    for release in (epj, earlier_epj):
        for newcomer, ref in zip(newcomers, treated, strict=True):
            assert release.read_patient(ref) == newcomer
            assert [one.prescription for one in release.medication_orders_of(ref)] == [prescription]


@pytest.mark.needs("laboratory")
@pytest.mark.rule("schema-version-guards-hold")
def test_of_rival_changes_one_wins(fhir: FhirClient, earlier_fhir: FhirClient, person: Person, at_once: AtOnce) -> None:
    """Four writers at each release change the same version: one is taken, seven are told that they came too late."""
    whose = fhir.create(patient(person)).expect(201).id
    stored = fhir.create(observation(f"Patient/{whose}")).expect(201)
    known = fhir.read("Observation", stored.id).expect(200)

    def change(who: int) -> int:
        release = (fhir, earlier_fhir)[who % 2]
        changed = {**known.resource, "status": "amended", "note": [{"text": f"rettelse {who}"}]}
        return release.update(changed, if_match=known.version).status

    statuses = at_once([partial(change, who) for who in range(WRITERS)])
    assert statuses.count(200) == 1, f"of eight rival changes these were answered: {statuses}"
    assert set(statuses) <= {200, 409, 412}
    winner = f"rettelse {statuses.index(200)}"
    for release in (fhir, earlier_fhir):
        assert release.read("Observation", stored.id).expect(200).resource["note"] == [{"text": winner}]
