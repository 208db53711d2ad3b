"""Tests of epjgate.reports.json_file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from epjgate.errors import EvidenceUnreadable, EvidenceUnwritable
from epjgate.model.evidence import Evidence
from epjgate.model.verdict import Blame, Rehearsed, Verdict
from epjgate.reports.json_file import JsonPublisher, read_verdict


@pytest.mark.parametrize("blame", list(Blame))
def test_a_verdict_comes_back_as_it_was(
    tmp_path: Path, make_verdict: Callable[..., Verdict], evidence: Evidence, blame: Blame
) -> None:
    """What was written is read as an equal verdict; the file is told, and writing again changes nothing."""
    verdict = make_verdict(blame)
    (path,) = JsonPublisher().publish(verdict, evidence, tmp_path)
    first = path.read_bytes()
    assert read_verdict(tmp_path) == verdict
    JsonPublisher().publish(verdict, evidence, tmp_path)
    assert path.read_bytes() == first
    assert first.endswith(b"}\n")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("schema_version", "epjgate/verdict/2"),
        ("decision", "approved"),
        ("decision", "fine"),
        ("blame", "environment"),
        ("unknown", 1),
        ("suites", [{"suite": "s", "title": "t", "counts": {"excellent": 3}}]),
    ],
)
def test_what_is_no_such_verdict_is_refused(
    tmp_path: Path, verdict: Verdict, evidence: Evidence, key: str, value: object
) -> None:
    """Another layout, an unknown word or key, or a decision that its blame does not bear is an error."""
    (path,) = JsonPublisher().publish(verdict, evidence, tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    with pytest.raises(EvidenceUnreadable):
        read_verdict(tmp_path)


@pytest.mark.parametrize("rules", [(), ({"rule": "r", "title": "t", "holds": False},)])
def test_an_approval_against_its_rules_is_refused(
    tmp_path: Path, make_verdict: Callable[..., Verdict], evidence: Evidence, rules: tuple[object, ...]
) -> None:
    """Nobody can be approved without rules, or past one that does not hold."""
    JsonPublisher().publish(make_verdict(Blame.NOBODY, rules=rules), evidence, tmp_path)
    with pytest.raises(EvidenceUnreadable, match="not every rule holds"):
        read_verdict(tmp_path)


def test_a_missing_or_truncated_file_is_refused(tmp_path: Path, verdict: Verdict, evidence: Evidence) -> None:
    """Nothing, and half of it, are no verdict."""
    with pytest.raises(EvidenceUnreadable):
        read_verdict(tmp_path)
    (path,) = JsonPublisher().publish(verdict, evidence, tmp_path)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(EvidenceUnreadable):
        read_verdict(tmp_path)


def test_text_that_is_no_unicode_is_told(
    tmp_path: Path, make_verdict: Callable[..., Verdict], evidence: Evidence
) -> None:
    """Half a surrogate pair ends as an error and not as a crash."""
    with pytest.raises(EvidenceUnwritable):
        JsonPublisher().publish(make_verdict(candidate="\ud800"), evidence, tmp_path)


def test_a_verdict_on_a_rehearsal_holds_what_was_found(
    tmp_path: Path, make_rehearsal: Callable[..., Verdict], evidence: Evidence, rehearsed: Rehearsed
) -> None:
    """Plan, steps, censuses, availability and forecast as data, and the name of the upgrade."""
    verdict = make_rehearsal(Blame.NOBODY)
    (path,) = JsonPublisher().publish(verdict, evidence, tmp_path)
    assert read_verdict(tmp_path) == verdict
    told = json.loads(path.read_text())
    assert told["rehearsal"] == "0.9 -> 1.0"
    assert told["rehearsed"] == json.loads(rehearsed.model_dump_json())


def test_a_verdict_on_a_release_has_no_key_of_a_rehearsal(tmp_path: Path, verdict: Verdict, evidence: Evidence) -> None:
    """Who reads releases alone reads them as ever, and refuses a rehearsal for the key that is not known."""
    (path,) = JsonPublisher().publish(verdict, evidence, tmp_path)
    assert not {"rehearsal", "rehearsed"} & json.loads(path.read_text()).keys()


@pytest.mark.parametrize("key", ["rehearsal", "rehearsed"])
def test_half_a_rehearsal_is_refused(
    tmp_path: Path, make_rehearsal: Callable[..., Verdict], evidence: Evidence, key: str
) -> None:
    """An approval of which one key was taken out cannot pass for that of a release."""
    (path,) = JsonPublisher().publish(make_rehearsal(Blame.NOBODY), evidence, tmp_path)
    told = json.loads(path.read_text())
    del told[key]
    path.write_text(json.dumps(told))
    with pytest.raises(EvidenceUnreadable, match="of a release or of a rehearsal"):
        read_verdict(tmp_path)
