"""Transaction and batch: all of it or nothing of it, and each for itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from epjgate.drivers.fhir import FhirAnswer, FhirClient, Params, Resource, value_at
from epjgate.model.person import Person
from population.cpr import CPR_SYSTEM
from population.fhir_r4 import encounter, observation, patient

Store = Callable[[Resource], str]
IdsFound = Callable[[str, Params], list[str]]
People = Callable[[int], list[Person]]

URN = "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f{:02}"


def entry(method: str, url: str, resource: Resource | None = None, **request: str) -> Resource:
    """Return a Bundle entry."""
    body = {} if resource is None else {"resource": resource}
    return {**body, "request": {"method": method, "url": url, **request}}


def bundle(kind: str, *entries: Resource) -> Resource:
    """Return a Bundle of type `kind` whose entry n has the full URL `URN.format(n)`."""
    numbered = [{"fullUrl": URN.format(n), **one} for n, one in enumerate(entries)]
    return {"resourceType": "Bundle", "type": kind, "entry": numbered}


def of(person: Person) -> dict[str, str]:
    """Return the search for the CPR number of `person`."""
    return {"identifier": f"{CPR_SYSTEM}|{person.cpr}"}


def statuses(answer: FhirAnswer) -> list[str]:
    """Return the three digits of each entry's status."""
    return [str(value_at(one, "response", "status"))[:3] for one in answer.entries]


@pytest.mark.rule("fhir-transaction-response-in-order")
@pytest.mark.severity("critical")
def test_a_transaction_stores_all_and_answers_in_order(fhir: FhirClient, people: People, ids_found: IdsFound) -> None:
    """Three patients in one transaction: 200, one response for each in the order sent, with status and location."""
    three = people(3)
    answer = fhir.transaction(bundle("transaction", *(entry("POST", "Patient", patient(p)) for p in three)))
    assert answer.status == 200, answer.describe()
    assert answer.resource.get("type") == "transaction-response"
    assert statuses(answer) == ["201"] * 3
    located = [
        str(value_at(one, "response", "location")).partition("/_history/")[0].split("/")[-1] for one in answer.entries
    ]
    assert [ids_found("Patient", of(p)) for p in three] == [[made] for made in located]


BAD_ENTRIES: dict[str, Resource] = {
    "unknown type": entry("POST", "NoSuchType", {"resourceType": "NoSuchType"}),
    "element of the wrong kind": entry("POST", "Patient", {"resourceType": "Patient", "name": "not a list"}),
    "another type than the URL": entry("POST", "Observation", {"resourceType": "Patient"}),
    "read of what is not there": entry("GET", "Patient/no-such-patient"),
    "unresolvable conditional reference": entry(
        "POST", "Observation", observation("Patient?identifier=urn:nobody|nobody")
    ),
}


@pytest.mark.rule("fhir-failed-transaction-stores-nothing")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("bad", BAD_ENTRIES)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_transaction_that_fails_stores_nothing(
    fhir: FhirClient, people: People, ids_found: IdsFound, bad: str, place: int
) -> None:
    """One bad entry, first, in the middle or last: the whole transaction is refused and no entry is stored."""
    good = people(3)
    entries = [entry("POST", "Patient", patient(someone)) for someone in good[:2]]
    entries.insert(place, BAD_ENTRIES[bad])
    answer = fhir.transaction(bundle("transaction", *entries))
    assert 400 <= answer.status < 500, answer.describe()
    assert [ids_found("Patient", of(someone)) for someone in good[:2]] == [[], []]
    made = fhir.create(patient(good[2])).expect(201).id
    assert ids_found("Patient", of(good[2])) == [made], "the search itself does not work"


