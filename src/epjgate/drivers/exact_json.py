"""JSON with exact decimals: the digits that were written are the digits that are sent, and the other way round."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from typing import Any, NoReturn

_plain = json.JSONEncoder(ensure_ascii=False).encode


def encode(value: object) -> bytes:
    """Return `value` as UTF-8 JSON: letters unescaped, a Decimal with exactly its own digits, keys in their order.

    Raises ValueError for NaN, infinity and lone surrogates; TypeError for keys that are no text and for other types.
    """
    return _encode(value).encode("utf-8")


def decode(content: bytes) -> Any:
    """Return the value of UTF-8 JSON; a number with a fraction or an exponent becomes a Decimal with its own digits.

    Raises ValueError for text that is not UTF-8, not JSON, or holds NaN or infinity.
    """
    try:
        return json.loads(content.decode("utf-8"), parse_float=Decimal, parse_constant=_refuse)
    except RecursionError as err:
        raise ValueError("nested too deep") from err


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _encode(value: object) -> str:
    match value:
        case str() | bool() | int() | None:
            return _plain(value)
        case Decimal() | float():
            return _number(value)
        case Mapping():
            return "{" + ",".join(f"{_key(key)}:{_encode(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(map(_encode, value)) + "]"
        case _:
            raise TypeError(f"{type(value).__name__} has no form in JSON")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"the key {key!r} is no text")
    return _plain(key)


def _number(value: Decimal | float) -> str:
    if not isfinite(value):
        raise ValueError(f"{value} is not a JSON number")
    return str(value) if isinstance(value, Decimal) else repr(value)
