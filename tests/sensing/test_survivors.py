"""The committed reasons for survivors."""

from __future__ import annotations

import pytest
from tests.sensing.conftest import mutant

from epjgate.errors import UsageError
from epjgate.model.mutant import Operator
from epjgate.model.parsing import parse_toml
from epjgate.model.sensitivity import Excuse, Fate, Trial
from epjgate.sensing.survivors import Survivors, in_words

TEXT = """
schema_version = "epjgate/survivors/1"
[[survivor]]
interface = "fhir_r4"
field = "*.meta.lastUpdated"
operators = ["change"]
reason = "the moment of storing is the server's"
equivalent = true
[[survivor]]
field = "Observation.*"
reason = "not yet asserted"
"""
SURVIVORS = parse_toml(TEXT, "survivors.toml", Survivors)


def trial(operator: Operator, field: str, fate: Fate = Fate.SURVIVED) -> Trial:
    return Trial(mutant=mutant(operator, field), fate=fate, suites={}, tests=1)


def test_the_first_entry_that_covers_a_mutant_speaks_for_it() -> None:
    """By interface, place and operator; what nobody speaks for has no excuse."""
    equivalent = Excuse(reason="the moment of storing is the server's", equivalent=True)
    assert SURVIVORS.excuse_of(mutant(Operator.CHANGE, "meta.lastUpdated")) == equivalent
    assert SURVIVORS.excuse_of(mutant(Operator.DROP, "meta.lastUpdated")) == Excuse(reason="not yet asserted")
    assert SURVIVORS.excuse_of(mutant(Operator.CHANGE, "id", "Patient")) is None
    assert SURVIVORS.excuse_of(mutant(Operator.CHANGE, "meta.lastUpdated", interface="admin")) is not None


def test_an_entry_that_nothing_needs_any_more_is_named() -> None:
    """Every mutant that it speaks of was killed; of what was not tried nothing is known."""
    killed = trial(Operator.CHANGE, "meta.lastUpdated", Fate.KILLED)
    assert SURVIVORS.idle([killed]) == SURVIVORS.survivor
    assert SURVIVORS.idle([killed, trial(Operator.DROP, "status")]) == SURVIVORS.survivor[:1]
    assert SURVIVORS.idle([]) == ()


def test_survivors_are_told_by_field() -> None:
    """Each place once, with all that nobody noticed there."""
    alive = [trial(Operator.DROP, "status"), trial(Operator.CHANGE, "status"), trial(Operator.DROP, "id")]
    assert in_words(alive) == {
        "fhir_r4": ("nobody asserts Observation.id (drop)", "nobody asserts Observation.status (change, drop)")
    }


@pytest.mark.parametrize("broken", ['reason = ""', 'operators = ["explode"]', 'colour = "red"'])
def test_a_mistake_in_the_document_is_an_error(broken: str) -> None:
    """A reason that says nothing is none."""
    text = f'schema_version = "epjgate/survivors/1"\n[[survivor]]\nfield = "a"\n{broken}\n'
    with pytest.raises(UsageError):
        parse_toml(text, "survivors.toml", Survivors)
