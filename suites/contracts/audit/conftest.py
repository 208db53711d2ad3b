"""What the audit contract tests share: users, a chart to look at, and the trail with what is new in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from epjgate.drivers.dsl import Epj, PatientRef
from epjgate.drivers.dsl.words.base import token_of
from epjgate.drivers.fhir import FhirClient, Resource
from epjgate.drivers.sent import SentList, as_sent
from epjgate.evidence.recorder import Recorder
from epjgate.model.target import Target
from epjgate.plugin.attempt import missing
from population.fhir_r4 import medication_request, observation

AUDITOR = "auditor"
PATIENT_ROLE = "1"  # http://terminology.hl7.org/CodeSystem/object-role

Event = dict[str, Any]
Act = Callable[[], object]


@dataclass(frozen=True)
class Told:
    """What one entry says: the action's letter, whether it succeeded, in which role, about what beside the patient."""

    action: str
    succeeded: bool
    role: str
    about: str
    activity: str


@dataclass(frozen=True)
class Chart:
    """A patient and what stands in the chart, as references."""

    patient: str
    result: str
    order: str


class Trail:
    """The audit trail as the auditor reads it; that reading is not counted as new."""

    def __init__(self, auditor: FhirClient) -> None:
        self._auditor = auditor

    def of(self, patient_id: str) -> list[Event]:
        """Return all entries about a patient, in the order of the trail."""
        return SentList(as_sent(self._auditor.search_all("AuditEvent", {"patient": patient_id}, page_limit=200)))

    def new(self, patient_id: str, act: Act) -> list[Event]:
        """Return the entries about a patient that `act` has made."""
        known = {event["id"] for event in self.of(patient_id)}
        act()
        now = self.of(patient_id)
        return SentList(event for event in now if event["id"] not in known and not is_own_reading(event))

    def told(self, patient_id: str, act: Act) -> list[Told]:
        """Return what the entries about a patient say that `act` has made."""
        return [told(event) for event in self.new(patient_id, act)]


def told(event: Event) -> Told:
    """Return what an entry says."""
    asking = [agent for agent in event["agent"] if agent["requestor"]]
    assert len(asking) == 1, f"an entry names {len(asking)} users who asked"
    objects = [one for one in event["entity"] if one.get("role", {}).get("code") != PATIENT_ROLE]
    about = objects[0].get("what", {}).get("reference") or objects[0].get("name", "") if objects else ""
    role, activity = asking[0]["role"][0]["coding"][0]["code"], event["subtype"][0]["code"]
    return Told(event["action"], event["outcome"] == "0", role, about, activity)


def is_own_reading(event: Event) -> bool:
    """Whether the entry is about the auditor's reading of the trail."""
    return (told(event).role, told(event).about) == (AUDITOR, "AuditEvent")


@pytest.fixture
def users(target: Target, recorder: Recorder) -> Iterator[Callable[[str | None], FhirClient]]:
    """Call it with a role for its FHIR client, with None for that of somebody who did not sign in."""
    url = target.url("fhir_r4")
    if url is None:
        raise missing("fhir_r4", target)
    with ExitStack() as stack:

        def client(role: str | None) -> FhirClient:
            token = None if role is None else token_of(target, role)
            alterations = target.alterations
            made = FhirClient(url, recorder, timeout_s=target.timeout_s, token=token, alterations=alterations)
            return stack.enter_context(made)

        yield client


@pytest.fixture
def stranger(target: Target, recorder: Recorder) -> Iterator[FhirClient]:
    """Give a client with a token that nobody knows."""
    with FhirClient(str(target.url("fhir_r4")), recorder, timeout_s=target.timeout_s, token="guessed") as client:  # noqa: S106 - opens nothing
        yield client


@pytest.fixture
def trail(users: Callable[[str | None], FhirClient]) -> Trail:
    """Give the audit trail."""
    return Trail(users(AUDITOR))


@pytest.fixture
def doctor(users: Callable[[str | None], FhirClient]) -> FhirClient:
    """Give a doctor's client."""
    return users("doctor")


@pytest.fixture
def nurse(users: Callable[[str | None], FhirClient]) -> FhirClient:
    """Give a nurse's client."""
    return users("nurse")


@pytest.fixture
def chart(epj: Epj, patient: PatientRef, doctor: FhirClient) -> Chart:
    """Return a patient with a result and an order."""
    whose = f"Patient/{patient.id}"
    epj.requires("laboratory", "medication")

    def stored(resource: Resource) -> str:
        return f"{resource['resourceType']}/{doctor.create(resource).expect(201).id}"

    return Chart(whose, stored(observation(whose)), stored(medication_request(whose)))
