"""Renewals, labels, tablets and order sets on FHIR R4."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from epjgate.drivers.dsl.fhir_prescribing import (
    FhirDispensing,
    FhirMedicationRenewal,
    FhirOrderSets,
    FhirPrescriptionLabel,
)
from epjgate.drivers.dsl.medication import Drug, OrderRef, Prescription
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.dsl.prescribing import Label, Tablets
from epjgate.drivers.exact_json import decode, encode
from epjgate.drivers.fhir import FhirClient
from epjgate.errors import CandidateFault

if TYPE_CHECKING:
    from tests.drivers.conftest import StandIn

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
ORDER = OrderRef("9")
DAILY = Prescription(Drug("H03AA01", "Eltroxin"), Decimal("0.1"), Decimal(1), "{tablet}", timedelta(days=1), AT, "1")


def quantity(value: str, unit: str) -> dict[str, Any]:
    return {"value": Decimal(value), "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}


LABEL: list[dict[str, Any]] = [
    {"name": "drug", "valueString": "Eltroxin"},
    {"name": "strength", "valueQuantity": quantity("0.10", "mg")},
    {"name": "dose", "valueQuantity": quantity("2", "{tablet}")},
    {"name": "dosePerIntake", "valueQuantity": quantity("0.20", "mg")},
    {"name": "interval", "valueInteger": 86400},
    {"name": "text", "valueString": "2 tabletter hver morgen"},
]


def answers(stand_in: StandIn, parameters: list[dict[str, Any]]) -> None:
    stand_in.answers(encode({"resourceType": "Parameters", "parameter": parameters}))


def test_a_label_is_read(stand_in: StandIn, client: FhirClient) -> None:
    """Digits stay as they are printed."""
    answers(stand_in, LABEL)
    label = FhirPrescriptionLabel(client).label_of(ORDER)
    assert label == Label(
        "Eltroxin",
        Decimal("0.1"),
        Decimal(2),
        "{tablet}",
        Decimal("0.2"),
        timedelta(days=1),
        "2 tabletter hver morgen",
    )
    assert str(label.dose_mg) == "0.20"


@pytest.mark.parametrize(
    ("index", "wrong", "told"),
    [
        (1, {"name": "strength", "valueQuantity": quantity("100", "ug")}, "strength is in 'ug', not in mg"),
        (4, {"name": "interval", "valueInteger": Decimal("1.5")}, "interval is 1.5, not a whole number"),
        (0, {"name": "drug", "valueString": 7}, "not a text"),
        (5, {"name": "drug", "valueString": "x"}, "2 parameters named drug"),
    ],
)
def test_a_label_that_lost_something_is_the_candidates_fault(
    stand_in: StandIn, client: FhirClient, index: int, wrong: dict[str, Any], told: str
) -> None:
    """Another unit is never converted, and half a second is no interval."""
    label = deepcopy(LABEL)
    label[index] = wrong
    answers(stand_in, label)
    with pytest.raises(CandidateFault, match=told):
        FhirPrescriptionLabel(client).label_of(ORDER)


def test_tablets_come_strongest_first(stand_in: StandIn, client: FhirClient) -> None:
    """Every strength that the pharmacy has is sent, in plain digits."""
    kinds = [("250", 1), ("500", 2)]
    answers(
        stand_in,
        [
            {
                "name": "tablets",
                "part": [
                    {"name": "strength", "valueQuantity": quantity(mg, "mg")},
                    {"name": "count", "valueInteger": count},
                ],
            }
            for mg, count in kinds
        ],
    )
    found = FhirDispensing(client).fewest_tablets(ORDER, [Decimal("1E+2"), Decimal("0.5")])
    assert found == (Tablets(Decimal(500), 2), Tablets(Decimal(250), 1))
    assert stand_in.asked[0].path == "/fhir/MedicationRequest/9/$tablets?strength=100&strength=0.5"


def test_an_end_that_is_not_given_is_not_sent(stand_in: StandIn, client: FhirClient) -> None:
    """Until further notice stays just that."""
    stand_in.answers({"resourceType": "MedicationRequest", "id": "10"}, status=201)
    assert FhirMedicationRenewal(client).renew(ORDER, AT, None) == OrderRef("10")
    assert [one["name"] for one in decode(stand_in.asked[0].body)["parameter"]] == ["authoredOn"]


def test_an_order_set_is_one_transaction(stand_in: StandIn, client: FhirClient) -> None:
    """One request; the references are those of the response, in its order."""
    places = [{"response": {"status": "201", "location": f"MedicationRequest/{n}/_history/1"}} for n in (4, 5)]
    stand_in.answers({"resourceType": "Bundle", "type": "transaction-response", "entry": places})
    ordered = FhirOrderSets(client).prescribe_all(PatientRef("7"), [DAILY, DAILY])
    assert [(order.id, order.version) for order in ordered] == [("4", "1"), ("5", "1")]
    assert decode(stand_in.asked[0].body)["type"] == "transaction"


def test_an_order_set_that_is_answered_in_part_is_the_candidates_fault(stand_in: StandIn, client: FhirClient) -> None:
    """Two orders, one answer."""
    stand_in.answers({"resourceType": "Bundle", "entry": [{"response": {"location": "MedicationRequest/4"}}]})
    with pytest.raises(CandidateFault, match="2 orders were sent in one set, and 1 answered"):
        FhirOrderSets(client).prescribe_all(PatientRef("7"), [DAILY, DAILY])