@pytest.mark.rule("fhir-failed-transaction-changes-nothing")
@pytest.mark.severity("blocker")
def test_a_transaction_that_fails_changes_and_deletes_nothing(fhir: FhirClient, people: People, stored: Store) -> None:
    """An update and a delete ahead of a bad entry are undone: both patients read as before, in the same version."""
    ids = [stored(patient(someone)) for someone in people(2)]
    before = [fhir.read("Patient", made).expect(200).resource for made in ids]
    changed = {**before[0], "birthDate": "1931-02-03"}
    answer = fhir.transaction(
        bundle(
            "transaction",
            entry("PUT", f"Patient/{ids[0]}", changed),
            entry("DELETE", f"Patient/{ids[1]}"),
            BAD_ENTRIES["element of the wrong kind"],
        )
    )
    assert 400 <= answer.status < 500, answer.describe()
    after = [fhir.read("Patient", made) for made in ids]
    assert [one.status for one in after] == [200, 200]
    assert [one.resource for one in after] == before


@pytest.mark.rule("fhir-transaction-stale-update-fails")
@pytest.mark.severity("critical")
def test_a_stale_update_fails_the_whole_transaction(
    fhir: FhirClient, people: People, stored: Store, ids_found: IdsFound, needs_advertised: Callable[..., None]
) -> None:
    """An entry whose ifMatch names an old version fails all of it: the patient stays, the newcomer is not stored."""
    needs_advertised(versioning="versioned-update")
    known, newcomer = people(2)
    made = stored(patient(known))
    stale = fhir.read("Patient", made).expect(200).version
    fhir.update({**patient(known, birthDate="1931-02-03"), "id": made}).expect(200)
    before = fhir.read("Patient", made).expect(200).resource
    update = entry("PUT", f"Patient/{made}", {**patient(known), "id": made}, ifMatch=f'W/"{stale}"')
    answer = fhir.transaction(bundle("transaction", entry("POST", "Patient", patient(newcomer)), update))
    assert 400 <= answer.status < 500, answer.describe()
    assert fhir.read("Patient", made).expect(200).resource == before
    assert ids_found("Patient", of(newcomer)) == []


@pytest.mark.rule("fhir-transaction-references-resolved")
@pytest.mark.severity("critical")
def test_references_inside_a_transaction_lead_to_what_was_stored(
    fhir: FhirClient, person: Person, ids_found: IdsFound
) -> None:
    """`urn:uuid` references, forwards and backwards, become references to the ids that the server gave."""
    answer = fhir.transaction(
        bundle(
            "transaction",
            entry("POST", "Observation", observation(URN.format(1), encounter={"reference": URN.format(2)})),
            entry("POST", "Patient", patient(person)),
            entry("POST", "Encounter", encounter(URN.format(1))),
        )
    )
    assert answer.status == 200, answer.describe()
    (made,) = ids_found("Patient", of(person)) or [""]
    contacts = ids_found("Encounter", {"subject": f"Patient/{made}"})
    results = fhir.search("Observation", {"subject": f"Patient/{made}"}).expect(200).matches
    assert len(contacts) == 1
    assert [_references(result) for result in results] == [(f"Patient/{made}", f"Encounter/{contacts[0]}")]


@pytest.mark.rule("fhir-transaction-conditional-reference-resolved")
@pytest.mark.severity("critical")
def test_a_conditional_reference_leads_to_the_one_match(
    fhir: FhirClient, people: People, stored: Store, ids_found: IdsFound
) -> None:
    """`Patient?identifier=...` becomes the reference to the patient with that CPR number, and to nobody else."""
    person, other = people(2)
    made, other_id = stored(patient(person)), stored(patient(other))
    reference = f"Patient?identifier={CPR_SYSTEM}|{person.cpr}"
    answer = fhir.transaction(bundle("transaction", entry("POST", "Observation", observation(reference))))
    assert answer.status == 200, answer.describe()
    assert len(ids_found("Observation", {"subject": f"Patient/{made}"})) == 1
    assert ids_found("Observation", {"subject": f"Patient/{other_id}"}) == []


