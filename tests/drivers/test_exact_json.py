"""JSON with exact decimals."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.drivers.exact_json import decode, encode
from population.strategies import danish_texts

TEXTS = danish_texts(min_size=0) | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(number=DECIMALS)
def test_a_decimal_is_sent_with_its_own_digits(number: Decimal) -> None:
    """The JSON of a Decimal is its text: 5.10 stays 5.10, and no digit is lost beyond the 17th."""
    assert encode([number]).decode() == f"[{number}]"


@given(number=DECIMALS)
def test_a_decimal_comes_back_with_its_own_digits(number: Decimal) -> None:
    """What was encoded decodes to the same sign, digits and exponent."""
    back = Decimal(decode(encode(number)))
    assert back.as_tuple() == number.as_tuple() or str(back) == str(number) == "-0"


def test_a_fraction_is_never_a_float() -> None:
    """Numbers with a fraction or an exponent are Decimal, the others int."""
    numbers = decode(b"[5.10, 1e3, 7]")
    assert [(type(number), str(number)) for number in numbers] == [(Decimal, "5.10"), (Decimal, "1E+3"), (int, "7")]


@given(value=VALUES)
def test_values_survive(value: object) -> None:
    """Texts, numbers, lists and objects come back as they were, and any other reader of JSON agrees."""
    assert decode(encode(value)) == value
    assert json.loads(encode(value)) == value


@pytest.mark.parametrize(
    "text", ["æøåÆØÅ", "🩸👩🏽‍⚕️", "e\u0301 a\u030a", "ingen blødning " * 667], ids=["æøå", "emoji", "combining", "long"]
)
def test_letters_are_sent_as_utf_8(text: str) -> None:
    """Letters go out as their own UTF-8 bytes: not escaped, not composed, not cut."""
    assert encode(text) == b'"' + text.encode("utf-8") + b'"'


def test_keys_keep_their_order() -> None:
    """Objects are written in the order in which they were built."""
    assert encode({"b": 1, "a": [True, None, "\n"]}) == rb'{"b":1,"a":[true,null,"\n"]}'


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), float("nan"), float("inf"), "\ud800"])
def test_what_json_cannot_say_is_refused(value: object) -> None:
    """NaN, infinity and half characters are never sent."""
    with pytest.raises(ValueError, match=r"not a JSON number|surrogates not allowed"):
        encode([value])


@pytest.mark.parametrize("value", [{1: "a"}, b"bytes", object()])
def test_other_types_are_refused(value: object) -> None:
    """Keys that are no text, bytes and objects have no form in JSON."""
    with pytest.raises(TypeError, match=r"is no text|has no form in JSON"):
        encode(value)


def test_a_float_keeps_its_shortest_form() -> None:
    """A finite float is written as Python shows it."""
    assert encode(0.1) == b"0.1"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"NaN", b"[Infinity]", "æ".encode("latin-1"), b'\xef\xbb\xbf"bom"', b"[" * 200_000],
    ids=["empty", "cut", "nan", "infinity", "latin-1", "bom", "deep"],
)
def test_what_is_no_utf_8_json_is_an_error(content: bytes) -> None:
    """Empty, cut, foreign or bottomless text is a ValueError, never a value."""
    with pytest.raises(ValueError, match=r"."):
        decode(content)
