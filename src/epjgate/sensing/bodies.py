"""Answers of every interface as one kind of tree, whose slots can be named, changed, and written back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from epjgate.drivers import exact_json
from epjgate.sensing import er7

ENTRIES = "(entries)"
_BYTES_READ = 2 * 1024 * 1024


@dataclass(frozen=True)
class Slot:
    """A member of an object, or an element of an array of plain values; `subject` and `field` name it (see Place)."""

    subject: str
    field: str
    container: Any
    key: Any

    @property
    def value(self) -> Any:
        """What is there now."""
        return self.container[self.key]

    @property
    def is_member(self) -> bool:
        """Whether it can be taken away alone: elements of an array go by the array."""
        return isinstance(self.container, dict)

    def put(self, value: object) -> None:
        """Put `value` there."""
        self.container[self.key] = value

    def drop(self) -> None:
        """Take it away."""
        del self.container[self.key]


@dataclass(frozen=True)
class Listing:
    """A list of records or messages in an answer: the elements of one `subject` in it, and who holds their number."""

    subject: str
    elements: list[Any]
    index: int
    holder: dict[str, Any]

    def drop_last(self) -> None:
        """Take the last element of the subject away, also from the number that is told of them."""
        del self.elements[self.index]
        self._count(-1)

    def double_last(self) -> None:
        """Have the last element of the subject there twice."""
        self.elements.insert(self.index, self.elements[self.index])
        self._count(1)

    def _count(self, more: int) -> None:
        total = self.holder.get("total")
        if isinstance(total, int):
            self.holder["total"] = total + more


class Body(Protocol):
    """The content of one answer."""

    def slots(self) -> list[Slot]:
        """Return every slot, outer before inner."""

    def listings(self) -> list[Listing]:
        """Return the lists of records or messages, once for each subject in them."""

    def content(self) -> bytes:
        """Return the content as it is now."""


def read_body(interface: str, subject: str, content: bytes) -> Body | None:
    """Return `content`, an answer about `subject`, as a body; None for what cannot be read, and for too much of it."""
    if not content or len(content) > _BYTES_READ:
        return None
    if content.startswith(b"MSH"):
        return Hl7Body(subject, content.decode("utf-8", "replace"))
    try:
        value = exact_json.decode(content)
    except ValueError:
        return None
    if interface.startswith("partners/"):
        return CardBody(value) if "card" in value else MessagesBody(value)
    return JsonBody(subject, value)


@dataclass(frozen=True)
class JsonBody:
    """JSON: resources are subjects of their own, wherever they stand; everything else belongs to `subject`."""

    subject: str
    value: Any

    def slots(self) -> list[Slot]:
        """See Body."""
        return list(_slots(self.value, self.subject, ""))

    def listings(self) -> list[Listing]:
        """See Body."""
        found: dict[tuple[int, str], Listing] = {}
        for bundle in _bundles(self.value):
            for index, entry in enumerate(bundle["entry"]):
                subject = _type_of(entry.get("resource")) if isinstance(entry, dict) else ""
                if subject:
                    found[id(bundle), subject] = Listing(subject, bundle["entry"], index, bundle)
        return list(found.values())

    def content(self) -> bytes:
        """See Body."""
        return exact_json.encode(self.value)


class Hl7Body:
    """An HL7 v2 message: segments, fields and components by name."""

    def __init__(self, subject: str, text: str) -> None:
        self._subject = subject
        self._message = er7.read(text)

    def slots(self) -> list[Slot]:
        """See Body."""
        segments = self._message.segments
        names = [Slot(self._subject, er7.plain(name), segments, name) for name in segments]
        fields = [Slot(self._subject, er7.plain(name), fields, name) for fields in segments.values() for name in fields]
        return [slot for slot in names if slot.field != er7.HEADER] + [slot for slot in fields if slot.value]

    def listings(self) -> list[Listing]:
        """See Body."""
        return []

    def content(self) -> bytes:
        """See Body."""
        return er7.write(self._message).encode("utf-8")


class MessagesBody:
    """What a receiver got: each message is a body of its own."""

    def __init__(self, value: dict[str, Any]) -> None:
        self._value = value
        self._messages: list[dict[str, Any]] = value.get("messages", [])
        self._bodies = [read_body("", message["kind"], message["text"].encode("utf-8")) for message in self._messages]

    def slots(self) -> list[Slot]:
        """See Body."""
        return [slot for body in self._bodies if body is not None for slot in body.slots()]

    def listings(self) -> list[Listing]:
        """See Body."""
        found = {
            message["kind"]: Listing(message["kind"], self._messages, index, self._value)
            for index, message in enumerate(self._messages)
        }
        return [*found.values(), *(listing for body in self._bodies if body is not None for listing in body.listings())]

    def content(self) -> bytes:
        """See Body."""
        read = {id(message): body for message, body in zip(self._messages, self._bodies, strict=False)}
        told = [{**message, "text": _text(message, read[id(message)])} for message in self._messages]
        return exact_json.encode({**self._value, "messages": told})


class CardBody:
    """A person's medicine card, as FMK gives it."""

    def __init__(self, value: dict[str, Any]) -> None:
        self._value = value

    def slots(self) -> list[Slot]:
        """See Body."""
        return list(_slots(self._value["card"], "MedicineCard", ""))

    def listings(self) -> list[Listing]:
        """See Body."""
        return []

    def content(self) -> bytes:
        """See Body."""
        return exact_json.encode(self._value)


def _text(message: dict[str, Any], body: Body | None) -> str:
    return message["text"] if body is None else body.content().decode("utf-8")


def _slots(value: Any, subject: str, path: str) -> Iterator[Slot]:
    if isinstance(value, list):
        for index, element in enumerate(value):
            if not isinstance(element, dict | list):
                yield Slot(subject, path, value, index)
            else:
                yield from _slots(element, subject, path + _slice(path, element))
        return
    if not isinstance(value, dict):
        return
    resource = _type_of(value)
    subject, path = (resource, "") if resource else (subject, path)
    for name in list(value):
        if name == "resourceType":
            continue
        field = f"{path}.{name}" if path else name
        yield Slot(subject, field, value, name)
        yield from _slots(value[name], subject, field)


def _slice(path: str, element: object) -> str:
    """Return which extension it is: they share one array, and mean what their URL says."""
    if not path.endswith(("extension", "modifierExtension")) or not isinstance(element, dict):
        return ""
    url = element.get("url")
    return f"[{url.rstrip('/').rpartition('/')[2]}]" if isinstance(url, str) else ""


def _type_of(value: object) -> str:
    kind = value.get("resourceType") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else ""


def _bundles(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for element in value:
            yield from _bundles(element)
    elif isinstance(value, dict):
        if _type_of(value) == "Bundle" and isinstance(value.get("entry"), list):
            yield value
        for member in value.values():
            yield from _bundles(member)
