"""Every message that the EPJ sends is what was registered and ordered, field by field (HL7 v2.5.1, 2 to 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from epjgate.contracts.checks.hl7v2_times import is_moment, moment
from epjgate.drivers.dsl import Epj, Investigation, PatientRef
from epjgate.drivers.fhir import FhirClient, Resource
from epjgate.model.partner import Received
from epjgate.model.person import Address, Person, Sex
from population.cpr import CPR_OID
from population.fhir_r4 import patient as registered

Arrived = Callable[..., list[Received]]
At = Callable[[str], datetime]
Known = Callable[[Person], PatientRef]

pytestmark = pytest.mark.needs("laboratory_requisitions", "orders", "encounters", "patient_merge")

NEAR = timedelta(minutes=5)
"""How far the clocks of two systems of one hospital may be apart."""
WARD = "Afsnit Ø & Å|1"
PHONE = "+45 12 34 56 78"
ELSEWHERE = Address("Ærøvej 7, st. ^tv.", "5970", "Ærøskøbing")
CODES = {Sex.FEMALE: "F", Sex.MALE: "M"}


@pytest.fixture
def someone(person: Person) -> Person:
    """Somebody with all that PID can tell: a middle name, letters beyond ASCII in every text, and a separator."""
    address = Address("Gåsevej 1, 2. tv. & kld.", "8000", "Århus C")
    return replace(person, given_names=("Åse", "Ærø Øst"), family_name="Sørensen|Ånd", address=address)


@pytest.fixture
def known(fhir: FhirClient) -> Known:
    """Call it with a person to have them registered with a telephone."""

    def register(person: Person) -> PatientRef:
        telephone = [{"system": "phone", "value": PHONE, "use": "home"}]
        return PatientRef(fhir.create(registered(person, telecom=telephone)).expect(201).id)

    return register


@pytest.mark.rule("hl7v2-out-admission-and-discharge", "hl7v2-out-person-whole", "hl7v2-out-when")
@pytest.mark.severity("blocker")
def test_a_stay_is_told_as_it_is(epj: Epj, someone: Person, known: Known, at: At, arrived: Arrived) -> None:
    """ADT^A01 and ADT^A03: MSH, EVN, PID with names, address and telephone, and PV1 with ward, start and end."""
    stay = epj.admit(known(someone), at("2026-02-03 08:15"), WARD)
    epj.discharge(stay, at("2026-02-04 10:00"))
    begun, ended = arrived("laboratory", someone, 2)
    assert (begun.kind, ended.kind) == ("ADT^A01", "ADT^A03")
    for one in (begun, ended):
        whole(one, {**identity(someone), "PV1-2": "I", "PV1-3.1": WARD})
        assert instant(one, "PV1-44") == at("2026-02-03 08:15")
    assert field(begun, "PV1-45") == ""
    assert instant(ended, "PV1-45") == at("2026-02-04 10:00")


@pytest.mark.rule("hl7v2-out-correction", "hl7v2-out-person-whole", "hl7v2-out-when")
@pytest.mark.severity("blocker")
def test_a_correction_is_told_as_it_is(epj: Epj, someone: Person, known: Known, arrived: Arrived) -> None:
    """ADT^A08: MSH, EVN, PID with the new address and all that stayed, and PV1-2 of somebody who is not admitted."""
    epj.change_address(known(someone), ELSEWHERE)
    (one,) = arrived("laboratory", someone, 1)
    assert one.kind == "ADT^A08"
    whole(one, identity(replace(someone, address=ELSEWHERE)))
    assert field(one, "PV1-2") in ("N", "U")


@pytest.mark.rule("hl7v2-out-merge", "hl7v2-out-person-whole", "hl7v2-out-when")
@pytest.mark.severity("blocker")
def test_a_merge_is_told_as_it_is(
    epj: Epj, someone: Person, people: Callable[[int], list[Person]], known: Known, arrived: Arrived
) -> None:
    """ADT^A40: MSH, EVN, PID of who stays, in full, and MRG with the number that goes and its authority."""
    (gone,) = people(1)
    epj.merge_patients(known(gone), known(someone))
    (one,) = arrived("laboratory", someone, 1)
    assert one.kind == "ADT^A40"
    whole(one, {**identity(someone), "MRG-1.1": gone.cpr, "MRG-1.4": f"&{CPR_OID}&ISO"})


@pytest.mark.rule("hl7v2-out-order", "hl7v2-out-cancellation", "hl7v2-out-person-whole", "hl7v2-out-when")
@pytest.mark.severity("blocker")
def test_an_order_of_the_laboratory_is_told_as_it_is(
    epj: Epj, someone: Person, known: Known, at: At, fhir: FhirClient, arrived: Arrived
) -> None:
    """ORM^O01: MSH, PID, ORC and OBR with number, code, text and system of the code, new and called off."""
    analysis = Investigation("P-Kalium & Ø", at("2026-02-03 08:30"), "NPU03230")
    order = epj.order_lab(known(someone), analysis).id
    asked: Resource = fhir.read("ServiceRequest", order).expect(200).resource
    fhir.update({**asked, "status": "revoked"}).expect(200)
    told = {**identity(someone), "ORC-2.1": order, "OBR-2.1": order}
    service = {"OBR-4.1": "NPU03230", "OBR-4.2": "P-Kalium & Ø", "OBR-4.3": "NPU"}
    new, called_off = arrived("laboratory", someone, 2)
    whole(new, {**told, **service, "ORC-1": "NW"})
    whole(called_off, {**told, **service, "ORC-1": "CA"})


@pytest.mark.rule("hl7v2-out-order", "hl7v2-out-person-whole", "hl7v2-out-when")
@pytest.mark.severity("blocker")
def test_an_order_of_imaging_is_told_as_it_is(
    epj: Epj, someone: Person, known: Known, at: At, arrived: Arrived
) -> None:
    """ORM^O01 to imaging: MSH, PID, ORC and OBR, where what is ordered has a text and no code."""
    order = epj.order_imaging(known(someone), Investigation("Røntgen | thorax", at("2026-02-03 08:45"))).id
    (one,) = arrived("imaging", someone, 1)
    whole(
        one,
        {
            **identity(someone),
            "ORC-1": "NW",
            "ORC-2.1": order,
            "OBR-2.1": order,
            "OBR-4.1": "Røntgen | thorax",
            "OBR-4.2": "Røntgen | thorax",
        },
    )


@pytest.mark.rule("hl7v2-out-parties-alike")
@pytest.mark.severity("normal")
def test_everybody_has_one_name(
    epj: Epj, someone: Person, people: Callable[[int], list[Person]], known: Known, at: At, arrived: Arrived
) -> None:
    """MSH-3 and MSH-4 are the same in all messages, MSH-5 to one department, and MSH-6, as all are of one hospital."""
    (gone,) = people(1)
    patient = known(someone)
    epj.discharge(epj.admit(patient, at("2026-02-03 08:15"), WARD), at("2026-02-04 10:00"))
    epj.change_address(patient, ELSEWHERE)
    epj.order_lab(patient, Investigation("P-Kalium", at("2026-02-03 08:30"), "NPU03230"))
    epj.order_imaging(patient, Investigation("Røntgen", at("2026-02-03 08:45")))
    epj.merge_patients(known(gone), patient)
    got = {partner: arrived(partner, someone, count) for partner, count in (("laboratory", 5), ("imaging", 1))}
    names = {(field(one, "MSH-3"), field(one, "MSH-4"), field(one, "MSH-6")) for some in got.values() for one in some}
    receivers = {partner: {field(one, "MSH-5") for one in some} for partner, some in got.items()}
    assert {kind: len(some) for kind, some in got.items()} == {"laboratory": 5, "imaging": 1}
    assert len(names) == 1
    assert all(names.pop())
    assert {partner: len(called) for partner, called in receivers.items()} == {"laboratory": 1, "imaging": 1}
    assert receivers["laboratory"].isdisjoint(receivers["imaging"])
    assert "" not in receivers["laboratory"] | receivers["imaging"]


def whole(one: Received, told: dict[str, str]) -> None:
    """Demand that the message says what is `told` by field and component, and when it was made.

    A set ID (PID-1 and the like) may be left out, as there is one such segment; EVN-1 may, as MSH-9 says it.
    """
    assert one.accepted, one.reason
    assert said(one, told) == told
    assert {name: of for name in ("PID-1", "PV1-1", "OBR-1") if (of := field(one, name)) not in ("", "1")} == {}
    assert field(one, "EVN-1") in ("", field(one, "MSH-9.2"))
    for name in ("MSH-7", "EVN-2") if one.kind.startswith("ADT") else ("MSH-7",):
        made = instant(one, name)
        assert made is not None, f"{name} is no moment"
        assert abs(made - one.at) < NEAR, f"{name} is {made.isoformat()}, and it came at {one.at.isoformat()}"


def identity(person: Person) -> dict[str, str]:
    """Return what PID says of `person`, by field and component."""
    first, *middle = person.given_names
    home = person.address
    return {
        "PID-3.1": person.cpr,
        "PID-3.4": f"&{CPR_OID}&ISO",
        "PID-5.1": person.family_name,
        "PID-5.2": first,
        "PID-5.3": " ".join(middle),
        "PID-7": f"{person.birth_date:%Y%m%d}",
        "PID-8": CODES[person.sex],
        "PID-11.1": home.line,
        "PID-11.3": home.city,
        "PID-11.5": home.postal_code,
        "PID-11.6": "DNK",
        "PID-13.1": PHONE,
    }


def said(one: Received, names: dict[str, str]) -> dict[str, str]:
    """Return what the message says in the fields and components called `names`, empty where it says nothing.

    A namespace before the OID of an authority is the sender's own, and left out.
    """
    told = {name: field(one, name) for name in names}
    authorities = {name: f"&{told[name].partition('&')[2]}" for name in ("PID-3.4", "MRG-1.4") if name in told}
    return told | authorities


def field(one: Received, name: str) -> str:
    """Return a field, or a component unescaped, of a message."""
    return str(one.parsed.get(name, ""))


def instant(one: Received, name: str) -> datetime | None:
    """Return the moment that a field names; None where it names none that exists."""
    text = field(one, name)
    return moment(text) if is_moment(text) else None
