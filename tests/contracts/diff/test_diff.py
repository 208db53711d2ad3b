"""Two surfaces compared in all their parts."""

from __future__ import annotations

from epjgate.contracts.diff import RULES, compare
from epjgate.model.contract_change import Grade
from epjgate.model.surface import Column, DatabaseSchema, MemberShape, Surface, Table

BASELINE = Surface(
    system="tiny",
    version="1",
    digest="sha256:0",
    capability_statement={"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"},
    openapi={"openapi": "3.1.0", "paths": {"/a": {"get": {}}}},
    hl7v2={"out:ADT^A01": {"PID": (3, 5)}},
    database=DatabaseSchema(tables={"a": Table(columns={"b": Column(type="TEXT", nullable=True)})}),
    messages={"fmk": {"order": {"a": MemberShape(types=("string",), required=True)}}},
)
CANDIDATE = BASELINE.model_copy(
    update={
        "version": "2",
        "digest": "sha256:1",
        "capability_statement": {"resourceType": "CapabilityStatement", "fhirVersion": "5.0.0"},
        "openapi": {"openapi": "3.1.0", "paths": {}},
        "hl7v2": {"out:ADT^A01": {"PID": (3, 5, 7)}},
        "database": DatabaseSchema(tables={}),
        "messages": {"fmk": {"order": {"a": MemberShape(types=("string",), required=False)}}},
    }
)


def test_each_part_is_compared() -> None:
    """Every interface has its change, graded by a known rule, the worst first."""
    changes = compare(BASELINE, CANDIDATE)
    assert {change.interface: change.rule for change in changes} == {
        "fhir_r4": "diff-fhir-version-changed",
        "openapi": "diff-openapi-operation-removed",
        "hl7v2": "diff-hl7v2-field-added",
        "database": "diff-database-table-removed",
        "messages": "diff-messages-member-optional",
    }
    assert [change.grade for change in changes] == [Grade.BREAKING] * 4 + [Grade.RISKY]
    assert all(RULES[change.rule].grade is change.grade for change in changes)
    assert len({change.key for change in changes}) == len(changes)


def test_who_the_releases_are_is_no_change() -> None:
    """Version and digest differ between any two releases."""
    renamed = BASELINE.model_copy(update={"version": "2", "digest": "sha256:1"})
    assert compare(BASELINE, renamed) == ()
    assert compare(CANDIDATE, CANDIDATE) == ()


def test_documents_of_no_known_form_are_breaking() -> None:
    """A part that was taken and cannot be read is worse than any single change in it."""
    broken = BASELINE.model_copy(update={"capability_statement": ["no"], "openapi": "no"})
    assert [(change.rule, change.grade) for change in compare(BASELINE, broken)] == [
        ("diff-fhir-not-comparable", Grade.BREAKING),
        ("diff-openapi-not-comparable", Grade.BREAKING),
    ]
    assert compare(broken, broken) == ()
