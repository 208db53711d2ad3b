"""A measurement kept as a floor."""

from __future__ import annotations

import pytest
from tests.sensing.measured import DIGEST, TRIALS, sensitivity

from epjgate.errors import UsageError
from epjgate.model.parsing import parse_toml
from epjgate.model.sensitivity import StoredSensitivity, StoredSuite, StoredTally
from epjgate.sensing.keeping import stored, stored_text


def test_what_is_kept_comes_back_from_the_file() -> None:
    """Rates are cut, never rounded up: two thirds are not 0.6667."""
    kept = parse_toml(stored_text(sensitivity(*TRIALS[:3])), "sensitivity.toml", StoredSensitivity)
    assert kept == stored(sensitivity(*TRIALS[:3]))
    assert (kept.kill_rate, kept.raw_kill_rate, kept.mutants) == (0.6666, 0.6666, 3)
    assert kept.suites["clinic"] == StoredSuite(kill_rate=0.3333, mutants=3, digest=DIGEST)
    assert kept.interfaces == {"fhir_r4": StoredTally(kill_rate=0.6666, mutants=3)}
    assert kept.measured_at == sensitivity().at


def test_nothing_reached_cannot_be_kept() -> None:
    """A floor of no mutants would hold for anything."""
    with pytest.raises(ValueError, match="mutants"):
        stored(sensitivity(TRIALS[-1]))


def test_a_mistake_in_the_document_is_an_error() -> None:
    """A rate above one, for example."""
    text = stored_text(sensitivity()).replace("kill_rate = 0.6\n", "kill_rate = 1.6\n", 1)
    with pytest.raises(UsageError):
        parse_toml(text, "sensitivity.toml", StoredSensitivity)
