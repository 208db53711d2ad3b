"""Which tests are about a place."""

from __future__ import annotations

from pathlib import Path

import pytest

from epjgate.model.mutant import Place
from epjgate.sensing.relevance import Relevance, words_of, words_of_test


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("valueQuantity.unit", {"valuequantity", "value", "quantity", "unit"}),
        ('field(sent, "PID-7.1") == "1948"', {"field", "sent", "pid-7", "pid-7.1", "pid"}),
        ("reference_low", {"reference", "low"}),
        ("CareCommunication", {"carecommunication", "care", "communication"}),
        ("", set()),
    ],
)
def test_words_are_names_and_their_parts(text: str, words: set[str]) -> None:
    """However the names are written: in FHIR, in HL7 v2, in Python."""
    assert words_of(text) == words


def test_a_word_that_few_use_says_more() -> None:
    """A test that names the field is about it; one that names only the resource hardly; another not at all."""
    place = Place(interface="fhir_r4", subject="Observation", field="referenceRange.low.value")
    tests = [words_of(text) for text in ("Observation referenceRange", "Observation value", "Observation", "Patient")]
    relevance = Relevance(tests)
    weights = [relevance.of(words, place) for words in tests]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] == 0
    assert relevance.of(words_of("low"), place) == 0


SOURCE = """
@each_rule("audit-entry-user", "audit-entry-role")
def test_rules(events, rule): assert broken(rule, events) == []

@pytest.mark.rule("audit-entry-role")
def test_one_rule(events): assert events

class TestWard:
    def test_bed(self): assert bed.number == 7
"""


def test_the_words_of_a_test_are_those_of_its_source_and_of_its_rules_checks(tmp_path: Path) -> None:
    """A variant has those of its own rule and of no other; what is not there has the words of its name."""
    (tmp_path / "test_a.py").write_text(SOURCE, encoding="utf-8")
    user, role, one, bed, gone = (
        words_of_test(f"test_a.py::{name}", tmp_path)
        for name in (
            "test_rules[audit-entry-user]",
            "test_rules[audit-entry-role]",
            "test_one_rule",
            "TestWard::test_bed",
            "no",
        )
    )
    assert ("requestor" in user, "broken" in user, "coding" in user) == (True, True, False)
    assert ("coding" in role, "coding" in one) == (True, True)
    assert {"bed", "number"} < bed
    assert gone == words_of("test_a.py::no")
