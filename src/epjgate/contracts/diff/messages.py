"""Differences between the messages that reach partners, by the shapes seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from epjgate.contracts.diff.rules import Rulebook
from epjgate.model.contract_change import ContractChange
from epjgate.model.surface import MemberShape, Shape

BOOK = Rulebook("messages", "messages")

PARTNER_LOST = BOOK.breaking(
    "partner-lost", "Nothing reaches a partner any more", "The partner is no longer told anything."
)
PARTNER_NEW = BOOK.risky(
    "partner-new", "A partner is newly told", "Data of patients reach a receiver that got none before."
)
TYPE_REMOVED = BOOK.breaking(
    "type-removed", "Message type no longer sent", "The partner waits for messages that never come."
)
TYPE_ADDED = BOOK.risky("type-added", "Message type newly sent", "A partner that does not know the type refuses it.")
MEMBER_REMOVED = BOOK.breaking("member-removed", "Member no longer sent", "The partner loses what it read there.")
MEMBER_ADDED = BOOK.risky(
    "member-added", "Member newly sent", "A strict receiver refuses a message with a member it does not know."
)
MEMBER_OPTIONAL = BOOK.breaking(
    "member-optional", "Member no longer in every message", "The partner meets a message without what was always there."
)
MEMBER_ALWAYS = BOOK.safe("member-always", "Member now in every message", "The partner knows the member already.")
TYPE_WIDENED = BOOK.breaking(
    "value-type-added", "Type of value newly sent", "The partner meets a type of value that it never got there."
)
TYPE_NARROWED = BOOK.safe(
    "value-type-removed", "Type of value no longer sent", "The partner gets only what it got before."
)
REPEATS_ADDED = BOOK.breaking(
    "member-repeats", "Member newly repeats", "A partner that takes one value passes over, or refuses, the others."
)
REPEATS_REMOVED = BOOK.risky(
    "member-no-longer-repeats",
    "Member no longer repeats",
    "Where the partner got several it gets one: some may be lost.",
)

Shapes = Mapping[str, Mapping[str, Shape]]


def differences(baseline: Shapes, candidate: Shapes) -> Iterator[ContractChange]:
    """Yield what changed for each partner; of a member that came or went, what lies below it is not told as well."""
    for partner in sorted(baseline.keys() | candidate.keys()):
        before, after = baseline.get(partner, {}), candidate.get(partner, {})
        if before and not after:
            yield PARTNER_LOST.removed(partner, ", ".join(sorted(before)))
        elif after and not before:
            yield PARTNER_NEW.added(partner, ", ".join(sorted(after)))
        else:
            yield from _types(partner, before, after)


def _types(partner: str, before: Mapping[str, Shape], after: Mapping[str, Shape]) -> Iterator[ContractChange]:
    for name in sorted(before.keys() - after.keys()):
        yield TYPE_REMOVED.removed(f"{partner} {name}")
    for name in sorted(after.keys() - before.keys()):
        yield TYPE_ADDED.added(f"{partner} {name}")
    for name in sorted(before.keys() & after.keys()):
        yield from _members(f"{partner} {name}", before[name], after[name])


def _members(place: str, before: Shape, after: Shape) -> Iterator[ContractChange]:
    for path in _topmost(before.keys() - after.keys()):
        yield MEMBER_REMOVED.removed(f"{place} {path}", " or ".join(before[path].types))
    for path in _topmost(after.keys() - before.keys()):
        yield MEMBER_ADDED.added(f"{place} {path}", " or ".join(after[path].types))
    for path in sorted(before.keys() & after.keys()):
        yield from _member(f"{place} {path}", before[path], after[path])


def _topmost(paths: set[str]) -> list[str]:
    """Return those of `paths` that lie below no other of them."""
    return [path for path in sorted(paths) if not any(_below(path, other) for other in paths)]


def _below(path: str, other: str) -> bool:
    return path.startswith((f"{other}.", f"{other}[", f"{other}("))


def _member(place: str, was: MemberShape, now: MemberShape) -> Iterator[ContractChange]:
    if was.required and not now.required:
        yield MEMBER_OPTIONAL.changed(place, "in every message", "in some")
    if now.required and not was.required:
        yield MEMBER_ALWAYS.changed(place, "in some messages", "in every one")
    for name in sorted(set(now.types) - set(was.types)):
        yield TYPE_WIDENED.added(f"{place} as {name}", " or ".join(now.types))
    for name in sorted(set(was.types) - set(now.types)):
        yield TYPE_NARROWED.removed(f"{place} as {name}", " or ".join(was.types))
    if now.repeats and not was.repeats:
        yield REPEATS_ADDED.changed(place, "one", "several")
    if was.repeats and not now.repeats:
        yield REPEATS_REMOVED.changed(place, "several", "one")
