"""The two taps."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sensing.conftest import INTERFACES, OBSERVATION, mutant, reading, received, searchset, telling, writing

from epjgate.errors import CandidateUnreachable
from epjgate.model.mutant import Mutant, Operator
from epjgate.model.wire import Asked, Got
from epjgate.sensing.striking import Striking, Watching

PATIENT = {"resourceType": "Patient", "id": "p2"}
EXCHANGES: dict[str, Callable[[], tuple[Asked, Got]]] = {
    "read": reading,
    "search": lambda: reading(searchset(OBSERVATION, PATIENT), path="/Observation?patient=p1"),
    "create": writing,
    "update": lambda: writing("PUT", 200),
    "delete": lambda: writing("DELETE", 204, "/Observation/o1"),
    "message": telling,
    "received": lambda: received('{"Version": 1, "Text": "Ærø og Fanø"}', '{"Version": 2}'),
}


class Candidate:
    """Answers one after the other, and counts how often it was asked."""

    def __init__(self, *answers: Got) -> None:
        self.answers = answers
        self.asked = 0

    def __call__(self) -> Got:
        """Answer."""
        self.asked += 1
        return self.answers[min(self.asked, len(self.answers)) - 1]


@pytest.mark.parametrize("exchange", EXCHANGES.values(), ids=EXCHANGES)
def test_every_mutant_that_watching_finds_strikes(exchange: Callable[[], tuple[Asked, Got]]) -> None:
    """And strikes alone: the answer is another one, or does not come; watching itself changes nothing."""
    asked, got = exchange()
    watching = Watching(INTERFACES)
    assert watching.exchange(asked, Candidate(got)) == got
    assert watching.mutants
    for one in watching.mutants:
        striking, candidate = Striking(one, INTERFACES), Candidate(got)
        try:
            seen = striking.exchange(asked, candidate)
        except CandidateUnreachable:
            assert one.operator is Operator.LOSE_ANSWER
        else:
            assert seen != got or one.operator is Operator.REPEAT_WRITE, one
        assert (striking.struck, candidate.asked) == (1, {"lose write": 0, "repeat write": 2}.get(one.operator, 1)), one


@given(st.sampled_from(list(EXCHANGES.values())), st.sampled_from(list(Operator)))
def test_what_a_mutant_is_not_about_is_left_alone(
    exchange: Callable[[], tuple[Asked, Got]], operator: Operator
) -> None:
    """Other subjects, other fields and other interfaces."""
    asked, got = exchange()
    for one in (
        mutant(operator, "component.valueQuantity.unit"),
        mutant(operator, "status", "Encounter"),
        mutant(operator, "status", interface="admin"),
        mutant(operator, "(GET Encounter/{id} 404)"),
    ):
        striking = Striking(one, INTERFACES)
        assert (striking.exchange(asked, Candidate(got)), striking.struck) == (got, 0)


def seen(one: Mutant, asked: Asked, *answers: Got) -> Any:
    return json.loads(Striking(one, INTERFACES).exchange(asked, Candidate(*answers)).content)


def test_a_field_is_gone_from_every_record_of_its_type() -> None:
    """On a page as in a single answer."""
    asked, got = reading(searchset(OBSERVATION, PATIENT, OBSERVATION))
    page = seen(mutant(Operator.DROP, "id"), asked, got)
    assert ["id" in entry["resource"] for entry in page["entry"]] == [False, True, False]


def test_a_reference_leads_to_another_patient_whom_the_test_has_met() -> None:
    """Mistaken for each other are patients who are both there."""
    asked, got = reading(searchset(PATIENT, OBSERVATION))
    page = seen(mutant(Operator.PATIENT, "subject.reference"), asked, got)
    assert page["entry"][1]["resource"]["subject"]["reference"] == "Patient/p2"


def test_a_stale_answer_is_the_first_one_to_the_same_request() -> None:
    """It counts where it differs from what it hides, and is found only where two answers differed."""
    (asked, old), (_, new) = reading(), reading({**OBSERVATION, "status": "amended"})
    watching = Watching(INTERFACES)
    for got in (old, old, new):
        watching.exchange(asked, Candidate(got))
    stale = mutant(Operator.STALE, "(GET Observation/{id} 200)")
    assert stale in watching.mutants
    striking = Striking(stale, INTERFACES)
    candidate = Candidate(old, old, new)
    assert [striking.exchange(asked, candidate) for _ in range(3)] == [old, old, old]
    assert striking.struck == 1


def test_a_lost_write_looks_stored() -> None:
    """The candidate is not asked, and what it was to store is what is answered."""
    asked, got = writing("PUT", 200)
    candidate = Candidate(got)
    answer = Striking(mutant(Operator.LOSE_WRITE, "(PUT Observation 200)"), INTERFACES).exchange(asked, candidate)
    assert (candidate.asked, answer.status) == (0, 200)
    assert json.loads(answer.content).items() > OBSERVATION.items()


def test_an_address_of_nobodys_is_left_alone() -> None:
    """Neither watched nor changed."""
    asked, got = Asked("GET", "/Observation/o1", b"", "http://127.0.0.1:9"), reading()[1]
    watching = Watching(INTERFACES)
    assert watching.exchange(asked, Candidate(got)) == got
    assert watching.mutants == set()
