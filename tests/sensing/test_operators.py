"""What each operator makes of a value."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.drivers import exact_json
from epjgate.model.mutant import Operator
from epjgate.sensing.bodies import JsonBody, Slot
from epjgate.sensing.operators import edit, edited, operators_at

PLAIN = st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
DOCUMENTS = st.dictionaries(st.sampled_from(["unit", "code", "value", "status", "text", "reference"]), JSON, min_size=1)


def slot(content: Any, name: str = "text", **beside: Any) -> Slot:
    return Slot("Observation", name, {name: content, **beside}, name)


@pytest.mark.parametrize(
    ("operator", "before", "after"),
    [
        (Operator.CHANGE, True, False),
        (Operator.CHANGE, 3, 4),
        (Operator.CHANGE, Decimal("7.30"), Decimal("7.31")),
        (Operator.CHANGE, "active", "completed"),
        (Operator.CHANGE, "AA", "AE"),
        (Operator.CHANGE, "2026-02-28", "2026-03-01"),
        (Operator.CHANGE, "2026-02-03T23:45:00+01:00", "2026-02-03T00:45:00+01:00"),
        (Operator.CHANGE, "251248-9996", "251248-9997"),
        (Operator.CHANGE, "Ærø", "Æsø"),
        (Operator.CHANGE, "---", None),
        (Operator.CHANGE, "", None),
        (Operator.CHANGE, {"a": 1}, None),
        (Operator.CHANGE, "Patient/p1", None),
        (Operator.PATIENT, "Patient/p1", "Patient/p2"),
        (Operator.PATIENT, "http://epj/fhir/Patient/p1/_history/2", "http://epj/fhir/Patient/p2/_history/2"),
        (Operator.PATIENT, "Observation/o1", None),
        (Operator.TRUNCATE, "to tabletter hver morgen", "to tabletter hve"),
        (Operator.TRUNCATE, "morgen og", "morgen"),
        (Operator.TRUNCATE, "2026-02-03", None),
        (Operator.MOJIBAKE, "Ærø", "\xc3\x86r\xc3\xb8"),
        (Operator.MOJIBAKE, "Fanø €", "Fan\xc3\xb8 \xe2\x82\xac"),
        (Operator.MOJIBAKE, "plain", None),
        (Operator.DROP_ENTRY, ["a", "b"], ["a"]),
        (Operator.DROP_ENTRY, [], None),
        (Operator.DOUBLE_ENTRY, ["a", "b"], ["a", "b", "b"]),
        (Operator.UNIT, "mmol/L", None),
    ],
)
def test_a_value_becomes_another_of_its_kind(operator: Operator, before: Any, after: Any) -> None:
    """A reader would believe it; where there is nothing to change, the operator says so."""
    assert edited(operator, slot(before), {"p1", "p2"}) == after


def test_another_patient_is_found_where_the_test_met_none() -> None:
    """The reference leads to somebody else all the same."""
    assert edited(Operator.PATIENT, slot("Patient/p1"), {"p1"}) == "Patient/somebody-else"


@pytest.mark.parametrize(
    ("place", "after"),
    [
        (slot("mg", "unit"), "g"),
        (slot("mmol/L", "code", value=3), "umol/L"),
        (Slot("ORU^R01", "OBX-6", {"OBX-6": "nmol/L"}, "OBX-6"), "mg"),
        (slot("mg", "code"), None),
        (slot("", "unit"), None),
    ],
)
def test_a_unit_becomes_another_unit(place: Slot, after: str | None) -> None:
    """Whatever is one: of a quantity in FHIR, of FMK, of OBX-6; any other code is none."""
    assert edited(Operator.UNIT, place, ()) == after
    assert (edited(Operator.CHANGE, place, ()) is None) == (after is not None or not place.value)


@given(DOCUMENTS)
def test_what_is_offered_changes_something(document: dict[str, Any]) -> None:
    """No operator is offered at a place where it would leave everything as it was."""
    for number, place in enumerate(JsonBody("x", document).slots()):
        for operator in operators_at(place):
            copy = exact_json.decode(exact_json.encode(document))
            before = exact_json.encode(copy)
            assert edit(operator, JsonBody("x", copy).slots()[number], ()), operator
            assert exact_json.encode(copy) != before, operator


def test_only_a_member_is_taken_away() -> None:
    """Elements of an array of plain values go by the array."""
    given_names = JsonBody("Patient", {"given": ["Åse", "Ida"]}).slots()
    assert [Operator.DROP in operators_at(place) for place in given_names] == [True, False, False]


def test_an_array_goes_as_a_whole() -> None:
    """Where array and elements share the place, the array is taken away and its elements are let be."""
    document = {"given": ["Åse", "Ida"], "family": "Ø"}
    assert [edit(Operator.DROP, place, ()) for place in JsonBody("Patient", document).slots()[:3]] == [
        True,
        False,
        False,
    ]
    assert document == {"family": "Ø"}
