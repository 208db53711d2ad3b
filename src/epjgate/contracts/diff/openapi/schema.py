"""Differences between two schemas, as far down as they go."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from epjgate.contracts.diff.openapi import schema_rules
from epjgate.contracts.diff.openapi.alternatives import Alternatives, Expansion, Parts
from epjgate.contracts.diff.openapi.apart import apart
from epjgate.contracts.diff.openapi.document import Document, schema_reference
from epjgate.contracts.diff.openapi.effective import Effective, effective
from epjgate.contracts.diff.openapi.finding import Finding, Nested, joined
from epjgate.contracts.diff.openapi.members import members, undescribed
from epjgate.contracts.diff.openapi.rules import Side
from epjgate.contracts.diff.openapi.unchanged import Unchanged
from epjgate.contracts.diff.openapi.values import values
from epjgate.contracts.diff.openapi.variants import Match, discriminators, matched
from epjgate.contracts.diff.reading import NotComparable
from epjgate.model.contract_change import Kind

MOST_PAIRS = 50_000
"""So many pairs of schemas are compared at most; documents that need more cannot be compared."""

Key = tuple[object, ...]


class SchemaComparison:
    """Compares schemas of two documents; what it found about a pair is kept, for a schema is used in many places."""

    def __init__(self, before: Document, after: Document) -> None:
        self.before = before
        self.after = after
        self.unchanged = Unchanged(before, after)
        self._expanded: dict[Key, Alternatives] = {}
        self._held: list[Any] = []  # keys are identities: what they stand for must live as long
        self._known: dict[Key, tuple[Finding | Nested, ...]] = {}
        self._unfit: set[Key] = set()
        self._fit: dict[Key, None] = {}

    def differences(self, old: Parts, new: Parts, side: Side) -> Iterator[Finding]:
        """Yield what changed between a value for which all `old` hold and one for which all `new` do.

        A pair of schemas that is met again, further down or in a circle, is told of where it is met first.
        """
        waiting = deque([Nested("", old, new)])
        met: set[Key] = set()
        while waiting:
            nested = waiting.popleft()
            for item in self._level(nested.old, nested.new, side):
                if isinstance(item, Finding):
                    yield item.below(nested.step)
                    continue
                key = _key(item, side)
                if key in met:
                    continue
                met.add(key)
                path = joined(nested.step, item.step)
                for one in self._inside(item, side):
                    if isinstance(one, Finding):
                        yield one.below(path)
                    else:
                        waiting.append(Nested(joined(path, one.step), one.old, one.new))

    def expanded(self, document: Document, parts: Parts) -> Alternatives:
        """Return the alternatives of a value for which all `parts` hold."""
        key = (id(document), *map(id, parts))
        if key not in self._expanded:
            self._held.append(parts)
            self._expanded[key] = Expansion(document).of(parts)
        return self._expanded[key]

    def has_default(self, parts: Parts) -> bool:
        """Whether the candidate gives a value that it takes where none is sent."""
        return any("default" in part for one in self.expanded(self.after, parts).each for part in one.parts)

    def _level(self, old: Parts, new: Parts, side: Side) -> Iterator[Match | Finding]:
        """Yield what changed among the alternatives of a value, and those that belong together."""
        if self.unchanged.covers(list(old), list(new)):
            return
        before, after = self.expanded(self.before, old), self.expanded(self.after, new)
        yield from discriminators(before, after)
        yield from matched(
            before,
            after,
            side,
            lambda one, other, which: self._fits(Match("", one, other), which),
            lambda one, other: apart(self.after, one, other),
        )

    def _fits(self, match: Match, side: Side) -> bool:
        """Whether nothing breaks between two alternatives, however far down.

        What leads back to a pair that is being asked about is taken to fit. Where that proves wrong, all that was taken
        to fit since is asked about anew; what does not fit on such a favourable guess does not fit at all.
        """
        key = _key(match, side)
        if key in self._fit or key in self._unfit:
            return key in self._fit
        before = len(self._fit)
        self._fit[key] = None
        fits = False
        try:
            fits = all(self._holds(one, side) for one in self._inside(match, side))
        finally:
            while not fits and len(self._fit) > before:
                self._fit.popitem()
        if not fits:
            self._unfit.add(key)
        return fits

    def _holds(self, one: Finding | Nested, side: Side) -> bool:
        if isinstance(one, Finding):
            return not one.breaks
        return all(
            self._fits(item, side) if isinstance(item, Match) else not item.breaks
            for item in self._level(one.old, one.new, side)
        )

    def _inside(self, match: Match, side: Side) -> Sequence[Finding | Nested]:
        """Return what changed between two alternatives, and what lies below them to be compared."""
        key = _key(match, side)
        if key not in self._known:
            if len(self._known) >= MOST_PAIRS:
                raise NotComparable(f"the documents need more than {MOST_PAIRS} comparisons of schemas")
            self._known[key] = tuple(self._compared(match, side))
        return self._known[key]

    def _compared(self, match: Match, side: Side) -> Iterator[Finding | Nested]:
        before, after = effective(self.before, match.old, side), effective(self.after, match.new, side)
        yield from values(before, after, side)
        if before.types & after.types:
            yield from members(before, after, side, self.has_default)
            yield from undescribed(before, after, side)
            yield from self._children(before, after, side)

    def _children(self, old: Effective, new: Effective, side: Side) -> Iterator[Finding | Nested]:
        """Yield what changed among the children that a parent's discriminator names."""
        for value in sorted(old.mapping.keys() | new.mapping.keys()):
            step = f"<{value}>"
            if value not in new.mapping:
                yield Finding(schema_rules.VARIANT.tightened[side], Kind.REMOVED, step, value)
            elif value not in old.mapping:
                yield Finding(schema_rules.VARIANT.loosened[side], Kind.ADDED, step, "", value)
            else:
                was, now = self._child(self.before, old.mapping[value]), self._child(self.after, new.mapping[value])
                yield Nested(step, was, now)

    def _child(self, document: Document, ref: str) -> Parts:
        return (document.target(schema_reference(ref)),)


def _key(match: Match, side: Side) -> Key:
    return match.old.key, match.new.key, side
