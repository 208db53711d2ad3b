"""The whole gate by its command line: what it approves, and twenty ways to break a run, none of which it does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil
import pytest
from tests.conftest import GOOD, HERE, WHEEL, Project
from tests.contract_fixtures import APPROVED, KEY

from epjgate.environments.engine import RUN_LABEL, connected, leftovers
from epjgate.environments.images import BuiltImage

Wait = Callable[[Callable[[], bool]], None]
Break = Callable[[Project, Wait], subprocess.CompletedProcess[str]]

SLEEPS_IN_A_WORKER = """
import os, pathlib, signal

def test_good(desk):
    assert desk.request("GET", "/ready").status == 200

def test_kills_its_worker(desk):
    assert desk.request("GET", "/ready").status == 200
    os.kill(os.getpid(), signal.SIGKILL)
"""
CRASHES_THE_CANDIDATE = """
from epjgate.errors import CandidateUnreachable

def test_good(desk):
    assert desk.request("GET", "/ready").status == 200

def test_a_request_that_it_does_not_survive(desk):
    assert desk.request("GET", "/exit?code=1").status == 400
"""
CHANGES_ITSELF = """
import pathlib

def test_good(desk):
    assert desk.request("GET", "/ready").status == 200
    pathlib.Path(__file__).with_name("test_more.py").touch()
"""
SKIPPED = """
import pytest

@pytest.mark.declared_skip(reason="the desk is being painted", owner="desk@example.invalid")
def test_skipped(desk):
    assert desk.request("GET", "/ready").status == 200
"""
NOT_APPLICABLE = """
import pytest

@pytest.mark.needs("surgery")
def test_theatre(desk):
    assert desk.request("GET", "/ready").status == 200
