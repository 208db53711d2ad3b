"""Letters to the municipality: their form, their text, and that each is sent once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from epjgate.drivers.dsl import Epj, PatientRef
from epjgate.drivers.fhir import value_at
from epjgate.drivers.sent import as_sent
from epjgate.model.person import Person
from epjgate.plugin.rules import each_rule
from population.cpr import CPR_SYSTEM
from population.medcom import CATEGORY_SYSTEM
from population.strategies import danish_texts

if TYPE_CHECKING:
    from suites.contracts.medcom.conftest import Arrived, Mailbox

pytestmark = [
    pytest.mark.needs("patients", "care_communications", "hospital_notifications"),
    pytest.mark.severity("critical"),
]

LETTER = "care-communication-message"
MEDCOM = "http://medcomfhir.dk/ig"
TERMS = f"{MEDCOM}/terminology/CodeSystem"
CORE = f"{MEDCOM}/core/StructureDefinition/medcom-core"
SENT = datetime.fromisoformat("2026-02-06T14:00:00+01:00")
FIRST_TEXT = "Borgeren kommer hjem på fredag og skal have hjælp til støttestrømper."

Document = dict[str, Any]
Write = Callable[..., str]


def category(code: str) -> list[dict[str, Any]]:
    """Return a category of letters."""
    return [{"coding": [{"system": CATEGORY_SYSTEM, "code": code}]}]


LETTERS: tuple[Document, ...] = (
    {},
    {"category": category("regarding-referral"), "priority": "asap", "recipient": None},
    {"category": category("other"), "topic": {"text": "Nøgleboks ½ ÆØÅ"}, "sender": None, "sent": None},
    {"payload": [{"contentString": "Første del."}, {"contentString": "Anden del: æøå ÆØÅ, 5 µg ½ tbl."}]},
)
"""What each letter has otherwise than the one that `write` writes."""


@dataclass(frozen=True)
class Correspondent:
    """A patient about whom `LETTERS` have been written, since a moment of the clock on the wall."""

    patient: PatientRef
    person: Person
    since: datetime


@pytest.fixture(scope="session")
def about(epj: Epj, write: Write, citizens: Callable[[str], Person]) -> Correspondent:
    """A patient about whom letters of several kinds were written."""
    since, person = datetime.now(UTC), citizens("letters of every kind")
    patient = epj.register_patient(person)
    for elements in LETTERS:
        write(patient, **elements)
    return Correspondent(patient, person, since)


@pytest.fixture
def arrived(mailbox: Mailbox, about: Correspondent) -> list[Arrived]:
    """The letters as they arrived."""
    return mailbox.arrived(about.patient, about.person.cpr, LETTER)


@pytest.fixture
def written(arrived: list[Arrived]) -> list[Document]:
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
    "medcom-care-event",
    "medcom-care-one-patient",
    "medcom-care-focus",
    "medcom-care-status",
    "medcom-care-identifier",
    "medcom-care-category",
    "medcom-care-priority-only-for-referral",
    "medcom-care-topic-if-other",
    "medcom-care-text",
    "medcom-care-text-time",
    "medcom-care-text-author",
    "medcom-care-author-name",
    "medcom-care-text-contact",
    "medcom-care-text-identifier",
    "medcom-care-party-identifier",
    "medcom-care-sender-fits-header",
    "medcom-care-recipient-fits-header",
    "medcom-care-encounter-episode",
    "medcom-care-activity",
    "medcom-care-provenance-names-parts",
)


@each_rule(*RULES)
def test_every_letter_keeps_the_rule(
    written: list[Document], violations: Callable[[str, Any], list[str]], rule: str
) -> None:
    """With priority or topic, in one part or two, to somebody in particular or to the municipality as such."""
    assert len(written) == len(LETTERS), "not every letter arrived"
    broken = [found for message in written for found in violations(rule, message)]
    assert broken == [], "a letter breaks a rule of its form"


@pytest.mark.rule("medcom-care-as-written", "medcom-parties-alike")
def test_a_letter_says_who_writes_to_whom_of_whom(
    arrived: list[Arrived], about: Correspondent, correspondence: dict[str, list[Document]], between: Document
) -> None:
    """Header, both Organizations, Patient, Practitioner, PractitionerRole and CareTeam of every letter, whole."""
    assert len(arrived) == len(LETTERS), "not every letter arrived"
    event = {"system": f"{TERMS}/medcom-messaging-eventCodes", "code": LETTER}
    person = about.person
    for message, elements in zip(arrived, LETTERS, strict=True):
        told = message.said()
        assert told["MessageHeader"] == [{"eventCoding": event, **between, "focus": [{"reference": "#Communication"}]}]
        assert (told["sender"], told["receiver"]) == (correspondence["sender"], correspondence["receiver"])
        (citizen,) = told["Patient"]
        assert citizen["identifier"] == [{"system": CPR_SYSTEM, "value": person.cpr}], "it is about somebody else"
        (name,) = (one for one in citizen["name"] if one.get("use") == "official")
        assert (" ".join(name["given"]), name["family"]) == (" ".join(person.given_names), person.family_name)
        (author,) = told["Practitioner"]
        if "sender" not in elements:
            assert [full(one) for one in author["name"]] == ["Anna Lindegård"], "somebody else has written it"
        (role,) = told["PractitionerRole"]
        assert (role["practitioner"], role["organization"]) == (
            {"reference": "#Practitioner"},
            {"reference": "#sender"},
        )
        assert len(role["code"]) == 1, "the author has no role, or several"
        teams = [(one["name"], one["managingOrganization"]) for one in told.get("CareTeam", [])]
        addressed = [] if "recipient" in elements else [("Hjemmeplejen Øst", [{"reference": "#receiver"}])]
        assert teams == addressed, "it is for somebody else"


@pytest.mark.rule("medcom-care-as-written")
def test_a_letter_says_what_was_written_and_no_more(arrived: list[Arrived]) -> None:
    """Communication and Provenance of every letter, whole: category, priority, topic, each part as signed."""
    assert len(arrived) == len(LETTERS), "not every letter arrived"
    for message, elements in zip(arrived, LETTERS, strict=True):
        told = message.said()
        (letter,) = told["Communication"]
        expected: Document = {
            "extension": [{"url": f"{CORE}-sender-extension", "valueReference": {"reference": "#PractitionerRole"}}],
            "status": "unknown",
            "category": elements.get("category", category("carecoordination")),
            "subject": {"reference": "#Patient"},
            **{name: elements[name] for name in ("priority", "topic") if name in elements},
            **({} if "recipient" in elements else {"recipient": [{"reference": "#CareTeam"}]}),
        }
        assert {name: letter[name] for name in letter if name not in ("identifier", "payload")} == expected
        texts = elements.get("payload", [{"contentString": FIRST_TEXT}])
        assert [part["contentString"] for part in letter["payload"]] == [part["contentString"] for part in texts]
        signatures = [signature(part) for part in letter["payload"]]
        if "sent" not in elements:
            assert {one["datetime"] for one in signatures} == {SENT}, "a part was written at another time"
        assert [(one["practitioner"], one["contact"]["system"]) for one in signatures] == [
            ({"reference": "#PractitionerRole"}, "phone") for _ in texts
        ]
        (source,) = told["Provenance"]
        coding = {"system": f"{TERMS}/medcom-messaging-activityCodes", "code": "new-message"}
        assert (source["activity"], source["agent"]) == ({"coding": [coding]}, [{"who": {"reference": "#sender"}}])
        named = [
            {"role": "source", "what": {"identifier": {"value": one["identifier"]["value"]}}} for one in signatures
        ]
        assert source["entity"] == named, "the Provenance does not name each part once"


@pytest.mark.rule("medcom-care-as-written")
def test_a_letter_keeps_all_rules_at_once(arrived: list[Arrived], violations: Callable[[str, Any], list[str]]) -> None:
    """Nothing at all is wrong with it.

    Of every resource id, fullUrl, meta.profile, identifier, references and text (status and div) are as they must be:
    MessageHeader, Communication, Patient, Organization, Provenance, Practitioner, PractitionerRole,
    CareTeam.
    """
    broken = [found for message in arrived for rule in RULES for found in violations(rule, message.document)]
    assert (len(arrived), broken) == (len(LETTERS), []), "a letter breaks a rule, or is missing"


@pytest.mark.rule("medcom-made-when-sent")
def test_a_letter_says_when_it_was_sent(arrived: list[Arrived], about: Correspondent) -> None:
    """Bundle.timestamp, occurredDateTime and recorded of Provenance, and the date of a part that was given none."""
    assert len(arrived) == len(LETTERS), "not every letter arrived"
    for message, elements in zip(arrived, LETTERS, strict=True):
        told = message.said()
        moments = [one[name] for one in told["Provenance"] for name in ("occurredDateTime", "recorded")]
        moments.append(datetime.fromisoformat(value_at(message.document, "timestamp")))
        if "sent" in elements:
            moments += [signature(part)["datetime"] for part in told["Communication"][0]["payload"]]
        assert message.was_made(moments, about.since), "a letter was made at another time"


def full(name: Document) -> str:
    """Return a name as it is read, however it is taken apart."""
    return str(name.get("text") or f"{' '.join(name.get('given', []))} {name.get('family', '')}")


def signature(part: Document) -> Document:
    """Return what the four extensions of a part say, each by the middle of its name."""
    urls = [one["url"] for one in part["extension"]]
    assert sorted(urls) == [
        f"{CORE}-{kind}-extension" for kind in ("contact", "datetime", "identifier", "practitioner")
    ]
    found: Document = as_sent({})
    for one in part["extension"]:
        (value,) = (one[name] for name in one if name.startswith("value"))
        found[one["url"].removeprefix(f"{CORE}-").removesuffix("-extension")] = value
    return found


@pytest.mark.rule("medcom-care-text-unchanged")
def test_any_text_arrives_unchanged(
    write: Write, mailbox: Mailbox, patient: PatientRef, person: Person, clinic_seed: int
) -> None:
    """Texts that nobody thought of, new with every seed of the run, line ends included."""
    sent: list[str] = []

    @seed(clinic_seed)
    @settings(
        max_examples=10, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(danish_texts(max_size=200).filter(str.strip))
    def write_one(text: str) -> None:
        write(patient, payload=[{"contentString": text}])
        sent.append(text)

    write_one()
    arrived = mailbox.documents(patient, person.cpr, LETTER)
    texts = [value_at(part, "contentString") for message in arrived for part in payload(message)]
    assert texts == sent, "a letter arrived with another text"


def payload(message: Document) -> list[dict[str, Any]]:
    """Return the parts of a letter."""
    found = [value_at(entry, "resource") for entry in value_at(message, "entry")]
    (letter,) = (one for one in found if one["resourceType"] == "Communication")
    return list(value_at(letter, "payload"))
