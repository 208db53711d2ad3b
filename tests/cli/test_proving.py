"""`epjgate prove` on real builds: what is proven, what is refused, and with which words and exit code."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from tests.incident_fixtures import BITES, FINGERPRINT, IncidentProject

from epjgate.incidents.proofs import read_proofs
from epjgate.incidents.record import read_record
from epjgate.model.proof import Proof

if TYPE_CHECKING:
    from tests.cli.conftest import Ended

GREEN_EVERYWHERE = """
def test_door(desk):
    assert desk.request("GET", "/ready").status == 200
"""
FLAKY = """
def test_door(desk, clinic_seed, _seen=[]):
    _seen.append(1)
    answer = desk.request("GET", "/nowhere").status
    assert answer == 404 or len(_seen) == 2, "it said yes"
"""
UNSTABLE = """
WORDS = iter("one two three four five six".split())
def test_door(desk):
    assert desk.request("GET", "/nowhere").status == 404, next(WORDS)
"""
SLOW = """
import pathlib, time

def test_door(desk):
    pathlib.Path({begun!r}).touch()
    time.sleep(60)
"""
NOT_IMPORTED = "import there_is_no_such_module\n\ndef test_door(desk): assert desk\n"
NOT_WRITTEN = "import pytest\n\ndef test_door(desk): pytest.fail('not written yet')\n"


def proof_of(incidents: IncidentProject) -> Proof | None:
    """Return the proof of the incident on processes, None where there is none."""
    return read_proofs(read_record(incidents.folder)).proofs.get("process")


@pytest.fixture
def recorded(incidents: IncidentProject) -> IncidentProject:
    """The incident with its fingerprint recorded, and no proof."""
    incidents.record(fingerprint=f'"{FINGERPRINT}"')
    return incidents


def test_a_dry_run_proves_and_writes_nothing(command: Callable[..., Ended], recorded: IncidentProject) -> None:
    """It ends as a prove does, and the folder of the incident is what it was."""
    before = {path: path.read_bytes() for path in recorded.folder.rglob("*") if path.is_file()}
    ended = command("prove", "--all", "--dry-run")
    assert (ended.code, "1 of 1 proven" in ended.err) == (0, True), ended.err
    assert {path: path.read_bytes() for path in recorded.folder.rglob("*") if path.is_file()} == before


def test_an_incident_is_proven_and_lets_its_suite_gate(
    incidents: IncidentProject, command: Callable[..., Ended]
) -> None:
    """Recorded, proven, proven again without a word; then a clean release is approved, and the faulty one rejected."""
    first = command("prove", "INC-0001")
    assert (first.code, incidents.folder.joinpath("proof.json").exists()) == (10, False)
    assert "run again with --record" in first.out
    recorded = command("prove", "--all", "--record", "--json")
    assert recorded.code == 0, recorded.err
    assert "the desk says yes to a door that it does not have" in recorded.err
    (told,) = json.loads(recorded.out)
    assert (told["incident"], told["state"], told["reasons"]) == ("INC-0001", "proven", [])
    assert told["fingerprints"] == [FINGERPRINT]
    proof = proof_of(incidents)
    assert proof is not None
    assert (proof.red, proof.green, list(proof.fingerprints)) == (3, 3, told["fingerprints"])
    assert proof.known_bad.digests["desk"] != proof.fixed_in.digests["desk"]
    assert proof.known_bad.digests["desk"].startswith("sha256:")
    project = incidents.project
    assert project.run().returncode == 0
    assert project.start("--candidate=0.9").communicate(timeout=120)[0].startswith("rejected")
    verdict = project.verdict()
    (failed,) = [rule for rule in verdict["rules"] if rule["rule"] == "tests-passed"]
    assert "INC-0001 The desk said yes to a door it does not have: The patient waits" in str(failed["findings"])
    left = list((project.root / ".epjgate/runs").iterdir())
    assert [folder.name[:6] for folder in left] == ["prove-"]  # of the attempt that was refused


@pytest.mark.parametrize(
    ("test", "told"),
    [
        (BITES.replace("the desk says yes", "there is a door"), "red for another reason than the recorded one"),
        (GREEN_EVERYWHERE, "every test passes on it: they do not see the fault"),
        (BITES.replace("404", "500"), "on tiny 1.0: test_no_such_door is red"),
        (FLAKY, "test_door is flaky: "),
        (UNSTABLE, "give the assertion a message that is the same every time"),
        (NOT_IMPORTED, "its test cannot be read: test_no_such_door.py: "),
        (NOT_WRITTEN, "its test is not written yet"),
        ("def test_door(no_such_fixture): assert no_such_fixture\n", "broke before it judged the build"),
        ("", "it has no test"),
    ],
)
def test_what_proves_nothing_is_refused_with_why(
    recorded: IncidentProject, command: Callable[..., Ended], test: str, told: str
) -> None:
    """Exit code 10, the reason in words, and no proof."""
    recorded.test(test)
    ended = command("prove", "INC-0001")
    assert (ended.code, proof_of(recorded)) == (10, None)
    assert told in ended.out
    assert "evidence of what was not as it should be" in ended.err


def test_a_capability_that_a_build_lacks_is_refused(recorded: IncidentProject, command: Callable[..., Ended]) -> None:
    """Not applicable is neither red nor green; the reason is the system's own."""
    recorded.record(capabilities='["surgery"]', fingerprint=f'"{FINGERPRINT}"')
    ended = command("prove", "INC-0001")
    assert ended.code == 10
    assert "is not applicable: tiny has no surgery: the tiny clinic has no theatre" in ended.out


