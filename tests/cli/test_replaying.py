"""`epjgate contracts replay`: one command shows a finding again, and says whether it is still there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Ended
from tests.drivers.notebook import notebook

from epjgate.cli.exit_codes import ExitCode
from epjgate.drivers.openapi_findings import Exploration, Finding, Step, Summary

SUMMARY = Summary(seed=7, seconds=1, requests=1, operations=3, reached=3, subjects={}, samples={})
UNSIGNED = Step(method="GET", path="/notes/n1", status=401, content_type="application/json")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An exploration with one finding, which lies in no bundle."""
    finding = Finding(
        check="ignored_auth",
        operation="GET /notes/{id}",
        fingerprint="f",
        title="Sign-in is not asked for",
        message="m",
        times=1,
        steps=(UNSIGNED,),
    )
    Exploration(summary=SUMMARY, findings=(finding,)).write(tmp_path / "openapi.jsonl")
    return tmp_path / "openapi.jsonl"


def test_a_finding_that_is_still_there_exits_10(command: Callable[..., Ended], file: Path) -> None:
    """The answer of then and the one of now are shown, and that they are the same."""
    with notebook() as book:
        ended = command("contracts", "replay", f"{file}#1", "--url", book.url)
    assert ended.code == ExitCode.REJECTED
    assert "GET /notes/n1" in ended.out
    assert "now:  401" in ended.out
    assert "answers the same" in ended.out


def test_a_finding_that_is_gone_exits_0(command: Callable[..., Ended], file: Path) -> None:
    """Another status now: whatever it was, it is not there any more."""
    with notebook("open to all") as book:
        ended = command("contracts", "replay", f"{file}#1", "--url", f"{book.url}/openapi.json")
    assert ended.code == ExitCode.APPROVED
    assert "now:  404" in ended.out


@pytest.mark.parametrize("place", ["{file}", "{file}#", "{file}#x", "{file}#0", "{file}#2", "#1"])
def test_a_finding_that_is_not_there_is_a_mistake_of_whoever_asks(
    command: Callable[..., Ended], file: Path, place: str
) -> None:
    """The numbers that there are are told."""
    assert command("contracts", "replay", place.format(file=file), "--url", "http://127.0.0.1:1").code == ExitCode.USAGE


def test_without_a_bundle_somebody_has_to_name_a_server(command: Callable[..., Ended], file: Path) -> None:
    """Which release the finding is about stands in the bundle alone."""
    ended = command("contracts", "replay", f"{file}#1")
    assert ended.code == ExitCode.NOTHING_TESTED
    assert "--url" in ended.err


def test_a_server_that_is_gone_is_no_verdict(command: Callable[..., Ended], file: Path) -> None:
    """No answer is neither the same nor another one."""
    assert command("contracts", "replay", f"{file}#1", "--url", "http://127.0.0.1:1").code not in (0, 10)
