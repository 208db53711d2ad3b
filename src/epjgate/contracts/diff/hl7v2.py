"""Differences between HL7 v2 messages: types, segments and fields seen, sent and accepted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from epjgate.contracts.diff.rules import Rulebook
from epjgate.model.contract_change import ContractChange

BOOK = Rulebook("hl7v2", "hl7v2")

TYPE_REMOVED = BOOK.breaking(
    "type-removed", "Message type no longer sent", "Receivers wait for an event that is no longer told."
)
TYPE_ADDED = BOOK.risky(
    "type-added",
    "Message type newly sent",
    "A receiver that does not know the type refuses it, and can hold up its queue.",
)
TYPE_REFUSED = BOOK.breaking(
    "type-refused",
    "Message type no longer accepted",
    "Senders are refused, and what they told is missing from the record.",
)
TYPE_ACCEPTED = BOOK.safe("type-accepted", "Message type newly accepted", "Senders are refused less than before.")
SEGMENT_REMOVED = BOOK.breaking(
    "segment-removed", "Segment no longer sent", "Receivers lose all that they read from the segment."
)
SEGMENT_ADDED = BOOK.risky(
    "segment-added", "Segment newly sent", "Receivers should pass over what they do not expect, and some refuse it."
)
FIELD_REMOVED = BOOK.breaking(
    "field-removed", "Field no longer filled", "Receivers read an empty field where a value stood."
)
FIELD_ADDED = BOOK.risky("field-added", "Field newly filled", "Receivers act on a field that was empty until now.")
ACCEPTED_LESS = BOOK.risky(
    "accepted-less",
    "Part of accepted messages no longer seen",
    "Nothing shows that a message with this part is still accepted.",
)
ACCEPTED_MORE = BOOK.safe(
    "accepted-more", "Part of accepted messages newly seen", "Messages with more in them are accepted."
)

ACCEPTED = "in"
Seen = Mapping[str, Mapping[str, tuple[int, ...]]]


def differences(baseline: Seen, candidate: Seen) -> Iterator[ContractChange]:
    """Yield what changed between the messages seen; keys are `<direction>:<type>`, all but `in` go out."""
    for key in sorted(baseline.keys() | candidate.keys()):
        direction, _, _ = key.partition(":")
        accepted = direction == ACCEPTED
        if key not in candidate:
            yield (TYPE_REFUSED if accepted else TYPE_REMOVED).removed(key)
        elif key not in baseline:
            yield (TYPE_ACCEPTED if accepted else TYPE_ADDED).added(key)
        else:
            yield from _segments(key, baseline[key], candidate[key], accepted=accepted)


def _segments(
    key: str, before: Mapping[str, tuple[int, ...]], after: Mapping[str, tuple[int, ...]], *, accepted: bool
) -> Iterator[ContractChange]:
    for name in sorted(before.keys() - after.keys()):
        yield (ACCEPTED_LESS if accepted else SEGMENT_REMOVED).removed(f"{key} {name}")
    for name in sorted(after.keys() - before.keys()):
        yield (ACCEPTED_MORE if accepted else SEGMENT_ADDED).added(f"{key} {name}")
    for name in sorted(before.keys() & after.keys()):
        for number in sorted(set(before[name]) - set(after[name])):
            yield (ACCEPTED_LESS if accepted else FIELD_REMOVED).removed(f"{key} {name}-{number}")
        for number in sorted(set(after[name]) - set(before[name])):
            yield (ACCEPTED_MORE if accepted else FIELD_ADDED).added(f"{key} {name}-{number}")
