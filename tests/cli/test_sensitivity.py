"""`epjgate sensitivity` on a real candidate: what the suite notices, what it leaves behind, and how it ends."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from epjgate.cli.exit_codes import ExitCode
from epjgate.model.parsing import parse_toml
from epjgate.model.sensitivity import Sensitivity, StoredSensitivity

if TYPE_CHECKING:
    from tests.cli.conftest import Ended
    from tests.conftest import Project

ASSERTS = """
def test_the_desk_is_open(desk):
    assert desk.request("GET", "/ready").status == 200
"""
ASSERTS_NOTHING = """
def test_the_desk_answers(desk):
    assert desk.request("GET", "/ready")
"""
ASKS_NOTHING = "def test_nothing(desk): assert desk\n"
MEASURE = ("sensitivity", "--system=tiny", "--candidate=1.0", "-n", "1")
DEMANDS = """
[suites_sensitive]
min_kill_rate = 0.9
"""
REASONS = """
schema_version = "epjgate/survivors/1"
[[survivor]]
field = "ready (GET ready 200)"
operators = ["status"]
reason = "the desk has only one status"
"""


def left_behind(project: Project) -> list[str]:
    """Return what a measurement has left in the runs and in the state of the project."""
    state = Path(project.env["EPJGATE_STATE"])
    runs = project.root / ".epjgate/runs"
    return [path.name for folder in (state, runs) for path in folder.rglob("*") if path.is_file()]


def result(project: Project) -> Sensitivity:
    """Return the one result of the project."""
    (file,) = (project.root / ".epjgate/runs").glob("sensitivity-*/sensitivity.json")
    return Sensitivity.model_validate_json(file.read_bytes())


def test_a_suite_that_asserts_is_seen_to_notice(project: Project, command: Callable[..., Ended]) -> None:
    """The status is the one thing that the desk answers: changed, it turns the test red; the result alone is left."""
    project.suite(ASSERTS)
    ended = command(*MEASURE)
    assert (ended.code, "100.0%" in ended.out) == (0, True), ended.err
    assert "1 of 1 mutants tried" in ended.err
    assert left_behind(project) == ["sensitivity.json"]
    (trial,) = result(project).trials
    assert (str(trial.mutant), trial.killed_by) == (
        "http ready (GET ready 200) status",
        {"desk": "desk/test_desk.py::test_the_desk_is_open"},
    )


def test_a_suite_that_asserts_nothing_is_named_by_what_it_misses(
    project: Project, command: Callable[..., Ended]
) -> None:
    """The survivor stands there in words; a committed reason is told and changes no figure, an equivalent one does."""
    project.suite(ASSERTS_NOTHING)
    bare = command(*MEASURE)
    assert "http: nobody asserts ready (GET ready 200) (status)" in bare.out
    project.write("ci/survivors.toml", REASONS)
    explained = command(*MEASURE)
    assert "with a reason: http ready (GET ready 200) status: the desk has only one status" in explained.out
    project.write("ci/survivors.toml", f"{REASONS}equivalent = true\n")
    told: dict[str, Any] = json.loads(command(*MEASURE, "--json").out)
    measured = Sensitivity.model_validate(told)
    assert (measured.total().mutants, measured.total().killed, measured.total().equivalent) == (1, 0, 1)


def test_the_same_seed_meets_the_same_mutants_with_the_same_fate(
    project: Project, command: Callable[..., Ended]
) -> None:
    """With one test at a time as with two."""
    project.suite(ASSERTS)
    measured = [Sensitivity.model_validate_json(command(*MEASURE, "--json", "-n", number).out) for number in "12"]
    fates = [[(trial.mutant, trial.fate, trial.killed_by) for trial in one.trials] for one in measured]
    assert fates[0] == fates[1]


def test_a_measurement_that_is_kept_is_what_the_policy_reads(project: Project, command: Callable[..., Ended]) -> None:
    """Without one nothing is approved; with one it is, from the bundle alone, until the suite becomes another."""
    project.suite(ASSERTS)
    policy = (project.root / "ci/policy.toml").read_text(encoding="utf-8")
    project.write("ci/policy.toml", policy.partition("[suites_sensitive]")[0] + DEMANDS)
    assert project.run().returncode == ExitCode.HARNESS
    assert command(*MEASURE, "--write").code == 0
    kept = project.root / "ci/sensitivity.toml"
    assert parse_toml(kept.read_text(encoding="utf-8"), "", StoredSensitivity).kill_rate == 1
    assert project.run().returncode == ExitCode.APPROVED
    kept.unlink()
    assert command("judge", project.bundle).code == ExitCode.APPROVED
    assert command(*MEASURE, "--write").code == 0
    project.suite(ASSERTS + ASSERTS)
    assert project.run().returncode == ExitCode.HARNESS


def test_without_write_nothing_is_kept(project: Project, command: Callable[..., Ended]) -> None:
    """A look does not change what the policy reads."""
    command(*MEASURE)
    assert not (project.root / "ci/sensitivity.toml").exists()


@pytest.mark.parametrize("budget", ["0", "-3", "soon", "10m"])
def test_a_budget_that_is_none_is_refused(command: Callable[..., Ended], budget: str) -> None:
    """Before anything is started."""
    ended = command(*MEASURE, f"--budget={budget}")
    assert (ended.code, "give 300 or 240s" in ended.err) == (ExitCode.USAGE, True)


@pytest.mark.parametrize(
    ("tests", "code", "says"),
    [
        (ASKS_NOTHING, ExitCode.USAGE, "1 of 1 tests are green, and see no answer"),
        ("def test_x(:\n", ExitCode.HARNESS, "ended before their end"),
    ],
)
def test_what_cannot_be_measured_is_said(
    project: Project, command: Callable[..., Ended], tests: str, code: ExitCode, says: str
) -> None:
    """A suite that asks nothing, and one that cannot be read, have no result."""
    project.suite(tests)
    ended = command(*MEASURE)
    assert (ended.code, says in ended.err) == (code, True), ended.err
    assert "sensitivity.json" not in left_behind(project)


def test_an_interrupted_measurement_leaves_nothing_behind(
    project: Project, wait_for: Callable[[Callable[[], bool]], None]
) -> None:
    """No process, no folder, no result."""
    begun = project.long_suite()
    process = project.begin(*MEASURE)
    wait_for(begun.exists)
    os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED
    assert left_behind(project) == []
