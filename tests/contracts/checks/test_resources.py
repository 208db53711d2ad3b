"""The ways through FHIR resources find everything, with its place, and say when there is nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.contracts.checks.resources import identifiers, objects, patients, texts

PATIENT = {"resourceType": "Patient", "identifier": [{"system": "urn:a", "value": "1"}, {"system": "urn:b"}]}
BUNDLE = {"resourceType": "Bundle", "entry": [{"resource": PATIENT}]}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


def test_objects_come_with_their_places() -> None:
    """The document itself stands at the empty place."""
    assert [path for path, _ in objects(BUNDLE)] == [
        "",
        "entry[0]",
        "entry[0].resource",
        "entry[0].resource.identifier[0]",
        "entry[0].resource.identifier[1]",
    ]


@given(JSON)
def test_every_object_is_met_once(document: object) -> None:
    """As many as there are opening braces."""
    assert len(list(objects(document))) == _count(document, dict)


@given(JSON)
def test_every_text_is_met_once(document: object) -> None:
    """Values only; the names of elements are no texts."""
    assert len(list(texts(document))) == _count(document, str)


def test_texts_come_with_their_places() -> None:
    """A place is what one would write to get there."""
    assert list(texts({"name": [{"given": ["Åse"]}]})) == [(".name[0].given[0]", "Åse")]


def test_identifiers_are_those_of_the_systems_asked_for() -> None:
    """Wherever they stand; another system is left out."""
    assert [path for path, _ in identifiers(BUNDLE, ("urn:b",))] == ["entry[0].resource.identifier[1]"]
    assert len(list(identifiers(BUNDLE, ("urn:a", "urn:b")))) == 2


def test_patients_come_with_what_their_places_begin_with() -> None:
    """So that a place below can be told by writing on."""
    assert list(patients(PATIENT)) == [("", PATIENT)]
    assert list(patients(BUNDLE)) == [("entry[0].resource.", PATIENT)]


@pytest.mark.parametrize("document", [{}, [], "Patient", None, {"resourceType": "Observation"}])
def test_nothing_found_is_an_error(document: object) -> None:
    """A document without what is looked for must not look like one that is in order."""
    with pytest.raises(ValueError, match="urn:a"):
        list(identifiers(document, ("urn:a",)))
    with pytest.raises(ValueError, match="no Patient"):
        list(patients(document))


def _count(document: object, kind: type) -> int:
    inner = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    return isinstance(document, kind) + sum(_count(item, kind) for item in inner)
