"""Approved changes: what an entry must say, which versions it speaks of, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from epjgate.errors import UsageError
from epjgate.model.approved_change import ApprovedChange, ApprovedChanges, covers
from epjgate.model.contract_change import ContractChange, Grade, Kind
from epjgate.model.parsing import parse_toml

ENTRY = """
schema_version = "epjgate/approved-changes/1"
[[approved]]
change = "hl7v2:removed:out:ADT^A08 PID-11:diff-hl7v2-field-removed"
system = "epj"
baseline = "2.1.73"
candidate = ">=2.1.74, <2.2"
owner = "integration team"
reason = "no receiver reads it"
expires = 2026-12-31T23:59:59+01:00
"""


def entry(text: str = ENTRY) -> ApprovedChange:
    """Return the one entry of a document."""
    (one,) = parse_toml(text, "approved-changes.toml", ApprovedChanges).approved
    return one


@pytest.mark.parametrize(
    ("versions", "version", "expected"),
    [
        ("2.1.73", "2.1.73", True),
        ("2.1.73", "2.1.7", False),
        ("2.1", "2.1.0", False),
        (">=2.1.70, <2.2", "2.1.73", True),
        (">=2.1.70, <2.2", "2.2", False),
        (">=2.1.70", "2.1.9", False),
        (">=2.1", "2.2rc1", True),
        ("==2.1.*", "2.1.73", True),
        ("build-7", "build-7", True),
        (">=2.1", "build-7", False),
    ],
)
def test_versions_are_one_or_a_range(versions: str, version: str, *, expected: bool) -> None:
    """One is compared letter by letter; a range orders numbers as numbers, and what cannot be ordered is in none."""
    assert covers(versions, version) is expected


def test_an_entry_speaks_of_one_step_of_one_system() -> None:
    """Another system, baseline or candidate is not approved by it."""
    assert entry().is_about("epj", "2.1.73", "2.1.74")
    for other in (("lab", "2.1.73", "2.1.74"), ("epj", "2.1.72", "2.1.74"), ("epj", "2.1.73", "2.2.0")):
        assert not entry().is_about(*other)


def test_an_entry_names_a_change_with_what_it_leads_to() -> None:
    """Without `to` it speaks of what is gone; a `to` that is not there, or another one, names nothing."""
    gone = ContractChange(
        interface="hl7v2",
        kind=Kind.REMOVED,
        place="out:ADT^A08 PID-11",
        grade=Grade.BREAKING,
        rule="diff-hl7v2-field-removed",
        says="Gone.",
    )
    assert entry().names(gone)
    assert not entry(f'{ENTRY}to = "12"').names(gone)
    lowered = gone.model_copy(update={"kind": Kind.CHANGED, "after": "10"})
    text = ENTRY.replace("removed:out", "changed:out")
    assert entry(f'{text}to = "10"').names(lowered)
    for other in (text, f'{text}to = "100"'):
        assert not entry(other).names(lowered)


def test_it_holds_until_its_moment_and_not_at_it() -> None:
    """The moment is one in the world, whatever zone it is written in."""
    end = datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)
    assert entry().holds(end - timedelta(seconds=1))
    assert not entry().holds(end)


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("+01:00", "", "expires"),
        ("2026-12-31T23:59:59+01:00", "2026-12-31", "expires"),
        ('owner = "integration team"\n', "", "owner: missing"),
        ("integration team", " ", "owner"),
        ("no receiver reads it", "", "reason"),
        (">=2.1.74, <2.2", ">=soon", "candidate"),
        ("owner =", "owners =", "unknown key"),
        ("approved-changes/1", "approved-changes/2", "schema_version"),
        ("[[approved]]", "[[aproved]]", "unknown key"),
    ],
)
def test_an_entry_with_a_mistake_approves_nothing(right: str, wrong: str, told: str) -> None:
    """What is missing, unknown or has no time zone is named, and the document is refused as a whole."""
    assert right in ENTRY
    with pytest.raises(UsageError) as refused:
        entry(ENTRY.replace(right, wrong))
    assert told in refused.value.cause


def test_no_entry_is_a_document() -> None:
    """A project begins with none."""
    assert parse_toml('schema_version = "epjgate/approved-changes/1"', "x", ApprovedChanges).approved == ()
