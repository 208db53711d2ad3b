"""Names and addresses with the letters of the realm: kept as they are, and found by whoever types them otherwise."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import strategies as st

from epjgate.drivers.fhir import FhirClient, Params, Resource, value_at
from epjgate.model.person import Person
from population.fhir_r4 import patient

NAMES = {
    "danish": "Ærenlund-Østergård Åkjær",
    "aa": "Aagaard på Ågård",
    "accents": "André Müller-Élise Zoë",
    "faroese": "Ðjóni í Høgnabø á Lað",
    "greenlandic": "Aĸĸaluk Kûtsiaĸ Mâlia Ĩsĩja",
    "german and swedish": "Öström-Häußler",
    "apostrophes": "d'Årslev O\u2019Ærø",
}
LETTERS = "abdefgijklmnoprstuvyæøåäöüéèáíóúýðâêîôûñç"

Store = Callable[[Resource], str]
IdsFound = Callable[[str, Params], list[str]]


def named(person: Person, name: str) -> Resource:
    """Return `person` under another name, in both of its parts."""
    return patient(person, name=[{"use": "official", "family": name, "given": [name]}])


def living_at(person: Person, street: str, city: str) -> Resource:
    """Return `person` with another address."""
    return patient(person, address=[{"use": "home", "line": [street], "postalCode": "9899", "city": city}])


@pytest.mark.rule("dk-name-letters-kept")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("kind", NAMES)
def test_names_are_kept(fhir: FhirClient, person: Person, stored: Store, kind: str) -> None:
    """A name comes back letter by letter, in a read and in a search."""
    sent = named(person, unicodedata.normalize("NFC", NAMES[kind]))
    made = stored(sent)
    answers = (fhir.read("Patient", made).expect(200).resource, *fhir.search("Patient", {"_id": made}).matches)
    assert [value_at(one, "name") for one in answers] == [sent["name"]] * 2


@pytest.mark.rule("dk-address-letters-kept")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("kind", NAMES)
def test_addresses_are_kept(fhir: FhirClient, person: Person, stored: Store, kind: str) -> None:
    """An address comes back letter by letter, in a read and in a search."""
    sent = living_at(person, f"{NAMES[kind]}s Allé 7, 1. tv.", NAMES[kind])
    made = stored(sent)
    answers = (fhir.read("Patient", made).expect(200).resource, *fhir.search("Patient", {"_id": made}).matches)
    assert [value_at(one, "address") for one in answers] == [sent["address"]] * 2


@pytest.mark.rule("dk-name-found-in-any-case")
@pytest.mark.severity("critical")
@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("change", [str.upper, str.lower], ids=["capitals", "small letters"])
def test_names_are_found_in_any_case(
    person: Person, word: str, stored: Store, ids_found: IdsFound, kind: str, change: Callable[[str], str]
) -> None:
    """By family name, given name and either, typed in capitals or in small letters."""
    made = stored(named(person, f"{NAMES[kind]}{word}"))
    asked = "".join(change(letter) if len(change(letter)) == 1 else letter for letter in f"{NAMES[kind]}{word}")
    found = {parameter: ids_found("Patient", {parameter: asked}) for parameter in ("family", "given", "name")}
    assert found == {"family": [made], "given": [made], "name": [made]}


@pytest.mark.rule("dk-name-letters-kept", "dk-name-found-in-any-case")
@pytest.mark.severity("critical")
def test_any_name_is_kept_and_found(
    fhir: FhirClient,
    person: Person,
    word: str,
    stored: Store,
    ids_found: IdsFound,
    for_all: Callable[..., None],
) -> None:
    """Ten names nobody thought of: kept letter by letter, and found in the other case."""

    def is_kept_and_found(name: str) -> None:
        made = stored(named(person, f"{word}{name}"))
        assert value_at(fhir.read("Patient", made).expect(200).resource, "name", 0, "family") == f"{word}{name}"
        assert made in ids_found("Patient", {"family": f"{word}{name}".swapcase()})

    for_all(st.text(LETTERS + LETTERS.upper(), min_size=1, max_size=30), 10, is_kept_and_found)


@pytest.mark.rule("dk-address-found-in-any-case")
@pytest.mark.severity("normal")
@pytest.mark.parametrize("kind", NAMES)
def test_addresses_are_found_in_any_case(
    person: Person,
    word: str,
    stored: Store,
    ids_found: IdsFound,
    needs_search: Callable[[str, str], None],
    kind: str,
) -> None:
    """By city, typed in capitals or in small letters, where the candidate offers that search."""
    needs_search("Patient", "address-city")
    city = f"{word} {NAMES[kind]}"
    made = stored(living_at(person, "Attrapvej 1", city))
    asked = [
        "".join(change(letter) if len(change(letter)) == 1 else letter for letter in city)
        for change in (str.upper, str.lower)
    ]
    assert [ids_found("Patient", {"address-city": one}) for one in asked] == [[made], [made]]


@pytest.mark.rule("dk-name-found-in-either-composition")
@pytest.mark.severity("normal")
@pytest.mark.parametrize(("stored_as", "asked_as"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_names_are_found_in_either_composition(
    person: Person, word: str, stored: Store, ids_found: IdsFound, stored_as: str, asked_as: str
) -> None:
    """A keyboard that types å as a and a ring finds who was registered with one letter, and the other way round."""
    name = f"Åsé Öström{word}"
    made = stored(named(person, _composed(stored_as, name)))
    assert ids_found("Patient", {"family": _composed(asked_as, name)}) == [made]


def _composed(form: str, text: str) -> str:
    return unicodedata.normalize("NFC" if form == "NFC" else "NFD", text)
