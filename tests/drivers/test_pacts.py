"""Which consumers must be verified: a pact that is missing, of others or empty is told as missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from epjgate.drivers.pacts import Consumer, Interaction, interactions_of, read_consumers, repeated, unclaimed
from epjgate.errors import SuitesFailed, UsageError

SHOPPER = Consumer(name="shopper", version="1.0", owner="Shop", pact="shopper.json", rule="pact-shopper-honoured")
INTERACTION: dict[str, Any] = {"description": "reads a note", "providerStates": [{"name": "there is a note"}]}
PACT: dict[str, Any] = {
    "consumer": {"name": "shopper"},
    "provider": {"name": "notebook"},
    "interactions": [INTERACTION],
}
DOCUMENT = """
schema_version = "epjgate/consumers/1"
provider = "notebook"
[consumers.shopper]
name = "shopper"
version = "1.0"
owner = "Shop"
pact = "shopper.json"
rule = "pact-shopper-honoured"
"""


def write(folder: Path, pact: object) -> None:
    """Write the shopper's pact."""
    (folder / SHOPPER.pact).write_text(json.dumps(pact), encoding="utf-8")


def test_the_interactions_of_a_pact_are_listed_with_their_states(tmp_path: Path) -> None:
    """Each interaction becomes a test of its own."""
    write(tmp_path, PACT)
    (found,) = interactions_of(tmp_path, "shopper", SHOPPER, "notebook")
    assert found == Interaction("shopper", "reads a note", ("there is a note",))


@pytest.mark.parametrize(
    ("pact", "why"),
    [
        (None, "cannot be read"),
        ({**PACT, "interactions": []}, "no interaction"),
        ({**PACT, "provider": {"name": "another"}}, "between"),
        ({**PACT, "consumer": {"name": "another"}}, "between"),
        ([], "between"),
    ],
)
def test_a_missing_pact_is_told_as_missing(tmp_path: Path, pact: object, why: str) -> None:
    """Whatever way it is missing: somebody is named who can bring it, and no test passes in its place."""
    if pact is not None:
        write(tmp_path, pact)
    with pytest.raises(SuitesFailed, match="its pact is missing") as caught:
        interactions_of(tmp_path, "shopper", SHOPPER, "notebook")
    assert why in caught.value.cause
    assert "Shop" in caught.value.fix


def test_a_pact_that_is_no_json_is_missing(tmp_path: Path) -> None:
    """Half a file is no pact."""
    (tmp_path / SHOPPER.pact).write_text('{"consumer"', encoding="utf-8")
    with pytest.raises(SuitesFailed, match="missing"):
        interactions_of(tmp_path, "shopper", SHOPPER, "notebook")


def test_a_pact_that_nobody_claims_is_seen(tmp_path: Path) -> None:
    """A file that no required consumer names would lie there and never be verified."""
    (tmp_path / "consumers.toml").write_text(DOCUMENT, encoding="utf-8")
    write(tmp_path, PACT)
    consumers = read_consumers(tmp_path)
    assert unclaimed(tmp_path, consumers) == []
    (tmp_path / "forgotten.json").write_text("{}", encoding="utf-8")
    assert unclaimed(tmp_path, consumers) == ["forgotten.json"]


@pytest.mark.parametrize("document", [None, DOCUMENT.partition("[")[0], DOCUMENT + 'extra = "1"\n'])
def test_a_list_of_consumers_that_is_missing_or_wrong_is_refused(tmp_path: Path, document: str | None) -> None:
    """Without knowing who must be verified nothing is verified."""
    if document is not None:
        (tmp_path / "consumers.toml").write_text(document, encoding="utf-8")
    with pytest.raises(UsageError):
        read_consumers(tmp_path)


def test_interactions_that_cannot_be_told_apart_are_named() -> None:
    """The verifier picks an interaction by its description."""
    one, other = Interaction("shopper", "reads", ()), Interaction("shopper", "writes", ())
    assert repeated((one, other)) == []
    assert repeated((one, other, one)) == ["reads"]
