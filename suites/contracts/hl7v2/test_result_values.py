"""OBX: a value stands in the record as the laboratory sent it, with all that belongs to it (chapter 7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from epjgate.drivers.fhir import Resource, value_at
from epjgate.drivers.hl7v2 import Acknowledged, Raw
from epjgate.model.person import Person
from population.hl7v2 import (
    MORNING,
    POTASSIUM,
    REPORT,
    Correspondent,
    measured,
    observation,
)

Known = Callable[[Person], str]
ResultsOf = Callable[[str], list[Resource]]
Tell = Callable[[bytes], Acknowledged]
TellAll = Callable[..., list[Acknowledged]]
TextsOf = Callable[[str], list[str]]
People = Callable[[int], list[Person]]

FEW = settings(
    max_examples=5, deadline=None, database=None, phases=[Phase.explicit, Phase.generate], report_multiple_bugs=False
)
NPU = "http://npu-terminology.org"


def minutes(number: int) -> datetime:
    """Return a moment of the morning that is the `number`th sample's own."""
    return MORNING + timedelta(minutes=number)


def values(results: list[Resource]) -> list[str]:
    """Return the numbers of `results` with all their digits."""
    return [str(value_at(one, "valueQuantity", "value")) for one in results]


@pytest.mark.rule("hl7v2-obx-number-exact", "hl7v2-obx-unit")
@pytest.mark.severity("blocker")
def test_a_number_arrives_with_all_its_digits_and_its_unit(
    tell_all: TellAll, laboratory: Correspondent, people: People, known: Known, results_of: ResultsOf
) -> None:
    """1.00 is not 1.0 and not 1; any number of digits, any sign, any unit."""
    written = st.from_regex(r"\A-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,8})?\Z")
    numbers = written.filter(lambda text: Decimal(text) != 0 or not text.startswith("-"))
    units = st.sampled_from(["mmol/L", "10*9/L", "%", "ug/L", "m[IU]/L", "mmol/mol", "Cel", "ml/min/{1,73_m2}"])

    @FEW
    @given(st.lists(st.tuples(numbers, units), min_size=1, max_size=12))
    def arrive(sent: list[tuple[str, str]]) -> None:
        (person,) = people(1)
        patient = known(person)
        messages = [laboratory.results(person, measured(*one, at=minutes(n))) for n, one in enumerate(sent)]
        assert {answer.code for answer in tell_all(*messages)} == {"AA"}
        quantities = [value_at(one, "valueQuantity") for one in results_of(patient)]
        assert [(str(value_at(one, "value")), one.get("unit")) for one in quantities] == sent
        assert {one.get("comparator") for one in quantities} == {None}

    arrive()


@pytest.mark.rule("hl7v2-obx-number-exact")
@pytest.mark.severity("critical")
def test_numbers_as_they_are_written_in_hl7(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf
) -> None:
    """Trailing zeros count, a plus sign says nothing, and a number may begin or end with its point."""
    patient = known(person)
    written = {"1.00": "1.00", "0.0": "0.0", "+5.10": "5.10", "-0.5": "-0.5", "140.": "140", ".50": "0.50"}
    obxs = [measured(text, at=minutes(number)) for number, text in enumerate(written)]
    assert tell(laboratory.results(person, *obxs)).code == "AA"
    assert values(results_of(patient)) == list(written.values())


@pytest.mark.rule("hl7v2-obx-number-malformed", "hl7v2-oru-all-or-nothing")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("text", ["5,0", "<5", "1E5", "1_000", "1 000", "NaN", "hæmolyse", "", "٣", "5.0.1", "--5"])
def test_what_is_no_number_is_refused(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf, text: str
) -> None:
    """AE, and neither it nor the good result beside it is stored: a comma would be off by the factor of a thousand."""
    patient = known(person)
    assert tell(laboratory.results(person, measured("140"), measured(text, code=POTASSIUM))).code == "AE"
    assert results_of(patient) == []