"""


def test_a_good_candidate_is_approved(project: Project) -> None:
    """A candidate that does what the suites demand is approved, and only then is the exit code 0."""
    ended = project.run()
    assert ended.returncode == 0, ended.stderr
    assert project.verdict()["decision"] == "approved"
    assert ended.stdout.startswith(f"approved {project.bundle}")


def test_a_candidate_at_fault_is_rejected(project: Project) -> None:
    """An assertion about the candidate that does not hold rejects it, and the finding names the test."""
    project.suite(GOOD + '\ndef test_closes(desk):\n    assert desk.request("GET", "/closed").status == 200\n')
    ended = project.run()
    verdict = project.verdict()
    assert (ended.returncode, verdict["decision"]) == (10, "rejected")
    assert "desk/test_desk.py::test_closes" in json.dumps(verdict["rules"])


def test_a_change_that_breaks_partners_rejects_until_somebody_answers_for_it(changed: Project) -> None:
    """What the candidate takes away is named; an approval lets it pass, and one that has expired does not."""
    ended = changed.run("--baseline=0.9")
    verdict = changed.verdict()
    assert (ended.returncode, verdict["decision"], verdict["blame"]) == (10, "rejected", "candidate"), ended.stderr
    assert [(one["change"]["place"], one["approval"]) for one in verdict["changes"]] == [
        ("table notes column author", "missing")
    ]
    assert KEY in json.dumps(verdict["rules"])
    for release in ("baseline", "candidate"):
        assert (changed.bundle / f"surfaces/{release}.json").is_file()
    changed.write("ci/approved-changes.toml", APPROVED)
    assert changed.run("--baseline=0.9").returncode == 0
    (approved,) = changed.verdict()["changes"]
    assert (approved["approval"], approved["owner"]) == ("approved", "records team")
    assert (changed.bundle / "approved-changes.toml").read_text(encoding="utf-8") == APPROVED
    assert "known from before" in changed.run("--baseline=0.9").stderr, "the baseline was asked once"
    changed.write("ci/approved-changes.toml", APPROVED.replace("2999", "2001"))
    assert changed.run("--baseline=0.9").returncode == 10
    assert changed.verdict()["changes"][0]["approval"] == "expired"
    assert left_of(changed) == []


def test_an_approval_written_into_the_bundle_afterwards_approves_nothing(changed: Project) -> None:
    """The manifest binds the run to the approvals as they stood when it began, also where there were none."""
    assert changed.run("--baseline=0.9").returncode == 10
    (changed.bundle / "approved-changes.toml").write_text(APPROVED, encoding="utf-8")
    assert changed.epjgate("judge", str(changed.bundle)).returncode == 3


def test_an_interface_that_nobody_could_compare_is_inconclusive(project: Project) -> None:
    """A system that shows nothing of itself is not known to be unchanged; the policy would have to say so."""
    ended = project.run("--baseline=0.9")
    verdict = project.verdict()
    assert (ended.returncode, verdict["blame"]) == (3, "nothing_tested")
    assert "Not compared with the baseline: database" in json.dumps(verdict["rules"])


def test_a_baseline_that_cannot_be_started_is_inconclusive(changed: Project) -> None:
    """The candidate is not blamed for it, what was tested is told, and nothing is left running."""
    system = changed.root / "fixtures/systems/tiny/system.toml"
    text = system.read_text(encoding="utf-8").replace('"serves"', '"${version}"')
    # The tiny service behaves as it is called, and one that is called this ends at once.
    system.write_text(text + f'[releases.exits.process]\npackages = ["./{WHEEL}"]\n', encoding="utf-8")
    ended = changed.run("--baseline=exits")
    assert (ended.returncode, changed.verdict()["blame"]) == (4, "environment")
    assert left_of(changed) == []


def interrupted_by(number: signal.Signals) -> Break:
    """Send the gate a signal in the middle of a test."""

    def run(project: Project, wait: Wait) -> subprocess.CompletedProcess[str]:
        begun = project.long_suite()
        process = project.start()
        wait(begun.exists)
        process.send_signal(number)
        return ended(process)

    return run


def killed(name: str) -> Break:
    """Kill a process of the run, by a word of its command line, in the middle of a test."""

    def run(project: Project, wait: Wait) -> subprocess.CompletedProcess[str]:
        begun = project.long_suite()
        process = project.start()
        wait(begun.exists)
        victim = next(child for child in family(process) if name in " ".join(child.cmdline()))
        victim.kill()
        return ended(process)

    return run


def with_suite(text: str, *arguments: str) -> Break:
    """Run a suite of these tests."""

    def run(project: Project, wait: Wait) -> subprocess.CompletedProcess[str]:  # noqa: ARG001 - the form of a Break
        project.suite(text)
        return project.run(*arguments)

    return run


def missing_suite(project: Project, wait: Wait) -> subprocess.CompletedProcess[str]:  # noqa: ARG001
    """Run fewer suites than the policy demands."""
    project.write("suites/cellar/suite.toml", project.root.joinpath("suites/desk/suite.toml").read_text())
    project.write("suites/cellar/test_cellar.py", GOOD)
    return project.run("--suites=cellar")


def never_ready(project: Project, wait: Wait) -> subprocess.CompletedProcess[str]:  # noqa: ARG001
    """Gate a candidate that starts and never becomes ready."""
    system = project.root / "fixtures/systems/tiny/system.toml"
    system.write_text(system.read_text().replace('"serves"', '"never_ready"').replace("limit_s = 20", "limit_s = 1"))
    return project.run()


def not_collected(project: Project, wait: Wait) -> subprocess.CompletedProcess[str]:  # noqa: ARG001
    """Run a suite with a file that cannot be imported beside a good one."""
    project.write("suites/desk/test_broken.py", "import no_such_module\n")
    return project.run()


def judged_after(change: Callable[[Path], None]) -> Break:
    """Change the bundle of a good run, and have it judged again."""

    def run(project: Project, wait: Wait) -> subprocess.CompletedProcess[str]:  # noqa: ARG001
        assert project.run().returncode == 0
        change(project.bundle)
        return project.epjgate("report", str(project.bundle))

    return run


def truncate(bundle: Path) -> None:
    """Cut the journal in the middle of its last line."""
    os.truncate(bundle / "journal.jsonl", (bundle / "journal.jsonl").stat().st_size - 10)


def rename_schema(bundle: Path) -> None:
    """Claim a schema that nobody knows."""
    manifest = json.loads((bundle / "manifest.json").read_text())
    (bundle / "manifest.json").write_text(json.dumps(manifest | {"schema_version": "epjgate/bundle/99"}))


def soften_policy(bundle: Path) -> None:
    """Demand less than was demanded."""
    policy = bundle / "policy.toml"
    policy.write_text(policy.read_text() + "[not_applicable]\nmax_share = 1.0\n")


SKIPPED_FILE = """
import pytest
pytest.skip("later", allow_module_level=True)
def test_hidden(desk): assert False
"""
DESELECTS = """
def pytest_collection_modifyitems(config, items):
    hidden = [item for item in items if "more" in item.name]
    items[:] = [item for item in items if item not in hidden]
    if hidden:
        config.hook.pytest_deselected(items=hidden)
