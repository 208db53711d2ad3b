"""Every rule of a hospital notification is checked, and told by name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.partners.messages import IMPOSSIBLE, LOCAL, NATIONAL, ONE, Content, bundle, notification

from epjgate.partners.documents import Malformed
from epjgate.partners.message_bundle import MessageBundle
from epjgate.partners.notification import Notification, read_notification

Resources = dict[str, Content]
NATIONAL_SYSTEM = "urn:oid:1.2.208.176.1.6.1.1"
LOCAL_SYSTEM = "urn:oid:1.2.208.176.1.6.1.3"


@pytest.mark.parametrize("status", ["in-progress", "onleave", "finished", "entered-in-error"])
def test_each_status_is_read(status: str) -> None:
    """What the mailbox must know is found."""
    message = MessageBundle(bundle(notification(status), "b1", "h1"))
    assert (message.bundle_id, message.header_id) == ("b1", "h1")
    assert read_notification(message).status == status


@pytest.mark.parametrize(("system", "number"), [(NATIONAL_SYSTEM, NATIONAL), (LOCAL_SYSTEM, LOCAL)])
def test_replacement_numbers_are_refused(system: str, number: str) -> None:
    """HospitalNotification 3.0.2, invariant 4: the CPR system, and no other."""
    resources = notification()
    resources["patient"]["identifier"] = [{"system": system, "value": number}]
    with pytest.raises(Malformed, match=r"Patient\.identifier"):
        read(bundle(resources))


def test_references_may_name_type_and_id() -> None:
    """A reference such as Patient/17 leads to the entry with that id, as well as its fullUrl does."""
    resources = notification()
    resources["patient"]["id"] = "17"
    resources["encounter"]["subject"] = {"reference": "Patient/17"}
    assert read(bundle(resources)).status == "in-progress"


def number_is(system: str, *values: str) -> Callable[[Resources], object]:
    return lambda all_: all_["patient"].update(identifier=[{"system": system, "value": value} for value in values])


def read(message: Content) -> Notification:
    return read_notification(MessageBundle(message))


CPR = "urn:oid:1.2.208.176.1.2"
BROKEN: dict[str, tuple[Callable[[Resources], object], str]] = {
    "two receivers": (lambda all_: all_["header"]["destination"].append({}), "destination"),
    "no receiver": (lambda all_: all_["header"].pop("destination"), "destination"),
    "sender unknown": (lambda all_: all_.pop("from"), "sender"),
    "receiver is no organisation": (lambda all_: all_["to"].update(resourceType="Device"), "receiver"),
    "receiver without identifier": (lambda all_: all_["to"].pop("identifier"), "receiver"),
    "no focus": (lambda all_: all_["header"].pop("focus"), "focus"),
    "header not first": (lambda all_: all_.update(header=all_.pop("header")), r"entry\[0\]"),
    "two patients": (lambda all_: all_.update(second=all_["patient"]), "one Patient"),
    "no encounter": (lambda all_: all_.pop("encounter"), "one Encounter"),
    "local patient id": (number_is("urn:hospital", ONE.cpr), "Patient.identifier"),
    "two numbers": (number_is(CPR, ONE.cpr, ONE.cpr), "Patient.identifier"),
    "impossible number": (number_is(CPR, IMPOSSIBLE), "Patient.identifier"),
    "number of another system": (number_is(CPR, NATIONAL), "Patient.identifier"),
    "status": (lambda all_: all_["encounter"].update(status="planned"), "Encounter.status"),
    "no class": (lambda all_: all_["encounter"].pop("class"), "Encounter.class"),
    "no subject": (lambda all_: all_["encounter"].pop("subject"), "Encounter.subject"),
    "no start": (lambda all_: all_["encounter"].pop("period"), "Encounter.period.start"),
    "finished without an end": (lambda all_: all_["encounter"].update(status="finished"), "Encounter.period.end"),
    "leave without its start": (lambda all_: all_["encounter"].update(status="onleave"), "leave period"),
    "no episode": (lambda all_: all_["encounter"].pop("episodeOfCare"), "episodeOfCare"),
    "episode is no UUIDv5": (
        lambda all_: all_["encounter"].update(
            episodeOfCare=[{"identifier": {"value": "2b6e1bd0-7a3e-4f5e-9a55-0b6e6f1f8a01"}}]
        ),
        "episodeOfCare",
    ),
    "no provenance": (lambda all_: all_.pop("provenance"), "Provenance"),
    "provenance of another": (lambda all_: all_["provenance"].update(target=[{"reference": "x"}]), "Provenance"),
}


@pytest.mark.parametrize(("break_it", "told"), BROKEN.values(), ids=BROKEN)
def test_each_rule_is_told_by_name(break_it: Callable[[Resources], object], told: str) -> None:
    """A notification that breaks one rule is malformed, and the text says which, without the person's number."""
    resources = notification()
    break_it(resources)
    with pytest.raises(Malformed, match=told) as refusal:
        read(bundle(resources))
    assert not any(number in str(refusal.value) for number in (ONE.cpr, IMPOSSIBLE, NATIONAL))


@pytest.mark.parametrize("elements", [{"type": "transaction"}, {"timestamp": None}, {"id": ""}, {"resourceType": "X"}])
def test_the_bundle_is_a_message(elements: Content) -> None:
    """Type, time and id of the Bundle are needed."""
    with pytest.raises(Malformed, match="Bundle"):
        read(bundle(notification()) | elements)
