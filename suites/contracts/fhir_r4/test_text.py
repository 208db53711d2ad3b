"""Text: what the clinician wrote is what the next one reads, character by character."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from epjgate.drivers.fhir import FhirClient, Resource, value_at
from epjgate.model.person import Person
from population.fhir_r4 import observation, patient
from population.strategies import danish_texts

TEXTS = {
    "danish": "ingen blødning, ÆØÅ æøå, 5 µg ½ tbl. à 20 °C, §",
    "negation at the end": "Penicillin-allergi: tidligere mistænkt, nu afkræftet: ingen allergi",
    "combining": "A\u030a og e\u0301 er ikke Å og é",
    "beyond the basic plane": "\U0001f600 \U00020bb7 \U0001f469\u200d\u2695\ufe0f",
    "right to left": "Navn: \u05e9\u05dc\u05d5\u05dd, \u0645\u0631\u062d\u0628\u0627, \u200f1/2\u200e",
    "quotes and backslashes": "\"citat\" 'enkelt' \\n er ikke linjeskift, C:\\temp, {{x}} ${y} %s",
    "markup": "<b>ikke fed</b> &amp; &#230; <!-- --> ]]>",
    "layout": "linje 1\nlinje 2\r\nlinje 3\tefter tabulator  to mellemrum",
    "separators": "usynlig: [\u00a0] [\u200b] [\u2028] [\u2029] [\ufeff]",
    "hl7 v2 separators": "MSH|^~\\&|a~b|c&d",
}


def note(subject: str, text: str) -> Resource:
    """Return a result that carries `text` as a value and as a note."""
    without_value = {name: value for name, value in observation(subject).items() if name != "valueQuantity"}
    return {**without_value, "valueString": text, "note": [{"text": text}]}


def texts_of(resource: Resource) -> list[object]:
    """Return the two places of `resource` that hold the text."""
    return [value_at(resource, "valueString"), value_at(resource, "note", 0, "text")]


@pytest.mark.rule("fhir-text-unchanged")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("kind", TEXTS)
def test_text_comes_back_unchanged(
    fhir: FhirClient, person: Person, stored: Callable[[Resource], str], kind: str
) -> None:
    """Whatever a clinician may write or paste is read, and found by search, exactly as it was written."""
    made = stored(note(f"Patient/{stored(patient(person))}", TEXTS[kind]))
    assert texts_of(fhir.read("Observation", made).expect(200).resource) == [TEXTS[kind]] * 2
    found = fhir.search("Observation", {"_id": made}).expect(200).matches
    assert [texts_of(match) for match in found] == [[TEXTS[kind]] * 2]


@pytest.mark.rule("fhir-text-unchanged")
@pytest.mark.severity("critical")
def test_any_text_comes_back_unchanged(
    fhir: FhirClient, person: Person, stored: Callable[[Resource], str], clinic_seed: int
) -> None:
    """Fifteen texts nobody thought of, new with every seed of the run."""
    subject = f"Patient/{stored(patient(person))}"

    @seed(clinic_seed)
    @settings(
        max_examples=15,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(danish_texts(max_size=200))
    def round_trip(text: str) -> None:
        made = stored(note(subject, text))
        assert texts_of(fhir.read("Observation", made).expect(200).resource) == [text] * 2

    round_trip()


@pytest.mark.rule("fhir-long-text-not-cut")
@pytest.mark.severity("critical")
def test_a_long_note_is_not_cut(fhir: FhirClient, person: Person, stored: Callable[[Resource], str]) -> None:
    """A note of 100 kB is kept to its last letter."""
    text = "".join(f"{line:05}: ingen blødning, patienten er vågen.\n" for line in range(2_300)) + "slut på notatet"
    assert len(text.encode()) > 100_000
    made = stored(note(f"Patient/{stored(patient(person))}", text))
    assert texts_of(fhir.read("Observation", made).expect(200).resource) == [text] * 2


@pytest.mark.rule("fhir-text-space-at-ends")
@pytest.mark.severity("normal")
def test_space_around_a_text_is_kept_or_trimmed(
    fhir: FhirClient, person: Person, stored: Callable[[Resource], str]
) -> None:
    """Space at the ends is allowed in JSON: the text is accepted, and nothing but that space may be lost."""
    text = "  to foran, et efter "
    made = stored(note(f"Patient/{stored(patient(person))}", text))
    assert set(map(str, texts_of(fhir.read("Observation", made).expect(200).resource))) <= {text, text.strip()}


@pytest.mark.rule("fhir-json-escapes-understood")
@pytest.mark.severity("critical")
def test_escaped_and_plain_characters_are_the_same(fhir: FhirClient, person: Person) -> None:
    """A sender that escapes every letter beyond ASCII, surrogate pairs included, is understood as one that does not."""
    text = "blødning \U0001f600 / æøå"
    name = [{"family": text, "given": ["Øvelse"]}]
    body = json.dumps(patient(person, name=name), ensure_ascii=True).replace("/", "\\/")
    assert "\\u00f8" in body
    answer = fhir.request("POST", "Patient", body=body)
    assert answer.status == 201, answer.describe()
    assert value_at(fhir.read("Patient", answer.id).expect(200).resource, "name") == name


@pytest.mark.rule("fhir-answers-utf8-json")
@pytest.mark.severity("critical")
def test_answers_are_utf8_fhir_json(fhir: FhirClient, person: Person) -> None:
    """A read names FHIR JSON as its type, no charset but UTF-8, and the name is in it as UTF-8 or escaped."""
    made = fhir.create(patient(person, name=[{"family": "Ærøskøbing"}])).expect(201).id
    answer = fhir.read("Patient", made).expect(200)
    kind, _, parameters = answer.headers.get("Content-Type", "").lower().partition(";")
    assert kind.strip() == "application/fhir+json"
    assert "charset" not in parameters or "utf-8" in parameters
    assert "Ærøskøbing".encode() in answer.content or json.dumps("Ærøskøbing").encode() in answer.content
