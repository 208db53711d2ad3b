"""A folder of suites with incidents in it, and evidence of what their tests showed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.incident_fixtures import BITES, FOLDER, FRONT, STORY

from epjgate.incidents.record import Record, read_record
from epjgate.model.events import (
    EnvironmentBroke,
    EnvironmentCause,
    EnvironmentChecked,
    EnvironmentReady,
    EnvironmentStage,
    Fault,
    RunFinished,
    SuitesFinished,
    TestFinished,
    TestsCollected,
)
from epjgate.model.evidence import Evidence
from epjgate.model.identity import DigestKind, Identity
from epjgate.model.outcome import Outcome
from epjgate.model.proof import How, Proof, ProvenBuild

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
SEEN = "abcdef0123456789"
IDENTITY = Identity(service="desk", reference="tiny", digest=f"sha256:{'a' * 64}", kind=DigestKind.PACKAGES)
BROKE = EnvironmentBroke(
    stage=EnvironmentStage.START,
    cause=EnvironmentCause.ENGINE,
    service="desk",
    problem="the engine is down",
    why="no socket",
    fix="start it",
)
MakeRecord = Callable[..., Record]
MakeTests = Callable[..., list[TestFinished]]
MakeSeen = Callable[..., Evidence]


@dataclass(frozen=True)
class Suites:
    """A folder of suites; `root` is its path."""

    root: Path

    def write(self, name: str, text: str) -> Path:
        """Write a file below it."""
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def record(self, folder: str = FOLDER, *, story: str = STORY, test: str = BITES, **changes: str) -> Path:
        """Write an incident, `changes` applied to its front matter (TOML; empty: left out); return its folder."""
        front = FRONT | {name.replace("_", "-") if name in KEBAB else name: text for name, text in changes.items()}
        matter = "".join(f"{key} = {text}\n" for key, text in front.items() if text)
        if test:
            self.write(f"incidents/{folder}/test_no_such_door.py", test)
        return self.write(f"incidents/{folder}/incident.md", f"+++\n{matter}+++\n{story}").parent


KEBAB = frozenset({"known_bad", "fixed_in"})


@pytest.fixture
def suites(tmp_path: Path) -> Suites:
    """A folder of suites without an incident."""
    return Suites(tmp_path / "suites")


@pytest.fixture
def record(suites: Suites) -> Record:
    """An incident with a recorded fingerprint, and no proof."""
    return read_record(suites.record(fingerprint=f'"{SEEN}"'))


@pytest.fixture(scope="session")
def make_tests() -> MakeTests:
    """Return a builder of one test of the incident, three attempts each; a failed one has a fault."""

    def make(
        outcome: Outcome = Outcome.PASSED, *, name: str = "test_door", times: int = 3, **given: Any
    ) -> list[TestFinished]:
        message = given.pop("message", "the desk says yes")
        fault = Fault(
            kind=given.pop("kind", "AssertionError"),
            message=message,
            location=given.pop("location", "test_no_such_door.py:1"),
            fingerprint=given.pop("fingerprint", SEEN),
        )
        fields: dict[str, Any] = {
            "suite": "incidents",
            "title": "t",
            "outcome": outcome,
            "duration_s": 0.1,
            "assertions": 1,
            "exchanges": 1,
            "incident": "INC-0001",
            "fault": None if outcome is Outcome.PASSED else fault,
        }
        return [
            TestFinished.model_validate(
                fields
                | {"test": f"incidents/{FOLDER}/test_no_such_door.py::{name}[attempt {number}]", "attempt": number}
                | given
            )
            for number in range(1, times + 1)
        ]

    return make


@pytest.fixture(scope="session")
def make_seen() -> MakeSeen:
    """Return a builder of the evidence of one good run of tests; arguments replace what they name."""

    def make(*tests: TestFinished, **given: Any) -> Evidence:
        fields: dict[str, Any] = {
            "manifest": None,
            "tests": tests,
            "collected": (TestsCollected(tests={test.test: test.suite for test in tests}),),
            "ready": EnvironmentReady(environment="process", endpoints={}, identities=(IDENTITY,), start_s=1),
            "checked": EnvironmentChecked(services=("desk",)),
            "suites_finished": SuitesFinished(exit_status=1),
            "run_finished": RunFinished(),
            "finished_at": NOW,
        }
        return Evidence(**(fields | given))

    return make


@pytest.fixture(scope="session")
def make_proof() -> Callable[..., Proof]:
    """Return a builder of proofs."""

    def make(**given: Any) -> Proof:
        fields: dict[str, Any] = {
            "system": "tiny",
            "how": How.BUILD,
            "known_bad": ProvenBuild(version="0.9", digests={"desk": "sha256:0"}),
            "fixed_in": ProvenBuild(version="1.0", digests={"desk": "sha256:1"}),
            "fingerprints": (SEEN,),
            "message": "the desk says yes",
            "red": 3,
            "green": 3,
            "at": NOW,
            "test_digest": "sha256:t",
            "dsl_digest": "sha256:w",
        }
        return Proof(**(fields | given))

    return make
