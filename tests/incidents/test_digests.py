"""What a proof is bound to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.incident_fixtures import FOLDER

from epjgate.incidents.digests import digest_of_tests, words_digest
from epjgate.incidents.record import Record, read_record

if TYPE_CHECKING:
    from tests.incidents.conftest import Suites


@pytest.mark.parametrize("name", ["test_no_such_door.py", "test_more.py", "fault.toml", "doors/list.txt"])
def test_every_file_of_the_folder_counts(suites: Suites, record: Record, name: str) -> None:
    """Changed or added, beside the tests or below."""
    before = digest_of_tests(record)
    suites.write(f"incidents/{FOLDER}/{name}", "x = 1\n")
    assert digest_of_tests(record) != before


@pytest.mark.parametrize("name", ["proof.json", "__pycache__/x.pyc", ".proof.json.draft", ".incident.md.draft"])
def test_what_decides_nothing_does_not_count(suites: Suites, record: Record, name: str) -> None:
    """The proof itself, what Python compiled, and what a write leaves that was killed or is under way."""
    before = digest_of_tests(record)
    suites.write(f"incidents/{FOLDER}/{name}", "{}")
    assert digest_of_tests(record) == before


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({"capabilities": '["surgery"]'}, True),
        ({"system": '"other"'}, True),
        ({"known_bad": '"0.8"'}, True),
        ({"fixed_in": '"1.1"'}, True),
        ({"fault": '"fault.toml"', "known_bad": '"1.0"'}, True),
        ({"fingerprint": '"00000000"'}, True),
        ({"title": '"Better said"'}, False),
        ({"source": '"A better one"'}, False),
        ({"severity": '"minor"'}, False),
    ],
)
def test_keys_that_decide_the_proof_count(suites: Suites, changes: dict[str, str], *, counts: bool) -> None:
    """What is run and what must come of it; not how the incident is told."""
    before = digest_of_tests(read_record(suites.record()))
    assert (digest_of_tests(read_record(suites.record(**changes))) != before) is counts


@pytest.mark.parametrize(
    "name",
    ["suites/conftest.py", "suites/incidents/conftest.py", "suites/pytest.toml", "fixtures/population/names.py"],
)
def test_what_all_incident_tests_stand_on_counts(tmp_path: Path, name: str) -> None:
    """Their shared fixtures and the population, made, changed and moved."""
    file = tmp_path / name
    digests = [words_digest(tmp_path / "suites", tmp_path / "fixtures")]
    file.parent.mkdir(parents=True)
    for text in ("a = 1\n", "a = 2\n"):
        file.write_text(text, encoding="utf-8")
        digests.append(words_digest(tmp_path / "suites", tmp_path / "fixtures"))
    assert len(set(digests)) == 3
