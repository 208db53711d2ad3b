"""Hospital notifications: every message of a stay keeps every rule of its form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from epjgate.drivers.dsl import Epj, PatientRef
from epjgate.drivers.fhir import value_at
from epjgate.model.person import Person
from epjgate.plugin.rules import each_rule
from population.cpr import CPR_SYSTEM

if TYPE_CHECKING:
    from suites.contracts.medcom.conftest import Arrived, Mailbox

pytestmark = [
    pytest.mark.needs("patients", "encounters", "hospital_notifications"),
    pytest.mark.severity("critical"),
]

NOTICE = "hospital-notification-message"
WARD = "Medicinsk afsnit Å2"

MEDCOM = "http://medcomfhir.dk/ig"
TERMS = f"{MEDCOM}/terminology/CodeSystem"
LEAVE = f"{MEDCOM}/hospitalnotification/StructureDefinition/medcom-hospitalnotification-leave-period-extension"

Document = dict[str, Any]


def at(day: int, hour: int) -> datetime:
    """Return an hour of February 2026 by Danish clocks."""
    return datetime(2026, 2, day, hour, tzinfo=ZoneInfo("Europe/Copenhagen"))


STAY, SECOND_STAY = {"start": at(2, 9)}, {"start": at(20, 9)}
ON_LEAVE = at(4, 12)
STEPS = (
    ("admit-inpatient", "in-progress", STAY),
    ("start-leave-inpatient", "onleave", STAY),
    ("end-leave-inpatient", "in-progress", STAY),
    ("discharge-inpatient-home", "finished", STAY | {"end": at(6, 10)}),
    ("admit-inpatient", "in-progress", SECOND_STAY),
    ("cancel-admit-inpatient", "entered-in-error", SECOND_STAY),
)
"""What is notified of both stays: the activity, and state and times of the stay after it."""


@dataclass(frozen=True)
class Inpatient:
    """A patient who has been through `STEPS` since a moment of the clock on the wall."""

    patient: PatientRef
    person: Person
    since: datetime


@pytest.fixture(scope="session")
def inpatient(epj: Epj, citizens: Callable[[str], Person]) -> Inpatient:
    """A patient after a whole stay, and another stay that was entered in error."""
    since, person = datetime.now(UTC), citizens("a stay of every kind")
    patient = epj.register_patient(person)
    stay = epj.send_on_leave(epj.admit(patient, STAY["start"], WARD), ON_LEAVE)
    epj.discharge(epj.end_leave(stay), at(6, 10), "DI109")
    epj.strike_out_encounter(epj.admit(patient, SECOND_STAY["start"], WARD))
    return Inpatient(patient, person, since)


@pytest.fixture
def arrived(mailbox: Mailbox, inpatient: Inpatient) -> list[Arrived]:
    """What the municipality was told of both stays."""
    return mailbox.arrived(inpatient.patient, inpatient.person.cpr, NOTICE)


@pytest.fixture
def notified(arrived: list[Arrived]) -> list[Document]:
    """The messages alone."""
    return [one.document for one in arrived]


RULES = (
    "medcom-bundle-is-message",
    "medcom-bundle-id-is-uuid",
    "medcom-bundle-timestamp",
    "medcom-entry-full-urls",
    "medcom-header-first",
    "medcom-header-id-is-uuid",
    "medcom-header-event",
    "medcom-header-profile",
    "medcom-header-one-primary-receiver",
    "medcom-header-no-copies",
    "medcom-header-sender-bundled",
    "medcom-header-receiver-bundled",
    "medcom-header-endpoints",
    "medcom-organization-sor",
    "medcom-organization-gln",
    "medcom-provenance-of-message",
    "medcom-provenance-one-target",
    "medcom-provenance-time",
    "medcom-provenance-agent",
    "medcom-provenance-activity-system",
    "medcom-provenance-profile",
    "medcom-provenance-entity",
    "medcom-references-bundled",
    "medcom-times-with-offset",
    "medcom-narrative",
    "medcom-narrative-tells",
    "medcom-patient-official-name",
    "medcom-notification-event",
    "medcom-notification-activity",
    "medcom-notification-activity-fits-status",
    "medcom-notification-one-patient",
    "medcom-notification-cpr-only",
    "medcom-notification-focus",
    "medcom-notification-status",
    "medcom-notification-class",
    "medcom-notification-subject",
    "medcom-notification-start",
    "medcom-notification-end",
    "medcom-notification-leave-start",
    "medcom-notification-episode",
    "medcom-notification-episode-by-identifier",
    "medcom-notification-service-provider",
    "medcom-notification-nothing-clinical",
)


@each_rule(*RULES)
def test_every_notification_keeps_the_rule(
    notified: list[Document], violations: Callable[[str, Any], list[str]], rule: str
) -> None:
    """From admission to discharge, and when a stay is taken back: each message keeps the rule."""
    assert len(notified) == 6, "not every step of the stays was notified"
    broken = [found for message in notified for found in violations(rule, message)]
    assert broken == [], "a notification breaks a rule of its form"


@pytest.mark.rule("medcom-notification-as-happened", "medcom-parties-alike")
def test_a_notification_says_who_tells_whom_of_whom(
    arrived: list[Arrived], inpatient: Inpatient, correspondence: dict[str, list[Document]], between: Document
) -> None:
    """Header, both Organizations and the Patient of every step, whole: identifiers, endpoints, the official name."""
    assert len(arrived) == len(STEPS), "not every step of the stays was notified"
    event = {"system": f"{TERMS}/medcom-messaging-eventCodes", "code": NOTICE}
    person = inpatient.person
    for message in arrived:
        told = message.said()
        assert told["MessageHeader"] == [{"eventCoding": event, **between, "focus": [{"reference": "#Encounter"}]}]
        assert (told["sender"], told["receiver"]) == (correspondence["sender"], correspondence["receiver"])
        (citizen,) = told["Patient"]
        assert citizen["identifier"] == [{"system": CPR_SYSTEM, "value": person.cpr}], "somebody else is notified"
        (name,) = (one for one in citizen["name"] if one.get("use") == "official")
        assert (" ".join(name["given"]), name["family"]) == (" ".join(person.given_names), person.family_name)


@pytest.mark.rule("medcom-notification-as-happened")
def test_a_notification_says_what_has_happened_and_no_more(arrived: list[Arrived]) -> None:
    """Encounter and Provenance of every step, whole: state, class, period, leave and activity, as in the clinic."""
    assert len(arrived) == len(STEPS), "not every step of the stays was notified"
    for message, (activity, status, period) in zip(arrived, STEPS, strict=True):
        told = message.said()
        (stay,) = told["Encounter"]
        apart = ("extension", "episodeOfCare", "serviceProvider")
        assert {name: stay[name] for name in stay if name not in apart} == {
            "status": status,
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
            "subject": {"reference": "#Patient"},
            "period": period,
        }
        assert stay["serviceProvider"]["reference"] in ("#sender", "#Organization"), "it is not said where"
        if status == "onleave":
            assert stay["extension"] == [{"url": LEAVE, "valuePeriod": {"start": ON_LEAVE}}]
        (source,) = (one for one in told["Provenance"] if one["target"] == [{"reference": "#MessageHeader"}])
        coding = {"system": f"{TERMS}/medcom-messaging-activityCodes", "code": activity}
        assert (source["activity"], source["agent"]) == ({"coding": [coding]}, [{"who": {"reference": "#sender"}}])


@pytest.mark.rule("medcom-notification-as-happened")
def test_a_notification_keeps_all_rules_at_once(
    arrived: list[Arrived], violations: Callable[[str, Any], list[str]]
) -> None:
    """Nothing at all is wrong with it.

    Of every resource id, fullUrl, meta.profile, identifier, references and text (status and div) are as they must be:
    MessageHeader, Patient, Encounter, Organization, Provenance.
    """
    broken = [found for message in arrived for rule in RULES for found in violations(rule, message.document)]
    assert (len(arrived), broken) == (len(STEPS), []), "a notification breaks a rule, or is missing"


@pytest.mark.rule("medcom-lifecycle-same-episode")
def test_every_step_of_a_stay_names_its_one_episode(arrived: list[Arrived]) -> None:
    """Encounter.episodeOfCare is the same from admission to discharge, and another one for another stay."""
    episodes = [message.said()["Encounter"][0]["episodeOfCare"] for message in arrived]
    assert [len(one) for one in episodes] == [1] * len(STEPS), "a stay is not one episode"
    assert episodes == episodes[:1] * 4 + episodes[4:5] * 2, "the episode of a stay changes"
    assert episodes[0] != episodes[4], "two stays are one episode"


@pytest.mark.rule("medcom-made-when-sent")
def test_a_notification_says_when_it_was_made(arrived: list[Arrived], inpatient: Inpatient) -> None:
    """Bundle.timestamp, occurredDateTime and recorded of Provenance: after the patient came, before it arrived."""
    assert arrived != [], "nothing was notified"
    for message in arrived:
        sources = message.said()["Provenance"]
        moments = [one[name] for one in sources for name in ("occurredDateTime", "recorded")]
        moments.append(datetime.fromisoformat(value_at(message.document, "timestamp")))
        assert message.was_made(moments, inpatient.since), "a notification was made at another time"
