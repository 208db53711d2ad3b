"""The shape of messages: members, types, what is always there, what repeats."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.model.surface import MemberShape
from epjgate.surfaces.shapes import event_of, shape_of

TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)
MESSAGES = st.lists(st.dictionaries(st.sampled_from("abc"), TREES, max_size=3), min_size=1, max_size=4)


def shape(*messages: object) -> dict[str, MemberShape]:
    """Return the shape of these messages."""
    return shape_of(map(json.dumps, messages))


def member(*types: str, required: bool = True, repeats: bool = False) -> MemberShape:
    """Return the shape of one member."""
    return MemberShape(types=types, required=required, repeats=repeats)


def test_every_member_has_its_path_and_its_types() -> None:
    """An array, its elements and their members are told apart."""
    assert shape({"id": 1, "names": [{"text": "a"}, {"text": None}], "tags": ["x"], "done": False}) == {
        "id": member("number"),
        "names": member("array"),
        "names[]": member("object", repeats=True),
        "names[].text": member("string", "null"),
        "tags": member("array"),
        "tags[]": member("string"),
        "done": member("boolean"),
    }


def test_a_member_is_required_where_its_parent_always_has_it() -> None:
    """One that is only in some messages is optional; its own members can still be required of it."""
    found = shape({"a": 1, "dose": {"text": "x"}}, {"a": 2.5})
    assert (found["a"].required, found["dose"].required, found["dose.text"].required) == (True, False, True)


def test_the_resources_of_a_fhir_message_are_told_apart() -> None:
    """What a Patient has says nothing of an Encounter in the same place."""
    bundle = {
        "entry": [{"resource": {"resourceType": "Patient", "name": [{}]}}, {"resource": {"resourceType": "Encounter"}}]
    }
    found = shape(bundle)
    assert found["entry[].resource(Patient).name[]"] == member("object")
    assert "entry[].resource(Encounter).name" not in found
    assert found["entry[].resource(Encounter)"] == member("object")


@given(MESSAGES)
def test_the_order_of_messages_means_nothing(messages: list[object]) -> None:
    """Two runs that send the same in another order have the same shape."""
    assert shape(*messages) == shape(*reversed(messages))


@given(MESSAGES)
def test_another_message_takes_nothing_away(messages: list[object]) -> None:
    """A message more can make a member optional or give it a type, and never hides one."""
    fewer, more = shape(*messages[:-1]), shape(*messages)
    assert set(fewer) <= set(more)
    assert all(set(fewer[path].types) <= set(more[path].types) for path in fewer)


@pytest.mark.parametrize("text", ["", "[]", '"text"', "{", "MSH|^~\\&|"])
def test_what_is_no_json_object_has_no_shape(text: str) -> None:
    """It is an error, and not an empty shape."""
    with pytest.raises(ValueError, match=r"."):
        shape_of([text])


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"entry": [{"resource": {"eventCoding": {"code": "hospital-notification"}}}]}, ("hospital-notification",)),
        ({"entry": []}, ()),
        ({"entry": [{"resource": {}}]}, ()),
        ({"a": 1}, ()),
        ([], ()),
    ],
)
def test_a_fhir_message_is_known_by_its_event(message: object, expected: tuple[str, ...]) -> None:
    """Messages that come to one address differ by the event that their header names."""
    assert event_of(json.dumps(message)) == expected
