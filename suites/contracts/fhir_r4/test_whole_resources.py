"""Whole resources, with all that a chart may hold in them: each comes back as it was sent, wherever it is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from epjgate.drivers.fhir import FhirClient, Resource
from epjgate.model.person import Person
from population.fhir_r4 import ACT_CODE, LOINC, cpr_identifier, encounter
from population.fhir_r4_elements import (
    DEPARTMENT,
    DOCTOR,
    EVERY_RESOURCE,
    NPU,
    SKS,
    TERMS,
    concept,
    identifier,
    quantity,
)

pytestmark = [
    pytest.mark.rule("fhir-read-returns-what-was-sent", "fhir-every-view-alike", "fhir-last-updated-is-now"),
    pytest.mark.severity("critical"),
]

Whole = Callable[[Resource], None]

LEAVE = (
    "http://medcomfhir.dk/ig/hospitalnotification/StructureDefinition/"
    "medcom-hospitalnotification-leave-period-extension"
)


def test_a_whole_patient(person: Person, subject: str, word: str, lives_whole: Whole) -> None:
    """Numbers, names, telephones, addresses, next of kin, languages, doctors and links of a Patient."""
    lives_whole(
        {
            "resourceType": "Patient",
            **EVERY_RESOURCE,
            "identifier": [{"use": "official", **cpr_identifier(person)}, identifier(word)],
            "active": True,
            "name": [
                {
                    "use": "official",
                    "text": "Fru Anne Sofie Ærø Bjørn Østergård d.y.",
                    "family": "Bjørn Østergård",
                    "given": ["Anne Sofie", "Ærø"],
                    "prefix": ["Fru"],
                    "suffix": ["d.y."],
                    "period": {"start": "2001-05-06"},
                },
                {"use": "maiden", "family": "Østergård"},
            ],
            "telecom": [
                {"system": "phone", "value": "+45 00 00 00 00", "use": "mobile", "rank": 1},
                {"system": "email", "value": "nobody@example.org", "use": "home", "period": {"end": "2026-12-31"}},
            ],
            "gender": person.sex.value,
            "birthDate": person.birth_date.isoformat(),
            "deceasedBoolean": False,
            "address": [
                {
                    "use": "home",
                    "type": "both",
                    "text": "Ærøgade 12, 3. tv., Nykøbing Falster",
                    "line": ["Ærøgade 12, 3. tv.", "hos Søren Åkjær"],
                    "city": "Nykøbing Falster",
                    "district": "Sakskøbing Ø",
                    "state": "Region Sjælland",
                    "postalCode": "4800",
                    "country": "DK",
                    "period": {"start": "2019-08-01"},
                }
            ],
            "maritalStatus": concept(f"{TERMS}/v3-MaritalStatus", "M", "gift"),
            "multipleBirthInteger": 2,
            "contact": [
                {
                    "relationship": [concept(f"{TERMS}/v2-0131", "N", "nærmeste pårørende")],
                    "name": {"family": "Grønbæk", "given": ["Søren"]},
                    "telecom": [{"system": "phone", "value": "+45 00 00 00 01", "use": "home"}],
                    "gender": "male",
                }
            ],
            "communication": [{"language": concept("urn:ietf:bcp:47", "kl", "grønlandsk"), "preferred": True}],
            "generalPractitioner": [DOCTOR],
            "managingOrganization": DEPARTMENT,
            "link": [{"other": {"reference": subject, "display": "Samme person, anden journal"}, "type": "seealso"}],
        }
    )


def test_a_whole_encounter(subject: str, word: str, lives_whole: Whole) -> None:
    """Class, type, reason, who took part, where and when, and who answers for an Encounter."""
    lives_whole(
        {
            "resourceType": "Encounter",
            **EVERY_RESOURCE,
            "extension": [{"url": LEAVE, "valuePeriod": {"start": "2026-02-03T08:30:00+01:00"}}],
            "contained": [
                {
                    "resourceType": "Practitioner",
                    "id": "doctor",
                    "identifier": [identifier(f"{word}-doctor")],
                    "name": [{"family": "Bjørnholm", "given": ["Åse"]}],
                },
                {
                    "resourceType": "Organization",
                    "id": "ward",
                    "identifier": [identifier(f"{word}-ward")],
                    "name": "Lungeambulatorium Ø2, Køge",
                },
            ],
            "identifier": [identifier(word)],
            "status": "finished",
            "class": {"system": ACT_CODE, "code": "AMB", "display": "ambulant"},
            "type": [concept(SKS, "ALCA10", "ambulant besøg")],
            "serviceType": concept(SKS, "AFA", "lungemedicin, voksne"),
            "priority": concept(SKS, "ATA3", "planlagt"),
            "subject": {"reference": subject, "display": "Patient på stue 4, sengen ved døren"},
            "episodeOfCare": [{"identifier": {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:episode"}}],
            "participant": [
                {
                    "type": [concept(f"{TERMS}/v3-ParticipationType", "ATND", "ansvarlig læge")],
                    "period": {"start": "2026-02-03T08:00:00+01:00"},
                    "individual": {"reference": "#doctor", **DOCTOR},
                }
            ],
            "period": {"start": "2026-02-03T08:00:00+01:00", "end": "2026-02-03T09:15:00+01:00"},
            "length": quantity("75", "min"),
            "reasonCode": [concept(SKS, "DJ189", "pneumoni uden specifikation")],
            "location": [
                {
                    "location": {"identifier": identifier(f"{word}-ward"), "display": "Lungeambulatorium Ø2"},
                    "status": "completed",
                    "period": {"start": "2026-02-03T08:00:00+01:00", "end": "2026-02-03T09:15:00+01:00"},
                }
            ],
            "serviceProvider": {"reference": "#ward", **DEPARTMENT},
        }
    )


def test_a_whole_observation(fhir: FhirClient, subject: str, word: str, lives_whole: Whole) -> None:
    """Category, code, time, value, interpretation, note, reference range and components of an Observation."""
    contact = fhir.create(encounter(subject)).expect(201).id
    lives_whole(
        {
            "resourceType": "Observation",
            **EVERY_RESOURCE,
            "identifier": [identifier(word), identifier(f"{word}-2")],
            "basedOn": [{"identifier": identifier(f"{word}-order"), "display": "Blodprøver før operation"}],
            "status": "amended",
            "category": [concept(f"{TERMS}/observation-category", "laboratory", "laboratorium")],
            "code": concept(NPU, "NPU03230", "Kalium;P"),
            "subject": {"reference": subject, "display": "Patient på stue 4, sengen ved døren"},
            "encounter": {"reference": f"Encounter/{contact}", "display": "Besøg i ambulatoriet, første gang"},
            "effectiveDateTime": "2026-02-03T06:45:00+01:00",
            "issued": "2026-02-03T08:10:12+01:00",
            "performer": [DEPARTMENT],
            "valueQuantity": {
                **quantity("3.90", "mmol/L"),
                "unit": "mmol pr. liter, på hæmolysefri prøve",
                "comparator": "<",
            },
            "interpretation": [concept(f"{TERMS}/v3-ObservationInterpretation", "L", "lav")],
            "note": [
                {"authorString": "Bioanalytiker Sørensen", "time": "2026-02-03T08:09:00+01:00", "text": "Let hæmolyse."}
            ],
            "bodySite": concept(SKS, "T26", "venstre albuebøjning"),
            "method": concept(SKS, "M01", "ionselektiv elektrode"),
            "specimen": {"identifier": identifier(f"{word}-tube"), "display": "Lithium-heparin, rør 2"},
            "referenceRange": [
                {
                    "low": quantity("3.50", "mmol/L"),
                    "high": quantity("4.40", "mmol/L"),
                    "type": concept(f"{TERMS}/referencerange-meaning", "normal", "normalområde"),
                    "appliesTo": [concept(SKS, "V", "voksne over 18 år")],
                    "age": {"low": quantity("18", "a"), "high": quantity("120", "a")},
                    "text": "3,50 - 4,40 for voksne",
                }
            ],
            "component": [
                {
                    "code": concept(LOINC, "8480-6", "systolisk blodtryk"),
                    "valueQuantity": quantity("120", "mm[Hg]"),
                    "interpretation": [concept(f"{TERMS}/v3-ObservationInterpretation", "N", "normal")],
                    "referenceRange": [{"low": quantity("90", "mm[Hg]"), "high": quantity("140", "mm[Hg]")}],
                },
                {
                    "code": concept(LOINC, "8462-4", "diastolisk blodtryk"),
                    "dataAbsentReason": concept(f"{TERMS}/data-absent-reason", "not-performed", "ikke målt"),
                },
            ],
        }
    )


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"valueString": "Ingen vækst efter 5 døgn"}, id="valueString"),
        pytest.param(
            {"valueCodeableConcept": concept(SKS, "B95", "påvist: gule stafylokokker")}, id="valueCodeableConcept"
        ),
        pytest.param({"valueInteger": 7}, id="valueInteger"),
        pytest.param({"valueRange": {"low": {"value": 1}, "high": {"value": 3}}}, id="valueRange"),
        pytest.param({"valueDateTime": "2026-02-03T06:45:00+01:00"}, id="valueDateTime"),
        pytest.param(
            {"valueRatio": {"numerator": quantity("1", "{titer}"), "denominator": quantity("128", "{titer}")}},
            id="valueRatio",
        ),
        pytest.param(
            {"dataAbsentReason": concept(f"{TERMS}/data-absent-reason", "unknown", "prøven gik tabt")},
            id="dataAbsentReason",
        ),
    ],
)
def test_an_observation_of_another_kind_of_value(subject: str, lives_whole: Whole, value: dict[str, Any]) -> None:
    """Text, code, number, time, ratio, or none: the value[x] of an Observation, its code and its text."""
    lives_whole(
        {
            "resourceType": "Observation",
            "status": "final",
            "code": concept(NPU, "NPU03230", "Kalium;P"),
            "subject": {"reference": subject},
            "effectiveDateTime": "2026-02-03T06:45:00+01:00",
            **value,
        }
    )
