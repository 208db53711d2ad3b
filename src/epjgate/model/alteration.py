"""One change to what a candidate answers, made on the way to the tests: a fault re-created at the interface."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, JsonValue, model_validator

from epjgate.model.base import Value


def _compilable(pattern: str) -> str:
    """Return `pattern`; raises ValueError for one that is no regular expression."""
    try:
        re.compile(pattern)
    except re.error as err:
        raise ValueError(f"{pattern!r} is no regular expression: {err}") from err
    return pattern


Pattern = Annotated[str, Field(min_length=1), AfterValidator(_compilable)]
Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


class Action(StrEnum):
    """What becomes of an exchange that an alteration matches.

    `drop_field` takes `field` out of the answer's JSON, `set_field` puts `value` there, `replace_text` puts `text` for
    every match of `pattern` in the body, `status` answers with `status` and leaves the body. `lose` never sends the
    request and answers `status` (201 where none is given) with the request's own body, `repeat` sends the
    request twice and answers the second time's answer, `stale` answers what the same request was answered first.
    """

    DROP_FIELD = "drop_field"
    SET_FIELD = "set_field"
    REPLACE_TEXT = "replace_text"
    STATUS = "status"
    LOSE = "lose"
    REPEAT = "repeat"
    STALE = "stale"


class Match(Value):
    """Which exchanges are altered; what is left out matches all.

    `path` is a regular expression, searched for in the request's path and query below the interface's base URL;
    `status` is what the candidate answered, so that it never matches where the request is not sent (`lose`).
    """

    method: Method | None = None
    path: Pattern = "^"
    status: int | None = Field(default=None, ge=100, le=599)


# What each action cannot do without; what an action does not use must not be given.
_USES: dict[Action, tuple[frozenset[str], frozenset[str]]] = {
    Action.DROP_FIELD: (frozenset({"field"}), frozenset({"field"})),
    Action.SET_FIELD: (frozenset({"field", "value"}), frozenset({"field", "value"})),
    Action.REPLACE_TEXT: (frozenset({"pattern", "text"}), frozenset({"pattern", "text"})),
    Action.STATUS: (frozenset({"status"}), frozenset({"status"})),
    Action.LOSE: (frozenset(), frozenset({"status"})),
    Action.REPEAT: (frozenset(), frozenset()),
    Action.STALE: (frozenset(), frozenset()),
}


class Alteration(Value):
    """One change to the exchanges that `match` says, each time it matches or at most `times` times (0: each time).

    `field` is a path of member names separated by dots; in an array every element is meant (`entry.resource.end`).
    A field that is not there is left alone by `drop_field` and made by `set_field` where its parent is there.
    """

    match: Match = Match()
    action: Action
    times: int = Field(default=0, ge=0)
    field: str = ""
    value: JsonValue = None
    pattern: Pattern | None = None
    text: str = ""
    status: int | None = Field(default=None, ge=100, le=599)

    @model_validator(mode="after")
    def _fits_its_action(self) -> Self:
        needed, used = _USES[self.action]
        # What is only a default says nothing: an alteration comes back whole from JSON, defaults included.
        told = {name for name, about in type(self).model_fields.items() if getattr(self, name) != about.default}
        missing, idle = sorted(needed - self.model_fields_set), sorted(told - used - {"match", "action", "times"})
        if missing:
            raise ValueError(f"the action {self.action.value} needs {', '.join(missing)}")
        if idle:
            raise ValueError(f"the action {self.action.value} does not use {', '.join(idle)}")
        if "field" in needed and not all(self.field.split(".")):
            raise ValueError("field is a path of member names separated by dots, for example dosage.text")
        if self.action is Action.LOSE and self.match.status is not None:
            raise ValueError("the action lose sends nothing, so there is no status to match")
        return self