@pytest.mark.rule("fhir-transaction-ambiguous-reference-fails")
@pytest.mark.severity("critical")
def test_an_ambiguous_conditional_reference_fails_the_transaction(
    fhir: FhirClient, person: Person, stored: Store, ids_found: IdsFound
) -> None:
    """Where two patients match, the result is filed with neither."""
    twins = [stored(patient(person)) for _ in range(2)]
    reference = f"Patient?identifier={CPR_SYSTEM}|{person.cpr}"
    answer = fhir.transaction(bundle("transaction", entry("POST", "Observation", observation(reference))))
    assert 400 <= answer.status < 500, answer.describe()
    assert [ids_found("Observation", {"subject": f"Patient/{twin}"}) for twin in twins] == [[], []]


@pytest.mark.rule("fhir-transaction-if-none-exist")
@pytest.mark.severity("critical")
def test_if_none_exist_inside_a_transaction_reuses_the_patient(
    fhir: FhirClient, person: Person, stored: Store, ids_found: IdsFound
) -> None:
    """A known patient is not created again, and the result sent along is filed with the known one."""
    made = stored(patient(person))
    known = entry("POST", "Patient", patient(person), ifNoneExist=f"identifier={CPR_SYSTEM}|{person.cpr}")
    result = entry("POST", "Observation", observation(URN.format(0)))
    answer = fhir.transaction(bundle("transaction", known, result))
    assert answer.status == 200, answer.describe()
    assert statuses(answer) == ["200", "201"]
    assert ids_found("Patient", of(person)) == [made]
    assert len(ids_found("Observation", {"subject": f"Patient/{made}"})) == 1


@pytest.mark.rule("fhir-transaction-order-of-entries")
@pytest.mark.severity("critical")
def test_the_order_of_the_entries_does_not_matter(fhir: FhirClient, people: People, stored: Store) -> None:
    """Deletes, creates, updates and reads are done in that order: a read that is sent first sees the update."""
    updated, deleted = (stored(patient(someone)) for someone in people(2))
    changed = {**fhir.read("Patient", updated).expect(200).resource, "birthDate": "1931-02-03"}
    answer = fhir.transaction(
        bundle(
            "transaction",
            entry("GET", f"Patient/{updated}"),
            entry("PUT", f"Patient/{updated}", changed),
            entry("DELETE", f"Patient/{deleted}"),
        )
    )
    assert answer.status == 200, answer.describe()
    assert value_at(answer.entries, 0, "resource", "birthDate") == "1931-02-03"
    assert fhir.read("Patient", deleted).status in (404, 410)


@pytest.mark.rule("fhir-transaction-same-resource-twice-fails")
@pytest.mark.severity("critical")
def test_a_transaction_that_touches_one_patient_twice_fails(fhir: FhirClient, person: Person, stored: Store) -> None:
    """An update and a delete of the same patient have no order: the transaction fails and the patient stays."""
    made = stored(patient(person))
    before = fhir.read("Patient", made).expect(200).resource
    update = entry("PUT", f"Patient/{made}", {**before, "birthDate": "1931-02-03"})
    answer = fhir.transaction(bundle("transaction", update, entry("DELETE", f"Patient/{made}")))
    assert 400 <= answer.status < 500, answer.describe()
    assert fhir.read("Patient", made).expect(200).resource == before


@pytest.mark.rule("fhir-batch-entries-independent")
@pytest.mark.severity("critical")
def test_the_entries_of_a_batch_stand_for_themselves(fhir: FhirClient, people: People, ids_found: IdsFound) -> None:
    """A bad entry between two good ones fails alone, with its own status in its own place."""
    one, two = people(2)
    good = [entry("POST", "Patient", patient(someone)) for someone in (one, two)]
    answer = fhir.transaction(bundle("batch", good[0], BAD_ENTRIES["element of the wrong kind"], good[1]))
    assert answer.status == 200, answer.describe()
    assert answer.resource.get("type") == "batch-response"
    found = statuses(answer)
    assert (found[0], found[2]) == ("201", "201"), found
    assert found[1] in ("400", "422"), found
    assert [len(ids_found("Patient", of(someone))) for someone in (one, two)] == [1, 1]


def _references(result: Any) -> tuple[str, str]:
    return value_at(result, "subject", "reference"), value_at(result, "encounter", "reference")
