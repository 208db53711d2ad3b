"""Taps: one takes note of what could be changed in the candidate's answers, the other changes it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from epjgate.drivers.alterations import Alterations
from epjgate.errors import CandidateUnreachable
from epjgate.model.alteration import Action, Alteration
from epjgate.model.mutant import Mutant, Operator, Place
from epjgate.model.wire import Asked, Got
from epjgate.sensing.bodies import ENTRIES, Body, read_body
from epjgate.sensing.exchanges import EVERY_ANSWER, About, Interfaces, mutants_of
from epjgate.sensing.operators import edit

# A success that says too little; any other is taken for "not found", and a refusal for a success.
_OTHER_STATUS = {201: 200, 204: 200}


@dataclass
class Watching:
    """Changes nothing, and knows every mutant that would have struck."""

    interfaces: Interfaces
    mutants: set[Mutant] = field(default_factory=set)
    _first: dict[Asked, bytes] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def exchange(self, asked: Asked, send: Callable[[], Got]) -> Got:
        """See Tap."""
        got = send()
        about = self.interfaces.about(asked)
        if about is not None:
            found = set(mutants_of(about, asked, got))
            with self._lock:
                self.mutants |= found
                if asked.method == "GET" and self._first.setdefault(asked, got.content) != got.content:
                    self.mutants.add(_stale(about, got))
        return got


def _stale(about: About, got: Got) -> Mutant:
    """Return the mutant that needs two answers to one request, one unlike the other, to be seen at all."""
    place = Place(interface=about.interface, subject=about.subject, field=about.whole(got.status))
    return Mutant(place=place, operator=Operator.STALE)


@dataclass
class Striking:
    """Makes one mutant of every answer that has its place; `struck` counts what became different."""

    mutant: Mutant
    interfaces: Interfaces
    struck: int = 0
    _first: dict[Asked, Got] = field(default_factory=dict)
    _patients: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def exchange(self, asked: Asked, send: Callable[[], Got]) -> Got:
        """See Tap."""
        about = self.interfaces.about(asked)
        if about is None or about.interface != self.mutant.place.interface:
            return send()
        if self.mutant.operator is Operator.LOSE_WRITE:
            return self._lost(about, asked, send)
        got = send()
        altered = self._altered(about, asked, got, send)
        return got if altered is None else self._counted(altered)

    def _counted(self, altered: Got) -> Got:
        with self._lock:
            self.struck += 1
        return altered

    def _lost(self, about: About, asked: Asked, send: Callable[[], Got]) -> Got:
        """Answer as a server does that has stored the request, and has not; what it would say is known in advance."""
        status = self._status_of_place()
        if not self._is_at(about, status):
            return send()
        return self._counted(Alterations([Alteration(action=Action.LOSE, status=status)]).exchange(asked, send))

    def _status_of_place(self) -> int:
        said = self.mutant.place.field.rstrip(")").rpartition(" ")[2]
        return int(said) if said.isdigit() else 0

    def _is_at(self, about: About, status: int) -> bool:
        place = self.mutant.place
        return (place.subject, place.field) == (about.subject, about.whole(status))

    def _altered(self, about: About, asked: Asked, got: Got, send: Callable[[], Got]) -> Got | None:
        place = self.mutant.place
        if self._is_at(about, got.status):
            return self._altered_whole(asked, got, send)
        if place.subject == EVERY_ANSWER:
            return _without_header(got, place.field.strip("()"))
        body = read_body(about.interface, about.subject, got.content)
        if body is None:
            return None
        self._meet_patients(body)
        return replace(got, content=body.content()) if self._edited(body) else None

    def _altered_whole(self, asked: Asked, got: Got, send: Callable[[], Got]) -> Got | None:
        match self.mutant.operator:
            case Operator.STATUS:
                return replace(got, status=_OTHER_STATUS.get(got.status, 404 if got.status < 300 else 200))
            case Operator.REPEAT_WRITE:
                return send()
            case Operator.LOSE_ANSWER:
                self._counted(got)
                raise CandidateUnreachable("the answer was lost", "a mutant took it away", "nothing: it is a mutant")
            case _:
                with self._lock:
                    first = self._first.setdefault(asked, got)
                return None if first.content == got.content else first

    def _edited(self, body: Body) -> bool:
        place, operator = self.mutant.place, self.mutant.operator
        if place.field == ENTRIES:
            return _relist(body, place.subject, operator)
        slots = [slot for slot in body.slots() if (slot.subject, slot.field) == (place.subject, place.field)]
        return sum([edit(operator, slot, self._patients) for slot in slots]) > 0

    def _meet_patients(self, body: Body) -> None:
        if self.mutant.operator is Operator.PATIENT:
            ids = {slot.value for slot in body.slots() if (slot.subject, slot.field) == ("Patient", "id")}
            with self._lock:
                self._patients |= {one for one in ids if isinstance(one, str)}


def _relist(body: Body, subject: str, operator: Operator) -> bool:
    listings = [listing for listing in body.listings() if listing.subject == subject]
    for listing in listings:
        if operator is Operator.DROP_ENTRY:
            listing.drop_last()
        else:
            listing.double_last()
    return bool(listings)


def _without_header(got: Got, name: str) -> Got | None:
    headers = {key: value for key, value in got.headers.items() if key.lower() != name.lower()}
    return replace(got, headers=headers) if len(headers) < len(got.headers) else None
