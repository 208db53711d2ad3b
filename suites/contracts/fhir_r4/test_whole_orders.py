"""Whole orders of drugs: each comes back as it was sent, wherever it is shown."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from epjgate.drivers.fhir import Resource
from population.fhir_r4 import ATC
from population.fhir_r4_elements import DOCTOR, EVERY_RESOURCE, SKS, TERMS, concept, identifier, quantity

pytestmark = [
    pytest.mark.rule("fhir-read-returns-what-was-sent", "fhir-every-view-alike", "fhir-last-updated-is-now"),
    pytest.mark.severity("critical"),
]

Whole = Callable[[Resource], None]


def test_a_whole_medication_request(subject: str, word: str, lives_whole: Whole) -> None:
    """Drug, strength and its units, dosage, timing, reason and times of a MedicationRequest and its Medication."""
    lives_whole(
        {
            "resourceType": "MedicationRequest",
            **EVERY_RESOURCE,
            "contained": [
                {
                    "resourceType": "Medication",
                    "id": "drug",
                    "code": concept(ATC, "H03AA01", "Levothyroxinnatrium, løst pulver"),
                    "form": concept("urn:oid:1.2.208.176.2.99", "TABOVER", "filmovertrukne tabletter, små"),
                    "ingredient": [
                        {
                            "itemCodeableConcept": concept(ATC, "H03AA01", "Levothyroxinnatrium, løst pulver"),
                            "isActive": True,
                            "strength": {
                                "numerator": quantity("0.050", "mg"),
                                "denominator": quantity("1", "{tablet}"),
                            },
                        }
                    ],
                }
            ],
            "identifier": [identifier(word)],
            "status": "active",
            "intent": "order",
            "category": [concept(f"{TERMS}/medicationrequest-category", "inpatient", "indlagt patient")],
            "priority": "routine",
            "medicationReference": {"reference": "#drug", "display": "Levothyroxinnatrium, løst pulver"},
            "subject": {"reference": subject, "display": "Patient på stue 4, sengen ved døren"},
            "authoredOn": "2026-02-03T08:00:00+01:00",
            "requester": DOCTOR,
            "reasonCode": [concept(SKS, "DE039", "hypotyreose uden specifikation")],
            "priorPrescription": {"identifier": identifier(f"{word}-before"), "display": "Samme middel, lavere styrke"},
            "groupIdentifier": identifier(f"{word}-set"),
            "note": [{"text": "Aftalt med patienten på stuegangen."}],
            "dosageInstruction": [
                {
                    "sequence": 1,
                    "text": "2 tabletter hver morgen på tom mave",
                    "patientInstruction": "Må ikke tages sammen med kalk eller jern, æbler går an.",
                    "timing": {
                        "repeat": {
                            "boundsPeriod": {
                                "start": "2026-02-03T08:00:00+01:00",
                                "end": "2026-08-03T08:00:00+02:00",
                            },
                            "frequency": 1,
                            "period": 1,
                            "periodUnit": "d",
                        }
                    },
                    "asNeededBoolean": False,
                    "route": concept(SKS, "OR", "gennem munden, på tom mave"),
                    "doseAndRate": [{"doseQuantity": quantity("2", "{tablet}")}],
                    "maxDosePerPeriod": {"numerator": quantity("4", "{tablet}"), "denominator": quantity("1", "d")},
                }
            ],
        }
    )


def test_a_medication_request_without_strength(subject: str, lives_whole: Whole) -> None:
    """A drug by its code and text alone, as medicationCodeableConcept, at fixed times of the day."""
    lives_whole(
        {
            "resourceType": "MedicationRequest",
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": concept(ATC, "N02BE01", "Paracetamol, også som mikstur"),
            "subject": {"reference": subject},
            "authoredOn": "2026-02-03T08:00:00+01:00",
            "dosageInstruction": [
                {
                    "text": "1 tablet 4 gange dagligt, på fast tid",
                    "timing": {"repeat": {"frequency": 4, "period": 1, "periodUnit": "d"}},
                    "doseAndRate": [{"doseQuantity": quantity("500", "mg")}],
                }
            ],
        }
    )
