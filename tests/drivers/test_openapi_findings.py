"""Explorations on disk: read back as they were written, and nothing else is taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from epjgate.drivers.openapi_findings import Exploration, Finding, Step, Summary, read_exploration
from epjgate.errors import EvidenceUnreadable

STEP = Step(method="GET", path="/notes/å", status=500, answer="line one\u2028line two")
SUMMARY = Summary(seed=7, seconds=1.5, requests=3, operations=1, reached=1, subjects={"a": 3}, samples={"a": STEP})


def finding(check: str, operation: str = "GET /notes") -> Finding:
    """Return a finding of `check`."""
    return Finding(
        check=check, operation=operation, fingerprint="f", title="Server error", message="m", times=2, steps=(STEP,)
    )


WHOLE = Exploration(summary=SUMMARY, findings=(finding("a"), finding("b"), finding("a", "POST /notes")))


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """Every value survives, whatever characters it holds."""
    WHOLE.write(tmp_path / "openapi.jsonl")
    assert read_exploration(tmp_path / "openapi.jsonl") == WHOLE
    assert [path.name for path in tmp_path.iterdir()] == ["openapi.jsonl"]


def test_findings_are_numbered_as_they_lie_in_the_file() -> None:
    """The number by which a finding is replayed does not depend on the check that asks."""
    assert [WHOLE.place(one) for one in WHOLE.of("a")] == [1, 3]
    assert WHOLE.of("c") == ()


def test_a_finding_tells_where_it_is_and_what_was_sent() -> None:
    """Two lines: the operation and the complaint, then the requests."""
    told = finding("a").told()
    assert told.startswith("GET /notes: Server error (2 times)")
    assert "GET /notes/å -> 500" in told


@pytest.mark.parametrize("text", ["", "{}\n", "no JSON\n", '{"kind": "finding"}\n', "[]\n"])
def test_anything_else_is_no_exploration(tmp_path: Path, text: str) -> None:
    """A file that is empty, cut off or of another kind is refused, never read as one without findings."""
    file = tmp_path / "openapi.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(EvidenceUnreadable):
        read_exploration(file)
    with pytest.raises(EvidenceUnreadable):
        read_exploration(tmp_path / "nothing")


def test_a_summary_in_the_middle_is_refused(tmp_path: Path) -> None:
    """Two explorations in one file cannot be told apart."""
    file = tmp_path / "openapi.jsonl"
    WHOLE.write(file)
    file.write_text(file.read_text(encoding="utf-8") * 2, encoding="utf-8")
    with pytest.raises(EvidenceUnreadable):
        read_exploration(file)
