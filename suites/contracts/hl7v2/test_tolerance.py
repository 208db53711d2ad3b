"""What a receiver has to bear: more than it expects, in other places, and nothing where it said something (2.6.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from epjgate.drivers.fhir import Resource, value_at
from epjgate.drivers.hl7v2 import Acknowledged, Raw
from epjgate.model.person import Person
from population.cpr import CPR_OID
from population.hl7v2 import Correspondent, measured, pid, request, visit

Found = Callable[[Person], list[Resource]]
Known = Callable[[Person], str]
ResultsOf = Callable[[str], list[Resource]]
Tell = Callable[[bytes], Acknowledged]
People = Callable[[int], list[Person]]


def values(results: list[Resource]) -> list[str]:
    """Return the numbers of `results` with all their digits."""
    return [str(value_at(one, "valueQuantity", "value")) for one in results]


@pytest.mark.rule("hl7v2-unknown-segments-ignored")
@pytest.mark.severity("critical")
def test_unknown_segments_are_ignored(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf
) -> None:
    """Z-segments, and segments of the standard that nobody asked for, between and behind those that count."""
    patient = known(person)
    message = laboratory.write(
        "ORU^R01^ORU_R01",
        ["SFT", "Leverandør", "1.0", "LIMS", "4711"],
        pid(person),
        ["PD1", "", "", "Lægehuset"],
        ["ZPI", "1", "lokalt", Raw("a^b&c~d")],
        ["PV1", "1", "O"],
        ["ORC", "RE"],
        request(),
        ["TQ1", "1"],
        measured("140"),
        ["ZZZ", "slut"],
        measured("3.9"),
        ["SPM", "1"],
    )
    assert tell(message).code == "AA"
    assert sorted(values(results_of(patient))) == ["140", "3.9"]


@pytest.mark.rule("hl7v2-unknown-fields-ignored")
@pytest.mark.severity("critical")
def test_fields_and_components_behind_the_last_known_are_ignored(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf
) -> None:
    """A sender of a later version fills more of PID, OBR and OBX; what was known is read as ever."""
    patient = known(person)
    code = Raw("NPU03429^P-Natrium^NPU^LOKAL^Na^L^1^2^Natrium^&&&")
    obx = measured("140", f3=code, f25=Raw("RSLT^ekstra"), f29="RSLT")
    message = laboratory.write(
        "ORU^R01^ORU_R01", pid(person, f39="x", f45=Raw("a^b^c")), [*request(), *["x"] * 50], obx
    )
    assert tell(message).code == "AA"
    (stored,) = results_of(patient)
    assert values([stored]) == ["140"]
    assert value_at(stored, "code", "coding", 0, "code") == "NPU03429"


@pytest.mark.rule("hl7v2-repetitions-read")
@pytest.mark.severity("blocker")
def test_the_number_counts_wherever_it_stands(
    tell: Tell, laboratory: Correspondent, people: People, known: Known, results_of: ResultsOf
) -> None:
    """PID-3 names the laboratory's own number first and last: the CPR number among them decides who it is."""
    one, other = people(2)
    mine, theirs = known(one), known(other)
    numbers = Raw(f"4711^^^LAB^PI~{one.cpr}^^^&{CPR_OID}&ISO^NNDNK~{other.cpr}^^^LAB^PI")
    message = laboratory.write("ORU^R01^ORU_R01", pid(one, f3=numbers), request(), measured("140"))
    assert tell(message).code == "AA"
    assert values(results_of(mine)) == ["140"]
    assert results_of(theirs) == []


@pytest.mark.rule("hl7v2-number-of-unknown-authority")
@pytest.mark.severity("blocker")
def test_ten_digits_of_another_authority_are_no_cpr_number(
    tell: Tell,
    laboratory: Correspondent,
    admissions: Correspondent,
    person: Person,
    people: People,
    known: Known,
    results_of: ResultsOf,
    found: Found,
) -> None:
    """A number of the laboratory, or of another country, that looks like somebody's CPR number reaches nobody."""
    patient = known(person)
    (stranger,) = people(1)
    for authority in ("LAB^PI", "&1.2.752.129.2.1.3.1&ISO^NNSWE"):
        number = Raw(f"{person.cpr}^^^{authority}")
        message = laboratory.write("ORU^R01^ORU_R01", pid(person, f3=number), request(), measured("140"))
        assert tell(message).code == "AE"
        unknown = pid(stranger, f3=Raw(f"{stranger.cpr}^^^{authority}"))
        assert tell(admissions.event("A01", unknown, visit("M1", admitted=None))).code == "AE"
    assert results_of(patient) == []
    assert found(stranger) == []


