"""What the MedCom contract tests share: what arrived at the municipality, and letters in both directions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

import population
from epjgate.contracts.checks.medcom_bundle import said
from epjgate.drivers.dsl import Delivery, Epj, PatientRef, Receiver
from epjgate.drivers.dsl.waiting import wait_until
from epjgate.drivers.fhir import FhirAnswer, FhirClient, Resource, value_at
from epjgate.drivers.sent import as_sent
from epjgate.evidence.digests import text_digest
from epjgate.evidence.recorder import Recorder
from epjgate.model.partner import Received
from epjgate.model.person import Person
from epjgate.model.target import Target
from epjgate.partners.client import Partners
from population.fhir_r4 import patient as patient_of
from population.medcom import CATEGORY_SYSTEM, Letter

MUNICIPALITY = Receiver.HOSPITAL_NOTIFICATIONS
OPERATION = "$process-message"
ARRIVES_WITHIN_S = 10.0
CLOCKS_DIFFER = timedelta(minutes=5)

Document = dict[str, Any]


@dataclass(frozen=True)
class Arrived:
    """A message, and the moment in which the municipality got it."""

    document: Document
    at: datetime

    def said(self) -> dict[str, list[Document]]:
        """Return what the message says (see `said`); a part that is missing is the candidate's fault."""
        told: dict[str, list[Document]] = as_sent(said(as_sent(self.document)))
        return told

    def was_made(self, moments: list[Any], since: datetime) -> bool:
        """Whether all `moments` lie between `since` and its arrival, as far as two clocks can agree."""
        began, ended = since - CLOCKS_DIFFER, self.at + CLOCKS_DIFFER
        return all(isinstance(moment, datetime) and began <= moment <= ended for moment in moments)


@dataclass(frozen=True)
class Mailbox:
    """The municipality's mailbox, asked about one person at a time."""

    partners: Partners
    epj: Epj

    def received(self, patient: PatientRef, cpr: str) -> list[Received]:
        """Return every message that arrived about `cpr` once nothing is on its way, refused and repeated ones too."""
        self.epj.wait_for_deliveries(patient)
        return self.now(cpr)

    def now(self, cpr: str) -> list[Received]:
        """Return every message that has arrived about `cpr` until now."""
        return list(self.partners.received(MUNICIPALITY.partner, cpr))

    def arrived(self, patient: PatientRef, cpr: str, event: str) -> list[Arrived]:
        """Return the messages of one event about `cpr` in the order of their arrival, without what came again."""
        found = [Arrived(document(one), one.at) for one in self.received(patient, cpr) if not one.repeated]
        return [one for one in found if event_of(one.document) == event]

    def documents(self, patient: PatientRef, cpr: str, event: str) -> list[Document]:
        """Return what `arrived` does, without the moments."""
        return [one.document for one in self.arrived(patient, cpr, event)]

    def ledger(self, patient: PatientRef) -> list[Delivery]:
        """Return what the sender says of its messages about `patient`, earliest first."""
        return [one for one in self.epj.deliveries_of(patient) if one.receiver is MUNICIPALITY]


def document(received: Received) -> Document:
    """Return a message as JSON values."""
    found: Document = json.loads(received.text)
    return found


def event_of(message: Document) -> str:
    """Return the code of the message's event."""
    return str(value_at(message, "entry", 0, "resource", "eventCoding", "code"))


@pytest.fixture(scope="session")
def partners(target: Target, recorder: Recorder) -> Iterator[Partners]:
    """Give a client of the receiving systems that the gate plays."""
    with Partners(target.partners, recorder) as client:
        yield client


@pytest.fixture(scope="session")
def mailbox(partners: Partners, epj: Epj) -> Mailbox:
    """The municipality's mailbox."""
    return Mailbox(partners, epj)


@pytest.fixture(scope="session")
def citizens(session_seed: int) -> Callable[[str], Person]:
    """Call it with a purpose for a person whom several tests of one worker share, because they only read."""
    return lambda purpose: population.person(int(text_digest(str(session_seed), purpose)[7:15], 16), 0)


@pytest.fixture(scope="session")
def write(fhir: FhirClient) -> Callable[..., str]:
    """Call it with a patient and elements of a Communication to have it written; returns its id.

    Without any it is a letter about the coordination of care that leaves at once.
    """

    def written(patient: PatientRef, **elements: Any) -> str:
        letter = {
            "resourceType": "Communication",
            "status": "in-progress",
            "category": [{"coding": [{"system": CATEGORY_SYSTEM, "code": "carecoordination"}]}],
            "subject": {"reference": f"Patient/{patient.id}"},
            "sender": {"display": "Anna Lindegård"},
            "recipient": [{"display": "Hjemmeplejen Øst"}],
            "sent": "2026-02-06T14:00:00+01:00",
            "payload": [{"contentString": "Borgeren kommer hjem på fredag og skal have hjælp til støttestrømper."}],
            **elements,
        }
        return fhir.create({name: value for name, value in letter.items() if value is not None}).expect(201).id

    return written


@pytest.fixture(scope="session")
def correspondence(
    citizens: Callable[[str], Person], fhir: FhirClient, partners: Partners
) -> dict[str, list[Document]]:
    """What a first message of the candidate says (see `said`): who it is, whom it writes to, and where both are."""
    someone = citizens("asking who sends")
    about = fhir.create(patient_of(someone)).expect(201).id
    stay = {
        "resourceType": "Encounter",
        "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "subject": {"reference": f"Patient/{about}"},
        "period": {"start": "2026-02-01T08:00:00+01:00"},
    }
    fhir.create(stay).expect(201)
    wait_until(lambda: bool(partners.received(MUNICIPALITY.partner, someone.cpr)), ARRIVES_WITHIN_S)
    message = document(value_at(list(partners.received(MUNICIPALITY.partner, someone.cpr)), 0))
    return said(message)


@pytest.fixture(scope="session")
def hospital(correspondence: dict[str, list[Document]]) -> Resource:
    """The candidate as an Organization: as it calls itself when it sends."""
    organization = value_at(correspondence, "sender", 0)
    return {name: value_at(organization, name) for name in ("identifier", "name")}


@pytest.fixture(scope="session")
def between(correspondence: dict[str, list[Document]]) -> Document:
    """What every header says that goes from the candidate to the municipality: sender, receiver and endpoints."""
    header = value_at(correspondence, "MessageHeader", 0)
    return {name: value_at(header, name) for name in ("sender", "source", "destination")}


@pytest.fixture
def letter(person: Person, hospital: Resource) -> Callable[..., Letter]:
    """Call it with what shall be otherwise for a letter of a municipality about `person`, ready to be delivered."""
    return lambda **elements: Letter(**{"person": person, "receiver": hospital, **elements})


@pytest.fixture
def deliver(fhir: FhirClient) -> Callable[[Resource], FhirAnswer]:
    """Call it with a message to have it delivered."""
    return lambda message: fhir.request("POST", OPERATION, resource=message)


@pytest.fixture
def letters_of(fhir: FhirClient) -> Callable[[PatientRef], list[Resource]]:
    """Call it with a patient for the letters that the record holds."""
    return lambda patient: fhir.search_all("Communication", {"subject": f"Patient/{patient.id}"})


@pytest.fixture
def texts_of(letters_of: Callable[[PatientRef], list[Resource]]) -> Callable[[PatientRef], list[str]]:
    """Call it with a patient for the texts of the letters that the record holds."""
    return lambda patient: [
        value_at(part, "contentString") for letter in letters_of(patient) for part in value_at(letter, "payload")
    ]