@pytest.mark.rule("hl7v2-obx-range")
@pytest.mark.severity("blocker")
def test_a_range_arrives_in_every_form(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf
) -> None:
    """Both limits, only one of them, negative ones, none, and a text: with all digits and in the unit of the value."""
    patient = known(person)
    forms = {
        "3.50-4.40": ("3.50", "4.40", None),
        ">3.5": ("3.5", None, None),
        "<5.00": (None, "5.00", None),
        "-5--1": ("-5", "-1", None),
        "-2.5-2.5": ("-2.5", "2.5", None),
        "negativ": (None, None, "negativ"),
        "": (None, None, None),
    }
    obxs = [measured("4.0", limits=form, at=minutes(number)) for number, form in enumerate(forms)]
    assert tell(laboratory.results(person, *obxs)).code == "AA"
    arrived = [(one.get("referenceRange") or [{}])[0] for one in results_of(patient)]
    limits = [[one.get(end) for end in ("low", "high")] for one in arrived]
    read = [tuple(end and str(value_at(end, "value")) for end in ends) for ends in limits]
    assert [(*ends, one.get("text")) for ends, one in zip(read, arrived, strict=True)] == list(forms.values())
    assert {end.get("unit") for ends in limits for end in ends if end} == {"mmol/L"}


@pytest.mark.rule("hl7v2-obx-abnormal-flag")
@pytest.mark.severity("blocker")
def test_a_flag_arrives(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf
) -> None:
    """High, low, critically high, normal, two flags at once, and none where none was sent."""
    patient = known(person)
    flags = ["H", "L", "HH", "LL", "N", "A", "", "H~D"]
    obxs = [measured("4.0", at=minutes(number), f8=Raw(flag)) for number, flag in enumerate(flags)]
    assert tell(laboratory.results(person, *obxs)).code == "AA"
    arrived = [
        "~".join(str(value_at(flag, "coding", 0, "code")) for flag in one.get("interpretation", []))
        for one in results_of(patient)
    ]
    assert arrived == flags


@pytest.mark.rule("hl7v2-obx-comparator")
@pytest.mark.severity("blocker")
def test_a_comparator_arrives_with_its_number(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf
) -> None:
    """`<^5` is less than five, and never five."""
    patient = known(person)
    written: dict[str, tuple[str | None, str]] = {
        "<^5": ("<", "5"),
        "<=^0.50": ("<=", "0.50"),
        ">^100": (">", "100"),
        ">=^1.0": (">=", "1.0"),
        "=^7.10": (None, "7.10"),
        "^7.1": (None, "7.1"),
    }
    obxs = [observation("SN", Raw(text), at=minutes(n), f6="mg/L") for n, text in enumerate(written)]
    assert tell(laboratory.results(person, *obxs)).code == "AA"
    arrived = [value_at(one, "valueQuantity") for one in results_of(patient)]
    assert [(one.get("comparator"), str(value_at(one, "value"))) for one in arrived] == list(written.values())
    assert {one.get("unit") for one in arrived} == {"mg/L"}


@pytest.mark.rule("hl7v2-obx-ratio-and-interval")
@pytest.mark.severity("critical")
@pytest.mark.parametrize("text", ["^1^:^128", "^10^-^20", "^2^+", "<>^5", ">^1^:^64", "^1^/^3"])
def test_a_structured_number_is_never_cut_to_its_first(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf, text: str
) -> None:
    """A titre, an interval, a number and more: both numbers are stored, or the message is refused."""
    patient = known(person)
    answer = tell(laboratory.results(person, observation("SN", Raw(text))))
    stored = results_of(patient)
    assert (answer.code, len(stored)) in (("AA", 1), ("AE", 0))
    for one in stored:
        assert "valueQuantity" not in one, "a structured number became a plain one"
        first, second = (part for part in text.split("^") if part.isdigit())
        held = str(next(value for name, value in one.items() if name.startswith("value")))
        assert first in held
        assert second in held


