"""Parameters of operations."""

from __future__ import annotations

import pytest

from epjgate.drivers.fhir_parameters import parameter_named, parameters, parameters_named, part_named
from epjgate.errors import CandidateFault

TABLETS = {"name": "tablets", "part": [{"name": "count", "valueInteger": 2}]}
ANSWER = {"resourceType": "Parameters", "parameter": [{"name": "drug", "valueString": "Eltroxin"}, TABLETS, TABLETS]}


def test_what_has_no_value_is_left_out() -> None:
    """An optional parameter of None is not sent."""
    assert parameters(("a", "valueString", "x"), ("b", "valueDate", None)) == {
        "resourceType": "Parameters",
        "parameter": [{"name": "a", "valueString": "x"}],
    }


def test_parameters_are_found_by_name() -> None:
    """One, several, none, and parts of one."""
    assert parameter_named(ANSWER, "drug")["valueString"] == "Eltroxin"
    assert parameters_named(ANSWER, "tablets") == [TABLETS, TABLETS]
    assert parameters_named(ANSWER, "alert") == []
    assert parameters_named({"resourceType": "Parameters"}, "alert") == []
    assert part_named(TABLETS, "count")["valueInteger"] == 2


@pytest.mark.parametrize("name", ["dose", "tablets"])
def test_anything_but_one_is_the_candidates_fault(name: str) -> None:
    """None or two of what must be there once are named."""
    with pytest.raises(CandidateFault, match=f"parameters named {name}, not one"):
        parameter_named(ANSWER, name)
    with pytest.raises(CandidateFault, match="parts named dose, not one"):
        part_named(TABLETS, "dose")


def test_another_resource_is_the_candidates_fault() -> None:
    """An OperationOutcome is no answer to an operation."""
    with pytest.raises(CandidateFault, match="answered a OperationOutcome, not Parameters"):
        parameters_named({"resourceType": "OperationOutcome"}, "alert")
