"""Checks of hospital notifications (MedCom HospitalNotification 3.0.2); a document is the message Bundle.

Two published invariants, medcom-hospitalNotification-1 and -3, say `entry.ofType(...)`. An entry is no resource: this
selects nothing, and `all()` of nothing is true. `notification_event` and `notification_activity` really look.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import RFC_4122

from epjgate.contracts.checks.interface import Document, check
from epjgate.contracts.checks.medcom_bundle import (
    MEDCOM,
    Resource,
    activity_of,
    all_of,
    extension,
    header_of,
    is_instant,
    led_to,
    own_provenances,
    uuid_of,
)

CPR = "urn:oid:1.2.208.176.1.2"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
EPISODES = "https://www.esundhed.dk/Registre/Landspatientregisteret"
LEAVE = f"{MEDCOM}/hospitalnotification/StructureDefinition/medcom-hospitalnotification-leave-period-extension"
STATUSES = ("in-progress", "onleave", "finished", "entered-in-error")
CLASSES = {"IMP": "inpatient encounter", "EMER": "emergency"}
"""The classes that are notified, each with its one name in the code system v3-ActCode."""

STATES_BY_ACTIVITY = {
    "admit-emergency": "in-progress",
    "admit-inpatient": "in-progress",
    "start-leave-inpatient": "onleave",
    "end-leave-inpatient": "in-progress",
    "discharge-emergency-home": "finished",
    "discharge-inpatient-home": "finished",
}
"""What a stay is after each activity; a revision leaves it there, and a cancellation says entered-in-error."""

NOT_TOLD = (
    "type",
    "serviceType",
    "priority",
    "basedOn",
    "participant",
    "appointment",
    "length",
    "reasonCode",
    "reasonReference",
    "diagnosis",
    "account",
    "hospitalization",
    "location",
    "partOf",
)


@check("medcom-notification-event")
def notification_event(document: Document) -> Iterator[str]:
    """What medcom-hospitalNotification-1 means: the header is that of a hospital notification."""
    header = header_of(document)
    if header["eventCoding"]["code"] != "hospital-notification-message":
        yield f"MessageHeader.eventCoding is {header['eventCoding']['code']!r}"


@check("medcom-notification-activity")
def notification_activity(document: Document) -> Iterator[str]:
    """What medcom-hospitalNotification-3 means: every activity is one of hospital notifications."""
    for provenance in all_of(document, "Provenance"):
        _, code = activity_of(provenance)
        if _activity(code) not in STATES_BY_ACTIVITY:
            yield f"Provenance.activity is {code!r}"


@check("medcom-notification-activity-fits-status")
def notification_activity_fits_status(document: Document) -> Iterator[str]:
    """What was done leaves the stay in the state that the message tells."""
    status = _encounter(document)["status"]
    for provenance in own_provenances(document):
        _, code = activity_of(provenance)
        wanted = "entered-in-error" if code.startswith("cancel-") else STATES_BY_ACTIVITY[_activity(code)]
        if status != wanted:
            yield f"Provenance.activity is {code!r}, and Encounter.status is {status!r}"


@check("medcom-notification-one-patient")
def notification_one_patient(document: Document) -> Iterator[str]:
    """medcom-hospitalNotification-2."""
    if (count := len(all_of(document, "Patient"))) != 1:
        yield f"the message holds {count} Patients"


@check("medcom-notification-cpr-only")
def notification_cpr_only(document: Document) -> Iterator[str]:
    """medcom-hospitalNotification-4: the CPR system, and no other."""
    for patient in all_of(document, "Patient"):
        systems = [one.get("system") for one in patient["identifier"]]
        if systems != [CPR]:
            yield f"Patient.identifier: the systems are {systems}"


@check("medcom-notification-focus")
def notification_focus(document: Document) -> Iterator[str]:
    """One focus, which leads to the only Encounter."""
    focus = header_of(document)["focus"]
    encounters = all_of(document, "Encounter")
    if len(focus) != 1 or len(encounters) != 1:
        yield f"MessageHeader.focus: {len(focus)}, and {len(encounters)} Encounters"
    elif led_to(document, focus[0]["reference"]) is not encounters[0]:
        yield "MessageHeader.focus does not lead to the Encounter"


@check("medcom-notification-status")
def notification_status(document: Document) -> Iterator[str]:
    """Encounter.status."""
    status = _encounter(document)["status"]
    if status not in STATUSES:
        yield f"Encounter.status is {status!r}"


@check("medcom-notification-class")
def notification_class(document: Document) -> Iterator[str]:
    """Encounter.class: admitted, or acute ambulatory; a display does not say anything else than the code."""
    kind = _encounter(document)["class"]
    if kind["system"] != ACT_CODE or kind["code"] not in CLASSES:
        yield f"Encounter.class is {kind['code']!r} of {kind['system']!r}"
    elif kind.get("display", CLASSES[kind["code"]]).casefold() != CLASSES[kind["code"]]:
        yield f"Encounter.class is {kind['code']!r}, and is called {kind['display']!r}"


@check("medcom-notification-subject")
def notification_subject(document: Document) -> Iterator[str]:
    """Encounter.subject leads to the Patient."""
    if led_to(document, _encounter(document)["subject"]["reference"], "Patient") is None:
        yield "Encounter.subject does not lead to the Patient"


@check("medcom-notification-start")
def notification_start(document: Document) -> Iterator[str]:
    """When the patient came, to the second."""
    start = _encounter(document)["period"]["start"]
    if not is_instant(start):
        yield f"Encounter.period.start is {start!r}"


@check("medcom-notification-end")
def notification_end(document: Document) -> Iterator[str]:
    """A stay that is finished says when; one that goes on does not."""
    encounter = _encounter(document)
    end = encounter["period"].get("end")
    if encounter["status"] == "finished" and not is_instant(end):
        yield f"Encounter.period.end is {end!r}, and the stay is finished"
    if encounter["status"] in ("in-progress", "onleave") and end is not None:
        yield f"Encounter.period.end is there, and the stay is {encounter['status']}"


@check("medcom-notification-leave-start")
def notification_leave_start(document: Document) -> Iterator[str]:
    """medcom-hospitalNotification-6: who is on leave has been since some time."""
    encounter = _encounter(document)
    leave = extension(encounter, LEAVE) or {}
    if encounter["status"] == "onleave" and not is_instant(leave.get("valuePeriod", {}).get("start")):
        yield "Encounter.extension (leave period): there is no start, and the patient is on leave"


@check("medcom-notification-episode")
def notification_episode(document: Document) -> Iterator[str]:
    """The identifier of the national register for the whole episode: a UUID of version 5 as a URN."""
    identifiers = [episode.get("identifier", {}) for episode in _encounter(document)["episodeOfCare"]]
    values = [one["value"] for one in identifiers if one.get("system") == EPISODES]
    if not values:
        yield "Encounter.episodeOfCare: there is no identifier of the national register"
    for value in values:
        uuid = uuid_of(value)
        if uuid is None or not value.startswith("urn:uuid:") or (uuid.version, uuid.variant) != (5, RFC_4122):
            yield f"Encounter.episodeOfCare: {value!r} is no urn:uuid: of version 5"


@check("medcom-notification-episode-by-identifier")
def notification_episode_by_identifier(document: Document) -> Iterator[str]:
    """An episode of care is named by identifier and never by reference."""
    if any("reference" in episode for episode in _encounter(document)["episodeOfCare"]):
        yield "Encounter.episodeOfCare: it is a reference"


@check("medcom-notification-service-provider")
def notification_service_provider(document: Document) -> Iterator[str]:
    """The organisation where the patient is."""
    if led_to(document, _encounter(document)["serviceProvider"]["reference"], "Organization") is None:
        yield "Encounter.serviceProvider leads to no Organization of the message"


@check("medcom-notification-nothing-clinical")
def notification_nothing_clinical(document: Document) -> Iterator[str]:
    """The municipality learns that somebody is there, not why."""
    told = [name for name in NOT_TOLD if name in _encounter(document)]
    if told:
        yield f"Encounter tells {', '.join(told)}"


def _encounter(document: Document) -> Resource:
    (encounter,) = all_of(document, "Encounter")
    return encounter


def _activity(code: str) -> str:
    return code.removeprefix("revise-").removeprefix("cancel-")
