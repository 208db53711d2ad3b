"""Changes what a candidate answers on its way to the tests, so that a fault can be re-created where no build has it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from epjgate.drivers import exact_json
from epjgate.model.alteration import Action, Alteration
from epjgate.model.wire import Asked, Got

ALTERED = "X-Epjgate-Altered"
"""The header that an altered answer bears, in the test as in the evidence: which actions changed it."""

_MISSING = object()


@dataclass
class _Use:
    """One alteration of a session: how often it struck, and the first answers that `stale` gives again."""

    alteration: Alteration
    struck: int = 0
    first: dict[Asked, Got] = field(default_factory=dict)


class Alterations:
    """The alterations of one session, in the order in which they were given; any number of threads may ask at once."""

    def __init__(self, alterations: Sequence[Alteration]) -> None:
        self._uses = [_Use(alteration) for alteration in alterations]
        self._lock = threading.Lock()

    def exchange(self, asked: Asked, send: Callable[[], Got]) -> Got:
        """Return the answer to `asked`, altered; `send` asks the candidate, and may be called never, once or twice."""
        concerned = [use for use in self._uses if _asked_for(use.alteration, asked)]
        for use in concerned:
            if use.alteration.action is Action.LOSE and self._strikes(use):
                return _marked(_lost(use.alteration, asked, use.struck), Action.LOSE)
        got = send()
        for use in concerned:
            if use.alteration.match.status in (None, got.status):
                got = self._applied(use, asked, got, send)
        return got

    def _applied(self, use: _Use, asked: Asked, got: Got, send: Callable[[], Got]) -> Got:
        alteration = use.alteration
        match alteration.action:
            case Action.LOSE:
                return got
            case Action.STALE:
                return self._first(use, asked, got)
            case Action.REPEAT:
                return _marked(send(), Action.REPEAT) if self._strikes(use) else got
            case Action.STATUS:
                altered = replace(got, status=alteration.status or got.status)
            case _:
                altered = replace(got, content=_altered(alteration, got.content))
        if altered == got or not self._strikes(use):
            return got
        return _marked(altered, alteration.action)

    def _first(self, use: _Use, asked: Asked, got: Got) -> Got:
        with self._lock:
            first = use.first.setdefault(asked, got)
        if first is got or not self._strikes(use):
            return got
        return _marked(first, Action.STALE)

    def _strikes(self, use: _Use) -> bool:
        with self._lock:
            if use.alteration.times and use.struck >= use.alteration.times:
                return False
            use.struck += 1
            return True


def _asked_for(alteration: Alteration, asked: Asked) -> bool:
    match = alteration.match
    return match.method in (None, asked.method) and re.search(match.path, asked.path) is not None


def _marked(got: Got, action: Action) -> Got:
    marks = [mark for mark in (got.headers.get(ALTERED), action.value) if mark]
    return replace(got, headers={**got.headers, ALTERED: ", ".join(marks)})


def _lost(alteration: Alteration, asked: Asked, number: int) -> Got:
    """Answer what was sent, with the id and version that a server would have given a record without them."""
    content = asked.body
    try:
        body = exact_json.decode(content)
    except ValueError:
        body = None
    if isinstance(body, dict) and "resourceType" in body:
        content = exact_json.encode({"id": f"lost-{number}", "meta": {"versionId": "1"}, **body})
    return Got(alteration.status or 201, {"Content-Type": "application/fhir+json"}, content)


def _altered(alteration: Alteration, content: bytes) -> bytes:
    """Return the body with the change that `alteration` says, as it is where it cannot be read."""
    try:
        if alteration.action is Action.REPLACE_TEXT:
            return re.sub(alteration.pattern or "$^", alteration.text, content.decode("utf-8")).encode("utf-8")
        body = exact_json.decode(content)
    except ValueError:
        return content
    found = _edit(body, alteration.field.split("."), alteration)
    return exact_json.encode(body) if found else content


def _edit(value: Any, path: Sequence[str], alteration: Alteration) -> bool:
    """Drop or set the member at `path`, in each element of an array on the way; whether there was one to change."""
    if isinstance(value, list):
        return sum(_edit(element, path, alteration) for element in value) > 0
    if not isinstance(value, dict):
        return False
    name, *rest = path
    if rest:
        return name in value and _edit(value[name], rest, alteration)
    if alteration.action is Action.SET_FIELD:
        value[name] = alteration.value
        return True
    return value.pop(name, _MISSING) is not _MISSING
