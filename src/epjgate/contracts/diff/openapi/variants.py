"""Differences between schemas of which at least one has several alternatives.

A request is still taken if each old alternative is covered by a new one; a response is still understood if each new
alternative was covered by an old one. Covered means: compared with each other, the two show nothing that breaks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from epjgate.contracts.diff.openapi import schema_rules
from epjgate.contracts.diff.openapi.alternatives import Alternative, Alternatives
from epjgate.contracts.diff.openapi.finding import Finding
from epjgate.contracts.diff.openapi.rules import Side
from epjgate.model.contract_change import Kind

Fits = Callable[[Alternative, Alternative, Side], bool]
"""Whether an old alternative and a new one, compared with each other on a side, show nothing that breaks."""
Pair = Callable[[Alternative, Alternative], bool]
Apart = Callable[[Alternative, Alternative], bool]
"""Whether no value fits both of two new alternatives."""


@dataclass(frozen=True, eq=False)
class Match:
    """An old alternative and the new one that it belongs to; `step` is empty where there is no other."""

    step: str
    old: Alternative
    new: Alternative


_UNNAMED = "only"


def discriminators(old: Alternatives, new: Alternatives) -> Iterator[Finding]:
    """Yield that alternatives are told apart by another member than before, by one, or by none."""
    was, now = old.discriminator, new.discriminator
    if was == now:
        return
    if not was:
        yield Finding(schema_rules.DISCRIMINATOR_ADDED, Kind.ADDED, "", "", now)
    elif not now:
        yield Finding(schema_rules.DISCRIMINATOR_REMOVED, Kind.REMOVED, "", was)
    else:
        yield Finding(schema_rules.DISCRIMINATOR_CHANGED, Kind.CHANGED, "", was, now)


def matched(old: Alternatives, new: Alternatives, side: Side, fits: Fits, apart: Apart) -> Iterator[Match | Finding]:
    """Yield the alternatives that belong together, and those that belong to none."""
    by_value = bool(old.discriminator and new.discriminator)
    if len(old.each) == len(new.each) == 1 and not by_value:
        yield Match("", old.each[0], new.each[0])
        return
    subjects, covers = (old.each, new.each) if side is Side.REQUEST else (new.each, old.each)

    def fit(subject: Alternative, cover: Alternative) -> bool:
        return fits(subject, cover, side) if side is Side.REQUEST else fits(cover, subject, side)

    def same(subject: Alternative, cover: Alternative) -> bool:
        one, other = (subject, cover) if side is Side.REQUEST else (cover, subject)
        return all(fits(one, other, each) for each in Side)

    alone: list[Alternative] = []
    spare = list(covers)
    for subject in subjects:
        cover = _cover(subject, _first(spare, covers), fit, same, by_value=by_value)
        if cover is None:
            alone.append(subject)
        else:
            spare = [one for one in spare if one is not cover]
            yield _match(subject, cover, side)
    if _one_of_each_without_a_name(alone, spare):
        yield _match(alone[0], spare[0], side)
        return
    # One that says what another says is not missed, except where its label is a value to be sent.
    spare = [one for one in spare if by_value or not any(same(subject, one) for subject in subjects)]
    yield from _alone(alone, spare, side)
    if side is Side.REQUEST:
        yield from _overlap(old, new, spare, apart)


def _first(spare: Sequence[Alternative], covers: Sequence[Alternative]) -> list[Alternative]:
    """Return `covers`, those to spare first."""
    return [*spare, *(one for one in covers if one not in spare)]


def _match(subject: Alternative, cover: Alternative, side: Side) -> Match:
    step = f"<{subject.label or cover.label or _UNNAMED}>"
    return Match(step, subject, cover) if side is Side.REQUEST else Match(step, cover, subject)


def _cover(
    subject: Alternative, covers: Sequence[Alternative], fit: Pair, same: Pair, *, by_value: bool
) -> Alternative | None:
    """Return what covers `subject`; where nothing does, its namesake, with which it is to be compared all the same."""
    namesake = next((one for one in covers if one.label == subject.label), None)
    if by_value or (namesake is not None and fit(subject, namesake)):
        return namesake
    rest = [one for one in covers if one is not namesake]
    found = next((one for one in rest if same(subject, one)), None) or next((o for o in rest if fit(subject, o)), None)
    return found or (namesake if subject.named else None)


def _one_of_each_without_a_name(alone: list[Alternative], spare: list[Alternative]) -> bool:
    """Whether one alternative of each side is left that nobody named: then they are taken for the same one, changed."""
    return len(alone) == len(spare) == 1 and not alone[0].named and not spare[0].named


def _alone(alone: list[Alternative], spare: list[Alternative], side: Side) -> Iterator[Finding]:
    gone, come = (alone, spare) if side is Side.REQUEST else (spare, alone)
    for one in gone:
        yield Finding(schema_rules.VARIANT.tightened[side], Kind.REMOVED, f"<{one.label or _UNNAMED}>", one.label)
    for one in come:
        yield Finding(schema_rules.VARIANT.loosened[side], Kind.ADDED, f"<{one.label or _UNNAMED}>", "", one.label)


def _overlap(old: Alternatives, new: Alternatives, come: list[Alternative], apart: Apart) -> Iterator[Finding]:
    """Yield that a value must fit exactly one of alternatives where it may now fit several."""
    if not new.exclusive or new.discriminator:
        return
    suspects = come if old.exclusive or len(old.each) == 1 else list(new.each)
    if any(not apart(one, other) for one in suspects for other in new.each if other is not one):
        yield Finding(schema_rules.VARIANTS_OVERLAP, Kind.CHANGED)
