"""What changed among HL7 v2 messages seen."""

from __future__ import annotations

import pytest

from epjgate.contracts.diff.hl7v2 import Seen, differences
from epjgate.model.contract_change import Grade, Kind

SENT: Seen = {
    "out:ADT^A01": {"MSH": (9, 10), "PID": (3, 5)},
    "in:ORU^R01": {"OBX": (5, 6)},
    "ack:ORU^R01": {"MSA": (1, 2)},
}


def _with(key: str, segments: dict[str, tuple[int, ...]] | None) -> Seen:
    """Return the messages with those of one type put in place of what was there, or without the type."""
    others = {name: one for name, one in SENT.items() if name != key}
    return others if segments is None else {**others, key: segments}


@pytest.mark.parametrize(
    ("after", "rule", "kind", "grade", "place"),
    [
        (_with("out:ADT^A01", None), "type-removed", Kind.REMOVED, Grade.BREAKING, "out:ADT^A01"),
        (_with("ack:ORU^R01", None), "type-removed", Kind.REMOVED, Grade.BREAKING, "ack:ORU^R01"),
        (_with("in:ORU^R01", None), "type-refused", Kind.REMOVED, Grade.BREAKING, "in:ORU^R01"),
        (_with("out:ADT^A03", {"MSH": (9,)}), "type-added", Kind.ADDED, Grade.RISKY, "out:ADT^A03"),
        (_with("in:ADT^A40", {"MSH": (9,)}), "type-accepted", Kind.ADDED, Grade.SAFE, "in:ADT^A40"),
        (_with("out:ADT^A01", {"MSH": (9, 10)}), "segment-removed", Kind.REMOVED, Grade.BREAKING, "out:ADT^A01 PID"),
        (
            _with("out:ADT^A01", {"MSH": (9, 10), "PID": (3, 5), "NK1": (2,)}),
            *("segment-added", Kind.ADDED, Grade.RISKY, "out:ADT^A01 NK1"),
        ),
        (
            _with("out:ADT^A01", {"MSH": (9, 10), "PID": (3,)}),
            *("field-removed", Kind.REMOVED, Grade.BREAKING, "out:ADT^A01 PID-5"),
        ),
        (
            _with("out:ADT^A01", {"MSH": (9, 10), "PID": (3, 5, 7)}),
            *("field-added", Kind.ADDED, Grade.RISKY, "out:ADT^A01 PID-7"),
        ),
        (_with("ack:ORU^R01", {"MSA": (1,)}), "field-removed", Kind.REMOVED, Grade.BREAKING, "ack:ORU^R01 MSA-2"),
        (_with("in:ORU^R01", {"OBX": (5,)}), "accepted-less", Kind.REMOVED, Grade.RISKY, "in:ORU^R01 OBX-6"),
        (_with("in:ORU^R01", {}), "accepted-less", Kind.REMOVED, Grade.RISKY, "in:ORU^R01 OBX"),
        (_with("in:ORU^R01", {"OBX": (5, 6, 7)}), "accepted-more", Kind.ADDED, Grade.SAFE, "in:ORU^R01 OBX-7"),
    ],
)
def test_a_change_is_graded(after: Seen, rule: str, kind: Kind, grade: Grade, place: str) -> None:
    """What goes out may not lose anything; what comes in must still be accepted."""
    (change,) = differences(SENT, after)
    assert (change.rule, change.kind, change.grade, change.place) == (f"diff-hl7v2-{rule}", kind, grade, place)


def test_equal_messages_do_not_differ() -> None:
    """Whatever order they were seen in."""
    assert list(differences(SENT, dict(reversed(list(SENT.items()))))) == []
