"""Keys and versions hold across both releases: what one has made or taken the other does not make or take again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from epjgate.drivers.dsl import Envelope, Epj, LabResult, PatientRef
from epjgate.drivers.fhir import FhirClient
from epjgate.model.person import Person, Sex
from population.fhir_r4 import observation, patient

if TYPE_CHECKING:
    from suites.contracts.schema.conftest import Pair

pytestmark = [pytest.mark.needs("patients"), pytest.mark.severity("critical")]

AtOnce = Callable[[Sequence[Callable[[], Any]]], list[Any]]
Both = tuple[FhirClient, FhirClient]
SENDERS = 8
ROUNDS = 4


@pytest.mark.rule("schema-one-record-for-one-key")
def test_a_known_person_is_not_registered_again_through_the_other(
    pair: Pair, known: PatientRef, person: Person
) -> None:
    """Whoever has the number already is found, and stays the only one."""
    assert pair.reader.register_patient_if_unknown(person) == known
    for release in (pair.writer, pair.reader):
        assert release.find_patient_by_cpr(person.cpr) == known


@pytest.mark.needs("rolling_upgrade")
@pytest.mark.rule("schema-one-record-for-one-key")
def test_senders_at_both_make_one_patient(
    epj: Epj, earlier_epj: Epj, people: Callable[[int], list[Person]], at_once: AtOnce
) -> None:
    """Four senders at each release register the same new person at the same moment: all are given one patient."""
    for newcomer in people(ROUNDS):

        def register(who: int, newcomer: Person = newcomer) -> PatientRef:
            return (epj, earlier_epj)[who % 2].register_patient_if_unknown(newcomer)

        made = at_once([partial(register, who) for who in range(SENDERS)])
        assert len({one.id for one in made}) == 1, "the same person was registered more than once"
        assert epj.find_patient_by_cpr(newcomer.cpr) == earlier_epj.find_patient_by_cpr(newcomer.cpr) == made[0]


@pytest.mark.needs("replacement_cpr")
@pytest.mark.rule("schema-numbers-given-out-once")
def test_no_replacement_number_is_given_out_twice(epj: Epj, earlier_epj: Epj) -> None:
    """Unknown persons of one sex and age, registered at both in turn and then again, all get numbers of their own."""
    unknown = [
        release.register_unknown_patient(Sex.FEMALE, date(1950, 5, 5))
        for release in (epj, earlier_epj, epj, earlier_epj, earlier_epj, epj)
    ]
    numbers = [one.number for ref in unknown for one in epj.replacement_numbers_of(ref)]
    assert len(numbers) == len(unknown)
    assert len(set(numbers)) == len(numbers), "two persons bear the same replacement number"
    for ref, number in zip(unknown, numbers, strict=True):
        assert earlier_epj.find_patients_by_replacement_cpr(number) == [ref]


@pytest.mark.needs("laboratory", "laboratory_feed")
@pytest.mark.rule("schema-message-taken-once")
def test_a_message_is_taken_by_one_release_only(
    pair: Pair, known: PatientRef, person: Person, result: Callable[..., LabResult], clinic_seed: int
) -> None:
    """The laboratory had no answer from one release and repeats its message to the other: there is one result."""
    envelope = Envelope(message_id=f"SCHEMA{clinic_seed:x}")
    first = pair.writer.laboratory_sends_result(person, result(), envelope=envelope)
    second = pair.reader.laboratory_sends_result(person, result(), envelope=envelope)
    assert (first.accepted, first.message_id) == (True, envelope.message_id)
    assert second == first
    for release in (pair.writer, pair.reader):
        assert len(release.lab_results_of(known)) == 1, "one message made two results"


@pytest.mark.needs("laboratory")
@pytest.mark.rule("schema-version-guards-hold", "schema-history-is-one")
@pytest.mark.parametrize("who", [0, 1])
def test_a_stale_change_is_refused_by_the_other(both: Both, person: Person, who: int) -> None:
    """One release makes a newer version: a change that names the old one is refused by both, and told by both."""
    one, other = both[who], both[1 - who]
    stored = one.create(observation(f"Patient/{one.create(patient(person)).expect(201).id}")).expect(201)
    first = other.read("Observation", stored.id).expect(200)
    second = other.update({**first.resource, "status": "amended"}, if_match=first.version).expect(200)
    assert second.version != first.version
    for release in both:
        refused = release.update({**first.resource, "status": "cancelled"}, if_match=first.version)
        assert refused.status in (409, 412), refused.describe()
    third = one.update({**first.resource, "status": "corrected"}, if_match=second.version).expect(200)
    told = [history(release, stored.id) for release in both]
    assert told[0] == told[1], "the two releases do not tell the same versions"
    expected = [(first.version, "final"), (second.version, "amended"), (third.version, "corrected")]
    assert sorted(told[0]) == expected


def history(release: FhirClient, resource_id: str) -> list[tuple[str, str]]:
    """Return version and status of each version of a result, in the order in which `release` tells them."""
    entries = release.history("Observation", resource_id).expect(200).entries
    return [(entry["resource"]["meta"]["versionId"], entry["resource"]["status"]) for entry in entries]
