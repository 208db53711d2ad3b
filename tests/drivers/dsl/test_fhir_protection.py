"""Address protection on FHIR R4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from epjgate.drivers.dsl.fhir_protection import FhirAddressProtection
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.fhir import FhirClient
from epjgate.errors import CandidateFault
from epjgate.model.person import Address

if TYPE_CHECKING:
    from tests.drivers.conftest import Asked, Deed, StandIn

PATIENT = PatientRef("7")
HOME = Address("Østergade 1", "5000", "Odense C")
HIDDEN: dict[str, Any] = {"resourceType": "Patient", "id": "7", "meta": {"versionId": "3"}}
# The escape must not hide the letter.
SHOWN = b'{"resourceType": "Patient", "id": "7", "address": [{"line": ["\\u00d8stergade 1"]}]}'


def leaking(*paths: str) -> Any:
    def answer(asked: Asked) -> Deed:
        body = SHOWN if any(path in asked.path for path in paths) else b'{"resourceType": "Patient", "id": "7"}'
        return lambda handler: handler.say(200, body)

    return answer


@pytest.mark.parametrize(
    ("path", "ways"),
    [
        ("_history/1", ["reading this version", "reading the first version"]),
        ("_include", ["including the patient of a stay"]),
        ("_id=7&address=", ["searching by street"]),
    ],
)
def test_each_way_that_shows_the_street_is_named(
    stand_in: StandIn, client: FhirClient, path: str, ways: list[str]
) -> None:
    """One leak among all ways of asking is found, and named."""
    stand_in.otherwise = leaking(path)
    assert FhirAddressProtection(client).where_shown(PATIENT, HOME) == ways


def test_a_denial_shows_nothing_and_a_leak_in_one_counts(stand_in: StandIn, client: FhirClient) -> None:
    """Whatever the status is, the body is read."""
    stand_in.otherwise = lambda _asked: lambda handler: handler.say(403, b'{"resourceType": "OperationOutcome"}')
    assert FhirAddressProtection(client).where_shown(PATIENT, HOME) == []
    stand_in.otherwise = lambda _asked: lambda handler: handler.say(403, SHOWN)
    assert len(FhirAddressProtection(client).where_shown(PATIENT, HOME)) == 9


def test_a_crash_is_no_protection(stand_in: StandIn, client: FhirClient) -> None:
    """A 500 is neither an answer nor a denial."""
    stand_in.otherwise = lambda _asked: lambda handler: handler.say(500, b"{}")
    with pytest.raises(CandidateFault, match="asked by reading"):
        FhirAddressProtection(client).where_shown(PATIENT, HOME)


def test_a_search_by_one_part_is_enough_to_find_somebody(stand_in: StandIn, client: FhirClient) -> None:
    """Street, postal code and city are each asked; whoever is found twice is there once."""
    for ids in (["1"], ["2", "1"], []):
        entries = [{"resource": {"resourceType": "Patient", "id": name}} for name in ids]
        stand_in.answers({"resourceType": "Bundle", "entry": entries})
    assert FhirAddressProtection(client).find_by_address(HOME) == [PatientRef("1"), PatientRef("2")]


def test_protecting_keeps_other_labels(stand_in: StandIn, client: FhirClient) -> None:
    """The label is added to those that are there."""
    stand_in.answers({**HIDDEN, "meta": {"security": [{"code": "X"}]}})
    stand_in.answers(HIDDEN)
    FhirAddressProtection(client).protect(PATIENT)
    sent = stand_in.asked[1].body.decode()
    assert ('"X"' in sent, '"R"' in sent) == (True, True)
