"""Checks of units, protection and names: what keeps the rule passes, whatever breaks it is told with its place."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.contracts.checks import violations
from population.fhir_r4 import observation, patient
from population.strategies import persons

UCUM = "http://unitsofmeasure.org"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
LABEL = {"system": CONFIDENTIALITY, "code": "R"}
PROTECTED: dict[str, Any] = {"resourceType": "Patient", "meta": {"security": [LABEL]}, "name": [{"family": "Ø"}]}
DANISH_CITIES = ("Ærøskøbing", "Åbenrå", "Østerås", "Õ Â la carte", "ÅØÆ", "Ñuñoa", "Høje-Taastrup", "Ḱ")


@pytest.mark.parametrize("value", [8, Decimal("8.50"), 8.5])
def test_a_value_needs_a_unit(value: object) -> None:
    """In words or as a code; without either the place is told."""
    assert (
        violations("dk-quantity-has-unit", observation("Patient/1", valueQuantity={"value": value, "unit": "mg"})) == []
    )
    assert (
        violations("dk-quantity-has-unit", observation("Patient/1", valueQuantity={"value": value, "code": "mg"})) == []
    )
    bare = observation("Patient/1", valueQuantity={"value": value, "unit": "", "system": UCUM})
    assert violations("dk-quantity-has-unit", bare) == ["valueQuantity has a value and no unit"]


def test_every_quantity_of_a_bundle_is_looked_at() -> None:
    """Components, limits and doses of each entry, and never the numbers that are no quantities."""
    limits = [{"low": {"value": 7}, "high": {"value": 10, "unit": "mmol/L"}}]
    bundle = {"total": 1, "entry": [{"resource": observation("Patient/1", referenceRange=limits, count=3)}]}
    assert violations("dk-quantity-has-unit", bundle) == [
        "entry[0].resource.referenceRange[0].low has a value and no unit"
    ]


def test_money_and_truth_values_are_no_quantities() -> None:
    """They have values too, and no units."""
    document = [{"value": 10, "currency": "DKK"}, {"value": True}, {"value": 1, "unit": "mg"}]
    assert violations("dk-quantity-has-unit", document) == []


def test_a_code_names_its_system() -> None:
    """qty-3; a unit in words needs none."""
    coded = observation("Patient/1", valueQuantity={"value": 1, "code": "mg"})
    assert violations("dk-quantity-code-names-system", coded) == ["valueQuantity.code names no system"]
    worded = observation("Patient/1", valueQuantity={"value": 1, "unit": "mg"})
    assert violations("dk-quantity-code-names-system", worded) == []


@pytest.mark.parametrize("element", ["address", "telecom", "text"])
def test_nothing_of_a_protected_patient_tells_a_home(element: str) -> None:
    """Each way to tell it breaks the rule on its own, in a Bundle too."""
    assert violations("dk-protected-address-hidden", PROTECTED) == []
    shown = {**PROTECTED, element: []}
    assert violations("dk-protected-address-hidden", shown) == [f"{element} is shown"]
    assert violations("dk-protected-address-hidden", {"entry": [{"resource": shown}]}) == [
        f"entry[0].resource.{element} is shown"
    ]


def test_a_label_that_is_gone_is_told() -> None:
    """Without its label a protected patient would look like anybody."""
    unlabelled = {name: value for name, value in PROTECTED.items() if name != "meta"}
    assert "no label R" in violations("dk-protected-address-hidden", unlabelled)[0]
    other = {**PROTECTED, "meta": {"security": [{"system": CONFIDENTIALITY, "code": "N"}]}}
    assert "no label R" in violations("dk-protection-label-coded", other)[0]


@pytest.mark.parametrize("system", [None, "", "urn:other"])
def test_the_label_is_of_the_codes_of_confidentiality(system: str | None) -> None:
    """R of another code system, or of none, is another R."""
    label = {"code": "R"} if system is None else {"code": "R", "system": system}
    assert violations("dk-protection-label-coded", PROTECTED) == []
    assert len(violations("dk-protection-label-coded", {**PROTECTED, "meta": {"security": [label]}})) == 1


@given(persons())
def test_persons_of_the_population_keep_the_rules(person: Any) -> None:
    """Names, letters and postal codes as they are sent in."""
    for rule in ("dk-official-name-has-family", "dk-letters-intact", "dk-postal-code-form"):
        assert violations(rule, patient(person)) == []


@given(st.text("æøåÆØÅéüöðíóúâĸ", min_size=1, max_size=12), st.sampled_from(["iso8859-1", "cp1252"]))
def test_letters_that_were_encoded_twice_are_told(city: str, charset: str) -> None:
    """UTF-8 that was read as Latin letters, in either flavour, if it holds a letter of the Danish alphabet."""
    garbled = ("æ" + city).encode().decode(charset, "replace")
    document = {"resourceType": "Patient", "name": [], "address": [{"city": garbled}]}
    assert violations("dk-letters-intact", document) == ["address[0].city holds letters that were garbled on the way"]


@pytest.mark.parametrize("garbled", ["R\ufffddovre", "R?dovre", "\u00c3\u2020r\u00c3\u00b8", "K\u00c3\u00b8ge"])
def test_letters_that_were_replaced_are_told(garbled: str) -> None:
    """By a question mark, by the sign for what could not be read, or by two others."""
    document = {"resourceType": "Patient", "name": [{"given": ["Bo", garbled]}], "address": []}
    assert violations("dk-letters-intact", document) == ["name[0].given[1] holds letters that were garbled on the way"]


@pytest.mark.parametrize("city", DANISH_CITIES)
def test_letters_that_only_look_strange_are_not(city: str) -> None:
    """Å before a capital, or an accent of another language, is nothing garbled."""
    document = {"resourceType": "Patient", "name": [], "address": [{"city": city}]}
    assert violations("dk-letters-intact", document) == []


@pytest.mark.parametrize("names", [[], [{"family": "Ø"}], [{"use": "official", "given": ["Åse"]}]])
def test_an_official_name_has_a_family_name(names: list[dict[str, Any]]) -> None:
    """No name, none that is official, or one without a family name."""
    assert len(violations("dk-official-name-has-family", {"resourceType": "Patient", "name": names})) == 1


@pytest.mark.parametrize(
    ("address", "is_right"),
    [
        ({"postalCode": "0999"}, True),
        ({"postalCode": "5970", "country": "DK"}, True),
        ({"postalCode": "FO-100", "country": "FO"}, True),
        ({"postalCode": "DK-5970", "country": "DK"}, False),
        ({"postalCode": "597"}, False),
        ({"city": "Ærøskøbing"}, False),
    ],
)
def test_a_danish_postal_code_is_four_digits(address: dict[str, str], *, is_right: bool) -> None:
    """Other countries have other codes; a Danish address without one is not complete."""
    found = violations("dk-postal-code-form", {"resourceType": "Patient", "address": [address]})
    assert found == ([] if is_right else ["address[0].postalCode is not four digits"])


@pytest.mark.parametrize(
    "rule",
    [
        "dk-quantity-has-unit",
        "dk-quantity-code-names-system",
        "dk-protected-address-hidden",
        "dk-protection-label-coded",
        "dk-official-name-has-family",
        "dk-letters-intact",
        "dk-postal-code-form",
    ],
)
@pytest.mark.parametrize("document", [None, "", [], {}, {"resourceType": "Patient"}])
def test_a_document_of_another_kind_breaks_every_rule(rule: str, document: object) -> None:
    """What was lost on the way never looks like what is in order."""
    assert len(violations(rule, document)) == 1
