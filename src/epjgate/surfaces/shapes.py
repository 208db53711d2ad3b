"""The shape of JSON messages: which members they have, of which types, and which of them are always there."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pydantic import JsonValue

from epjgate.model.surface import MemberShape, Shape

_TYPES: dict[type, str] = {
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
    dict: "object",
    list: "array",
    type(None): "null",
}
_KIND_OF_RESOURCE = "resourceType"


@dataclass
class _Seen:
    """What was seen of one member: in how many messages, of which types, and whether one parent held several."""

    parent: str
    messages: int = 0
    types: set[str] = field(default_factory=set)
    repeats: bool = False


@dataclass(frozen=True)
class _Member:
    """One occurrence of a member in one message; `several` of it stood in its parent where that is an array."""

    path: str
    parent: str
    type: str
    several: bool = False


def shape_of(texts: Iterable[str]) -> Shape:
    """Return the shape of messages of one type, given as JSON texts; raises ValueError for one that is no JSON object.

    Paths are names joined by dots: an array is `entry`, its elements are `entry[]`, and a member of them is
    `entry[].code`. A FHIR resource bears its type, `entry[].resource(Patient).name`, as members differ by it. The top
    of a message has the path "" and is left out. `required` counts messages: the member is in each in which its parent
    is.
    """
    seen: dict[str, _Seen] = {}
    holding: defaultdict[str, int] = defaultdict(int)
    for text in texts:
        message = json.loads(text)
        if not isinstance(message, dict):
            raise ValueError("the message is no JSON object")  # noqa: TRY004 - the text is at fault, not its type
        members = list(_members(message, ""))
        for path in {"", *(member.path for member in members)}:
            holding[path] += 1
        for member in members:
            known = seen.setdefault(member.path, _Seen(member.parent))
            known.types.add(member.type)
            known.repeats |= member.several
    return {
        path: MemberShape(types=tuple(one.types), required=holding[path] == holding[one.parent], repeats=one.repeats)
        for path, one in sorted(seen.items())
    }


def event_of(text: str) -> tuple[str, ...]:
    """Return the code of the event that a FHIR message is about, by which messages to one address differ; else nothing.

    FHIR R4, MessageHeader.event: the header is the first entry of a message.
    """
    try:
        return (str(json.loads(text)["entry"][0]["resource"]["eventCoding"]["code"]),)
    except (ValueError, KeyError, IndexError, TypeError):
        return ()


def _members(value: dict[str, JsonValue], at: str) -> Iterator[_Member]:
    for name, held in value.items():
        path = _named(f"{at}.{name}" if at else name, held)
        yield _Member(path, at, _TYPES[type(held)])
        yield from _below(held, path)


def _below(held: JsonValue, path: str) -> Iterator[_Member]:
    if isinstance(held, dict):
        yield from _members(held, path)
    elif isinstance(held, list):
        for element in held:
            inner = _named(f"{path}[]", element)
            yield _Member(inner, path, _TYPES[type(element)], several=len(held) > 1)
            yield from _below(element, inner)


def _named(path: str, held: JsonValue) -> str:
    kind = held.get(_KIND_OF_RESOURCE) if isinstance(held, dict) else None
    return f"{path}({kind})" if isinstance(kind, str) else path
