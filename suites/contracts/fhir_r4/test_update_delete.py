"""Update and delete: the newest version counts, the old ones stay, and nobody overwrites what they have not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pytest

from epjgate.drivers.fhir import FhirAnswer, FhirClient, Params, value_at
from epjgate.model.person import Person
from population.cpr import CPR_SYSTEM
from population.fhir_r4 import patient

SENDERS = 8


@pytest.mark.rule("fhir-update-new-version")
@pytest.mark.severity("blocker")
def test_update_makes_a_new_version_that_read_returns(fhir: FhirClient, person: Person) -> None:
    """An update is answered 200, gives a new version id, and is what a read returns from then on."""
    first = fhir.read("Patient", fhir.create(patient(person)).expect(201).id).expect(200)
    answer = fhir.update({**first.resource, "birthDate": "1931-02-03"})
    assert answer.status == 200, answer.describe()
    second = fhir.read("Patient", first.id).expect(200)
    assert second.version != first.version
    assert value_at(second.resource, "birthDate") == "1931-02-03"


@pytest.mark.rule("fhir-update-replaces-the-whole")
@pytest.mark.severity("critical")
def test_update_replaces_the_whole_resource(fhir: FhirClient, person: Person) -> None:
    """An element that the update leaves out is gone, rather than merged in from the old version."""
    phone = [{"system": "phone", "value": "+45 00 00 00 00"}]
    made = fhir.create(patient(person, telecom=phone)).expect(201).id
    fhir.update({**patient(person), "id": made}).expect(200)
    read = fhir.read("Patient", made).expect(200).resource
    assert "telecom" not in read
    assert value_at(read, "identifier", 0, "value") == person.cpr


@pytest.mark.rule("fhir-update-creates-where-advertised")
@pytest.mark.severity("normal")
def test_update_creates_where_the_server_says_it_does(
    fhir: FhirClient, person: Person, word: str, needs_advertised: Callable[..., None]
) -> None:
    """With `updateCreate` advertised, a PUT to an id that is not in use creates the resource there and answers 201."""
    needs_advertised(updateCreate=True)
    answer = fhir.update({**patient(person), "id": f"chosen-{word}"})
    assert answer.status == 201, answer.describe()
    read = fhir.read("Patient", f"chosen-{word}").expect(200).resource
    assert value_at(read, "identifier", 0, "value") == person.cpr


@pytest.mark.rule("fhir-update-id-mismatch-refused")
@pytest.mark.severity("critical")
@pytest.mark.parametrize("body_id", ["somebody-else", None])
def test_update_refuses_an_id_that_is_not_the_one_in_the_url(
    fhir: FhirClient, person: Person, people: Callable[[int], list[Person]], body_id: str | None
) -> None:
    """A PUT whose body names another id, or none, is answered 400 and changes nothing."""
    (intruder,) = people(1)
    before = fhir.read("Patient", fhir.create(patient(person)).expect(201).id).expect(200)
    body = patient(intruder) | ({} if body_id is None else {"id": body_id})
    answer = fhir.request("PUT", f"Patient/{before.id}", resource=body)
    assert answer.status == 400, answer.describe()
    assert fhir.read("Patient", before.id).expect(200).resource == before.resource


@pytest.mark.rule("fhir-update-of-old-version-refused")
@pytest.mark.severity("critical")
def test_update_of_a_version_that_is_no_longer_current_is_refused(
    fhir: FhirClient, person: Person, needs_advertised: Callable[..., None]
) -> None:
    """If-Match with an old version is answered 412 and changes nothing at all."""
    needs_advertised(versioning="versioned-update")
    first = fhir.read("Patient", fhir.create(patient(person)).expect(201).id).expect(200)
    fhir.update({**first.resource, "birthDate": "1931-02-03"}, if_match=first.version).expect(200)
    second = fhir.read("Patient", first.id).expect(200)
    answer = fhir.update({**first.resource, "birthDate": "1931-02-04"}, if_match=first.version)
    assert answer.status == 412, answer.describe()
    assert fhir.read("Patient", first.id).expect(200).resource == second.resource
    assert len(fhir.history("Patient", first.id).expect(200).entries) == 2


@pytest.mark.rule("fhir-concurrent-updates-one-wins")
@pytest.mark.severity("critical")
def test_of_concurrent_updates_of_one_version_exactly_one_wins(
    fhir: FhirClient,
    person: Person,
    needs_advertised: Callable[..., None],
    at_once: Callable[[Sequence[Callable[[], FhirAnswer]]], list[FhirAnswer]],
) -> None:
    """Eight clients change the same version at the same moment: one is told 200, the others 412 or 409."""
    needs_advertised(versioning="versioned-update")
    first = fhir.read("Patient", fhir.create(patient(person)).expect(201).id).expect(200)
    days = [f"1931-03-{day:02}" for day in range(1, SENDERS + 1)]
    answers = at_once(
        [partial(fhir.update, {**first.resource, "birthDate": day}, if_match=first.version) for day in days]
    )
    winners = [day for day, answer in zip(days, answers, strict=True) if answer.status == 200]
    assert len(winners) == 1, [answer.status for answer in answers]
    assert {answer.status for answer in answers} <= {200, 409, 412}
    assert value_at(fhir.read("Patient", first.id).expect(200).resource, "birthDate") == winners[0]
    assert len(fhir.history("Patient", first.id).expect(200).entries) == 2


@pytest.mark.rule("fhir-deleted-gone-from-read-and-search")
@pytest.mark.severity("critical")
def test_a_deleted_resource_is_gone_from_read_and_search(
    fhir: FhirClient, person: Person, ids_found: Callable[[str, Params], list[str]]
) -> None:
    """After a delete a read is answered 410 (404 where no deletions are tracked), and no search finds the patient."""
    made = fhir.create(patient(person)).expect(201).id
    by_cpr = {"identifier": f"{CPR_SYSTEM}|{person.cpr}"}
    assert ids_found("Patient", by_cpr) == [made]
    deleted = fhir.delete("Patient", made)
    assert deleted.status in (200, 202, 204), deleted.describe()
    read = fhir.read("Patient", made)
    assert read.status in (404, 410), read.describe()
    assert ids_found("Patient", by_cpr) == []
    assert ids_found("Patient", {"_id": made}) == []


@pytest.mark.rule("fhir-delete-keeps-history")
@pytest.mark.severity("critical")
def test_a_deletion_destroys_no_history(
    fhir: FhirClient, person: Person, needs_advertised: Callable[..., None]
) -> None:
    """The version before the deletion can still be read, and the history tells of the deletion first."""
    needs_advertised(readHistory=True)
    before = fhir.read("Patient", fhir.create(patient(person)).expect(201).id).expect(200)
    fhir.delete("Patient", before.id).expect(200, 202, 204)
    old = fhir.vread("Patient", before.id, before.version)
    assert old.status == 200, old.describe()
    assert old.resource == before.resource
    methods = [value_at(entry, "request", "method") for entry in fhir.history("Patient", before.id).expect(200).entries]
    assert methods == ["DELETE", "POST"]


@pytest.mark.rule("fhir-delete-again-changes-nothing")
@pytest.mark.severity("normal")
def test_deleting_what_is_deleted_changes_nothing(fhir: FhirClient, person: Person) -> None:
    """A second delete is no error (a client that saw no answer sends again), and the resource stays gone."""
    made = fhir.create(patient(person)).expect(201).id
    fhir.delete("Patient", made).expect(200, 202, 204)
    again = fhir.delete("Patient", made)
    assert again.status in (200, 202, 204, 404, 410), again.describe()
    assert fhir.read("Patient", made).status in (404, 410)
