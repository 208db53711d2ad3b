"""Search: exactly what matches, and nothing of anybody else."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from epjgate.drivers.fhir import FhirAnswer, FhirClient, Params, Resource, value_at
from epjgate.model.person import Person
from population.cpr import CPR_SYSTEM
from population.fhir_r4 import LOINC, encounter, observation, patient

Store = Callable[[Resource], str]
IdsFound = Callable[[str, Params], list[str]]
People = Callable[[int], list[Person]]


@pytest.mark.rule("fhir-search-answers-searchset")
@pytest.mark.severity("blocker")
def test_search_answers_with_a_searchset(fhir: FhirClient, person: Person, stored: Store) -> None:
    """A search is answered 200 with a searchset whose match stands under its own URL; without a match it is empty."""
    made = stored(patient(person))
    answer = fhir.search("Patient", {"identifier": f"{CPR_SYSTEM}|{person.cpr}"})
    assert answer.status == 200, answer.describe()
    assert answer.resource.get("type") == "searchset"
    assert [str(value_at(entry, "fullUrl")).split("/")[-2:] for entry in answer.entries] == [["Patient", made]]
    nobody = fhir.search("Patient", {"identifier": f"{CPR_SYSTEM}|{person.cpr}0"})
    assert (nobody.status, nobody.matches) == (200, []), nobody.describe()
    assert nobody.total in (None, 0)


@pytest.mark.rule("fhir-token-search-tells-systems-apart")
@pytest.mark.severity("blocker")
def test_identifier_search_tells_systems_apart(person: Person, word: str, stored: Store, ids_found: IdsFound) -> None:
    """The same value in two systems and in none: `s|v`, `|v`, `v` and `s|` find exactly what each of them says."""
    first, second, bare = (
        stored(patient(person, identifier=[{**system, "value": word}]))
        for system in ({"system": f"urn:first:{word}"}, {"system": f"urn:second:{word}"}, {})
    )
    other = stored(patient(person, identifier=[{"system": f"urn:first:{word}", "value": f"{word}x"}]))
    assert ids_found("Patient", {"identifier": f"urn:first:{word}|{word}"}) == [first]
    assert ids_found("Patient", {"identifier": f"urn:second:{word}|{word}"}) == [second]
    assert ids_found("Patient", {"identifier": f"|{word}"}) == [bare]
    assert ids_found("Patient", {"identifier": word}) == sorted((first, second, bare))
    assert ids_found("Patient", {"identifier": f"urn:first:{word}|"}) == sorted((first, other))


@pytest.mark.rule("fhir-token-search-whole-values-only")
@pytest.mark.severity("blocker")
def test_identifier_search_matches_whole_values_only(people: People, stored: Store, ids_found: IdsFound) -> None:
    """Part of a CPR number finds nobody, and the number of one patient never finds another."""
    one, two = people(2)
    ids = [stored(patient(one)), stored(patient(two))]
    assert [ids_found("Patient", {"identifier": f"{CPR_SYSTEM}|{p.cpr}"}) for p in (one, two)] == [
        [made] for made in ids
    ]
    for part in (one.cpr[:9], one.cpr[1:], f"{one.cpr[:6]}-{one.cpr[6:]}", f"{one.cpr}0"):
        assert ids_found("Patient", {"identifier": f"{CPR_SYSTEM}|{part}"}) == [], f"found by {len(part)} characters"


@pytest.mark.rule("fhir-token-search-by-system-and-code")
@pytest.mark.severity("critical")
def test_code_search_finds_by_system_and_code(
    person: Person, people: People, stored: Store, ids_found: IdsFound
) -> None:
    """A laboratory code finds the patient's results of that code, neither other codes nor other patients' results."""
    subject, other = (f"Patient/{stored(patient(someone))}" for someone in (person, *people(1)))
    sodium = {"coding": [{"system": LOINC, "code": "2951-2"}]}
    wanted = stored(observation(subject))
    unwanted = stored(observation(subject, code=sodium))
    stored(observation(other))
    assert ids_found("Observation", {"subject": subject, "code": f"{LOINC}|718-7"}) == [wanted]
    assert ids_found("Observation", {"subject": subject, "code": "2951-2"}) == [unwanted]
    assert ids_found("Observation", {"subject": subject, "code": "urn:other|718-7"}) == []


@pytest.mark.rule("fhir-string-search-beginning-any-case")
@pytest.mark.severity("critical")
def test_family_name_search_finds_by_the_beginning_in_any_case(
    people: People, word: str, stored: Store, ids_found: IdsFound
) -> None:
    """A name matches when it equals or begins with what is asked, in small and capital letters alike."""
    names = (f"{word}gaard", f"{word.upper()}", f"Von{word}")
    long, short, elsewhere = (
        stored(patient(someone, name=[{"family": name}])) for someone, name in zip(people(3), names, strict=True)
    )
    assert ids_found("Patient", {"family": word}) == sorted((long, short))
    assert ids_found("Patient", {"family": f"{word}GAARD"}) == [long]
    assert ids_found("Patient", {"family": f"von{word}"}) == [elsewhere]
    assert ids_found("Patient", {"family:exact": word.upper()}) == [short]
    assert ids_found("Patient", {"family:contains": word}) == sorted((long, short, elsewhere))


@pytest.mark.rule("fhir-string-search-danish-letters")
@pytest.mark.severity("critical")
@pytest.mark.parametrize(("name", "asked"), [("Ærø", "ærø"), ("Østergård", "ØSTERGÅRD"), ("Åse-Bjørg", "åse-bjørg")])
def test_danish_letters_are_found_in_any_case(
    person: Person, word: str, stored: Store, ids_found: IdsFound, name: str, asked: str
) -> None:
    """Æ, ø and å are letters like the others: what is registered with them is found by them, whatever the case."""
    made = stored(patient(person, name=[{"family": f"{name}{word}", "given": [f"{name}{word}"]}]))
    for parameter in ("family", "given", "name"):
        assert ids_found("Patient", {parameter: f"{asked}{word}"}) == [made], f"by {parameter}"
    assert ids_found("Patient", {"family:exact": f"{asked}{word}"}) == [], "exact is exact in case too"


@pytest.mark.rule("fhir-string-search-ignores-accents")
@pytest.mark.severity("normal")
@pytest.mark.parametrize("asked", ["Åge", "A\u030age", "Age"])
def test_string_search_ignores_accents(
    person: Person, word: str, stored: Store, ids_found: IdsFound, asked: str
) -> None:
    """Å finds Å, written as one character, as A with a combining ring, or by its base letter."""
    made = stored(patient(person, name=[{"family": f"Åge{word}"}]))
    assert ids_found("Patient", {"family": f"{asked}{word}"}) == [made]


@pytest.mark.rule("fhir-reference-search-own-patient-only")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("form", ["{id}", "Patient/{id}", "{base}/Patient/{id}"])
@pytest.mark.parametrize("parameter", ["patient", "subject"])
def test_reference_search_finds_what_belongs_to_the_patient(
    fhir: FhirClient, people: People, stored: Store, ids_found: IdsFound, parameter: str, form: str
) -> None:
    """By id, by type and id, and by URL: exactly the patient's results and contacts, none of the other patient's."""
    one, other = (stored(patient(someone)) for someone in people(2))
    results = sorted(stored(observation(f"Patient/{one}")) for _ in range(2))
    contact = stored(encounter(f"Patient/{one}"))
    stored(observation(f"Patient/{other}"))
    stored(encounter(f"Patient/{other}"))
    asked = form.format(id=one, base=fhir.base_url)
    assert ids_found("Observation", {parameter: asked}) == results
    assert ids_found("Encounter", {parameter: asked}) == [contact]


@pytest.mark.rule("fhir-search-comma-or-repeat-and")
@pytest.mark.severity("critical")
def test_commas_mean_or_and_repeating_means_and(people: People, word: str, stored: Store, ids_found: IdsFound) -> None:
    """`a,b` finds patients with either, a repeated parameter only those with both."""
    one, two, three = people(3)
    first, second = (
        stored(patient(someone, name=[{"family": word, "given": [given]}]))
        for someone, given in ((one, "Åse"), (two, "Bo"))
    )
    both = stored(patient(three, name=[{"family": word, "given": ["Åse", "Bo"]}]))
    assert ids_found("Patient", [("family", word), ("given", "Åse,Bo")]) == sorted((first, second, both))
    assert ids_found("Patient", [("family", word), ("given", "Åse"), ("given", "Bo")]) == [both]
    assert ids_found("Patient", [("family", word), ("given", "Ingen")]) == []


@pytest.mark.rule("fhir-search-follows-update")
@pytest.mark.severity("critical")
def test_search_follows_an_update_at_once(fhir: FhirClient, people: People, stored: Store, ids_found: IdsFound) -> None:
    """After a corrected CPR number the patient is found by the new one and no longer by the old one."""
    wrong, right = people(2)
    made = stored(patient(wrong))
    fhir.update({**patient(right), "id": made}).expect(200)
    assert ids_found("Patient", {"identifier": f"{CPR_SYSTEM}|{right.cpr}"}) == [made]
    assert ids_found("Patient", {"identifier": f"{CPR_SYSTEM}|{wrong.cpr}"}) == []


@pytest.mark.rule("fhir-search-by-post")
@pytest.mark.severity("normal")
def test_search_by_post_finds_the_same(fhir: FhirClient, person: Person, stored: Store) -> None:
    """`POST Patient/_search` finds what GET finds, so that CPR numbers can be kept out of URLs and logs."""
    made = stored(patient(person))
    form = urlencode({"identifier": f"{CPR_SYSTEM}|{person.cpr}"})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = fhir.request("POST", "Patient/_search", body=form, headers=headers)
    assert answer.status == 200, answer.describe()
    assert [value_at(match, "id") for match in answer.matches] == [made]


@pytest.mark.rule("fhir-unknown-parameter-not-claimed")
@pytest.mark.severity("normal")
def test_an_unknown_parameter_is_ignored_and_not_claimed(fhir: FhirClient, people: People, stored: Store) -> None:
    """Asked leniently, the known parameters decide alone, and the self link leaves out what was not used."""
    person, other = people(2)
    made = stored(patient(person))
    stored(patient(other))
    params = {"identifier": f"{CPR_SYSTEM}|{person.cpr}", "no-such-parameter": "x"}
    answer = fhir.request("GET", "Patient", params=params, headers={"Prefer": "handling=lenient"})
    assert answer.status == 200, answer.describe()
    assert [value_at(match, "id") for match in answer.matches] == [made]
    assert "identifier" in _self_link(answer), "the self link has to say what was used"
    assert "no-such-parameter" not in _self_link(answer), "the self link says that it was used"


@pytest.mark.rule("fhir-unknown-parameter-refused-when-strict")
@pytest.mark.severity("normal")
def test_an_unknown_parameter_is_refused_when_asked_strictly(fhir: FhirClient, person: Person, stored: Store) -> None:
    """With `Prefer: handling=strict` an unknown parameter is answered 400, a known one is not."""
    stored(patient(person))
    strict = {"Prefer": "handling=strict"}
    known = {"identifier": f"{CPR_SYSTEM}|{person.cpr}"}
    refused = fhir.request("GET", "Patient", params={**known, "no-such-parameter": "x"}, headers=strict)
    answered = fhir.request("GET", "Patient", params=known, headers=strict)
    assert refused.status == 400, refused.describe()
    assert answered.status == 200, answered.describe()


@pytest.mark.rule("fhir-include-brings-referred")
@pytest.mark.severity("critical")
def test_include_brings_the_referred_patient_along(fhir: FhirClient, people: People, stored: Store) -> None:
    """`_include` adds the result's own patient, marked as included and not counted as a match."""
    person, other = people(2)
    subject = stored(patient(person))
    result = stored(observation(f"Patient/{subject}"))
    stored(observation(f"Patient/{stored(patient(other))}"))
    answer = fhir.search("Observation", {"_id": result, "_include": "Observation:subject"})
    assert answer.status == 200, answer.describe()
    assert [value_at(match, "id") for match in answer.matches] == [result]
    assert [(r.get("resourceType"), r.get("id")) for r in answer.included] == [("Patient", subject)]
    assert answer.total in (None, 1)


