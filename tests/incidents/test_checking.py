"""What is still wrong with an incident."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from tests.incident_fixtures import FOLDER
from tests.incidents.conftest import SEEN

from epjgate.errors import UsageError
from epjgate.incidents.checking import problems_of
from epjgate.incidents.digests import digest_of_tests
from epjgate.incidents.proofs import keep_proof
from epjgate.incidents.record import read_record
from epjgate.model.proof import Proof

if TYPE_CHECKING:
    from tests.incidents.conftest import Suites

CLEAN = "def test_x(epj): assert epj, 'no'\n"


@pytest.fixture
def check(suites: Suites, make_proof: Callable[..., Proof]) -> Callable[..., list[str]]:
    """Call it with changes to a good incident for what is wrong then; it is proven as it then is."""

    def problems(**changes: Any) -> list[str]:
        folder = suites.record(**{"fingerprint": f'"{SEEN}"', "test": CLEAN} | changes)
        with suppress(UsageError):  # a record that cannot be read is what some tests are about
            record = read_record(folder)
            keep_proof(record, "process", make_proof(test_digest=digest_of_tests(record)))
        return list(problems_of(folder, capabilities=("patients",), words="sha256:w"))

    return problems


def test_a_complete_and_proven_incident_has_no_problem(check: Callable[..., list[str]]) -> None:
    """Record, story, test and proof are as they must be."""
    assert check() == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"source": ""}, "source: missing"),
        ({"story": "## Harm\n\nTODO: x\n"}, "nothing is written under 'What happened'"),
        ({"story": "## Harm\n\nOf 070261-4082\n"}, "incident.md: 070261-.... could be a real person's"),
        ({"capabilities": '["patients", "magic"]'}, "the DSL knows no capability 'magic'; known: patients"),
        ({"known_bad": '"1.0"'}, "are the same release"),
        ({"known_bad": '"1.0"', "fault": '"fault.toml"'}, "fault.toml cannot be read"),
        ({"test": ""}, "it has no test"),
        ({"test": "def test_x(): raise Exception('not written yet')\n"}, "test_no_such_door.py is not written yet"),
        ({"test": "import json\n"}, "test_no_such_door.py:1: imports json"),
        ({"test": "def\n"}, "test_no_such_door.py cannot be read"),
    ],
)
def test_each_thing_that_is_wrong_is_told(check: Callable[..., list[str]], changes: dict[str, str], told: str) -> None:
    """In words that name it."""
    assert any(told in problem for problem in check(**changes))


@pytest.mark.parametrize("name", ["conftest.py", "doors_test.py", "more/words.py"])
def test_what_lies_beside_the_test_speaks_no_protocol_either(
    suites: Suites, check: Callable[..., list[str]], name: str
) -> None:
    """Fixtures, helpers, and what pytest collects by its other pattern."""
    suites.write(f"incidents/{FOLDER}/{name}", "import json\n")
    assert check() == [f"{name.rpartition('/')[2]}:1: imports json"]


def test_a_proof_that_is_not_fresh_is_told(suites: Suites, check: Callable[..., list[str]]) -> None:
    """Missing, or stale with what changed."""
    assert check() == []
    suites.write(f"incidents/{FOLDER}/test_no_such_door.py", CLEAN + "\n")
    folder = suites.root / "incidents" / FOLDER
    known: dict[str, Any] = {"capabilities": ("patients",), "words": "sha256:w"}
    assert problems_of(folder, **known) == ("proof stale: the test changed since the proof in process",)
    (folder / "proof.json").unlink()
    assert problems_of(folder, **known) == ("proof missing: it was never proven",)
