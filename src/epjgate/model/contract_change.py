"""One difference between what two releases offer at an interface, graded by a rule."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from epjgate.model.base import Value

DiffRuleId = Annotated[str, StringConstraints(pattern=r"^diff-[a-z0-9]+(-[a-z0-9]+)+$")]
"""Stable for good, as approvals name it: a rule that no longer holds is taken out, its id is given to no other."""
Interface = Literal["fhir_r4", "openapi", "hl7v2", "database", "messages"]


class Grade(StrEnum):
    """What a change does to those who rely on the baseline, worst first.

    `breaking`: somebody who kept to the baseline's contract can stop working, or be told something wrong. `risky`:
    nobody who keeps to it must notice, yet some will. `safe`: whoever worked with the baseline works on.
    """

    BREAKING = "breaking"
    RISKY = "risky"
    SAFE = "safe"

    @property
    def rank(self) -> int:
        """Position in the order, 0 the worst."""
        return list(Grade).index(self)


class Kind(StrEnum):
    """What happened to that which stands at the place."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class ContractChange(Value):
    """One change at `place`, a text that is the same in every comparison, with the rule that graded it.

    `says` is one sentence for a reader, `before` and `after` what stood there, short, and empty where nothing did.
    """

    interface: Interface
    kind: Kind
    place: Annotated[str, Field(min_length=1)]
    grade: Grade
    rule: DiffRuleId
    says: Annotated[str, Field(min_length=1)]
    before: str = ""
    after: str = ""

    @property
    def key(self) -> str:
        """What an approval names, with what it leads to: the same change in another comparison has the same key."""
        return f"{self.interface}:{self.kind.value}:{self.place}:{self.rule}"

    @property
    def leads_to(self) -> str:
        """What stands at the place now; empty where it was removed, as `after` then says at most why."""
        return "" if self.kind is Kind.REMOVED else self.after


def worst_grade(changes: Iterable[ContractChange]) -> Grade | None:
    """Return the worst grade among `changes`; None where there is none."""
    return min((change.grade for change in changes), key=lambda grade: grade.rank, default=None)