@pytest.mark.rule("fhir-revinclude-brings-referring")
@pytest.mark.severity("critical")
def test_revinclude_brings_what_refers_to_the_patient_along(fhir: FhirClient, people: People, stored: Store) -> None:
    """`_revinclude` adds the patient's results, all of them and nobody else's, marked as included."""
    person, other = people(2)
    subject = stored(patient(person))
    results = sorted(stored(observation(f"Patient/{subject}")) for _ in range(2))
    stored(observation(f"Patient/{stored(patient(other))}"))
    answer = fhir.search("Patient", {"_id": subject, "_revinclude": "Observation:subject"})
    assert answer.status == 200, answer.describe()
    assert [value_at(match, "id") for match in answer.matches] == [subject]
    assert sorted(str(value_at(included, "id")) for included in answer.included) == results
    assert answer.total in (None, 1)


@pytest.mark.rule("fhir-summary-count-holds-no-resource")
@pytest.mark.severity("normal")
@pytest.mark.parametrize("asked", [{"_summary": "count"}, {"_count": "0"}])
def test_counting_returns_the_number_and_no_resource(
    fhir: FhirClient, people: People, word: str, stored: Store, asked: dict[str, str]
) -> None:
    """`_summary=count` and `_count=0` answer with the total alone."""
    for someone in people(3):
        stored(patient(someone, name=[{"family": word}]))
    answer = fhir.search("Patient", {"family": word, **asked})
    assert answer.status == 200, answer.describe()
    assert (answer.total, answer.entries) == (3, [])


def _self_link(answer: FhirAnswer) -> str:
    links = answer.resource.get("link", [])
    return next((str(value_at(link, "url")) for link in links if link.get("relation") == "self"), "")
