"""ORU: every result is stored, for the right person and once, and the last word about it counts (chapter 7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from epjgate.drivers.fhir import FhirClient, Resource, value_at
from epjgate.drivers.hl7v2 import Acknowledged
from epjgate.model.person import Person
from population.hl7v2 import (
    MORNING,
    POTASSIUM,
    REPORT,
    SODIUM,
    Correspondent,
    comment,
    measured,
    observation,
    pid,
    request,
)

Known = Callable[[Person], str]
OfPatient = Callable[[str, str], list[Resource]]
ResultsOf = Callable[[str], list[Resource]]
Tell = Callable[[bytes], Acknowledged]
TextsOf = Callable[[str], list[str]]
People = Callable[[int], list[Person]]

NPU = "http://npu-terminology.org"


def minutes(number: int) -> datetime:
    """Return a moment of the morning that is the `number`th sample's own."""
    return MORNING + timedelta(minutes=number)


def values(results: list[Resource]) -> list[str]:
    """Return the numbers of `results` with all their digits."""
    return [str(value_at(one, "valueQuantity", "value")) for one in results]


@pytest.mark.rule("hl7v2-obx-status")
@pytest.mark.severity("blocker")
def test_a_status_arrives(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf, of_patient: OfPatient
) -> None:
    """Preliminary, final and corrected, as a number and as a text."""
    patient = known(person)
    for number, status in enumerate("PFC"):
        obx = measured("140", at=minutes(number), f11=status)
        text = observation("TX", "svar", code=REPORT, at=minutes(number), f11=status)
        assert tell(laboratory.results(person, obx, text)).code == "AA"
    expected = ["preliminary", "final", "corrected"]
    assert [value_at(one, "status") for one in results_of(patient)] == expected
    assert [value_at(one, "status") for one in of_patient("DiagnosticReport", patient)] == expected


@pytest.mark.rule("hl7v2-obx-status-unknown")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("status", ["W", "D", "X", "Q", "f"])
def test_a_status_that_is_not_supported_is_refused(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf, status: str
) -> None:
    """Posted to the wrong patient, deleted, not obtainable, no code at all: none of them becomes a final result."""
    patient = known(person)
    answer = tell(laboratory.results(person, measured("140", f11=status)))
    counting = [one for one in results_of(patient) if value_at(one, "status") in ("final", "corrected", "amended")]
    assert counting == []
    assert (answer.code == "AE") == (results_of(patient) == [])


@pytest.mark.rule("hl7v2-obx-correction-replaces", "hl7v2-obx-final-replaces-preliminary")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("filler", ["", "LAB-4711"], ids=["by sample", "by number"])
def test_a_later_word_about_a_result_takes_its_place(
    tell: Tell,
    laboratory: Correspondent,
    person: Person,
    known: Known,
    results_of: ResultsOf,
    fhir: FhirClient,
    filler: str,
) -> None:
    """Preliminary, final, corrected: one result that says the last of it, and the wrong values are history only."""
    patient = known(person)
    asked = [*request()[:3], filler, *request()[4:]]
    words = [("P", "141"), ("F", "104"), ("C", "140"), ("C", "140.5")]
    for status, value in words:
        obxs = [measured(value, f11=status), measured("3.9", code=POTASSIUM, f11="F" if status == "P" else status)]
        told = obxs if status in "PC" else obxs[:1]
        assert tell(laboratory.write("ORU^R01^ORU_R01", pid(person), asked, *told)).code == "AA"
    results = {value_at(one, "code", "coding", 0, "code"): one for one in results_of(patient)}
    assert len(results_of(patient)) == len(results) == 2, "a corrected result stands beside the wrong one"
    sodium = results[SODIUM[0]]
    assert (values([sodium]), value_at(sodium, "status")) == (["140.5"], "corrected")
    versions = [
        value_at(one, "resource") for one in fhir.history("Observation", value_at(sodium, "id")).expect(200).entries
    ]
    assert values(versions) == ["140.5", "140", "104", "141"], "what was corrected cannot be read any more"


@pytest.mark.rule("hl7v2-obx-correction-replaces")
@pytest.mark.severity("blocker")
def test_a_correction_leaves_other_results_alone(
    tell: Tell, laboratory: Correspondent, people: People, known: Known, results_of: ResultsOf
) -> None:
    """Another sample, another analysis, another part of it, another person: none of them is what was corrected."""
    person, other = people(2)
    patient, theirs = known(person), known(other)
    kept = [
        measured("131", at=minutes(60)),
        measured("3.1", code=POTASSIUM),
        measured("132", f4="2"),
    ]
    assert tell(laboratory.results(person, measured("104"), *kept)).code == "AA"
    assert tell(laboratory.results(other, measured("133"))).code == "AA"
    assert tell(laboratory.results(person, measured("140", f11="C"))).code == "AA"
    assert sorted(values(results_of(patient))) == ["131", "132", "140", "3.1"]
    assert values(results_of(theirs)) == ["133"]


