"""Every rule of a letter is checked, and told by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.partners.messages import IMPOSSIBLE, LOCAL, NATIONAL, ONE, Content, bundle, letter

from epjgate.partners.care_communication import check_letter
from epjgate.partners.documents import Malformed
from epjgate.partners.message_bundle import MessageBundle

Resources = dict[str, Content]
CPR = "urn:oid:1.2.208.176.1.2"
NATIONAL_SYSTEM = "urn:oid:1.2.208.176.1.6.1.1"
LOCAL_SYSTEM = "urn:oid:1.2.208.176.1.6.1.3"
CODES = "http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-careCommunication-categoryCodes"


def category(code: str) -> list[Content]:
    return [{"coding": [{"system": CODES, "code": code}]}]


def check(resources: Resources) -> None:
    check_letter(MessageBundle(bundle(resources)))


@pytest.mark.parametrize(
    "elements",
    [
        {},
        {"category": category("regarding-referral"), "priority": "asap"},
        {"category": category("other"), "topic": {"text": "Nøgleboks"}},
        {"recipient": []},
        {"extension": []},
    ],
)
def test_a_letter_that_can_be_acted_on_is_taken(elements: Content) -> None:
    """With priority or topic where they belong, and without a sender or recipient in particular."""
    check(letter(**elements))


def test_a_letter_under_a_national_replacement_number_is_taken() -> None:
    """Receivers must not refuse an X-eCPR."""
    resources = letter()
    resources["patient"]["identifier"] = [{"system": NATIONAL_SYSTEM, "value": NATIONAL}]
    check(resources)


def number_is(system: str, value: str) -> Callable[[Resources], object]:
    return lambda all_: all_["patient"].update(identifier=[{"system": system, "value": value}])


def letter_has(**elements: Any) -> Callable[[Resources], object]:
    return lambda all_: all_["letter"].update(elements)


BROKEN: dict[str, tuple[Callable[[Resources], object], str]] = {
    "two receivers": (lambda all_: all_["header"]["destination"].append({}), "destination"),
    "sender unknown": (lambda all_: all_.pop("from"), "sender"),
    "no focus": (lambda all_: all_["header"].pop("focus"), "focus"),
    "no letter": (lambda all_: all_.pop("letter"), "one Communication"),
    "no patient": (lambda all_: all_.pop("patient"), "one Patient"),
    "two patients": (lambda all_: all_.update(second=all_["patient"]), "one Patient"),
    "no number": (number_is("urn:hospital", ONE.cpr), "Patient.identifier"),
    "local number": (number_is(LOCAL_SYSTEM, LOCAL), "Patient.identifier"),
    "impossible number": (number_is(CPR, IMPOSSIBLE), "Patient.identifier"),
    "number of another system": (number_is(CPR, NATIONAL), "Patient.identifier"),
    "no subject": (lambda all_: all_["letter"].pop("subject"), "Communication.subject"),
    "status": (letter_has(status="completed"), "Communication.status"),
    "no category": (letter_has(category=[]), "Communication.category"),
    "two categories": (letter_has(category=[*category("nursing"), *category("other")]), "Communication.category"),
    "priority of no referral": (letter_has(priority="asap"), "Communication.priority"),
    "other without a topic": (letter_has(category=category("other")), "Communication.topic"),
    "no text": (letter_has(payload=[]), "at least one text"),
    "no time": (lambda all_: all_["letter"]["payload"][0]["extension"].pop(0), "payload.valueDateTime"),
    "no author": (lambda all_: all_["letter"]["payload"][0]["extension"].pop(1), "the author"),
    "author unknown": (lambda all_: all_.pop("role"), "the author"),
    "sender of another organisation": (
        lambda all_: all_["role"].update(organization=all_["header"]["destination"][0]["receiver"]),
        r"\(sender\)",
    ),
    "recipient of another organisation": (
        lambda all_: all_["team"].update(managingOrganization=[all_["header"]["sender"]]),
        r"\(recipient\)",
    ),
    "no provenance": (lambda all_: all_.pop("provenance"), "Provenance"),
}


@pytest.mark.parametrize(("break_it", "told"), BROKEN.values(), ids=BROKEN)
def test_each_rule_is_told_by_name(break_it: Callable[[Resources], object], told: str) -> None:
    """A letter that breaks one rule is malformed, and the text says which, without the person's number."""
    resources = letter()
    break_it(resources)
    with pytest.raises(Malformed, match=told) as refusal:
        check(resources)
    assert not any(number in str(refusal.value) for number in (ONE.cpr, IMPOSSIBLE, NATIONAL))
