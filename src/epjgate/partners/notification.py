"""A hospital notification as a FHIR message: read strictly, and every broken rule told in words.

Source: MedCom HospitalNotification 3.0.2. Two of its published invariants select nothing and so always pass; these are
checks of our own, on the same rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from epjgate.partners.documents import Malformed
from epjgate.partners.message_bundle import MessageBundle, Resource, child, each, first, moment_at, text_at
from epjgate.partners.person_number import CPR, read_number

EVENT = "hospital-notification-message"
_STATUSES = ("in-progress", "onleave", "finished", "entered-in-error")
_LEAVE = "leave-period-extension"


@dataclass(frozen=True)
class Notification:
    """What a mailbox needs to know of a notification."""

    episode: str
    status: str


def read_notification(message: MessageBundle) -> Notification:
    """Return the notification in `message`; raises Malformed, with the first rule that it breaks."""
    encounter = message.only("Encounter")
    message.check_parties()
    _check_patient(message.only("Patient"))
    episode = _check_encounter(encounter, message)
    if message.find(first(message.header.get("focus")).get("reference")) is not encounter:
        raise Malformed("MessageHeader.focus: does not lead to the Encounter")
    return Notification(episode, str(encounter["status"]))


def _check_patient(patient: Resource) -> None:
    identifiers = each(patient.get("identifier"))
    if [one.get("system") for one in identifiers] != [CPR]:
        raise Malformed("Patient.identifier: the CPR number, and nothing else")
    try:
        holder = read_number(text_at(identifiers[0], "value"))
    except ValueError as err:
        raise Malformed(f"Patient.identifier: {err}") from err
    if holder.system != CPR:
        raise Malformed("Patient.identifier: the number is not one of its system")


def _check_encounter(encounter: Resource, message: MessageBundle) -> str:
    """Check the encounter, and return the identifier of the episode that it belongs to."""
    status, period = encounter.get("status"), child(encounter, "period")
    if status not in _STATUSES:
        raise Malformed(f"Encounter.status: {status!r} is none of {', '.join(_STATUSES)}")
    if not child(encounter, "class").get("code"):
        raise Malformed("Encounter.class: missing")
    if message.find(child(encounter, "subject").get("reference")) is not message.only("Patient"):
        raise Malformed("Encounter.subject: does not lead to the Patient")
    moment_at(period, "start", of="Encounter.period")
    if status == "finished":
        moment_at(period, "end", of="Encounter.period")
    if status == "onleave":
        moment_at(_leave(encounter), "start", of="Encounter.extension (leave period)")
    return _episode(encounter)


def _leave(encounter: Resource) -> Resource:
    extensions = (ext for ext in each(encounter.get("extension")) if str(ext.get("url")).endswith(_LEAVE))
    return child(next(extensions, {}), "valuePeriod")


def _episode(encounter: Resource) -> str:
    value = child(first(encounter.get("episodeOfCare")), "identifier").get("value")
    try:
        episode = UUID(str(value).removeprefix("urn:uuid:"))
    except ValueError:
        episode = None
    if episode is None or episode.version != 5:
        raise Malformed("Encounter.episodeOfCare: its identifier is no UUID of version 5")
    return str(episode)
