"""Tests of epjgate.reports.allure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epjgate.errors import EvidenceUnwritable
from epjgate.model.evidence import Evidence
from epjgate.model.redaction import Redactor
from epjgate.model.verdict import Blame, Verdict
from epjgate.reports.allure import LEFT_OUT, AllurePublisher

# A synthetic number: it fails mod 11 and its day was never given to a person.
CPR = "310299-1235"
UUID = "0c0ffee0-0101-4991-8123-3102991235ab"
HASH = "ab3102991235cdab3102991235cdab12"
REDACT = Redactor(b"key").text
RESULT = {
    "uuid": UUID,
    "historyId": HASH,
    "name": f"reads {CPR} æøå",
    "status": "failed",
    "start": 1767603600000,
    "parameters": [{"name": "cpr", "value": f"'{CPR}'"}, {"name": "number", "value": 3102991235}],
    "attachments": [
        {"name": "exchanges", "source": f"{UUID}-attachment.txt", "type": "text/plain"},
        {"name": "screen", "source": "1c0ffee0-0101-4991-8123-3102991235ab-attachment.png", "type": "image/png"},
    ],
}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Return a bundle in which the suites left one result with a text and a picture."""
    raw = tmp_path / "allure"
    raw.mkdir()
    (raw / f"{UUID}-result.json").write_text(json.dumps(RESULT))
    (raw / f"{UUID}-attachment.txt").write_text(f"GET /Patient?identifier={CPR}\n")
    (raw / "1c0ffee0-0101-4991-8123-3102991235ab-attachment.png").write_bytes(b"\x89PNG\x00" + CPR.encode())
    return tmp_path


def _published(verdict: Verdict, evidence: Evidence, bundle: Path) -> Path:
    AllurePublisher(REDACT).publish(verdict, evidence, bundle)
    return bundle / "allure-results"


def test_no_number_is_left(bundle: Path, verdict: Verdict, evidence: Evidence) -> None:
    """No file holds the CPR number in any form: as text, as a JSON number, inside a picture, or in its name."""
    (bundle / "allure" / f"{CPR}-attachment.txt").write_text("text")
    results = _published(verdict, evidence, bundle)
    assert len(list(results.iterdir())) == 7
    for file in results.iterdir():
        text = file.read_bytes().replace(UUID.encode(), b"").replace(HASH.encode(), b"").replace(b"-", b"")
        assert b"3102991235" not in text, file.name
        assert CPR not in file.name


def test_results_stay_valid(bundle: Path, verdict: Verdict, evidence: Evidence) -> None:
    """The result can be parsed, keeps status, times and links, and its links lead to files that are there."""
    results = _published(verdict, evidence, bundle)
    result = json.loads((results / f"{UUID}-result.json").read_text())
    assert (result["uuid"], result["historyId"]) == (UUID, HASH)
    assert (result["status"], result["start"]) == ("failed", 1767603600000)
    assert re.fullmatch(r"reads \[cpr [0-9a-f]{6}\] æøå", result["name"])
    assert [each["source"] for each in result["attachments"]] == [f"{UUID}-attachment.txt", LEFT_OUT]
    assert all((results / each["source"]).is_file() for each in result["attachments"])


def test_a_picture_is_left_out_with_a_note(bundle: Path, verdict: Verdict, evidence: Evidence) -> None:
    """What cannot be redacted is not handed on, and a reader is told."""
    results = _published(verdict, evidence, bundle)
    assert not list(results.glob("*.png"))
    assert "left out" in (results / LEFT_OUT).read_text()
    assert "screen (left out)" in (results / f"{UUID}-result.json").read_text()


@pytest.mark.parametrize(
    ("blame", "status"), [(Blame.NOBODY, "passed"), (Blame.CANDIDATE, "failed"), (Blame.ENVIRONMENT, "broken")]
)
def test_the_verdict_is_a_result(
    tmp_path: Path, make_verdict: Callable[..., Verdict], evidence: Evidence, blame: Blame, status: str
) -> None:
    """An Allure report of passed tests alone does not look green when the gate did not approve; no results needed."""
    (file,) = _published(make_verdict(blame), evidence, tmp_path).glob("*-result.json")
    result = json.loads(file.read_text())
    assert (result["name"], result["status"]) == ("verdict", status)


def test_what_was_tested_is_told(bundle: Path, make_verdict: Callable[..., Verdict], evidence: Evidence) -> None:
    """The environment names verdict, system and digests, one a line, as Java reads them."""
    verdict = make_verdict(environment="ø\\x\nInjected=1")
    lines = (_published(verdict, evidence, bundle) / "environment.properties").read_text("ascii").splitlines()
    assert "Verdict=rejected" in lines
    assert "Candidate=0.1.1" in lines
    assert f"Digest.1=sekmet sha256:{'e' * 64} (packages)" in lines
    assert "Environment=\\u00f8\\\\x\\nInjected=1" in lines


