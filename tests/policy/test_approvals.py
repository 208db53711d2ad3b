"""Changes are held against the approvals of their own step."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from epjgate.contracts.diff.openapi import differences
from epjgate.model.approved_change import ApprovalState, ApprovedChange, ApprovedChanges
from epjgate.model.contract_change import ContractChange, Grade, Kind
from epjgate.policy.approvals import approvals_about, judged, judged_changes

if TYPE_CHECKING:
    from tests.policy.conftest import Builders


def change(grade: Grade) -> ContractChange:
    """Return a change of this grade."""
    return ContractChange(
        interface="fhir_r4",
        kind=Kind.REMOVED,
        place="Patient",
        grade=grade,
        rule="diff-fhir-type-removed",
        says="Gone.",
    )


def approval(build: Builders, days: float = 1, candidate: str = "2") -> ApprovedChange:
    """Return an approval of that change which ends so many days after the run."""
    return ApprovedChange(
        change=change(Grade.BREAKING).key,
        system=build.system,
        baseline="1",
        candidate=candidate,
        owner="integration team",
        reason="agreed",
        expires=build.now + timedelta(days=days),
    )


def test_only_approvals_of_the_step_are_looked_at(build: Builders) -> None:
    """System, baseline and candidate have to be those of the run."""
    fits, other = approval(build), approval(build, candidate="3")
    document = ApprovedChanges(approved=(other, fits))
    assert approvals_about(document, build.system, "1", "2") == (fits,)
    assert approvals_about(document, "another", "1", "2") == ()


@given(days=st.lists(st.floats(-10, 10), max_size=4), grade=st.sampled_from(Grade))
def test_a_breaking_change_is_approved_where_one_approval_holds(
    build: Builders, days: list[float], grade: Grade
) -> None:
    """Whatever order they stand in; and nothing else needs one, or gets one."""
    found = judged(change(grade), [approval(build, one) for one in days], build.now)
    holds = any(timedelta(days=one) > timedelta(0) for one in days)
    if grade is not Grade.BREAKING:
        expected = ApprovalState.NOT_NEEDED
    elif holds:
        expected = ApprovalState.APPROVED
    else:
        expected = ApprovalState.EXPIRED if days else ApprovalState.MISSING
    assert found.approval is expected
    assert found.stands_in_the_way is (grade is Grade.BREAKING and not holds)


def test_an_approval_of_one_value_covers_no_other(build: Builders) -> None:
    """Who agreed to a maximum of 100 has not agreed to one of 10; and who named none has agreed to neither."""
    lowered = change(Grade.BREAKING).model_copy(update={"kind": Kind.CHANGED, "place": "POST /Patient maximum"})
    to_100, to_10 = (lowered.model_copy(update={"before": "1000", "after": value}) for value in ("100", "10"))
    agreed = approval(build).model_copy(update={"change": lowered.key, "to": "100"})
    assert judged(to_100, [agreed], build.now).approval is ApprovalState.APPROVED
    assert judged(to_10, [agreed], build.now).approval is ApprovalState.MISSING
    for found in (to_100, to_10):
        assert judged(found, [agreed.model_copy(update={"to": ""})], build.now).approval is ApprovalState.MISSING


def test_bounds_lists_and_defaults_of_a_document_are_bound_to_their_value(build: Builders) -> None:
    """As they come out of a comparison: the key is the same, and the approval of one document is none of the other."""

    def lowered(**schema: object) -> dict[str, object]:
        parameter = {
            "name": "days",
            "in": "query",
            "schema": {"type": "integer", "maximum": 1000, "default": 7} | schema,
        }
        return {"openapi": "3.1.0", "info": {}, "paths": {"/stays": {"get": {"parameters": [parameter]}}}}

    for mild, harsh in (
        ({"maximum": 100}, {"maximum": 10}),
        ({"default": 8}, {"default": 9}),
        ({"enum": [7, 8]}, {"enum": [7]}),
    ):
        first, second = (
            next(one for one in differences(lowered(), lowered(**to)) if one.grade is not Grade.SAFE)
            for to in (mild, harsh)
        )
        assert (first.key, first.grade) == (second.key, Grade.BREAKING)
        agreed = approval(build).model_copy(update={"change": first.key, "to": first.leads_to})
        assert judged(first, [agreed], build.now).approval is ApprovalState.APPROVED
        assert judged(second, [agreed], build.now).approval is ApprovalState.MISSING


def test_without_a_comparison_there_are_no_changes(build: Builders) -> None:
    """A run that compared nothing, or does not say of what it is, has none to judge."""
    compared = build.compared(change(Grade.SAFE))
    assert len(judged_changes(build.case(build.evidence(compared=compared)))) == 1
    assert judged_changes(build.case(build.evidence(compared=None))) == ()
    assert judged_changes(build.case(build.evidence(compared=compared, manifest=None))) == ()