@pytest.mark.rule("hl7v2-empty-keeps-null-deletes")
@pytest.mark.severity("blocker")
def test_an_empty_field_keeps_and_a_null_deletes(
    tell: Tell, admissions: Correspondent, person: Person, known: Known, found: Found
) -> None:
    """An A08 without address and birth date leaves both; two quotation marks for the address delete it, only that."""
    known(person)
    assert tell(admissions.event("A08", pid(person, f7="", f11=""), visit(""))).code == "AA"
    (kept,) = found(person)
    assert value_at(kept, "address", 0, "line", 0) == person.address.line
    assert value_at(kept, "birthDate") == person.birth_date.isoformat()

    assert tell(admissions.event("A08", pid(person, f7="", f11=Raw('""')), visit(""))).code == "AA"
    (after,) = found(person)
    assert after.get("address", []) == []
    assert value_at(after, "birthDate") == person.birth_date.isoformat()
    assert value_at(after, "name", 0, "family") == person.family_name


@pytest.mark.rule("hl7v2-other-separators")
@pytest.mark.severity("critical")
@pytest.mark.parametrize("separators", ["|@~\\&", "#^~\\&", "|^*\\&"])
def test_other_separators_are_read_or_refused(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf, separators: str
) -> None:
    """A message that is written with other separators, as MSH says, is taken in as it is meant, or not at all."""
    patient = known(person)
    field, component, repetition = separators[0], separators[1], separators[2]
    plain = laboratory.results(person, measured("140", limits="136-146")).decode()
    body = plain.replace("|", field).replace("~", repetition).replace("^", component)
    header = f"MSH{separators}"
    answer = tell((header + body[len(header) :]).encode())
    stored = results_of(patient)
    assert (answer.code == "AA") == (len(stored) == 1), f"{answer.code} was said, stored are {len(stored)} results"
    assert values(stored) in ([], ["140"])
    assert {value_at(one, "code", "coding", 0, "code") for one in stored} <= {"NPU03429"}


@pytest.mark.rule("hl7v2-lone-line-feeds")
@pytest.mark.severity("normal")
@pytest.mark.parametrize("ending", ["\r\n", "\n"], ids=["crlf", "lf"])
def test_other_line_ends_are_read_or_refused(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf, ending: str
) -> None:
    """Segments that end with CR LF or LF are taken in whole, or the message is refused."""
    patient = known(person)
    message = laboratory.results(person, measured("140"), measured("3.9"))
    answer = tell(message.replace(b"\r", ending.encode()))
    stored = sorted(values(results_of(patient)))
    assert (answer.code, stored) in (("AA", ["140", "3.9"]), ("AE", []), ("AR", []))


@pytest.mark.rule("hl7v2-person-by-number-alone")
@pytest.mark.severity("blocker")
def test_a_namesake_is_left_alone(
    tell: Tell,
    laboratory: Correspondent,
    admissions: Correspondent,
    people: People,
    known: Known,
    results_of: ResultsOf,
    found: Found,
) -> None:
    """Two persons of the same name, birth date and address: results and corrections reach the one of the number."""
    one, other = people(2)
    twin = replace(one, cpr=other.cpr)
    mine, theirs = known(one), known(twin)
    renamed = replace(twin, family_name="Omdøbt")
    assert tell(laboratory.results(twin, measured("140"))).code == "AA"
    assert tell(admissions.correction(renamed)).code == "AA"
    assert (values(results_of(mine)), values(results_of(theirs))) == ([], ["140"])
    assert [value_at(read, "name", 0, "family") for read in (*found(one), *found(twin))] == [
        one.family_name,
        "Omdøbt",
    ]