"""


def a_file_is_skipped(project: Project, wait: Wait) -> subprocess.CompletedProcess[str]:  # noqa: ARG001
    """Run a suite with a good file and one that skips itself as a whole."""
    project.write("suites/desk/test_hidden.py", SKIPPED_FILE)
    return project.run()


def a_test_is_deselected(*arguments: str) -> Break:
    """Run a suite whose conftest takes a test away."""

    def run(project: Project, wait: Wait) -> subprocess.CompletedProcess[str]:  # noqa: ARG001
        project.suite(GOOD + "\ndef test_more(desk):\n    assert False\n")
        project.write("suites/desk/conftest.py", DESELECTS)
        return project.run(*arguments)

    return run


def nobody_needs_it(project: Project, wait: Wait) -> subprocess.CompletedProcess[str]:  # noqa: ARG001
    """Demand a capability that no test puts to work."""
    policy = '[not_applicable.required_capabilities]\ntiny = ["patients"]\n'
    project.write("ci/policy.toml", (project.root / "ci/policy.toml").read_text() + policy)
    return project.run()


BREAKS: dict[str, tuple[Break, str, str, int]] = {
    "SIGINT": (interrupted_by(signal.SIGINT), "inconclusive", "interrupted", 130),
    "SIGTERM": (interrupted_by(signal.SIGTERM), "inconclusive", "interrupted", 130),
    "candidate killed mid-run": (killed("tiny-service"), "inconclusive", "environment", 4),
    "candidate crashed by itself": (with_suite(CRASHES_THE_CANDIDATE), "rejected", "candidate", 10),
    "candidate never ready": (never_ready, "inconclusive", "environment", 4),
    "pytest worker killed": (with_suite(SLEEPS_IN_A_WORKER, "-n2"), "inconclusive", "harness", 5),
    "pytest killed": (killed("-P -c"), "inconclusive", "harness", 5),
    "zero tests": (with_suite(""), "inconclusive", "nothing_tested", 3),
    "a file that cannot be collected": (not_collected, "inconclusive", "nothing_tested", 3),
    "a file skipped as a whole": (a_file_is_skipped, "inconclusive", "harness", 5),
    "a test deselected": (a_test_is_deselected(), "inconclusive", "harness", 5),
    "a test deselected by workers": (a_test_is_deselected("-n2"), "inconclusive", "harness", 5),
    "a required capability untested": (nobody_needs_it, "inconclusive", "nothing_tested", 3),
    "a suite changed meanwhile": (with_suite(CHANGES_ITSELF), "inconclusive", "harness", 5),
    "SIGHUP": (interrupted_by(signal.SIGHUP), "inconclusive", "interrupted", 130),
    "missing suite": (missing_suite, "inconclusive", "nothing_tested", 3),
    "all skipped": (with_suite(SKIPPED), "inconclusive", "nothing_tested", 3),
    "all not applicable": (with_suite(NOT_APPLICABLE), "inconclusive", "nothing_tested", 3),
    "vacuous: no assertion": (
        with_suite('def test_v(desk):\n    desk.request("GET", "/ready")\n'),
        "inconclusive",
        "harness",
        5,
    ),
    "vacuous: no exchange": (with_suite("def test_v():\n    assert 1 + 1 == 2\n"), "inconclusive", "harness", 5),
    "broken test": (with_suite(GOOD + "\ndef test_b(desk):\n    {}['a']\n"), "inconclusive", "harness", 5),
    "truncated journal": (judged_after(truncate), "inconclusive", "nothing_tested", 3),
    "unknown schema version": (judged_after(rename_schema), "inconclusive", "nothing_tested", 3),
    "policy altered afterwards": (judged_after(soften_policy), "inconclusive", "nothing_tested", 3),
}


@pytest.mark.parametrize(("breaks", "decision", "blame", "exit_code"), BREAKS.values(), ids=BREAKS)
def test_a_broken_run_is_never_approved(
    project: Project, wait_for: Wait, breaks: Break, decision: str, blame: str, exit_code: int
) -> None:
    """However a run is broken: a bundle that can be read, the right verdict and exit code, and nothing left running."""
    process = breaks(project, wait_for)
    verdict = project.verdict()
    assert (verdict["decision"], verdict["blame"], process.returncode) == (decision, blame, exit_code), process.stderr
    again = project.epjgate("judge", str(project.bundle))
    assert again.returncode == exit_code, again.stderr
    assert left_of(project) == []


def test_what_a_killed_gate_left_is_removed_by_the_next_run(project: Project, wait_for: Wait) -> None:
    """After `kill -9` of the gate its bundle is not approved, and the next run ends what it left running."""
    begun = project.long_suite()
    process = project.start()
    wait_for(begun.exists)
    children = family(process)
    process.kill()
    process.communicate(timeout=60)
    assert project.epjgate("judge", str(project.bundle)).returncode == 3
    assert any(child.is_running() for child in children)
    project.suite(GOOD)
    assert project.run().returncode == 0
    assert left_of(project) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "epjgate-test", folder], check=False, capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"NOT RUN: no small disk can be mounted here: {mounted.stderr}")
    yield folder
    subprocess.run(["umount", folder], check=True)


FILLS_THE_DISK = """
import pathlib, pytest