@pytest.mark.parametrize(
    ("status", "message", "category"),
    [
        ("failed", "AssertionError: 412\nis not 200", "The candidate is at fault"),
        ("broken", "epjgate.errors.CandidateUnreachable: refused", "The candidate gave no answer"),
        ("broken", "KeyError: 'x'", "The harness is at fault"),
        ("skipped", "waits for the vendor", "Not tested"),
        ("skipped", "CapabilityMissing: sekmet has no laboratory", "Not applicable to this system"),
    ],
)
def test_categories_keep_blame_apart(
    bundle: Path, verdict: Verdict, evidence: Evidence, status: str, message: str, category: str
) -> None:
    """Each kind of result is in exactly one category (Allure matches the whole message)."""
    categories = json.loads((_published(verdict, evidence, bundle) / "categories.json").read_text())
    matching = [
        each["name"]
        for each in categories
        if status in each["matchedStatuses"] and re.fullmatch(each["messageRegex"], message)
    ]
    assert matching == [category]


@pytest.mark.parametrize("text", ["{truncated", "[" * 100_000, '{"start": NaN}'])
def test_a_result_that_is_no_json_is_left_out(bundle: Path, verdict: Verdict, evidence: Evidence, text: str) -> None:
    """A result that was cut off when its process was killed does not break the report; an attachment stays text."""
    (bundle / "allure" / "broken-result.json").write_text(text)
    (bundle / "allure" / "broken-attachment.json").write_text(f"{text} {CPR}")
    results = _published(verdict, evidence, bundle)
    assert not (results / "broken-result.json").exists()
    assert (results / "broken-attachment.json").read_text() == REDACT(f"{text} {CPR}")


def test_publishing_again_replaces(bundle: Path, verdict: Verdict, evidence: Evidence) -> None:
    """Equal input gives equal files; what an earlier call wrote and this one does not is gone."""

    def files() -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in _published(verdict, evidence, bundle).iterdir()}

    first = files()
    (bundle / "allure-results" / "stale-result.json").write_text("{}")
    assert files() == first
    assert sorted(path.name for path in bundle.iterdir()) == ["allure", "allure-results"]


def test_results_from_elsewhere(
    bundle: Path, tmp_path_factory: pytest.TempPathFactory, verdict: Verdict, evidence: Evidence
) -> None:
    """A folder outside the bundle can be named instead."""
    folder = tmp_path_factory.mktemp("other")
    AllurePublisher(REDACT, raw=bundle / "allure").publish(verdict, evidence, folder)
    assert (folder / "allure-results" / f"{UUID}-result.json").is_file()


def test_every_file_written_is_told(bundle: Path, verdict: Verdict, evidence: Evidence) -> None:
    """The publisher returns the whole of what it wrote."""
    told = AllurePublisher(REDACT).publish(verdict, evidence, bundle)
    assert sorted(told) == sorted((bundle / "allure-results").iterdir())


def test_what_cannot_be_written_is_told(bundle: Path, verdict: Verdict, evidence: Evidence) -> None:
    """A file in the way ends as an error of the gate."""
    (bundle / "allure-results").write_text("in the way")
    with pytest.raises(EvidenceUnwritable):
        AllurePublisher(REDACT).publish(verdict, evidence, bundle)


@settings(deadline=None)
@given(text=st.text())
def test_any_text_is_copied(
    tmp_path_factory: pytest.TempPathFactory, make_verdict: Callable[..., Verdict], evidence: Evidence, text: str
) -> None:
    """Whatever a test is called, its result is valid JSON with that name, redacted."""
    bundle = tmp_path_factory.mktemp("bundle")
    (bundle / "allure").mkdir()
    (bundle / "allure" / "a-result.json").write_text(json.dumps({"name": f"name {text}", text: 1}))
    results = _published(make_verdict(candidate=text), evidence, bundle)
    assert json.loads((results / "a-result.json").read_text())["name"] == REDACT(f"name {text}")


def test_the_verdict_on_a_rehearsal_is_a_result_of_its_own(
    bundle: Path, make_rehearsal: Callable[..., Verdict], make_verdict: Callable[..., Verdict], evidence: Evidence
) -> None:
    """Its name says that an upgrade was rehearsed, and its history is not that of the releases."""

    def told(verdict: Verdict) -> tuple[str, str, str, bool]:
        results = _published(verdict, evidence, bundle)
        each = [json.loads(file.read_text()) for file in results.glob("*-result.json")]
        (result,) = [one for one in each if one.get("fullName", "").startswith("epjgate.")]
        named = "Rehearsal.of.upgrade=0.9 -> 1.0" in (results / "environment.properties").read_text()
        return result["name"], result["fullName"], result["historyId"], named

    release, rehearsal = told(make_verdict(Blame.NOBODY)), told(make_rehearsal(Blame.NOBODY))
    assert (release[0], release[1], release[3]) == ("verdict", "epjgate.verdict", False)
    assert (rehearsal[0], rehearsal[1], rehearsal[3]) == (
        "verdict on the rehearsal of the upgrade",
        "epjgate.rehearsal",
        True,
    )
    assert release[2] != rehearsal[2]
