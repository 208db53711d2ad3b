"""Whole records besides results and orders of drugs: allergies, notes, requests, reports, conditions, letters."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from epjgate.drivers.fhir import Resource
from population.fhir_r4 import ATC
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

WHO = "Patient på stue 4, sengen ved døren"


def test_a_whole_allergy_intolerance(subject: str, word: str, lives_whole: Whole) -> None:
    """Status, category, criticality, substance, reaction and times of an AllergyIntolerance."""
    codes = f"{TERMS}/allergyintolerance"
    lives_whole(
        {
            "resourceType": "AllergyIntolerance",
            **EVERY_RESOURCE,
            "identifier": [identifier(word)],
            "clinicalStatus": {"coding": [{"system": f"{codes}-clinical", "code": "active"}]},
            "verificationStatus": {"coding": [{"system": f"{codes}-verification", "code": "confirmed"}]},
            "type": "allergy",
            "category": ["medication"],
            "criticality": "high",
            "code": concept(ATC, "J01CE02", "Phenoxymethylpenicillin, også i små doser"),
            "patient": {"reference": subject, "display": WHO},
            "onsetDateTime": "2004-06",
            "recordedDate": "2026-02-03T08:00:00+01:00",
            "recorder": DOCTOR,
            "asserter": {"reference": subject},
            "lastOccurrence": "2019-11-30",
            "note": [{"time": "2026-02-03T08:00:00+01:00", "text": "Fortalt af patienten selv, på stuen."}],
            "reaction": [
                {
                    "substance": concept(ATC, "J01CE02", "Phenoxymethylpenicillin, også i små doser"),
                    "manifestation": [concept(SKS, "DT886", "anafylaktisk chok, åndenød")],
                    "description": "Udslæt og åndenød efter en tablet",
                    "onset": "2019-11-30",
                    "severity": "severe",
                    "exposureRoute": concept(SKS, "OR", "gennem munden, på tom mave"),
                }
            ],
        }
    )


def test_a_whole_document_reference(subject: str, word: str, lives_whole: Whole) -> None:
    """Type, author, custodian, description, attachment and its title, and context of a DocumentReference."""
    lives_whole(
        {
            "resourceType": "DocumentReference",
            **EVERY_RESOURCE,
            "masterIdentifier": identifier(f"{word}-master"),
            "identifier": [identifier(word)],
            "status": "current",
            "docStatus": "preliminary",
            "type": concept(SKS, "ZZ0150", "journaloptagelse, første kontakt"),
            "category": [concept(SKS, "ZZ01", "lægelige notater, også tilsyn")],
            "subject": {"reference": subject, "display": WHO},
            "date": "2026-02-03T08:00:00+01:00",
            "author": [DOCTOR],
            "authenticator": DOCTOR,
            "custodian": DEPARTMENT,
            "description": "Journaloptagelse på stue 4",
            "securityLabel": [concept(f"{TERMS}/v3-Confidentiality", "N", "almindelig, ikke følsom")],
            "content": [
                {
                    "attachment": {
                        "contentType": "text/plain; charset=utf-8",
                        "language": "da",
                        "data": "SW5nZW4gYmzDuGRuaW5n",
                        "title": "Journaloptagelse, læst på stuen",
                        "creation": "2026-02-03T08:00:00+01:00",
                    },
                    "format": {
                        "system": "http://ihe.net/fhir/ValueSet/IHE.FormatCode.codesystem",
                        "code": "urn:ihe:iti:xds:2017:mimeTypeSufficient",
                        "display": "mimeType Sufficient",
                    },
                }
            ],
            "context": {
                "event": [concept(SKS, "AAF6", "indlæggelse på afsnit, akut")],
                "period": {"start": "2026-02-03T07:30:00+01:00", "end": "2026-02-03T08:00:00+01:00"},
                "facilityType": concept(SKS, "H", "hospital, også sengeafsnit"),
                "practiceSetting": concept(SKS, "AFA", "lungemedicin, også voksne"),
            },
        }
    )


def test_a_whole_service_request(subject: str, word: str, lives_whole: Whole) -> None:
    """Status, priority, category, code, reason, requester and performer of a ServiceRequest."""
    lives_whole(
        {
            "resourceType": "ServiceRequest",
            **EVERY_RESOURCE,
            "identifier": [identifier(word)],
            "requisition": identifier(f"{word}-group"),
            "status": "completed",
            "intent": "order",
            "category": [concept("http://snomed.info/sct", "108252007", "laboratorieundersøgelse")],
            "priority": "urgent",
            "doNotPerform": False,
            "code": concept(NPU, "NPU03230", "Kalium i plasma, på hæmolysefri prøve"),
            "orderDetail": [concept(NPU, "NPU03230", "tages på stuen, før maden")],
            "quantityQuantity": quantity("1", "{sample}"),
            "subject": {"reference": subject, "display": WHO},
            "occurrenceDateTime": "2026-02-03T07:00:00+01:00",
            "authoredOn": "2026-02-03T06:30:00+01:00",
            "requester": DOCTOR,
            "performer": [DEPARTMENT],
            "reasonCode": [concept(SKS, "DE876", "hypokaliæmi uden specifikation")],
            "bodySite": [concept(SKS, "T26", "venstre albuebøjning")],
            "note": [{"text": "Svar ønskes før stuegang, også om natten."}],
            "patientInstruction": "De må gerne drikke før prøven",
        }
    )


def test_a_whole_diagnostic_report(subject: str, word: str, lives_whole: Whole) -> None:
    """Status, category, code, times, performer, conclusion and attached form of a DiagnosticReport."""
    lives_whole(
        {
            "resourceType": "DiagnosticReport",
            **EVERY_RESOURCE,
            "identifier": [identifier(word)],
            "basedOn": [{"identifier": identifier(f"{word}-order"), "display": "Røntgen af thorax, før operation"}],
            "status": "final",
            "category": [concept(f"{TERMS}/v2-0074", "RAD", "radiologi, også på stuen")],
            "code": concept(SKS, "UXRC00", "røntgenundersøgelse af thorax, på stue"),
            "subject": {"reference": subject, "display": WHO},
            "effectiveDateTime": "2026-02-03T10:00:00+01:00",
            "issued": "2026-02-03T11:12:13+01:00",
            "performer": [DEPARTMENT],
            "resultsInterpreter": [DOCTOR],
            "result": [{"identifier": identifier(f"{word}-result"), "display": "Hjertestørrelse, målt på billedet"}],
            "conclusion": "Ingen stase, ingen pleuravæske; hjertet er ikke forstørret.",
            "conclusionCode": [concept(SKS, "DZ030", "ingen mistanke om sygdom på billedet")],
            "presentedForm": [
                {
                    "contentType": "text/plain",
                    "language": "da",
                    "data": "SW5nZW4gc3Rhc2U=",
                    "title": "Røntgensvar, læst på stuen",
                    "creation": "2026-02-03T11:12:13+01:00",
                }
            ],
        }
    )


def test_a_whole_condition(subject: str, word: str, lives_whole: Whole) -> None:
    """Status, category, severity, code, place, onset and evidence of a Condition."""
    lives_whole(
        {
            "resourceType": "Condition",
            **EVERY_RESOURCE,
            "identifier": [identifier(word)],
            "clinicalStatus": {"coding": [{"system": f"{TERMS}/condition-clinical", "code": "active"}]},
            "verificationStatus": {"coding": [{"system": f"{TERMS}/condition-ver-status", "code": "confirmed"}]},
            "category": [concept(f"{TERMS}/condition-category", "problem-list-item", "problem på listen")],
            "severity": concept("http://snomed.info/sct", "24484000", "svær, også i hvile"),
            "code": concept(SKS, "DJ449", "kronisk obstruktiv lungesygdom, også i hvile"),
            "bodySite": [concept(SKS, "T30", "begge lunger, også nedadtil på højre side")],
            "subject": {"reference": subject, "display": WHO},
            "onsetDateTime": "2011-09-14",
            "recordedDate": "2026-02-03T08:00:00+01:00",
            "recorder": DOCTOR,
            "note": [{"text": "Røg 20 cigaretter om dagen i tredive år, nu ingen."}],
        }
    )


def test_a_whole_communication(subject: str, word: str, lives_whole: Whole) -> None:
    """Category, topic, times, recipient, sender and payload of a Communication."""
    lives_whole(
        {
            "resourceType": "Communication",
            **EVERY_RESOURCE,
            "identifier": [identifier(word)],
            "status": "completed",
            "category": [concept("urn:epjgate:letter", "carecoordination", "koordination af pleje, også hjælpemidler")],
            "priority": "routine",
            "subject": {"reference": subject, "display": WHO},
            "topic": concept("urn:epjgate:letter", "aids", "hjælpemidler på badeværelset"),
            "sent": "2026-02-03T12:00:00+01:00",
            "received": "2026-02-03T12:00:05+01:00",
            "recipient": [{"display": "Hjemmesygeplejen på Ærø"}],
            "sender": DEPARTMENT,
            "payload": [{"contentString": "Borgeren kommer hjem på fredag og må gå med støtte."}],
            "note": [{"text": "Ringet op på vagttelefonen, ingen svarede."}],
        }
    )
