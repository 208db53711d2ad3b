"""The matrix as it is made: real builds of a small train meet an incident, and what they show is kept."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.conftest import HERE, SYSTEM
from tests.incident_fixtures import BITES, FINGERPRINT, FOLDER, IncidentProject

FAULT = """
title = "The desk says yes to every door"
[[edit]]
file = "tiny_service.py"
head = 'self._answer(404, "")'
build = 'self._answer(200, "")'
"""
TRAIN = """
schema_version = "epjgate/train/1"
build = [
    { version = "1.0.1", change = "first" },
    { version = "1.0.2", change = "quicker", enters = ["INC-0001"] },
    { version = "1.0.3", change = "mended", leaves = ["INC-0001"] },
]
"""
RELEASES = """
[train]
builds = "../../desk/builds.toml"
[train.process]
packages = ["./tiny_service-1.0-py3-none-any.whl"]
source = { folder = "../../desk", build = "${version}" }
"""
SLOW = """
import pathlib, time

def test_no_such_door(desk):
    assert desk.request("GET", "/nowhere").status == 404, "the desk says yes to a door that it does not have"
    pathlib.Path({begun!r}).touch()
    time.sleep(60)
"""
UNCLEAR = """
def test_no_such_door(desk):
    raise LookupError("the test itself is wrong")
"""


@dataclass(frozen=True)
class Desk:
    """A project whose system is a train of three builds, the second with the fault of the one incident."""

    incidents: IncidentProject
    script: Path

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.incidents.project.root

    @property
    def matrix(self) -> dict[str, Any]:
        """The matrix as its file has it."""
        made: dict[str, Any] = json.loads((self.root / "matrix.json").read_text(encoding="utf-8"))
        return made

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the script."""
        return subprocess.Popen(
            [sys.executable, str(self.script), "--system=tiny", "--file=matrix.json", *arguments],
            cwd=self.root,
            env=self.incidents.project.env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the script to its end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@pytest.fixture
def desk(incidents: IncidentProject, repo: Path) -> Desk:
    """A train whose builds are the tiny service, as source code; nothing is kept yet."""
    project = incidents.project
    project.write("fixtures/systems/tiny/system.toml", SYSTEM.partition('[releases."1.0"')[0] + RELEASES)
    project.write("fixtures/desk/builds.toml", TRAIN)
    project.write("fixtures/desk/variations/INC-0001.toml", FAULT)
    project.write("fixtures/desk/tiny_service.py", (HERE / "environments/tiny_service.py").read_text(encoding="utf-8"))
    project.write("fixtures/desk/tiny/_version.py", 'VERSION = "1.0.3"\n')
    incidents.record(fingerprint=f'"{FINGERPRINT}"', **{"known-bad": '"1.0.2"', "fixed-in": '"1.0.3"'})
    return Desk(incidents, repo / "ci/matrix.py")


def test_a_whole_matrix_is_made_renewed_and_compared(desk: Desk) -> None:
    """Red on the faulty build alone; nothing is stale then; a build that changes is, and is renewed alone."""
    made = desk.run()
    assert (made.returncode, made.stdout) == (0, ""), made.stderr
    rows = desk.matrix["builds"]
    assert {version: list(row["red"]) for version, row in rows.items()} == {
        "1.0.1": [],
        "1.0.2": ["INC-0001"],
        "1.0.3": [],
    }
    assert rows["1.0.2"]["red"]["INC-0001"]["fingerprints"] == [FINGERPRINT]
    assert not list((desk.root / ".epjgate/runs").glob("*")), "evidence stays only of what is not as it must be"
    same = desk.run("--check", "--sample", "2", "--seed", "1")
    assert (same.returncode, same.stdout) == (0, ""), same.stderr
    assert same.stderr.count("seen tiny") == 2
    assert "seen tiny" not in desk.run("--stale").stderr
    fault = desk.root / "fixtures/desk/variations/INC-0001.toml"
    fault.write_text(FAULT.replace('200, ""', '200, "yes"'), encoding="utf-8")
    renewed = desk.run("--stale")
    assert (renewed.returncode, renewed.stderr.count("seen tiny")) == (0, 1), renewed.stderr
    assert desk.matrix["builds"]["1.0.2"]["source"] != rows["1.0.2"]["source"]
    assert {one: row for one, row in desk.matrix["builds"].items() if one != "1.0.2"} == {
        one: row for one, row in rows.items() if one != "1.0.2"
    }


def test_what_contradicts_the_train_is_kept_told_and_rejected(desk: Desk) -> None:
    """A fault that is not there, and a build that does not hold what the matrix says: exit code 10, with evidence."""
    fault = desk.root / "fixtures/desk/variations/INC-0001.toml"
    fault.write_text(FAULT.replace('200, ""', '404, "no"'), encoding="utf-8")
    made = desk.run("1.0.2")
    assert made.returncode == 10, made.stderr
    assert made.stdout == "1.0.2 INC-0001: green, and must be red\n"
    assert desk.matrix["builds"]["1.0.2"]["green"] == ["INC-0001"], "what was seen is kept, and not what was expected"
    assert "evidence of that: " in made.stderr
    desk.incidents.test(UNCLEAR)
    made = desk.run("1.0.1")
    assert made.returncode == 10, made.stderr
    assert made.stdout.startswith("1.0.1 INC-0001: unclear, and must be green: test_no_such_door broke")
    assert list(desk.matrix["builds"]) == ["1.0.1"], "rows that met another test are left out"


def test_a_matrix_that_lies_is_found_out(desk: Desk) -> None:
    """Builds that show something else than is kept of them are told by the comparison, which keeps nothing."""
    assert desk.run().returncode == 0
    file = desk.root / "matrix.json"
    lie = desk.matrix
    lie["builds"]["1.0.1"] |= {"green": [], "red": lie["builds"]["1.0.2"]["red"]}
    file.write_text(json.dumps(lie), encoding="utf-8")
    found = desk.run("--check", "1.0.1")
    assert (found.returncode, found.stdout) == (10, "1.0.1 INC-0001: green, and was red\n"), found.stderr
    assert desk.matrix == lie


def test_a_stale_or_missing_matrix_is_compared_with_nothing(desk: Desk) -> None:
    """That is a mistake of the caller, who is told what to do."""
    assert "there is no matrix to compare with" in desk.run("--check").stderr
    assert desk.run("1.0.1").returncode == 0
    stale = desk.run("--check", "1.0.1")
    assert stale.returncode == 2
    assert "the matrix is stale" in stale.stderr
    assert "1.0.2 is not in it" in stale.stderr


def test_a_build_is_repeated_and_its_reds_are_counted(desk: Desk) -> None:
    """Each time it is started anew; the rows stay as they are."""
    clean = desk.run("1.0.3", "--repeat", "2")
    assert clean.returncode == 0, clean.stderr
    assert clean.stderr.count("starting tiny 1.0.3") == 2
    repeated = desk.matrix["repeated"]
    assert (repeated["build"], repeated["runs"], repeated["red"], repeated["unclear"]) == ("1.0.3", 2, {}, {})
    assert desk.run("1.0.2", "--repeat", "3").returncode == 0
    assert desk.matrix["repeated"]["red"] == {"INC-0001": 3}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("9.9.9",), "there is no build 9.9.9"),
        (("--sample", "4"), "4 builds cannot be drawn"),
        (("--repeat", "2"), "one build is repeated"),
        (("--system", "other"), "there is no system 'other'"),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments: tuple[str, ...], told: str, desk: Desk) -> None:
    """Nothing is started, and the usual exit code says that the call was wrong."""
    refused = desk.run(*arguments)
    assert refused.returncode == 2
    assert told in refused.stderr
    assert not (desk.root / "matrix.json").exists()


