"""A difference inside a schema, not yet at a place of the document."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from epjgate.contracts.diff.openapi.alternatives import Parts
from epjgate.contracts.diff.rules import DiffRule
from epjgate.model.contract_change import ContractChange, Grade, Kind


def joined(path: str, step: str) -> str:
    """Return `path` one step further: a member's name, `[]`, `{*}`, `<variant>`, or a word about a value."""
    joint = "." if path and step[:1] not in ("", "[", "{", "<", " ") else ""
    return f"{path}{joint}{step}"


@dataclass(frozen=True, eq=False)
class Nested:
    """Two schemas one step further down that are to be compared."""

    step: str
    old: Parts
    new: Parts


@dataclass(frozen=True)
class Finding:
    """A difference that `rule` grades; `path` leads from the schema asked about to where it is, empty for itself."""

    rule: DiffRule
    kind: Kind
    path: str = ""
    before: Any = ""
    after: Any = ""

    def below(self, path: str) -> Finding:
        """Return the same difference as seen from where `path` begins."""
        return replace(self, path=joined(path, self.path))

    def at(self, place: str) -> ContractChange:
        """Return the difference as a change, in a schema that stands at `place`."""
        where = f"{place} {self.path}" if self.path and self.path[0] != " " else f"{place}{self.path}"
        match self.kind:
            case Kind.ADDED:
                return self.rule.added(where, self.after)
            case Kind.REMOVED:
                return self.rule.removed(where, self.before)
            case Kind.CHANGED:
                return self.rule.changed(where, self.before, self.after)

    @property
    def breaks(self) -> bool:
        """Whether it is graded breaking."""
        return self.rule.grade is Grade.BREAKING
