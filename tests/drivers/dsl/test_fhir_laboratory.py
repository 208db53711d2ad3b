"""Laboratory results on FHIR R4."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epjgate.drivers.dsl.fhir_laboratory import FhirLaboratory
from epjgate.drivers.dsl.laboratory import LabResult, Terminology
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.fhir import FhirClient
from epjgate.errors import CandidateFault
from population.strategies import danish_texts

if TYPE_CHECKING:
    from tests.drivers.dsl.conftest import FhirMemory

PATIENT = PatientRef("7")
GLUCOSE = LabResult(
    code="NPU02192",
    name="P-Glucose; stofk.",
    value=Decimal("5.10"),
    unit="mmol/L",
    taken_at=datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Copenhagen"), fold=1),
    reference_low=Decimal("4.2"),
    reference_high=Decimal("7.80"),
    comment="ingen blødning",
)
VALUES = st.decimals(allow_nan=False, allow_infinity=False).filter(lambda value: str(value) != "-0")


@pytest.fixture
def laboratory(client: FhirClient) -> FhirLaboratory:
    return FhirLaboratory(client)


@pytest.mark.parametrize(
    "result",
    [
        GLUCOSE,
        replace(GLUCOSE, reference_low=None),
        replace(GLUCOSE, reference_low=None, reference_high=None, comment=""),
        replace(GLUCOSE, code="2345-7", terminology=Terminology.LOINC),
        replace(GLUCOSE, comment="ingen blødning 🩸 e\u0301 " * 500),
    ],
    ids=["whole", "one limit", "plain", "loinc", "long"],
)
def test_a_result_reads_back_the_same(laboratory: FhirLaboratory, result: LabResult) -> None:
    """Code, value, unit, range, time and comment survive; what was not given stays away."""
    ref = laboratory.report(PATIENT, result)
    assert laboratory.results_of(PATIENT) == [result]
    assert ref.version == "1"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(value=VALUES, comment=danish_texts())
def test_digits_and_letters_survive(
    laboratory: FhirLaboratory, memory: FhirMemory, value: Decimal, comment: str
) -> None:
    """Each digit and each letter that was reported is read back, zeros at the end too."""
    memory.records.clear()
    laboratory.report(PATIENT, replace(GLUCOSE, value=value, comment=comment))
    (back,) = laboratory.results_of(PATIENT)
    assert (str(back.value), back.comment) == (str(value), comment)


@pytest.mark.parametrize(
    ("terminology", "system"),
    [(Terminology.NPU, "http://npu-terminology.org"), (Terminology.LOINC, "http://loinc.org")],
)
def test_the_record_is_a_final_laboratory_observation(
    laboratory: FhirLaboratory, memory: FhirMemory, terminology: Terminology, system: str
) -> None:
    """Status, category, code system and UCUM unit are those of R4 and dk-core."""
    laboratory.report(PATIENT, replace(GLUCOSE, terminology=terminology))
    record = memory.only("Observation")
    assert record["status"] == "final"
    assert record["category"][0]["coding"][0]["code"] == "laboratory"
    assert record["code"]["coding"][0]["system"] == system
    assert record["valueQuantity"] == {
        "value": Decimal("5.10"),
        "unit": "mmol/L",
        "system": "http://unitsofmeasure.org",
        "code": "mmol/L",
    }


def test_results_come_in_the_order_of_sampling_and_of_this_patient_only(laboratory: FhirLaboratory) -> None:
    """Other patients' results and other observations are not among them."""
    later = replace(GLUCOSE, taken_at=GLUCOSE.taken_at + timedelta(hours=1))
    for patient, result in ((PATIENT, later), (PatientRef("8"), GLUCOSE), (PATIENT, GLUCOSE)):
        laboratory.report(patient, result)
    assert laboratory.results_of(PATIENT) == [GLUCOSE, later]


def test_results_entered_in_error_are_left_out(laboratory: FhirLaboratory, memory: FhirMemory) -> None:
    """They must not be acted on; corrected ones count."""
    laboratory.report(PATIENT, GLUCOSE)
    memory.only("Observation")["status"] = "corrected"
    assert laboratory.results_of(PATIENT) == [GLUCOSE]
    memory.only("Observation")["status"] = "entered-in-error"
    assert laboratory.results_of(PATIENT) == []


def spoil(record: Any, *path: Any) -> None:
    *parents, last = path
    for part in parents:
        record = record[part]
    del record[last]


@pytest.mark.parametrize(
    "path",
    [
        ("status",),
        ("code",),
        ("effectiveDateTime",),
        ("valueQuantity",),
        ("valueQuantity", "value"),
        ("valueQuantity", "code"),
        ("referenceRange", 0, "low", "code"),
        ("referenceRange", 0, "high", "value"),
        ("note", 0, "text"),
    ],
)
def test_a_lost_element_is_the_candidates_fault(
    laboratory: FhirLaboratory, memory: FhirMemory, path: tuple[str | int, ...]
) -> None:
    """A value without unit, a limit without value, a note without text: named, never guessed."""
    laboratory.report(PATIENT, GLUCOSE)
    spoil(memory.only("Observation"), *path)
    with pytest.raises(CandidateFault, match=f"{path[0]}|element.text"):
        laboratory.results_of(PATIENT)


def test_a_range_in_another_unit_is_the_candidates_fault(laboratory: FhirLaboratory, memory: FhirMemory) -> None:
    """A limit in mg/dL says nothing about a value in mmol/L."""
    laboratory.report(PATIENT, GLUCOSE)
    memory.only("Observation")["referenceRange"][0]["high"]["code"] = "mg/dL"
    with pytest.raises(CandidateFault, match="high reference limit is in 'mg/dL', the value in 'mmol/L'"):
        laboratory.results_of(PATIENT)