@pytest.mark.rule("hl7v2-obx-coded-value", "hl7v2-obx-type-not-supported")
@pytest.mark.severity("critical")
@pytest.mark.parametrize("kind", ["CE", "CWE", "ED", "RP", "DT", "XX", ""])
def test_a_value_of_another_type_is_kept_whole_or_refused(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf, kind: str
) -> None:
    """A coded value has its code and its text; what cannot be kept as it is gets AE, and is no number and no text."""
    patient = known(person)
    answer = tell(laboratory.results(person, observation(kind, Raw("NPU00001^Escherichia coli^NPU"))))
    stored = results_of(patient)
    assert (answer.code, len(stored)) in (("AA", 1), ("AE", 0))
    for one in stored:
        coding = value_at(one, "valueCodeableConcept", "coding", 0)
        assert (value_at(coding, "code"), value_at(coding, "display")) == ("NPU00001", "Escherichia coli")


@pytest.mark.rule("hl7v2-obx-text-repetitions")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("kind", ["TX", "FT", "ST"])
def test_every_repetition_of_a_text_is_stored(
    tell: Tell,
    laboratory: Correspondent,
    person: Person,
    known: Known,
    results_of: ResultsOf,
    texts_of: TextsOf,
    kind: str,
) -> None:
    """The second line may be the one that says no; unescaped component separators take nothing away either."""
    patient = known(person)
    written = Raw("Der ses ændringer.~Ingen blødning.~Kontrol^om&en uge.")
    assert tell(laboratory.results(person, observation(kind, written, code=REPORT))).code == "AA"
    stored = [one.get("valueString") for one in results_of(patient)] + texts_of(patient)
    assert stored == ["Der ses ændringer.\nIngen blødning.\nKontrol^om&en uge."]


@pytest.mark.rule("hl7v2-obx-code")
@pytest.mark.severity("blocker")
def test_an_analysis_arrives_with_code_text_and_system(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf
) -> None:
    """NPU and LOINC are told apart, and a local code claims to be neither."""
    patient = known(person)
    codes = [("NPU03429", "P-Natrium", "NPU"), ("2951-2", "Sodium", "LN"), ("NA-17", "Natrium, hurtig", "L")]
    obxs = [measured("140", at=minutes(number), f3=code) for number, code in enumerate(codes)]
    assert tell(laboratory.results(person, *obxs)).code == "AA"
    arrived = [value_at(one, "code", "coding", 0) for one in results_of(patient)]
    assert [(value_at(one, "code"), one.get("display")) for one in arrived] == [code[:2] for code in codes]
    assert [one.get("system") for one in arrived][:2] == [NPU, "http://loinc.org"]
    assert arrived[2].get("system") not in (NPU, "http://loinc.org")


@pytest.mark.rule("hl7v2-obx-time")
@pytest.mark.severity("blocker")
def test_a_sample_has_its_moment(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf
) -> None:
    """The hour that comes twice, another zone, and OBR-7 where OBX-14 is empty: each at its own moment, both hours."""
    patient = known(person)
    summer, winter, utc = (timezone(timedelta(hours=hours)) for hours in (2, 1, 0))
    taken = [
        datetime(2025, 10, 26, 2, 30, tzinfo=summer),
        datetime(2025, 10, 26, 2, 30, tzinfo=winter),
        datetime(2025, 10, 26, 23, 59, 59, tzinfo=utc),
    ]
    obxs = [measured(f"14{number}", at=at) for number, at in enumerate(taken)]
    assert tell(laboratory.results(person, *obxs, measured("143", f14=""))).code == "AA"
    arrived = {value: value_at(one, "effectiveDateTime") for one in results_of(patient) for value in values([one])}
    assert {value: datetime.fromisoformat(at) for value, at in arrived.items()} == dict(
        zip(("140", "141", "142", "143"), [*taken, MORNING], strict=True)
    )
