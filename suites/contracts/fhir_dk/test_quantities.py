"""Quantities: a value keeps its digits and its unit, and gets none that nobody sent."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import strategies as st

from epjgate.contracts.checks import Document
from epjgate.drivers.fhir import FhirClient, Resource, value_at
from epjgate.model.person import Person
from epjgate.plugin.rules import each_rule
from population.fhir_r4 import LOINC, UCUM, medication_request, observation, patient

NPU = "urn:oid:1.2.208.176.2.1"
UNITS = (
    {"unit": "mmol/L", "system": UCUM, "code": "mmol/L"},
    {"unit": "µmol/L", "system": UCUM, "code": "umol/L"},
    {"unit": "10⁹/L", "system": UCUM, "code": "10*9/L"},
    {"unit": "°C", "system": UCUM, "code": "Cel"},
    {"unit": "mm[Hg]", "system": UCUM, "code": "mm[Hg]"},
    {"unit": "arb. enhed · 10³"},
    {"system": UCUM, "code": "kg/m2"},
    {"unit": "1", "system": UCUM, "code": "1"},
)

Store = Callable[[Resource], str]
ForAll = Callable[..., None]


@pytest.fixture
def subject(person: Person, stored: Store) -> str:
    """A reference to a patient."""
    return f"Patient/{stored(patient(person))}"


@pytest.fixture
def comes_back(fhir: FhirClient, stored: Store) -> Callable[[Resource], list[Resource]]:
    """Call it with a resource to have it stored; returns it as read and as found."""

    def send(resource: Resource) -> list[Resource]:
        kind, made = resource["resourceType"], stored(resource)
        return [
            fhir.read(kind, made).expect(200).resource,
            *fhir.search(kind, {"_id": made}).expect(200).matches,
        ]

    return send


def exactly(value: Any) -> Any:
    """Return `value` with every number as its digits: 1.0 is not 1.00."""
    if isinstance(value, dict):
        return {name: exactly(item) for name, item in value.items()}
    if isinstance(value, list):
        return [exactly(item) for item in value]
    return str(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else value


def decimals() -> st.SearchStrategy[Decimal]:
    """Values of results, written without an exponent, with their trailing zeros."""
    return st.decimals(-9999, 99999, places=2) | st.decimals(0, 1, places=4) | st.integers(0, 10**6).map(Decimal)


@pytest.mark.rule("dk-quantity-unit-kept")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.get("unit", unit.get("code")))
def test_units_are_kept(subject: str, comes_back: Callable[[Resource], list[Resource]], unit: dict[str, str]) -> None:
    """In words, as a code, in a local system, without a dimension: unit, system and code are those that were sent."""
    quantity = {"value": Decimal("37.5"), **unit}
    answers = comes_back(observation(subject, valueQuantity=quantity))
    assert [exactly(value_at(one, "valueQuantity")) for one in answers] == [exactly(quantity)] * 2


@pytest.mark.rule("dk-quantity-value-kept", "dk-quantity-unit-kept", "dk-quantity-comparator-kept")
@pytest.mark.severity("blocker")
def test_any_quantity_is_kept(subject: str, comes_back: Callable[[Resource], list[Resource]], for_all: ForAll) -> None:
    """Fifteen quantities nobody thought of: value, comparator, unit, system and code, digit by digit."""

    def is_kept(quantity: Resource) -> None:
        answers = comes_back(observation(subject, valueQuantity=quantity))
        assert [exactly(value_at(one, "valueQuantity")) for one in answers] == [exactly(quantity)] * 2

    value, unit = st.fixed_dictionaries({"value": decimals()}), st.sampled_from(UNITS)
    comparator = st.sampled_from([{}, {}, {"comparator": "<"}, {"comparator": ">="}])
    for_all(st.builds(lambda *parts: {**parts[0], **parts[1], **parts[2]}, value, comparator, unit), 15, is_kept)


@pytest.mark.rule("dk-quantity-comparator-kept")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("comparator", ["<", "<=", ">=", ">"])
def test_comparators_are_kept(subject: str, comes_back: Callable[[Resource], list[Resource]], comparator: str) -> None:
    """Below what the method can measure is not the measured limit."""
    quantity = {"value": Decimal("0.05"), "comparator": comparator, "unit": "µg/L", "system": UCUM, "code": "ug/L"}
    answers = comes_back(observation(subject, valueQuantity=quantity))
    assert [exactly(value_at(one, "valueQuantity")) for one in answers] == [exactly(quantity)] * 2


@pytest.mark.rule("dk-quantity-without-unit-gains-none")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("system", [LOINC, NPU])
def test_a_value_without_a_unit_gains_none(
    fhir: FhirClient, subject: str, comes_back: Callable[[Resource], list[Resource]], system: str
) -> None:
    """Refused with 400 or 422, or kept as a bare value: whoever reads it sees that the unit is not known."""
    code = {"coding": [{"system": system, "code": "2708-6" if system == LOINC else "NPU03011"}]}
    bare = observation(subject, code=code, valueQuantity={"value": Decimal("0.97")})
    answer = fhir.create(bare)
    assert answer.status in (201, 400, 422), answer.describe()
    if answer.status == 201:
        assert [exactly(value_at(one, "valueQuantity")) for one in comes_back(bare)] == [{"value": "0.97"}] * 2
    with_unit = observation(subject, code=code, valueQuantity={"value": Decimal("0.97"), "unit": "1"})
    assert fhir.create(with_unit).status == 201, "the same result with its unit has to be accepted"


@pytest.mark.rule("dk-component-quantities-kept")
@pytest.mark.severity("blocker")
def test_components_keep_their_own_quantities(subject: str, comes_back: Callable[[Resource], list[Resource]]) -> None:
    """Systolic stays systolic: each component comes back in its place with its own value and unit."""
    components = [
        {
            "code": {"coding": [{"system": LOINC, "code": code}]},
            "valueQuantity": {"value": Decimal(value), "unit": unit, "system": UCUM, "code": ucum},
        }
        for code, value, unit, ucum in (
            ("8480-6", "120", "mmHg", "mm[Hg]"),
            ("8462-4", "80.0", "mmHg", "mm[Hg]"),
            ("8867-4", "72", "slag/min", "/min"),
        )
    ]
    sent = {name: value for name, value in observation(subject).items() if name != "valueQuantity"}
    answers = comes_back({**sent, "component": components})
    assert [exactly(value_at(one, "component")) for one in answers] == [exactly(components)] * 2
    assert ["valueQuantity" in one for one in answers] == [False, False]


@pytest.mark.rule("dk-reference-range-kept")
@pytest.mark.severity("critical")
def test_reference_ranges_are_kept(subject: str, comes_back: Callable[[Resource], list[Resource]]) -> None:
    """Both limits, with digits and units, the text, and whom the range is for."""
    unit = {"unit": "mmol/L", "system": UCUM, "code": "mmol/L"}
    ranges = [
        {"low": {"value": Decimal("7.30"), **unit}, "high": {"value": Decimal("9.5"), **unit}, "text": "kvinder"},
        {"low": {"value": Decimal("8.3"), **unit}, "text": "mænd, nedre grænse"},
    ]
    answers = comes_back(observation(subject, referenceRange=ranges))
    assert [exactly(value_at(one, "referenceRange")) for one in answers] == [exactly(ranges)] * 2


@pytest.mark.rule("dk-dose-quantity-kept")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize(("value", "unit"), [("500", "mg"), ("0.5", "mg"), ("62.5", "ug"), ("2", "mL"), ("10", "[IU]")])
def test_doses_are_kept(subject: str, comes_back: Callable[[Resource], list[Resource]], value: str, unit: str) -> None:
    """A dose comes back with the value and unit that were ordered: mg is not µg, and nothing is converted."""
    dose = {"value": Decimal(value), "unit": unit, "system": UCUM, "code": unit}
    order = medication_request(subject, dosageInstruction=[{"doseAndRate": [{"doseQuantity": dose}]}])
    answers = comes_back(order)
    path = ("dosageInstruction", 0, "doseAndRate", 0, "doseQuantity")
    assert [exactly(value_at(one, *path)) for one in answers] == [exactly(dose)] * 2


@pytest.mark.severity("critical")
@each_rule("dk-quantity-has-unit", "dk-quantity-code-names-system")
def test_quantities_are_sent_with_their_units(
    fhir: FhirClient,
    subject: str,
    stored: Store,
    violations: Callable[[str, Document], list[str]],
    rule: str,
) -> None:
    """Results and orders that came in with units are sent with them, one by one, in searches and in histories."""
    unit = {"unit": "mmol/L", "system": UCUM, "code": "mmol/L"}
    limits = [{"low": {"value": 7, **unit}, "high": {"value": 10, **unit}}]
    sent = (observation(subject, referenceRange=limits), medication_request(subject))
    made = [(resource["resourceType"], stored(resource)) for resource in sent]
    documents = [fhir.read(kind, one).expect(200).resource for kind, one in made]
    documents += [fhir.search(kind, {"subject": subject}).expect(200).resource for kind, _ in made]
    documents += [fhir.history(kind, one).expect(200).resource for kind, one in made]
    assert [violations(rule, document) for document in documents] == [[]] * 6
