"""A letter to the municipality as a FHIR message: read strictly, and every broken rule told in words.

Source: MedCom CareCommunication 5.0.4.
"""

from __future__ import annotations

from pydantic import JsonValue

from epjgate.partners.documents import Malformed
from epjgate.partners.message_bundle import MessageBundle, Resource, child, each, first, moment_at, text_at
from epjgate.partners.person_number import CPR, NATIONAL_REPLACEMENT, read_number

EVENT = "care-communication-message"
_CATEGORIES = "medcom-careCommunication-categoryCodes"
_DATE, _AUTHOR, _SENDER = "datetime-extension", "practitioner-extension", "sender-extension"


def check_letter(message: MessageBundle) -> None:
    """Raise Malformed, with the first rule that it breaks, unless `message` is a letter that can be acted on."""
    letter = message.only("Communication")
    message.check_parties()
    _check_patient(message.only("Patient"))
    if message.find(child(letter, "subject").get("reference")) is not message.only("Patient"):
        raise Malformed("Communication.subject: does not lead to the Patient")
    if message.find(first(message.header.get("focus")).get("reference")) is not letter:
        raise Malformed("MessageHeader.focus: does not lead to the Communication")
    _check_category(letter)
    _check_payload(letter, message)
    told = child(_extension(letter, _SENDER), "valueReference").get("reference")
    _check_belongs(message, told, message.sender(), "sender")
    _check_belongs(message, first(letter.get("recipient")).get("reference"), message.receiver(), "recipient")


def _check_patient(patient: Resource) -> None:
    numbers = [one for one in each(patient.get("identifier")) if one.get("system") in (CPR, NATIONAL_REPLACEMENT)]
    if not numbers:
        raise Malformed("Patient.identifier: the CPR number or the national replacement number is missing")
    for number in numbers:
        try:
            holder = read_number(text_at(number, "value"))
        except ValueError as err:
            raise Malformed(f"Patient.identifier: {err}") from err
        if holder.system != number["system"]:
            raise Malformed("Patient.identifier: the number is not one of its system")


def _check_category(letter: Resource) -> None:
    if letter.get("status") != "unknown":
        raise Malformed("Communication.status: the status of a letter is unknown")
    codings = each(first(letter.get("category")).get("coding"))
    codes = [one.get("code") for one in codings if str(one.get("system")).endswith(_CATEGORIES)]
    if len(each(letter.get("category"))) != 1 or len(codes) != 1:
        raise Malformed(f"Communication.category: one code of {_CATEGORIES}")
    if "priority" in letter and codes != ["regarding-referral"]:
        raise Malformed("Communication.priority: only with the category regarding-referral")
    if codes == ["other"] and not child(letter, "topic").get("text"):
        raise Malformed("Communication.topic: needed with the category other")


def _check_payload(letter: Resource, message: MessageBundle) -> None:
    texts = [part for part in each(letter.get("payload")) if part.get("contentString")]
    if not texts:
        raise Malformed("Communication.payload: a letter holds at least one text")
    for part in texts:
        moment_at(_extension(part, _DATE), "valueDateTime", of="Communication.payload")
        author = message.find(child(_extension(part, _AUTHOR), "valueReference").get("reference"))
        if author is None or author.get("resourceType") != "PractitionerRole":
            raise Malformed("Communication.payload: the author leads to no PractitionerRole of the message")


def _check_belongs(message: MessageBundle, told: JsonValue, organization: JsonValue, what: str) -> None:
    """Raise Malformed where somebody in particular is named who does not belong to `organization`."""
    if told is None:
        return
    party = message.find(told) or {}
    belongs = child(party, "organization") or first(party.get("managingOrganization"))
    if message.find(belongs.get("reference")) is not message.find(organization):
        raise Malformed(f"Communication ({what}): does not belong to the organisation that the header names")


def _extension(element: Resource, name: str) -> Resource:
    return next((one for one in each(element.get("extension")) if str(one.get("url")).endswith(name)), {})
