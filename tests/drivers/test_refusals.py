"""What a denial gives away."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from epjgate.drivers.refusals import AccessDenied, Denial, NotThere, Refused, denial
from epjgate.errors import CandidateFault
from epjgate.model.person import Address
from population.persons import person

PERSON = replace(person(4, 0), family_name="Ærøskov", address=Address("Østergade 1", "5000", "Odense C"))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, AccessDenied) for status in (401, 403)),
        *((status, Refused) for status in (400, 405, 409, 412, 422)),
        *((status, NotThere) for status in (404, 410)),
    ],
)
def test_each_no_is_of_its_own_kind(status: int, kind: type[Denial]) -> None:
    """A test that expects one kind is not content with another."""
    assert type(denial(status, "no", b"", {})) is kind


@pytest.mark.parametrize("status", [200, 302, 500, 503])
def test_what_is_no_denial_stays_a_plain_fault(status: int) -> None:
    """A crash is never taken for a refusal."""
    fault = denial(status, "no", b"", {})
    assert isinstance(fault, CandidateFault)
    assert not isinstance(fault, Denial)


def test_a_denial_that_says_nothing_reveals_nothing() -> None:
    """An OperationOutcome about nobody is clean."""
    body = json.dumps({"resourceType": "OperationOutcome", "issue": [{"code": "forbidden"}]}).encode()
    assert AccessDenied("no", content=body).reveals(PERSON) == []


@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_each_part_of_a_record_in_the_body_is_named(ensure_ascii: bool) -> None:  # noqa: FBT001  (a parameter)
    """Escaped letters hide nothing."""
    record = {
        "id": PERSON.cpr,
        "name": PERSON.family_name,
        "born": PERSON.birth_date.isoformat(),
        "home": PERSON.address.line,
        "text": "blødning",
    }
    body = json.dumps(record, ensure_ascii=ensure_ascii).encode()
    revealed = AccessDenied("no", content=body).reveals(PERSON, "blødning", "feber")
    assert revealed == ["CPR number", "family name", "birth date", "street", "blødning"]


@pytest.mark.parametrize("gap", ["-", " ", "%2D"])
def test_a_number_is_found_as_danes_write_it(gap: str) -> None:
    """DDMMYY-XXXX is the same number."""
    written = f"Patient {PERSON.cpr[:6]}{gap}{PERSON.cpr[6:]} is not yours"
    assert AccessDenied("no", content=written.encode()).reveals(PERSON) == ["CPR number"]


def test_escapes_of_urls_hide_nothing() -> None:
    """A redirect or a link names the person in them."""
    headers = {"Location": "/Patient?family=%C3%86r%C3%B8skov"}
    assert AccessDenied("no", headers=headers).reveals(PERSON) == ["family name"]


def test_headers_and_bodies_that_are_no_json_are_read_too() -> None:
    """A name in a header, or in a page of HTML, is revealed all the same."""
    assert Refused("no", headers={"X-Patient": PERSON.cpr}).reveals(PERSON) == ["CPR number"]
    assert Refused("no", content=f"<p>{PERSON.family_name}".encode()).reveals(PERSON) == ["family name"]
    assert Refused("no", content=b"\xff\xfe").reveals(PERSON) == []
