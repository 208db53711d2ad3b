"""What of one exchange can be changed: at which interface it is, what it is about, and what its answer holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from epjgate.model.mutant import Mutant, Operator, Place
from epjgate.model.target import Target
from epjgate.model.wire import Asked, Got
from epjgate.sensing.bodies import ENTRIES, Body, read_body
from epjgate.sensing.operators import operators_at

MLLP = "MLLP"
HEADERS = ("ETag", "Location", "Content-Type")
EVERY_ANSWER = "(every answer)"
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_OF_LISTINGS = (Operator.DROP_ENTRY, Operator.DOUBLE_ENTRY)
_TYPE = re.compile(r"[A-Z][A-Za-z]+")
_STEP = re.compile(r"[A-Za-z_$][A-Za-z_$-]{0,23}")
_MESSAGE_TYPE = 8  # MSH-9, where MSH-1 is the separator itself


@dataclass(frozen=True)
class About:
    """The interface that was asked, the subject of the answer, and the request in short (`GET Observation/{id}`)."""

    interface: str
    subject: str
    request: str

    def whole(self, status: int) -> str:
        """Return the name of the exchange as a whole."""
        return f"({self.request} {status})" if status else f"({self.request})"


@dataclass(frozen=True)
class Interfaces:
    """Which interface an exchange is at, by its base URL."""

    names: Mapping[str, str] = field(default_factory=dict)
    partners: str = ""

    @classmethod
    def of(cls, target: Target) -> Interfaces:
        """Return the interfaces of `target`."""
        return cls({one.url.rstrip("/"): one.interface for one in target.endpoints}, target.partners.rstrip("/"))

    def about(self, asked: Asked) -> About | None:
        """Return what `asked` is about; None for an address that is no interface of the target."""
        path, _, query = asked.path.partition("?")
        steps = [step for step in path.split("/") if step]
        if self.partners and asked.base == self.partners:
            return About(f"partners/{steps[1]}", steps[-2 if steps[-2] == "cards" else -1], "received")
        interface = self.names.get(asked.base)
        if interface is None:
            return None
        if asked.method == MLLP:
            return About(interface, _message_type(asked.body), MLLP)
        shape = _shape(steps) + ("?" if query else "")
        return About(interface, _subject(steps, shape), f"{asked.method} {shape}")


def mutants_of(about: About, asked: Asked, got: Got) -> Iterator[Mutant]:
    """Yield every mutant that would change what a test sees of this exchange; some of them more than once."""
    for where, operator in _of_whole(about, asked, got):
        yield Mutant(place=Place(interface=about.interface, subject=about.subject, field=where), operator=operator)
    for header in HEADERS:
        if got.headers.get(header):
            place = Place(interface=about.interface, subject=EVERY_ANSWER, field=f"({header})")
            yield Mutant(place=place, operator=Operator.DROP)
    body = read_body(about.interface, about.subject, got.content)
    if body is not None:
        yield from _of_body(about.interface, body)


def _of_body(interface: str, body: Body) -> Iterator[Mutant]:
    for slot in body.slots():
        place = Place(interface=interface, subject=slot.subject, field=slot.field)
        is_listed = (slot.subject, slot.field) == ("Bundle", "entry")
        for operator in operators_at(slot):
            if not (is_listed and operator in _OF_LISTINGS):
                yield Mutant(place=place, operator=operator)
    for listing in body.listings():
        place = Place(interface=interface, subject=listing.subject, field=ENTRIES)
        for operator in _OF_LISTINGS:
            yield Mutant(place=place, operator=operator)


def _of_whole(about: About, asked: Asked, got: Got) -> Iterator[tuple[str, Operator]]:
    """Yield what can befall the exchange as a whole; receivers are asked by the gate itself, and never lost."""
    if about.interface.startswith("partners/"):
        return
    where, stored = about.whole(got.status), asked.method in WRITES and 200 <= got.status < 300
    if got.status:
        yield where, Operator.STATUS
    if stored:
        yield where, Operator.LOSE_WRITE
    if stored and asked.method == "POST":
        yield where, Operator.REPEAT_WRITE
    if stored or asked.method == MLLP:
        yield where, Operator.LOSE_ANSWER


def _shape(steps: list[str]) -> str:
    """Return the path with `{id}` for what names one record or moment."""
    shaped = [
        step if _STEP.fullmatch(step) and not (before and _TYPE.fullmatch(before) and step[0] not in "_$") else "{id}"
        for before, step in zip(["", *steps], steps, strict=False)
    ]
    return "/".join(shaped) or "(base)"


def _subject(steps: list[str], shape: str) -> str:
    return steps[0] if steps and _TYPE.fullmatch(steps[0]) else shape.rstrip("?")


def _message_type(message: bytes) -> str:
    header = message.partition(b"\r")[0].decode("latin-1")
    fields = header.split(header[3]) if len(header) > 3 else []
    return "^".join(fields[_MESSAGE_TYPE].split("^")[:2]) if len(fields) > _MESSAGE_TYPE else "(no message)"
