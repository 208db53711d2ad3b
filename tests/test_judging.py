"""From a bundle to a verdict: offline, repeatable, and never mild by accident."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.builders import POLICY, rewrite_journal, run_blaming, run_of, write_bundle

from epjgate.errors import EvidenceUnreadable, EvidenceUnwritable
from epjgate.evidence.bundle import seal
from epjgate.evidence.layout import Layout
from epjgate.evidence.reader import read_bundle
from epjgate.judging import judge_bundle, publish
from epjgate.model.evidence import Evidence
from epjgate.model.verdict import Blame, Decision, Verdict
from epjgate.reports.interface import Publisher


class Writes:
    """A publisher that writes its name into a file."""

    def __init__(self, name: str) -> None:
        self.name = name

    def publish(self, verdict: Verdict, evidence: Evidence, folder: Path) -> tuple[Path, ...]:
        """Write one file."""
        assert evidence.digest == verdict.evidence_digest
        path = folder / f"{self.name}.txt"
        path.write_text(verdict.decision)
        return (path,)


class CannotWrite(Writes):
    """A publisher whose disk is full."""

    def publish(self, verdict: Verdict, evidence: Evidence, folder: Path) -> tuple[Path, ...]:  # noqa: ARG002 - port
        """Fail."""
        raise EvidenceUnwritable(f"{self.name} cannot be written", "no space", "make room")


@pytest.mark.parametrize("blame", Blame)
def test_each_kind_of_run_gets_its_verdict(tmp_path: Path, blame: Blame) -> None:
    """From files on disk alone."""
    verdict = judge_bundle(write_bundle(tmp_path / "run", run_blaming(blame))).verdict
    assert verdict.blame is blame, verdict.findings
    assert verdict.decision is blame.decision


def test_the_same_evidence_gets_the_same_verdict(tmp_path: Path) -> None:
    """However often, and also after reports were written beside it; the time is that of the last event."""
    folder = write_bundle(tmp_path / "run")
    first = judge_bundle(folder).verdict
    (folder / "report.html").write_text(first.decision)
    assert judge_bundle(folder).verdict == first
    evidence = read_bundle(folder)
    assert first.judged_at == evidence.finished_at
    assert first.evidence_digest == evidence.digest != ""


def test_no_line_of_the_journal_can_be_spared(tmp_path: Path) -> None:
    """Take out any one line of a good run, seal it anew, and it is approved no more."""
    folder = write_bundle(tmp_path / "run")
    lines = Layout(folder).journal.read_bytes().splitlines(keepends=True)
    assert len(lines) == len(run_of())
    for number in range(len(lines)):
        rewrite_journal(folder, [*lines[:number], *lines[number + 1 :]])
        assert judge_bundle(folder).verdict.decision is not Decision.APPROVED, lines[number]
    rewrite_journal(folder, lines)
    assert judge_bundle(folder).verdict.decision is Decision.APPROVED


def test_no_line_of_the_journal_counts_twice(tmp_path: Path) -> None:
    """Repeat any one line, seal the bundle anew, and it is approved no more."""
    folder = write_bundle(tmp_path / "run")
    lines = Layout(folder).journal.read_bytes().splitlines(keepends=True)
    for number in range(len(lines)):
        rewrite_journal(folder, [*lines[: number + 1], *lines[number:]])
        assert judge_bundle(folder).verdict.decision is not Decision.APPROVED, lines[number]


@pytest.mark.parametrize("name", ["manifest.json", "journal.jsonl", "policy.toml", "floors.toml", "digests.json"])
def test_no_file_can_be_spared(tmp_path: Path, name: str) -> None:
    """A bundle that lacks any of its files gets a verdict, and it is not approved."""
    folder = write_bundle(tmp_path / "run")
    (folder / name).unlink()
    verdict = judge_bundle(folder).verdict
    assert verdict.blame is Blame.NOTHING_TESTED
    if name != "digests.json":
        seal(Layout(folder))
        assert judge_bundle(folder).verdict.blame is Blame.NOTHING_TESTED


@pytest.mark.parametrize(
    ("policy", "flaw"),
    [
        (POLICY + "# milder\n", "the policy in the bundle is not the one that the manifest names"),
        ("", "the policy in the bundle cannot be read: policy.toml is not valid"),
        ('schema_version = "epjgate/policy/2"\n', "the policy in the bundle cannot be read: policy.toml is not valid"),
        ("=", "the policy in the bundle cannot be read: policy.toml cannot be read"),
    ],
)
def test_another_policy_than_the_run_began_with_judges_nothing(tmp_path: Path, policy: str, flaw: str) -> None:
    """Also where it was put in place before the seal."""
    verdict = judge_bundle(write_bundle(tmp_path / "run", policy=policy)).verdict
    assert verdict.blame is Blame.NOTHING_TESTED
    assert any(flaw in finding.detail for finding in verdict.findings)


def test_a_policy_that_is_no_text_is_a_flaw(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 end in a verdict, not in a crash."""
    folder = write_bundle(tmp_path / "run")
    (folder / "policy.toml").write_bytes(b"\xff")
    assert judge_bundle(folder).verdict.blame is Blame.NOTHING_TESTED


def test_without_a_bundle_there_is_no_verdict(tmp_path: Path) -> None:
    """An empty folder is not judged."""
    with pytest.raises(EvidenceUnreadable):
        judge_bundle(tmp_path)


@pytest.mark.parametrize("approved", ["no TOML", 'schema_version = "epjgate/approved-changes/2"\n'])
def test_approvals_that_cannot_be_read_are_a_flaw(tmp_path: Path, approved: str) -> None:
    """Who cannot tell what was approved approves nothing."""
    folder = write_bundle(tmp_path / "run")
    Layout(folder).approved.write_text(approved, encoding="utf-8")
    seal(Layout(folder))
    judged = judge_bundle(folder)
    assert judged.verdict.decision is not Decision.APPROVED
    assert any("cannot be read" in finding.detail for finding in judged.verdict.findings)


def test_everybody_is_told(tmp_path: Path) -> None:
    """Each publisher's files are returned, in the order of the publishers."""
    folder = write_bundle(tmp_path / "run")
    written = publish(judge_bundle(folder), [Writes("one"), Writes("two")])
    assert written == (folder / "one.txt", folder / "two.txt")
    assert (folder / "two.txt").read_text() == "approved"


def test_one_that_cannot_write_does_not_silence_the_others(tmp_path: Path) -> None:
    """All are asked; then the first failure is raised."""
    folder = write_bundle(tmp_path / "run")
    publishers: list[Publisher] = [CannotWrite("first"), Writes("one"), CannotWrite("second")]
    with pytest.raises(EvidenceUnwritable, match="first cannot be written"):
        publish(judge_bundle(folder), publishers)
    assert (folder / "one.txt").is_file()
