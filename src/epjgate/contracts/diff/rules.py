"""The rules that grade differences: each has a stable id, a grade and a reason."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from epjgate.model.contract_change import ContractChange, Grade, Interface, Kind

SHOWN = 120
"""How many characters of a value a change shows at most."""


@dataclass(frozen=True)
class DiffRule:
    """A rule that grades one sort of difference; `says` is its reason, one sentence, told with each change."""

    id: str
    interface: Interface
    grade: Grade
    title: str
    says: str

    def added(self, place: str, after: object = "") -> ContractChange:
        """Return the change that something is new at `place`."""
        return self._change(Kind.ADDED, place, "", after)

    def removed(self, place: str, before: object = "") -> ContractChange:
        """Return the change that something is gone from `place`."""
        return self._change(Kind.REMOVED, place, before, "")

    def changed(self, place: str, before: object = "", after: object = "") -> ContractChange:
        """Return the change that something at `place` is another now."""
        return self._change(Kind.CHANGED, place, before, after)

    def _change(self, kind: Kind, place: str, before: object, after: object) -> ContractChange:
        return ContractChange(
            interface=self.interface,
            kind=kind,
            place=place,
            grade=self.grade,
            rule=self.id,
            says=self.says,
            before=short(before),
            after=short(after),
        )


class Rulebook:
    """The rules of one interface, as its module writes them down; ids begin with `diff-<prefix>-`."""

    def __init__(self, interface: Interface, prefix: str) -> None:
        self.interface: Interface = interface
        self.prefix = prefix
        self.rules: dict[str, DiffRule] = {}

    def breaking(self, name: str, title: str, says: str) -> DiffRule:
        """Write down a rule whose differences are breaking."""
        return self._note(name, Grade.BREAKING, title, says)

    def risky(self, name: str, title: str, says: str) -> DiffRule:
        """Write down a rule whose differences are risky."""
        return self._note(name, Grade.RISKY, title, says)

    def safe(self, name: str, title: str, says: str) -> DiffRule:
        """Write down a rule whose differences are safe."""
        return self._note(name, Grade.SAFE, title, says)

    def _note(self, name: str, grade: Grade, title: str, says: str) -> DiffRule:
        rule = DiffRule(f"diff-{self.prefix}-{name}", self.interface, grade, title, says)
        if rule.id in self.rules:
            raise ValueError(f"the rule {rule.id} is written down already")
        self.rules[rule.id] = rule
        return rule


def in_order(changes: Iterable[ContractChange]) -> tuple[ContractChange, ...]:
    """Return `changes` worst first, then by interface and place; of several that one approval would name the first."""
    ranked = sorted(changes, key=_rank)
    return tuple({(change.key, change.leads_to): change for change in reversed(ranked)}.values())[::-1]


def _rank(change: ContractChange) -> tuple[int, str, str, str, str, str]:
    return change.grade.rank, change.interface, change.place, change.rule, change.kind.value, change.after


def canonical(value: Any) -> str:
    """Return `value` as one text that is equal for equal JSON, whatever the order of its members; 1.0 is 1."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


def short(value: object) -> str:
    """Return `value` as a text of at most `SHOWN` characters; a digest ends what is cut, so that others differ."""
    text = value if isinstance(value, str) else canonical(value)
    if len(text) <= SHOWN:
        return text
    end = f"… #{sha256(text.encode()).hexdigest()[:8]}"
    return f"{text[: SHOWN - len(end)]}{end}"
