"""Compares what a database held before an upgrade with what it holds after it."""

from __future__ import annotations

from collections.abc import Iterator

from epjgate.model.rehearsal import Census, CensusChange

NOTHING = "nothing"


def census_changes(before: Census, after: Census) -> tuple[CensusChange, ...]:
    """Return everything that an upgrade must not do and did, in a fixed order; empty where every record was kept.

    Records are equal by count and by meaning, and in the same states. The audit trail and the queue of messages may
    have grown, since a release that starts writes there; they never shrink. No lock is left.
    """
    return tuple(_changes(before, after))


def _changes(before: Census, after: Census) -> Iterator[CensusChange]:
    if before.patients != after.patients:
        yield _change("patients", before.patients, after.patients)
    for kind in sorted(before.kinds.keys() | after.kinds.keys()):
        yield from _kind(kind, before, after)
    for kind in sorted(before.states.keys() | after.states.keys()):
        yield from _states(kind, before.states.get(kind, {}), after.states.get(kind, {}))
    if after.audit_entries < before.audit_entries:
        yield _change("audit entries", before.audit_entries, after.audit_entries)
    messages = sum(before.queued.values()), sum(after.queued.values())
    if messages[1] < messages[0]:
        yield _change("messages to receivers, in whatever state", *messages)
    if after.locks:
        yield _change("locks", ", ".join(before.locks) or NOTHING, ", ".join(after.locks))


def _kind(kind: str, before: Census, after: Census) -> Iterator[CensusChange]:
    was, now = before.kinds.get(kind), after.kinds.get(kind)
    if was is None or now is None:
        yield _change(kind, was.count if was else NOTHING, now.count if now else NOTHING)
    elif was.count != now.count:
        yield _change(f"{kind}: how many", was.count, now.count)
    elif was.digest != now.digest:
        yield _change(f"{kind}: what they say", was.digest, now.digest)


def _states(kind: str, before: dict[str, int], after: dict[str, int]) -> Iterator[CensusChange]:
    for state in sorted(before.keys() | after.keys()):
        was, now = before.get(state, 0), after.get(state, 0)
        if was != now:
            yield _change(f"{kind} in state {state}", was, now)


def _change(what: str, before: object, after: object) -> CensusChange:
    return CensusChange(what=what, before=str(before), after=str(after))
