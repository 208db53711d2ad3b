"""The main job: it passes only where every candidate gets the verdict that it deserves."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from epjgate.settings import Settings, load_settings


@dataclass(frozen=True)
class Ending:
    """How a stand-in for `epjgate run` ends for one candidate: its exit code, its decision, its one finding."""

    code: int
    decision: str
    finding: str = ""
    report: bool = True


GOOD = {
    "1.0.8": Ending(10, "rejected", "INC-0002 Renewed prescription kept the old dose"),
    "2.1.74": Ending(0, "approved"),
    "0.1.1": Ending(10, "rejected", "a result loses digits"),
}
# Stands for epjgate: says what it was called with, writes and exits as it is told for the candidate that it is given.
EPJGATE = """#!{python}
import json, pathlib, sys
given = sys.argv
ending = json.loads({endings!r})[given[given.index("--candidate") + 1]]
folder = pathlib.Path(given[given.index("--out") + 1])
folder.mkdir(parents=True)
rule = {{"findings": [{{"summary": ending["finding"]}}]}}
(folder / "verdict.json").write_text(json.dumps({{"decision": ending["decision"], "rules": [rule]}}))
if ending["report"]:
    (folder / "report.html").touch()
print("called with", " ".join(given[1:]), "in", pathlib.Path.cwd())
sys.exit(ending["code"])
"""
# Another one, that is told to stop and cleans up before it does.
PATIENT = """#!{python}
import pathlib, signal, sys, time
def stop(*_):
    time.sleep(0.2)
    pathlib.Path({note!r}).write_text("cleaned up")
    sys.exit(130)
signal.signal(signal.SIGTERM, stop)
print("ready", flush=True)
while True:
    time.sleep(0.05)
"""
FOR_SLOW_SUITES = ("care_communications", "rolling_upgrade")
"""Capabilities that no test of the quick suites needs: to demand them there would be to demand what nobody tries."""
Demo = Callable[..., subprocess.CompletedProcess[str]]


def table(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


@pytest.fixture
def demo(tmp_path: Path, repo: Path) -> Demo:
    """Call it with how the candidates end, and further arguments, for the result of the main job."""
    (tmp_path / "python").symlink_to(sys.executable)

    def play(endings: Mapping[str, Ending], *arguments: str) -> subprocess.CompletedProcess[str]:
        told = json.dumps({version: vars(ending) for version, ending in endings.items()})
        epjgate = tmp_path / "epjgate"
        epjgate.write_text(EPJGATE.format(python=sys.executable, endings=told), encoding="utf-8")
        epjgate.chmod(0o755)
        command = [str(tmp_path / "python"), str(repo / "ci/demo.py"), "--out", str(tmp_path / "demo"), *arguments]
        return subprocess.run(command, text=True, capture_output=True, check=False)

    return play


def test_three_verdicts_as_expected_pass(demo: Demo, tmp_path: Path) -> None:
    """It exits 0 and ends with a line and a report for each; SEKMET may be approved as well."""
    done = demo(GOOD | {"0.1.1": Ending(0, "approved")})
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()[-3:]] == ["rejected", "approved", "approved"]
    assert f"{tmp_path / 'demo' / '2-clean' / 'report.html'}" in done.stdout


def test_further_arguments_go_to_every_run(demo: Demo) -> None:
    """What the main job does not know is handed on."""
    assert demo(GOOD, "-n", "2", "--environment", "container").stdout.count("-n 2 --environment container") == 3


def test_it_runs_the_suites_that_its_own_policy_requires(demo: Demo, repo: Path) -> None:
    """A candidate is not failed for a suite that was left out, and none runs that nobody asks for."""
    required = table(repo / "ci/demo/policy.toml").pop("suites_executed")
    done = demo(GOOD)
    called = [line.split() for line in done.stdout.splitlines() if line.startswith("called with")]
    assert [call[-1] for call in called] == [str(repo / "ci/demo")] * 3
    for call in called:
        asked = {suite for option, suite in pairwise(call) if option == "--suites"}
        assert {"required": sorted(asked)} == {name: sorted(suites) for name, suites in required.items()}


def test_its_policy_is_the_projects_for_these_suites(repo: Path) -> None:
    """No rule is milder: a test has to show the same, and every capability that one of these needs is demanded."""
    ours, real = table(repo / "ci/demo/policy.toml"), table(repo / "ci/policy.toml")
    suites = ours.pop("suites_executed")["required"]
    assert set(suites) <= set(real.pop("suites_executed")["required"])
    for shares in real["not_applicable"]["max_shares"].values():
        for suite in shares.keys() - set(suites):
            del shares[suite]
    for capabilities in real["not_applicable"]["required_capabilities"].values():
        capabilities[:] = [one for one in capabilities if one not in FOR_SLOW_SUITES]
    assert ours == real


def test_its_settings_are_the_projects_but_for_the_policy(repo: Path) -> None:
    """Suites, floors, systems and all else are those that a gate uses."""
    ours, real = load_settings(repo / "ci/demo"), load_settings(repo)
    assert ours.path(ours.policy) == repo / "ci/demo/policy.toml"
    for field in (name for name in Settings.model_fields if name not in ("root", "policy", "system", "candidate")):
        assert ours.path(getattr(ours, field)).resolve() == real.path(getattr(real, field)).resolve(), field


def test_all_suites_are_run_as_a_gate_runs_them(demo: Demo, repo: Path) -> None:
    """By the project's own policy, and without naming suites."""
    told = demo(GOOD, "--all-suites").stdout
    assert told.count(f"in {repo}\n") == 3
    assert "--suites" not in told


@pytest.mark.parametrize(
    ("candidate", "ending"),
    [
        ("1.0.8", Ending(0, "approved")),
        ("1.0.8", Ending(10, "rejected", "INC-0044 Another one")),
        ("2.1.74", Ending(10, "rejected", "INC-0002 Renewed prescription kept the old dose")),
        ("2.1.74", Ending(4, "inconclusive")),
        ("0.1.1", Ending(1, "approved")),
        ("0.1.1", Ending(130, "inconclusive")),
        ("0.1.1", Ending(0, "rejected")),
        ("0.1.1", Ending(10, "approved")),
        ("2.1.74", Ending(0, "")),
        ("2.1.74", Ending(0, "approved", report=False)),
    ],
)
def test_anything_else_fails(candidate: str, ending: Ending, demo: Demo) -> None:
    """No other verdict passes, no verdict for another reason, no exit code that says something else, no lost report."""
    done = demo(GOOD | {candidate: ending})
    assert done.returncode == 1
    assert done.stderr.startswith("demo: ")
    assert any(word in done.stderr for word in (candidate, "verdict.json", "report.html"))


def test_told_to_stop_it_lets_the_gate_clean_up(tmp_path: Path, repo: Path) -> None:
    """The signal reaches the gate, which takes its time; the main job exits 130 after it and starts no other."""
    (tmp_path / "python").symlink_to(sys.executable)
    (tmp_path / "epjgate").write_text(
        PATIENT.format(python=sys.executable, note=str(tmp_path / "note")), encoding="utf-8"
    )
    (tmp_path / "epjgate").chmod(0o755)
    command = [str(tmp_path / "python"), str(repo / "ci/demo.py"), "--out", str(tmp_path / "demo")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as job:
        try:
            assert job.stdout is not None
            assert "ready\n" in iter(job.stdout.readline, "")
            job.send_signal(signal.SIGTERM)
            assert job.wait(timeout=60) == 130
        finally:
            job.kill()
    assert (tmp_path / "note").read_text(encoding="utf-8") == "cleaned up"