def test_good(desk):
    assert desk.request("GET", "/ready").status == 200
    with pathlib.Path({filler!r}).open("wb", buffering=0) as file:
        with pytest.raises(OSError):
            while file.write(bytes(4096)):
                pass

@pytest.mark.parametrize("number", range(20))
def test_more(desk, number):
    assert desk.request("GET", "/ready").status == 200
"""


def test_a_full_disk_is_said_and_never_approved(project: Project, small_disk: Path) -> None:
    """When the disk fills up under the evidence, what was kept back is enough to say so; the verdict is no approval."""
    project.suite(FILLS_THE_DISK.format(filler=str(small_disk / "filler")))
    process = project.start(folder=small_disk / "bundle")
    _, err = process.communicate(timeout=120)
    assert process.returncode in (3, 4), err
    assert project.epjgate("judge", str(project.bundle)).returncode == process.returncode
    assert "evidence_lost" in (project.bundle / "journal.jsonl").read_text()
    assert left_of(project) == []


CONTAINER = """
[services.desk.container]
port = 8090
env = {{ PUBLIC_URL = "${{url}}" }}
command = ["python3", "-c", {program}]

[releases."1.0".container]
images = {{ desk = "{image}" }}
"""


@pytest.fixture
def in_containers(project: Project, sekmet_images: Sequence[BuiltImage]) -> Project:
    """The project with the tiny system in a container."""
    program = (HERE / "environments/tiny_container.py").read_text(encoding="utf-8").replace("$", "$$")
    system = project.root / "fixtures/systems/tiny/system.toml"
    container = CONTAINER.format(program=json.dumps(program), image=sekmet_images[0].reference)
    system.write_text(system.read_text(encoding="utf-8") + container, encoding="utf-8")
    return project


@pytest.mark.containers
def test_a_good_candidate_in_a_container_is_approved(in_containers: Project) -> None:
    """The same gate, on an image: approved, bound to the image's digest."""
    process = in_containers.run("--environment=container")
    assert process.returncode == 0, process.stderr
    (identity,) = in_containers.verdict()["identities"]
    assert (identity["kind"], identity["digest"][:7]) == ("image", "sha256:")


@pytest.mark.containers
def test_an_engine_that_stops_mid_run_blames_the_environment(
    in_containers: Project, wait_for: Wait, cut_engine: Callable[[], None]
) -> None:
    """An engine that no longer answers says nothing of the candidate; what it still holds goes with the next run."""
    project = in_containers
    project.env = {**project.env, "DOCKER_HOST": os.environ["DOCKER_HOST"]}
    begun = project.long_suite()
    process = project.start("--environment=container")
    wait_for(begun.exists)
    cut_engine()
    finished = ended(process)
    verdict = project.verdict()
    found = verdict["decision"], verdict["blame"], finished.returncode
    assert found == ("inconclusive", "environment", 4), finished.stderr
    assert project.epjgate("judge", str(project.bundle)).returncode == 4
    os.environ.pop("DOCKER_HOST")
    assert [thing for thing in leftovers() if verdict["run_id"] in str(thing)]
    project.env = {name: value for name, value in project.env.items() if name != "DOCKER_HOST"}
    project.suite(GOOD)
    assert project.run("--environment=container").returncode == 0
    assert not [thing for thing in leftovers() if verdict["run_id"] in str(thing)]


@pytest.mark.containers
def test_a_container_killed_mid_run_blames_the_environment(in_containers: Project, wait_for: Wait) -> None:
    """A candidate whose container is killed from outside is not at fault."""
    begun = in_containers.long_suite()
    process = in_containers.start("--environment=container")
    wait_for(begun.exists)
    with connected() as engine:
        (container,) = engine.containers.list(filters={"label": f"{RUN_LABEL}={run_id_of(in_containers)}"})
        container.kill()
    finished = ended(process)
    verdict = in_containers.verdict()
    assert (verdict["blame"], finished.returncode) == ("environment", 4), finished.stderr


def run_id_of(project: Project) -> str:
    """Return the id of the run that is under way."""
    return str(json.loads((project.bundle / "manifest.json").read_text(encoding="utf-8"))["run_id"])


def ended(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Wait for the end of a gate."""
    out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Return all that a gate has started."""
    return psutil.Process(process.pid).children(recursive=True)


def left_of(project: Project) -> list[str]:
    """Return every process that still belongs to the project, and every file that its runs left in the state."""
    place = str(project.root.parent)
    running = [
        " ".join(process.info["cmdline"] or [])
        for process in psutil.process_iter(["cmdline"])
        if any(place in word for word in process.info["cmdline"] or [])
    ]
    return running + [str(path) for path in (project.root.parent / "state").rglob("*") if path.is_file()]