def test_a_build_that_does_not_start_is_the_environments_and_takes_no_proof_away(
    recorded: IncidentProject, command: Callable[..., Ended]
) -> None:
    """Exit code 4; what was proven before stays proven."""
    assert command("prove", "INC-0001").code == 0
    before = proof_of(recorded)
    system = recorded.project.root / "fixtures/systems/tiny/system.toml"
    system.write_text(system.read_text(encoding="utf-8").replace('"serves"', '"exits"'), encoding="utf-8")
    ended = command("prove", "INC-0001")
    assert ended.code == 4
    assert "INC-0001 environment: on tiny 0.9: the environment broke (start)" in ended.out
    assert proof_of(recorded) == before


def test_a_release_that_does_not_exist_is_the_harnesss(
    recorded: IncidentProject, command: Callable[..., Ended]
) -> None:
    """Exit code 5, and no proof."""
    recorded.record(known_bad='"0.8"', fingerprint=f'"{FINGERPRINT}"')
    ended = command("prove", "INC-0001")
    assert (ended.code, proof_of(recorded)) == (5, None)
    assert "has no release '0.8'" in ended.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["INC-0002"], "there is no incident INC-0002"),
        ([], "names or --all, one of them"),
        (["INC-0001", "--all"], "names or --all, one of them"),
        (["--all", "--environment=remote"], "cannot be proven in the environment 'remote'"),
        (["--all", "--times=2"], "greater than or equal to 3"),
    ],
)
def test_what_cannot_be_meant_is_2(
    incidents: IncidentProject, command: Callable[..., Ended], arguments: list[str], told: str
) -> None:
    """Nothing is started."""
    ended = command("prove", *arguments)
    assert (ended.code, incidents.folder.joinpath("proof.json").exists()) == (2, False)
    assert told in ended.err


def test_an_interruption_ends_all_that_was_started(
    recorded: IncidentProject, wait_for: Callable[[Callable[[], bool]], None]
) -> None:
    """Exit code 130; no process, no proof and no half-written record is left."""
    begun = recorded.project.root / "begun"
    recorded.test(SLOW.format(begun=str(begun)))
    process = recorded.project.begin("prove", "INC-0001")
    wait_for(begun.exists)
    process.send_signal(signal.SIGINT)
    _out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert proof_of(recorded) is None
    assert running_in(recorded.project.root) == []


def running_in(folder: Path) -> list[Any]:
    """Return every process that still runs in or below `folder`."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and Path(process.cwd()).is_relative_to(folder):
                found.append(process.cmdline())
        except (psutil.Error, OSError):
            continue
    return found
