"""What of one exchange can be changed."""

from __future__ import annotations

import pytest
from tests.sensing.conftest import CONTROL, FHIR, HL7, INTERFACES, MESSAGE, reading, received, telling, writing

from epjgate.model.mutant import Operator
from epjgate.model.target import Endpoint, Target
from epjgate.model.wire import Asked, Got
from epjgate.sensing.exchanges import About, Interfaces, mutants_of


@pytest.mark.parametrize(
    ("asked", "about"),
    [
        (Asked("GET", "/Observation/12", b"", FHIR), About("fhir_r4", "Observation", "GET Observation/{id}")),
        (Asked("GET", "/Observation?code=x", b"", FHIR), About("fhir_r4", "Observation", "GET Observation?")),
        (
            Asked("GET", "/Patient/abc/_history/2", b"", FHIR),
            About("fhir_r4", "Patient", "GET Patient/{id}/_history/{id}"),
        ),
        (Asked("POST", "/Patient/$merge", b"", FHIR), About("fhir_r4", "Patient", "POST Patient/$merge")),
        (Asked("POST", "", b"", FHIR), About("fhir_r4", "(base)", "POST (base)")),
        (Asked("GET", "/metadata", b"", FHIR), About("fhir_r4", "metadata", "GET metadata")),
        (Asked("MLLP", "", MESSAGE, HL7), About("hl7v2", "ORU^R01", "MLLP")),
        (Asked("MLLP", "", b"rubbish", HL7), About("hl7v2", "(no message)", "MLLP")),
        (Asked("MLLP", "", b"", HL7), About("hl7v2", "(no message)", "MLLP")),
        (
            Asked("GET", "/partners/fmk/cards/2512489996", b"", CONTROL),
            About("partners/fmk", "cards", "received"),
        ),
        (Asked("GET", "/metadata", b"", "http://127.0.0.1:9/other"), None),
    ],
)
def test_records_of_a_kind_are_one_place(asked: Asked, about: About | None) -> None:
    """Ids are left out, the type of a record stays; an address of nobody's is no interface."""
    assert INTERFACES.about(asked) == about


def test_interfaces_are_those_of_the_target() -> None:
    """By their URLs, and the control server beside them."""
    target = Target(
        system="tiny",
        release="1",
        environment="process",
        endpoints=(Endpoint(interface="fhir_r4", url=f"{FHIR}/"), Endpoint(interface="hl7v2", url=HL7)),
        capabilities={},
        partners=CONTROL,
    )
    assert Interfaces.of(target) == INTERFACES


def offered(exchange: tuple[Asked, Got]) -> dict[str, set[Operator]]:
    asked, got = exchange
    about = INTERFACES.about(asked)
    assert about is not None
    found: dict[str, set[Operator]] = {}
    for mutant in mutants_of(about, asked, got):
        found.setdefault(str(mutant.place), set()).add(mutant.operator)
    return found


def test_fields_headers_and_the_exchange_itself_can_be_changed() -> None:
    """Each by what its kind of value allows."""
    places = offered(reading())
    assert places["Observation.valueQuantity.unit"] == {Operator.DROP, Operator.UNIT}
    assert places["Observation.subject.reference"] == {Operator.DROP, Operator.PATIENT}
    assert places["Observation.note.text"] == {Operator.DROP, Operator.CHANGE, Operator.TRUNCATE, Operator.MOJIBAKE}
    assert places["(every answer) (ETag)"] == {Operator.DROP}
    assert places["Observation (GET Observation/{id} 200)"] == {Operator.STATUS}


@pytest.mark.parametrize(
    ("exchange", "place", "operators"),
    [
        (writing(), "(POST Observation 201)", {"status", "lose write", "repeat write", "lose answer"}),
        (writing("PUT", 200), "(PUT Observation 200)", {"status", "lose write", "lose answer"}),
        (writing("POST", 422), "(POST Observation 422)", {"status"}),
    ],
)
def test_a_write_can_be_lost_only_where_it_was_stored(
    exchange: tuple[Asked, Got], place: str, operators: set[str]
) -> None:
    """And only what is not the same twice is sent twice."""
    assert offered(exchange)[f"Observation {place}"] == operators


def test_an_acknowledgement_can_be_lost_or_say_something_else() -> None:
    """Its code, whose it is, and whether it comes at all."""
    places = offered(telling())
    assert places["ORU^R01 (MLLP)"] == {Operator.LOSE_ANSWER}
    assert Operator.CHANGE in places["ORU^R01.MSA-1"]
    assert Operator.CHANGE in places["ORU^R01.MSA-2"]


def test_what_receivers_got_is_changed_and_never_lost() -> None:
    """The gate itself asks for it: there is no exchange with the candidate to be lost."""
    places = offered(received('{"Version": 1}'))
    assert places == {
        "POST reports.Version": {Operator.DROP, Operator.CHANGE},
        "POST reports (entries)": {Operator.DROP_ENTRY, Operator.DOUBLE_ENTRY},
    }
