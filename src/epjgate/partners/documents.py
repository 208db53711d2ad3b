"""JSON documents of partners: parsed once, strictly, with mistakes told in words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, NoReturn, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, JsonValue, StrictInt, StrictStr, ValidationError
from pydantic.alias_generators import to_pascal

from epjgate.partners.person_number import read_number


class Document(BaseModel):
    """A part of a partner's JSON document: keys in PascalCase, all known, none null."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_pascal)


_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
Parsed = TypeVar("Parsed", bound=Document)


class Malformed(ValueError):
    """The content breaks the form of the document; the text says where and how."""


def json_object(content: bytes | str) -> dict[str, JsonValue]:
    """Return the JSON object in `content`, a number with a fraction as the string of its digits.

    Raises Malformed for anything else, and for text that UTF-8 cannot hold.
    """
    try:
        text = content.decode("utf-8") if isinstance(content, bytes) else content
        value = json.loads(text, parse_float=str, parse_constant=_no_number)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeError as err:
        raise Malformed("the body is not UTF-8") from err
    except (ValueError, RecursionError) as err:
        raise Malformed(f"the body is not JSON: {err}") from err
    if not isinstance(value, dict):
        raise Malformed("the body is no JSON object")
    return value


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def parse(content: bytes, model: type[Parsed]) -> Parsed:
    """Return `content` as a `model`; raises Malformed that names every key that is wrong."""
    document = json_object(content)
    try:
        return model.model_validate(document)
    except ValidationError as err:
        mistakes = (f"{'.'.join(map(str, error['loc'])) or 'document'}: {error['msg']}" for error in err.errors())
        raise Malformed("; ".join(mistakes)) from err


def _checked(check: Callable[[str], object]) -> AfterValidator:
    def checked(text: str) -> str:
        check(text)
        return text

    return AfterValidator(checked)


def _amount(text: str) -> None:
    try:
        amount = Decimal(text)
    except InvalidOperation as err:
        raise ValueError("is no decimal number") from err
    if not amount.is_finite() or amount <= 0:
        raise ValueError("must be above 0")


def _text(text: str) -> None:
    if not text.strip():
        raise ValueError("must not be empty")


def _day(text: str) -> None:
    if not _DAY.fullmatch(text):
        raise ValueError("a day is written YYYY-MM-DD")
    date.fromisoformat(text)


def _uuid(text: str) -> None:
    if str(UUID(text)) != text.lower():
        raise ValueError("a UUID is written in its canonical form")


def moment(text: str) -> date | datetime:
    """Return the day, or the time with an offset, that `text` names in ISO 8601; raises ValueError otherwise."""
    if _DAY.fullmatch(text):
        return date.fromisoformat(text)
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("a time needs its offset from UTC")
    return time


def is_before(first: str, second: str) -> bool:
    """Whether `first` lies before `second`; by days where one of them is a day only."""
    one, other = moment(first), moment(second)
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one < other
    return first[:10] < second[:10]


Amount = Annotated[StrictStr, _checked(_amount)]
"""A decimal number above 0, as a string, so that its digits stay what they are."""

Text = Annotated[StrictStr, _checked(_text)]
"""Text that is not empty."""

Day = Annotated[StrictStr, _checked(_day)]
"""A day, YYYY-MM-DD."""

Moment = Annotated[StrictStr, _checked(moment)]
"""A day, or a time with its offset from UTC."""

PersonIdentifier = Annotated[StrictStr, _checked(read_number)]
"""A CPR or replacement CPR number that can exist."""

Uuid = Annotated[StrictStr, _checked(_uuid)]
"""A UUID."""

Count = StrictInt
"""A whole number; true and false are none."""
