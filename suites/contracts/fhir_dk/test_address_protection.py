"""Address protection: no way of asking tells where a protected patient lives, but to whoever has to know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from epjgate.contracts.checks import Document
from epjgate.drivers import exact_json
from epjgate.drivers.fhir import FhirAnswer, FhirClient, Resource, value_at
from epjgate.model.person import Person
from population.fhir_r4 import encounter, observation, patient

LABEL = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
MUST_NOT_SEE = pytest.mark.parametrize("role", ["doctor", "nurse"])
NEEDS_PROTECTION = pytest.mark.needs("address_protection", "access_control")

Store = Callable[[Resource], str]
People = Callable[[int], list[Person]]
SignedIn = Callable[[str], FhirClient]


@dataclass(frozen=True)
class Hidden:
    """A protected patient with a result and a stay, who has moved since; a neighbour who is not; what tells a home."""

    id: str
    neighbour: str
    stay: str
    street: str
    city: str
    phone: str
    former_street: str
    resource: Resource

    def told_by(self, answer: FhirAnswer) -> list[str]:
        """Return what `answer` tells of where the patient lives, has lived, or can be called."""
        text = exact_json.encode(answer.json()).decode() if answer.content else ""
        return [secret for secret in (self.street, self.phone, self.former_street) if secret in text]


@pytest.fixture
def hidden(fhir: FhirClient, people: People, stored: Store, word: str) -> Hidden:
    """A patient who was registered without protection, moved, and was protected then; the narrative tells it too."""
    person, beside = people(2)
    street, city, phone, former = f"Skærmvænget {word} 7", f"Lønstrup {word}", f"+45 00 {word}", f"Fortidsgade {word} 1"
    home = {"use": "home", "line": [street], "postalCode": "9899", "city": city, "country": "DK"}
    narrative = f'<div xmlns="http://www.w3.org/1999/xhtml">{person.full_name}, {street}, {phone}</div>'
    reachable = {"address": [home], "telecom": [{"system": "phone", "value": phone}]}
    made = stored(patient(person, address=[{**home, "line": [former]}]))
    protected = {
        **patient(person, **reachable, text={"status": "additional", "div": narrative}),
        "id": made,
        "meta": {"security": [LABEL]},
    }
    fhir.update(protected).expect(200)
    stored(observation(f"Patient/{made}"))
    return Hidden(
        id=made,
        neighbour=stored(patient(beside, **reachable)),
        stay=stored(encounter(f"Patient/{made}")),
        street=street,
        city=city,
        phone=phone,
        former_street=former,
        resource=protected,
    )


@pytest.mark.rule("dk-protection-label-kept")
@pytest.mark.severity("blocker")
def test_the_label_stays(fhir: FhirClient, person: Person) -> None:
    """A label that came with a registration is there in read and search, and after an update that sends it along."""
    made = fhir.create({**patient(person), "meta": {"security": [LABEL]}}).expect(201).id
    first = fhir.read("Patient", made).expect(200).resource
    fhir.update({**first, "active": False}).expect(200)
    second = fhir.read("Patient", made).expect(200).resource
    (found,) = fhir.search("Patient", {"_id": made}).expect(200).matches
    assert [value_at(one, "meta", "security") for one in (first, second, found)] == [[LABEL]] * 3


@pytest.mark.rule("dk-protected-address-hidden")
@pytest.mark.severity("blocker")
@NEEDS_PROTECTION
@MUST_NOT_SEE
def test_a_read_and_a_search_show_no_address(
    hidden: Hidden, signed_in: SignedIn, violations: Callable[[str, Document], list[str]], role: str
) -> None:
    """The patient is there, with the label and without address, telephone and narrative; the neighbour with them."""
    user = signed_in(role)
    read, search = user.read("Patient", hidden.id), user.search("Patient", {"_id": hidden.id})
    assert [hidden.told_by(answer) for answer in (read, search)] == [[], []]
    assert [value_at(one, "id") for one in (read.expect(200).resource, *search.expect(200).matches)] == [hidden.id] * 2
    assert [violations("dk-protected-address-hidden", one) for one in (read.resource, search.resource)] == [[], []]
    assert hidden.told_by(user.read("Patient", hidden.neighbour)) == [hidden.street, hidden.phone]


@pytest.mark.rule("dk-protected-address-shown-to-whoever-may")
@pytest.mark.severity("critical")
@NEEDS_PROTECTION
def test_who_writes_the_letters_sees_and_finds_the_address(hidden: Hidden, signed_in: SignedIn) -> None:
    """The secretary reads the address as it was registered, and finds the patient by it: hidden is not lost."""
    secretary = signed_in("secretary")
    read = secretary.read("Patient", hidden.id).expect(200).resource
    found = secretary.search("Patient", {"_id": hidden.id, "address": hidden.street}).expect(200).matches
    assert [value_at(one, "address") for one in (read, *found)] == [hidden.resource["address"]] * 2
    assert value_at(read, "telecom") == hidden.resource["telecom"]


@pytest.mark.rule("dk-protected-address-hidden-in-history")
@pytest.mark.severity("blocker")
@NEEDS_PROTECTION
@MUST_NOT_SEE
def test_no_version_shows_an_address(hidden: Hidden, signed_in: SignedIn, role: str) -> None:
    """Neither the history nor any version, the one from before the protection included; the secretary sees both."""
    user, secretary = signed_in(role), signed_in("secretary")
    history = user.history("Patient", hidden.id).expect(200)
    versions = [str(value_at(entry, "resource", "meta", "versionId")) for entry in history.entries]
    assert len(versions) == 2
    answers = [history, *(user.vread("Patient", hidden.id, version).expect(200) for version in versions)]
    assert [hidden.told_by(answer) for answer in answers] == [[], [], []]
    assert hidden.told_by(secretary.history("Patient", hidden.id)) == [
        hidden.street,
        hidden.phone,
        hidden.former_street,
    ]


@pytest.mark.rule("dk-protected-address-hidden-in-includes")
@pytest.mark.severity("blocker")
@NEEDS_PROTECTION
@MUST_NOT_SEE
@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("Observation", "_include", "Observation:subject"),
        ("Encounter", "_include", "Encounter:subject"),
        ("Patient", "_revinclude", "Observation:subject"),
    ],
    ids=["with a result", "with a stay", "before the results"],
)
def test_a_patient_who_comes_along_shows_no_address(
    hidden: Hidden, signed_in: SignedIn, role: str, kind: str, name: str, value: str
) -> None:
    """`_include` and `_revinclude` bring the patient, and nothing of where the patient lives."""
    about = {"_id": hidden.id} if kind == "Patient" else {"patient": hidden.id}
    answer = signed_in(role).search(kind, {**about, name: value}).expect(200)
    assert hidden.id in [one.get("id") for one in (*answer.matches, *answer.included)]
    assert len(answer.entries) > 1
    assert hidden.told_by(answer) == []


@pytest.mark.rule("dk-protected-address-hidden-in-bundles")
@pytest.mark.severity("blocker")
@NEEDS_PROTECTION
@MUST_NOT_SEE
@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_a_bundle_shows_no_more_than_a_read(hidden: Hidden, signed_in: SignedIn, role: str, kind: str) -> None:
    """The patient is read inside a bundle, and shown without an address there too."""
    entry = {"request": {"method": "GET", "url": f"Patient/{hidden.id}"}}
    answer = signed_in(role).transaction({"resourceType": "Bundle", "type": kind, "entry": [entry]}).expect(200)
    assert value_at(answer.entries, 0, "resource", "id") == hidden.id
    assert hidden.told_by(answer) == []


@pytest.mark.rule("dk-protected-address-tells-nothing-to-searches")
@pytest.mark.severity("blocker")
@NEEDS_PROTECTION
@MUST_NOT_SEE
def test_asking_by_the_address_tells_nothing(hidden: Hidden, signed_in: SignedIn, role: str) -> None:
    """Each search by a part of the address, also from a stay, finds of the patient what a wrong part would find.

    The neighbour, who lives at the same place, is told apart by most of them: the searches do search.
    """
    user = signed_in(role)
    both = f"{hidden.id},{hidden.neighbour}"
    parts = {
        "address": (hidden.street, "Ingenvej 1"),
        "address:contains": (hidden.street[4:], "Ingenvej"),
        "address:exact": (hidden.street, "Ingenvej 1"),
        "address:missing": ("false", "true"),
        "address-city": (hidden.city, "Ingensteds"),
        "address-postalcode": ("9899", "0000"),
        "telecom": (hidden.phone, "+45 00"),
        "phone": (hidden.phone, "+45 00"),
    }
    right, wrong = (
        {name: found(user, "Patient", {"_id": both, name: values[place]}) for name, values in parts.items()}
        for place in (0, 1)
    )
    assert {name for name in parts if (hidden.id in right[name]) != (hidden.id in wrong[name])} == set()
    assert {name for name in parts if hidden.neighbour in right[name] - wrong[name]} >= {"address", "address-city"}
    stays = [
        found(user, "Encounter", {"_id": hidden.stay, f"{chain}.address": street})
        for chain in ("subject", "patient", "subject:Patient")
        for street in (hidden.street, "Ingenvej 1")
    ]
    assert stays[::2] == stays[1::2], "a search for stays tells where the patient lives"


@pytest.mark.rule("dk-protected-address-tells-nothing-to-conditions")
@pytest.mark.severity("blocker")
@NEEDS_PROTECTION
@MUST_NOT_SEE
def test_writing_on_the_address_tells_nothing(
    fhir: FhirClient, hidden: Hidden, people: People, signed_in: SignedIn, role: str
) -> None:
    """A create or an update on the condition of the address is answered as on a wrong one, and changes nobody."""
    user, secretary = signed_in(role), signed_in("secretary")
    before = fhir.read("Patient", hidden.id).expect(200).resource

    def statuses(client: FhirClient, street: str) -> list[int]:
        condition = {"address": street, "_id": hidden.id}
        create = client.create(patient(*people(1)), if_none_exist="&".join(f"{k}={v}" for k, v in condition.items()))
        update = client.request("PUT", "Patient", params=condition, resource=patient(*people(1), active=False))
        return [create.status, update.status if client is user else 0]

    assert statuses(user, hidden.street) == statuses(user, "Ingenvej 1")
    assert fhir.read("Patient", hidden.id).expect(200).resource == before
    assert statuses(secretary, hidden.street)[0] == 200, "the condition finds nobody for whoever may search by it"


@pytest.mark.rule("dk-protected-address-survives-updates")
@pytest.mark.severity("blocker")
@NEEDS_PROTECTION
@MUST_NOT_SEE
@pytest.mark.parametrize("label", ["with the label", "without the label"])
def test_an_update_by_whoever_does_not_see_the_address_keeps_it(
    fhir: FhirClient, hidden: Hidden, signed_in: SignedIn, role: str, label: str
) -> None:
    """What was read is sent back with a new name, with or without its label: address and protection stay."""
    user = signed_in(role)
    shown = user.read("Patient", hidden.id).expect(200).resource
    name = [{"use": "official", "family": "Nyt-Navn", "given": ["Åse"]}]
    sent = {**shown, "name": name} if label == "with the label" else {**shown, "name": name, "meta": {}}
    answer = user.update(sent)
    assert answer.status in (200, 403, 409, 422), answer.describe()
    assert hidden.told_by(answer) == []
    after = fhir.read("Patient", hidden.id).expect(200).resource
    assert (value_at(after, "address"), value_at(after, "telecom")) == (
        hidden.resource["address"],
        hidden.resource["telecom"],
    )
    assert LABEL in value_at(after, "meta", "security")
    assert hidden.told_by(user.read("Patient", hidden.id)) == []
    assert (value_at(after, "name") == name) == (answer.status == 200)


@pytest.mark.rule("dk-protection-lifted-shows-address")
@pytest.mark.severity("critical")
@NEEDS_PROTECTION
@MUST_NOT_SEE
def test_protection_that_is_lifted_shows_the_address(hidden: Hidden, signed_in: SignedIn, role: str) -> None:
    """The secretary takes the label away, as the patient asked for: everybody sees the address again."""
    secretary, user = signed_in("secretary"), signed_in(role)
    assert hidden.told_by(user.read("Patient", hidden.id)) == []
    whole = secretary.read("Patient", hidden.id).expect(200).resource
    meta = {name: value for name, value in whole["meta"].items() if name != "security"}
    secretary.update({**whole, "meta": meta}).expect(200)
    read = user.read("Patient", hidden.id).expect(200).resource
    assert value_at(read, "address") == hidden.resource["address"]


@pytest.mark.rule("dk-protection-label-coded")
@pytest.mark.severity("minor")
@NEEDS_PROTECTION
def test_the_label_names_its_code_system(
    hidden: Hidden, signed_in: SignedIn, violations: Callable[[str, Document], list[str]]
) -> None:
    """To everybody who reads the patient, R is R of the confidentiality codes."""
    read = [signed_in(role).read("Patient", hidden.id).expect(200).resource for role in ("doctor", "secretary")]
    assert [violations("dk-protection-label-coded", one) for one in read] == [[], []]


def found(user: FhirClient, kind: str, params: dict[str, str]) -> set[str]:
    """Return the ids that a search finds; none where the candidate refuses to search so."""
    answer = user.search(kind, params)
    return {str(value_at(match, "id")) for match in answer.matches} if answer.status == 200 else set()