def test_a_build_that_does_not_start_is_no_row(desk: Desk) -> None:
    """It is neither red nor green: exit code 4."""
    system = desk.root / "fixtures/systems/tiny/system.toml"
    never_ready = system.read_text(encoding="utf-8").replace('"/ready", limit_s = 20', '"/nowhere", limit_s = 2')
    system.write_text(never_ready, encoding="utf-8")
    ended = desk.run("1.0.1")
    assert ended.returncode == 4, ended.stderr
    assert ended.stdout.startswith("1.0.1: the environment broke")
    assert not (desk.root / "matrix.json").exists()


def test_a_test_that_is_edited_while_it_is_met_stops_the_matrix(
    desk: Desk, wait_for: Callable[[Callable[[], bool]], None]
) -> None:
    """Nobody could say which of the two was met; no row is kept."""
    begun = desk.root / "begun"
    test = SLOW.format(begun=str(begun)).replace("sleep(60)", "sleep(2)")
    desk.incidents.test(test)
    with desk.start("1.0.1") as job:
        wait_for(begun.exists)
        desk.incidents.test(BITES)
        _, err = job.communicate(timeout=60)
    assert job.returncode == 2, err
    assert "tests or builds were edited while 1.0.1 met them" in err
    assert not (desk.root / "matrix.json").exists()


def test_told_to_stop_it_leaves_nothing_behind(desk: Desk, wait_for: Callable[[Callable[[], bool]], None]) -> None:
    """Exit code 130; the builds and the tests that ran are ended, and what was not seen to its end is not kept."""
    begun = desk.root / "begun"
    desk.incidents.test(SLOW.format(begun=str(begun)))
    with desk.start("1.0.1") as job:
        wait_for(begun.exists)
        started = psutil.Process(job.pid).children(recursive=True)
        assert len(started) >= 2
        job.send_signal(signal.SIGTERM)
        _, err = job.communicate(timeout=60)
    assert job.returncode == 130, err
    assert not [process for process in started if process.is_running()]
    assert not (desk.root / "matrix.json").exists()
    assert desk.incidents.folder.name == FOLDER
