"""Reliable messaging, the candidate receives: the four cases, and what must never be stored."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from epjgate.drivers.dsl import Epj, Issuer, PatientRef, ReplacementCpr
from epjgate.drivers.fhir import FhirAnswer, FhirClient, Resource, value_at
from epjgate.evidence.recorder import Recorder
from epjgate.model.person import Person
from epjgate.model.target import Target
from population import ReplacementKind, replacement_cpr
from population.medcom import MUNICIPALITY, Letter
from population.strategies import danish_texts

if TYPE_CHECKING:
    from suites.contracts.medcom.conftest import Mailbox

pytestmark = [
    pytest.mark.needs("patients", "care_communications", "hospital_notifications"),
    pytest.mark.severity("blocker"),
]

OPERATION = "$process-message"
X_ECPR = "urn:oid:1.2.208.176.1.6.1.1"

Write = Callable[..., Letter]
Deliver = Callable[[Resource], FhirAnswer]
Texts = Callable[[PatientRef], list[str]]


def said(answer: FhirAnswer) -> tuple[str, str]:
    """Return code and identifier of the acknowledgement; CandidateFault where the answer is none."""
    response = value_at(answer.expect(200).resource, "entry", 0, "resource", "response")
    return value_at(response, "code"), value_at(response, "identifier")


@pytest.mark.rule("medcom-receiver-processes-new", "medcom-ack-names-the-message", "medcom-receiver-right-patient")
def test_a_new_letter_is_with_its_patient(
    patient: PatientRef,
    bystander: PatientRef,
    letter: Write,
    deliver: Deliver,
    letters_of: Callable[..., list[Resource]],
) -> None:
    """It is acknowledged under its own identity, stands in the chart with who wrote it, and with nobody else."""
    new = letter(category="nursing")
    assert said(deliver(new.message())) == ("ok", new.header_id)
    (stored,) = letters_of(patient)
    assert value_at(stored, "payload", 0, "contentString") == new.text
    assert value_at(stored, "category", 0, "coding", 0, "code") == "nursing"
    assert value_at(stored, "sender", "display") == MUNICIPALITY["name"], "nobody sees who wrote a letter"
    assert "Bæk" in str(stored), "nobody sees by whose hand a letter is"
    assert letters_of(bystander) == [], "a letter is with somebody else"


@pytest.mark.rule("medcom-receiver-repeats-response")
def test_the_same_message_gets_the_original_response(
    patient: PatientRef, letter: Write, deliver: Deliver, texts_of: Texts
) -> None:
    """Seen and seen: the sender did not get the answer, and gets it now; the chart holds the letter once."""
    new = letter()
    message = new.message()
    first = deliver(message).expect(200)
    deliver(letter(text="Et andet brev.").message()).expect(200)
    again = deliver(message).expect(200)
    assert again.resource == first.resource, "the same message got another response"
    assert sorted(texts_of(patient)) == sorted([new.text, "Et andet brev."]), "a repeated message was stored again"


@pytest.mark.rule("medcom-receiver-same-message-at-once")
def test_the_same_message_at_once_is_processed_once(
    patient: PatientRef, letter: Write, deliver: Deliver, texts_of: Texts
) -> None:
    """The network delivers it four times at the same moment."""
    message, barrier = letter().message(), Barrier(4, timeout=10)

    def deliver_with_the_others(_number: int) -> FhirAnswer:
        barrier.wait()
        return deliver(message)

    with ThreadPoolExecutor(4) as network:
        answers = list(network.map(deliver_with_the_others, range(4)))
    codes = [said(answer)[0] for answer in answers]
    assert set(codes) <= {"ok", "transient-error"}, "the same message was refused"
    assert "ok" in codes, "the message was not taken"
    assert len(texts_of(patient)) == 1, "a message that came several times at once was stored several times"


@pytest.mark.rule("medcom-receiver-resubmission-done-once")
def test_a_message_in_a_new_bundle_has_its_effect_once(
    patient: PatientRef, letter: Write, deliver: Deliver, texts_of: Texts
) -> None:
    """Seen header, new Bundle: processed again or rejected, both is allowed; two letters in the chart are not."""
    new = letter()
    message = new.message()
    assert said(deliver(message))[0] == "ok"
    code, identifier = said(deliver({**message, "id": str(uuid4())}))
    assert (code in ("ok", "fatal-error"), identifier) == (True, new.header_id)
    assert texts_of(patient) == [new.text], "a message that was submitted again was stored again"


@pytest.mark.rule("medcom-receiver-refuses-reused-bundle-id")
def test_a_bundle_id_is_not_used_twice(patient: PatientRef, letter: Write, deliver: Deliver, texts_of: Texts) -> None:
    """Seen Bundle, new header: an error, for the new message, and it is not stored."""
    first = letter()
    assert said(deliver(first.message()))[0] == "ok"
    other = letter(text="Et andet brev.", bundle_id=first.bundle_id)
    assert said(deliver(other.message())) == ("fatal-error", other.header_id)
    assert texts_of(patient) == [first.text], "a message under a used Bundle.id was stored"


@pytest.mark.rule("medcom-care-text-unchanged")
def test_any_text_is_stored_unchanged(
    patient: PatientRef, letter: Write, deliver: Deliver, texts_of: Texts, clinic_seed: int
) -> None:
    """Texts that nobody thought of, new with every seed of the run."""
    sent: list[str] = []

    @seed(clinic_seed)
    @settings(
        max_examples=10, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(danish_texts(max_size=200).filter(str.strip))
    def deliver_one(text: str) -> None:
        assert said(deliver(letter(text=text).message()))[0] == "ok"
        sent.append(text)

    deliver_one()
    assert sorted(texts_of(patient)) == sorted(sent), "a letter is stored with another text"


@pytest.mark.rule("medcom-receiver-refuses-unknown-patient")
def test_a_letter_about_somebody_unknown_is_refused(
    people: Callable[[int], list[Person]], patient: PatientRef, letter: Write, deliver: Deliver, texts_of: Texts
) -> None:
    """The municipality learns that its letter reached nobody, again and again; nobody else gets it."""
    (stranger,) = people(1)
    message = letter(person=stranger).message()
    codes = [said(deliver(message))[0] for _ in range(2)]
    assert codes == ["fatal-error", "fatal-error"], "a letter about an unknown person is not refused"
    assert texts_of(patient) == [], "a letter about somebody else is in a chart"


@pytest.mark.rule("medcom-receiver-refuses-other-receiver")
def test_a_message_for_another_organisation_is_refused(
    patient: PatientRef, letter: Write, deliver: Deliver, texts_of: Texts
) -> None:
    """What went astray is not read here."""
    assert said(deliver(letter(receiver=MUNICIPALITY).message()))[0] == "fatal-error", "somebody else's mail is taken"
    assert texts_of(patient) == [], "somebody else's mail is stored"


def without_patient(message: Resource) -> None:
    """Leave the Patient out."""
    message["entry"] = [entry for entry in message["entry"] if entry["resource"]["resourceType"] != "Patient"]


def with_two_patients(message: Resource) -> None:
    """Put a second Patient in."""
    (one,) = (entry for entry in message["entry"] if entry["resource"]["resourceType"] == "Patient")
    message["entry"].append({"fullUrl": f"urn:uuid:{uuid4()}", "resource": {**one["resource"], "id": str(uuid4())}})


def with_another_event(message: Resource) -> None:
    """Call it another event."""
    message["entry"][0]["resource"]["eventCoding"]["code"] = "empty-message"


def with_two_receivers(message: Resource) -> None:
    """Address it to two."""
    destinations = message["entry"][0]["resource"]["destination"]
    destinations.append(destinations[0])


def without_focus(message: Resource) -> None:
    """Do not say what it is about."""
    del message["entry"][0]["resource"]["focus"]


CHANGES = [without_patient, with_two_patients, with_another_event, with_two_receivers, without_focus]
BROKEN: dict[str, Resource] = {
    "no text": {"payload": []},
    "other without a topic": {"category": [{"coding": [{"system": "", "code": "other"}]}]},
    "priority of no referral": {"priority": "asap"},
    "no category": {"category": []},
    "text without author and time": {"payload": [{"contentString": "Hvem skrev dette?"}]},
}


@pytest.mark.rule("medcom-receiver-refuses-malformed")
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_message_that_breaks_its_rules_is_refused(
    patient: PatientRef, letter: Write, deliver: Deliver, texts_of: Texts, change: Callable[[Resource], None]
) -> None:
    """It is refused for good under its own identity, and nothing of it is stored; whole, it is taken."""
    broken, whole = letter(), letter()
    message = broken.message()
    change(message)
    assert said(deliver(message)) == ("fatal-error", broken.header_id), "a message that breaks its rules is taken"
    assert texts_of(patient) == [], "a message that was refused is stored"
    assert said(deliver(whole.message()))[0] == "ok"


@pytest.mark.rule("medcom-receiver-refuses-malformed")
@pytest.mark.parametrize("why", BROKEN)
def test_a_letter_that_breaks_its_rules_is_refused(
    patient: PatientRef, letter: Write, deliver: Deliver, texts_of: Texts, why: str
) -> None:
    """A letter that nobody could act on is sent back, and nothing of it is stored."""
    category = "other" if "topic" in why else "nursing"
    elements = {name: value for name, value in BROKEN[why].items() if "topic" not in why}
    assert said(deliver(letter(category=category, letter=elements).message()))[0] == "fatal-error"
    assert texts_of(patient) == [], "a letter that was refused is stored"


NO_MESSAGE = {
    "nothing": "",
    "broken JSON": "{",
    "a list": "[]",
    "an empty object": "{}",
    "another resource": '{"resourceType": "Patient"}',
    "another Bundle": '{"resourceType": "Bundle", "type": "collection", "entry": []}',
    "an empty entry": '{"resourceType": "Bundle", "type": "message", "entry": [null]}',
    "entries of the wrong kind": '{"resourceType": "Bundle", "type": "message", "id": 7, "entry": {"0": 1}}',
    "a header without id": '{"resourceType": "Bundle", "type": "message", "entry": [{"resource": {"resourceType": '
    '"MessageHeader"}}]}',
}


@pytest.mark.rule("medcom-receiver-survives-what-is-no-message")
@pytest.mark.parametrize("body", NO_MESSAGE.values(), ids=NO_MESSAGE)
def test_what_is_no_message_is_refused(fhir: FhirClient, body: str) -> None:
    """By an error, or by fatal-error where somebody can be told; never taken, and never a failure of the server."""
    answer = fhir.request("POST", OPERATION, body=body)
    refused = 400 <= answer.status < 500
    assert refused or said(answer)[0] == "fatal-error", "what is no message is taken, or brings the server down"


@pytest.mark.needs("replacement_cpr")
@pytest.mark.rule("medcom-receiver-takes-replacement-cpr")
def test_a_letter_under_a_national_replacement_number_is_taken(
    epj: Epj, person: Person, letter: Write, deliver: Deliver, texts_of: Texts, clinic_seed: int
) -> None:
    """Who has no CPR number gets letters as well."""
    number = replacement_cpr(person.birth_date, person.sex, clinic_seed % 3000, kind=ReplacementKind.NATIONAL)
    patient = epj.register_patient_with_replacement_cpr(person, ReplacementCpr(number, Issuer.NATIONAL))
    new = letter(identifier={"system": X_ECPR, "value": number})
    assert said(deliver(new.message()))[0] == "ok", "a letter under an X-eCPR is refused"
    assert texts_of(patient) == [new.text]


@pytest.mark.rule("medcom-receiver-does-not-echo")
def test_what_came_in_does_not_go_out_again(
    patient: PatientRef, person: Person, letter: Write, deliver: Deliver, mailbox: Mailbox
) -> None:
    """The municipality does not get its own letter back."""
    assert said(deliver(letter().message()))[0] == "ok"
    assert mailbox.received(patient, person.cpr) == [], "a letter is sent back to who wrote it"


@pytest.mark.needs("access_control")
@pytest.mark.rule("medcom-receiver-signed-in-only")
@pytest.mark.parametrize("token", [None, "nobody's token"])
def test_who_is_not_signed_in_delivers_nothing(
    target: Target, recorder: Recorder, patient: PatientRef, letter: Write, texts_of: Texts, token: str | None
) -> None:
    """A letter that anybody could have written is in no chart."""
    with FhirClient(target.url("fhir_r4") or "", recorder, timeout_s=target.timeout_s, token=token) as stranger:
        answer = stranger.request("POST", OPERATION, resource=letter().message())
    assert answer.status in (401, 403), "a message is taken from whoever sends one"
    assert texts_of(patient) == [], "a message of a stranger is stored"


@pytest.mark.needs("audit")
@pytest.mark.rule("medcom-receiver-audited")
def test_every_message_is_in_the_audit_trail(epj: Epj, patient: PatientRef, letter: Write, deliver: Deliver) -> None:
    """The one that was taken, as allowed, and the one that was refused, as denied."""
    before = len(epj.read_audit_trail(patient))
    assert said(deliver(letter().message()))[0] == "ok"
    assert said(deliver(letter(letter={"payload": []}).message()))[0] == "fatal-error"
    since = epj.read_audit_trail(patient)[before:]
    about_letters = [entry.allowed for entry in since if "Communication" in entry.record]
    assert about_letters == [True, False], "a message is missing in the audit trail"