@pytest.mark.rule("hl7v2-obx-each-is-stored")
@pytest.mark.severity("blocker")
def test_every_observation_of_a_message_is_stored(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf, texts_of: TextsOf
) -> None:
    """Under one code with several sub-ids, under several OBR, equal ones too: as many as were sent."""
    patient = known(person)
    parts = [observation("ST", f"del {n}", f4=f"{n}") for n in range(1, 4)]
    equal = [measured("140", at=minutes(5), f4="1"), measured("140", at=minutes(5), f4="2")]
    second = [request(code=POTASSIUM), measured("3.90", code=POTASSIUM, at=minutes(9))]
    text = observation("TX", "Ingen bemærkninger", code=REPORT)
    assert tell(laboratory.results(person, *parts, *equal, *second, text)).code == "AA"
    arrived = results_of(patient)
    assert sorted(value_at(one, "valueString") for one in arrived if "valueString" in one) == [
        "del 1",
        "del 2",
        "del 3",
    ]
    assert values([one for one in arrived if "valueQuantity" in one]) == ["140", "140", "3.90"]
    assert texts_of(patient) == ["Ingen bemærkninger"]


@pytest.mark.rule("hl7v2-oru-one-patient")
@pytest.mark.severity("blocker")
def test_results_behind_a_second_person_reach_nobody_else(
    tell: Tell, laboratory: Correspondent, people: People, known: Known, results_of: ResultsOf
) -> None:
    """A message with two PID, as the standard allows: each has their own result, or the message is refused."""
    persons = people(2)
    patients = [known(person) for person in persons]
    groups = [
        segment
        for number, person in enumerate(persons)
        for segment in (pid(person), request(), measured(f"14{number}"))
    ]
    answer = tell(laboratory.write("ORU^R01^ORU_R01", *groups))
    stored = [values(results_of(patient)) for patient in patients]
    assert (answer.code, stored) in (("AA", [["140"], ["141"]]), ("AE", [[], []]), ("AR", [[], []]))


@pytest.mark.rule("hl7v2-oru-of-nobody")
@pytest.mark.severity("blocker")
def test_results_of_nobody_are_refused(
    tell: Tell, laboratory: Correspondent, person: Person, found: Callable[[Person], list[Resource]]
) -> None:
    """The laboratory learns that nobody has this number; no patient is made up from a result."""
    assert tell(laboratory.results(person, measured("140"))).code == "AE"
    assert found(person) == []


@pytest.mark.rule("hl7v2-oru-order-of-another", "hl7v2-oru-answers-its-order")
@pytest.mark.severity("blocker")
@pytest.mark.needs("orders")
def test_an_answer_belongs_to_its_order_and_to_no_other(
    tell: Tell, laboratory: Correspondent, people: People, known: Known, results_of: ResultsOf, fhir: FhirClient
) -> None:
    """Refused for another person's order and for one that never was; for its own it says so, and closes it."""
    person, other = people(2)
    patient, theirs = known(person), known(other)
    order = fhir.create(ordered(patient)).expect(201).id
    foreign = fhir.create(ordered(theirs)).expect(201).id
    for wrong in (foreign, "never-ordered"):
        assert tell(laboratory.results(person, measured("140"), order=wrong)).code == "AE"
    assert results_of(patient) == []
    assert tell(laboratory.results(person, measured("140", f11="P"), order=order)).code == "AA"
    assert fhir.read("ServiceRequest", order).expect(200).resource.get("status") == "active"
    assert tell(laboratory.results(person, measured("141"), order=order)).code == "AA"
    (result,) = results_of(patient)
    assert (values([result]), value_at(result, "basedOn", 0, "reference")) == (["141"], f"ServiceRequest/{order}")
    assert fhir.read("ServiceRequest", order).expect(200).resource.get("status") == "completed"
    assert fhir.read("ServiceRequest", foreign).expect(200).resource.get("status") == "active"


@pytest.mark.rule("hl7v2-nte-with-its-result")
@pytest.mark.severity("blocker")
def test_a_comment_stands_with_its_result(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf, texts_of: TextsOf
) -> None:
    """Behind a value it is that value's, before the first one it is about all, behind a text it is read with it."""
    patient = known(person)
    segments = [
        comment("Prøven kom sent"),
        measured("140", at=minutes(1)),
        comment("hæmolyse"),
        comment("mål igen"),
        measured("141", at=minutes(2)),
        observation("TX", "Svar", code=REPORT),
        comment("telefonisk meddelt"),
    ]
    assert tell(laboratory.results(person, *segments)).code == "AA"
    notes = {
        value: [value_at(note, "text") for note in one.get("note", [])]
        for one in results_of(patient)
        for value in values([one])
    }
    assert notes == {"140": ["Prøven kom sent", "hæmolyse", "mål igen"], "141": ["Prøven kom sent"]}
    (text,) = texts_of(patient)
    assert {"Svar", "telefonisk meddelt"} <= set(text.split("\n"))


def ordered(patient: str) -> Resource:
    """Return an order of the laboratory."""
    return {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "category": [{"coding": [{"code": "laboratory"}]}],
        "code": {"coding": [{"system": NPU, "code": "NPU03429", "display": "P-Natrium"}], "text": "P-Natrium"},
        "subject": {"reference": f"Patient/{patient}"},
        "authoredOn": "2026-02-03T08:00:00+01:00",
    }
