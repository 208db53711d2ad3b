"""Numbers of organisations and professionals: SOR, CVR, GLN and authorisation id, kept wherever they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import ascii_letters, digits

import pytest
from hypothesis import strategies as st

from epjgate.contracts.checks import Document
from epjgate.drivers.fhir import FhirClient, Params, Resource
from epjgate.model.person import Person
from epjgate.plugin.rules import each_rule
from population.fhir_r4 import encounter, patient

CONSONANTS = "".join(letter for letter in ascii_letters if letter.lower() not in "aeiou")
CVR_WEIGHTS = (2, 7, 6, 5, 4, 3, 2)

Store = Callable[[Resource], str]
IdsFound = Callable[[str, Params], list[str]]


def cvr_numbers() -> st.SearchStrategy[str]:
    """Eight digits that pass modulus 11: where the check digit would have to be 10, there is no such number."""

    def checked(seven: str) -> str:
        last = -sum(int(digit) * weight for digit, weight in zip(seven, CVR_WEIGHTS, strict=True)) % 11
        return f"{seven}{last}"

    return st.integers(1_000_000, 9_999_999).map(str).map(checked).filter(lambda number: len(number) == 8)


def glns() -> st.SearchStrategy[str]:
    """Thirteen digits that pass modulus 10, as GS1 gives them out in Denmark."""

    def checked(rest: int) -> str:
        twelve = f"57900{rest:07}"
        last = -sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve)) % 10
        return f"{twelve}{last}"

    return st.integers(0, 9_999_999).map(checked)


@dataclass(frozen=True)
class Register:
    """A register: the system of its numbers, the type that bears them, numbers that it can hold and some it cannot."""

    system: str
    bearer: str
    numbers: st.SearchStrategy[str]
    malformed: tuple[str, ...]


SOR = Register(
    "urn:oid:1.2.208.176.1.1",
    "Organization",
    st.text(digits, min_size=11, max_size=18),
    ("9900000000", "99000000000A", "99000 000001"),
)
CVR = Register("http://cvr.dk", "Organization", cvr_numbers(), ("99990008", "9999000", "999900070", "DK999900"))
GLN = Register(
    "https://www.gs1.org/gln",
    "Organization",
    glns(),
    ("5790009999979", "579000999999", "57900099999970", "579000999999X"),
)
AUTHORISATION = Register(
    "https://autregweb.sst.dk",
    "Practitioner",
    st.text(digits + CONSONANTS, min_size=5, max_size=5),
    ("0YAC9", "0YC9", "0YBC99", "0YÆC9", "0Y-C9"),
)
KEPT = {
    "dk-sor-kept-exactly": SOR,
    "dk-cvr-kept-exactly": CVR,
    "dk-gln-kept-exactly": GLN,
    "dk-authorisation-id-kept-exactly": AUTHORISATION,
}
MALFORMED = {
    "dk-sor-malformed-refused": SOR,
    "dk-cvr-malformed-refused": CVR,
    "dk-gln-malformed-refused": GLN,
    "dk-authorisation-id-malformed-refused": AUTHORISATION,
}
SENT = {
    "dk-sor-form": (SOR, "99000000000001"),
    "dk-cvr-check-digit": (CVR, "99990007"),
    "dk-gln-check-digit": (GLN, "5790009999997"),
    "dk-authorisation-id-form": (AUTHORISATION, "0YBC9"),
}


@pytest.fixture
def carriers(
    person: Person, stored: Store, offered: Callable[[str], set[str]]
) -> Callable[[Register, str], dict[str, Resource]]:
    """Call it with a register and a number for resources that name the number, each at another place.

    A stay refers to its bearer by the number alone, or contains the bearer; where the candidate keeps bearers, one is
    there as a resource of its own.
    """
    subject = f"Patient/{stored(patient(person))}"

    def of(register: Register, number: str) -> dict[str, Resource]:
        identifier = {"system": register.system, "value": number}
        bearer = {"resourceType": register.bearer, "identifier": [identifier]}
        made = {
            "by reference": encounter(subject, **_involving(register, {"identifier": identifier})),
            "contained": encounter(
                subject, contained=[{**bearer, "id": "bearer"}], **_involving(register, {"reference": "#bearer"})
            ),
        }
        return made | ({"of its own": bearer} if offered(register.bearer) else {})

    return of


@pytest.mark.severity("critical")
@each_rule("dk-sor-kept-exactly", "dk-cvr-kept-exactly", "dk-gln-kept-exactly", "dk-authorisation-id-kept-exactly")
def test_numbers_are_kept(
    fhir: FhirClient,
    carriers: Callable[[Register, str], dict[str, Resource]],
    for_all: Callable[..., None],
    rule: str,
) -> None:
    """Whatever number the register can hold: 201, and the same characters in read and search, leading zeros too."""
    register = KEPT[rule]

    def is_kept(number: str) -> None:
        for place, resource in carriers(register, number).items():
            answer = fhir.create(resource)
            assert answer.status == 201, f"{place}: {answer.describe()}"
            read = fhir.read(resource["resourceType"], answer.id).expect(200).resource
            (found,) = fhir.search(resource["resourceType"], {"_id": answer.id}).expect(200).matches
            for stored in (read, found):
                assert {name: stored.get(name) for name in resource} == resource, place

    for_all(register.numbers, 4, is_kept)


@pytest.mark.severity("normal")
@each_rule(
    "dk-sor-malformed-refused",
    "dk-cvr-malformed-refused",
    "dk-gln-malformed-refused",
    "dk-authorisation-id-malformed-refused",
)
def test_a_number_that_the_register_cannot_hold_is_refused(
    fhir: FhirClient, carriers: Callable[[Register, str], dict[str, Resource]], rule: str
) -> None:
    """Too short, too long, a wrong check digit or character: 400 or 422, wherever it stands."""
    register = MALFORMED[rule]
    accepted = [
        f"{number!r} {place}"
        for number in register.malformed
        for place, resource in carriers(register, number).items()
        if fhir.create(resource).status not in (400, 422)
    ]
    assert accepted == []


@pytest.mark.severity("critical")
@each_rule("dk-sor-form", "dk-cvr-check-digit", "dk-gln-check-digit", "dk-authorisation-id-form")
def test_numbers_are_sent_as_their_register_has_them(
    fhir: FhirClient,
    carriers: Callable[[Register, str], dict[str, Resource]],
    stored: Store,
    violations: Callable[[str, Document], list[str]],
    rule: str,
) -> None:
    """What came in well formed is well formed in a read, a search and a history."""
    for place, resource in carriers(*SENT[rule]).items():
        kind, made = resource["resourceType"], stored(resource)
        documents = (
            fhir.read(kind, made).expect(200).resource,
            fhir.search(kind, {"_id": made}).expect(200).resource,
            fhir.history(kind, made).expect(200).resource,
        )
        assert [violations(rule, document) for document in documents] == [[], [], []], place


FOUND: Mapping[str, tuple[Register, str]] = {
    "dk-organisation-found-by-number": (SOR, "99{:012}"),
    "dk-practitioner-found-by-authorisation-id": (AUTHORISATION, "{}"),
}


@pytest.mark.severity("critical")
@each_rule("dk-organisation-found-by-number", "dk-practitioner-found-by-authorisation-id")
def test_a_bearer_is_found_by_system_and_whole_value(
    needs_search: Callable[[str, str], None],
    stored: Store,
    ids_found: IdsFound,
    clinic_seed: int,
    word: str,
    rule: str,
) -> None:
    """System and value find the bearer; part of the value, or the value in another system, finds nobody."""
    register, form = FOUND[rule]
    needs_search(register.bearer, "identifier")
    number = form.format(clinic_seed if register is SOR else word[:5])
    made = stored({"resourceType": register.bearer, "identifier": [{"system": register.system, "value": number}]})
    assert made in ids_found(register.bearer, {"identifier": f"{register.system}|{number}"})
    for wrong in (f"{register.system}|{number[:-1]}", f"urn:other|{number}", f"{register.system}|{number}0"):
        assert made not in ids_found(register.bearer, {"identifier": wrong}), wrong


def _involving(register: Register, reference: Resource) -> Resource:
    """Return the element of a stay that refers to a bearer of numbers of `register`."""
    if register.bearer == "Practitioner":
        return {"participant": [{"individual": reference}]}
    return {"serviceProvider": reference}
