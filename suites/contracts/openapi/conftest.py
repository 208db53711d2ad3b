"""What the OpenAPI contract tests share: the candidate's document, and one exploration of it for the whole run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from epjgate.drivers.http import RecordedSession
from epjgate.drivers.openapi import CHAINS, GATE, Explorer, longer, origin_of
from epjgate.drivers.openapi_findings import Exploration, read_exploration
from epjgate.drivers.openapi_replay import ALL_RIGHTS
from epjgate.errors import CandidateUnreachable, CapabilityMissing, SuitesFailed
from epjgate.evidence.recorder import Recorder
from epjgate.model.target import Target
from epjgate.plugin.recording import RECORDING

LEAST_SHARE_REACHED = 0.5
"""Of the operations, so many have to have been asked, or the time was too short to say anything."""


@pytest.fixture(scope="session")
def document_url(target: Target) -> str:
    """Return where the candidate keeps its document; what has none is not tested."""
    url = target.url("openapi")
    if url is None:
        why = target.absent.get("openapi", "its description does not name it")
        raise CapabilityMissing(f"{target.system} has no openapi", why, "describe openapi in its system.toml")
    return url


@pytest.fixture(scope="session")
def session(document_url: str, target: Target, recorder: Recorder) -> Iterator[RecordedSession]:
    """Give a session with the server that the document describes."""
    with RecordedSession(
        origin_of(document_url), recorder, timeout_s=target.timeout_s, alterations=target.alterations
    ) as http:
        yield http


@pytest.fixture
def document(session: RecordedSession, document_url: str) -> Any:
    """The candidate's document."""
    return session.request("GET", document_url).expect(200).json()


@pytest.fixture(scope="session")
def exploration(
    request: pytest.FixtureRequest, document_url: str, target: Target, recorder: Recorder
) -> Iterator[Exploration]:
    """What an exploration of the whole document found; the first worker explores, the others read what it wrote."""
    seconds = int(request.config.getoption("epj_fuzz_seconds", 0))
    file = request.config.stash[RECORDING].layout.exchanges / "openapi.jsonl"
    lock = FileLock(file.with_name(".openapi.lock"))
    with lock:
        if not file.is_file():
            _explore(document_url, target, recorder, seconds).write(file)
    yield read_exploration(file)
    Path(lock.lock_file).unlink(missing_ok=True)


def _explore(url: str, target: Target, recorder: Recorder, seconds: int) -> Exploration:
    with RecordedSession(origin_of(url), recorder, timeout_s=target.timeout_s) as http:
        document = http.request("GET", url).expect(200).json()
    token = target.users.get(ALL_RIGHTS)
    explorer = Explorer(document, origin_of(url), token, target.seed, recorder.redactor)
    legs, chains = longer(seconds) if seconds else (GATE, CHAINS)
    return explorer.explore(legs, chains)


@pytest.fixture
def explored(exploration: Exploration) -> Exploration:
    """The exploration, where it can be relied on: it came to its end, and asked most of the operations."""
    summary = exploration.summary
    if summary.unreachable:
        raise CandidateUnreachable(
            "the candidate left requests without an answer",
            "; ".join(summary.unreachable[:3]),
            "see the candidate's log",
        )
    if summary.broken:
        raise SuitesFailed("the exploration broke", "; ".join(summary.broken[:3]), "mend the driver or the document")
    if summary.reached < LEAST_SHARE_REACHED * summary.operations:
        asked = f"{summary.reached} of {summary.operations} operations were asked"
        raise SuitesFailed("the exploration was too short", asked, "explore for longer by --epj-fuzz-seconds")
    return exploration
