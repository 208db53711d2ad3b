"""What the gate costs: the same FHIR checks as bare pytest with requests, as a recorded suite, and through the gate.

All three ask one running SEKMET. They take turns, each as a whole new process, so that what else goes on on the
machine meets all of them; what counts is the ratio within a round, not the seconds.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psutil

from epjgate import compose
from epjgate.environments.catalogue import find_release, load_system
from epjgate.environments.interface import Order
from epjgate.evidence.layout import Layout
from epjgate.model.redaction import Redactor
from epjgate.model.target import Endpoint, Target
from epjgate.settings import load_settings
from epjgate.suite_runner.pytest_process import PLUGINS

ROOT = Path(__file__).parents[1]
EPJGATE = Path(sys.executable).with_name("epjgate")
TARGET_RATIO = 1.15
SAMPLE_S = 0.05

BARE_SETTINGS = f"""
[pytest]
addopts = ["-p", "no:cacheprovider", "--import-mode=importlib"]
pythonpath = ["{ROOT / "fixtures"}"]
"""
# Each check creates a patient, reads it, finds it, changes it and reads it again: five requests, about the mean of the
# contract suite.
CHECKS = """
import secrets

import pytest

import population
from population.cpr import CPR_SYSTEM
from population.fhir_r4 import patient

SEED = secrets.randbits(32)
"""
BARE = """
import requests

URL = {url!r}
FHIR = {{"Accept": "application/fhir+json", "Content-Type": "application/fhir+json"}}

@pytest.fixture(scope="session")
def session():
    with requests.Session() as session:
        session.headers.update(FHIR)
        yield session

@pytest.mark.parametrize("number", range({checks}))
def test_check(session, number):
    someone = population.person(SEED, number)
    created = session.post(f"{{URL}}/Patient", json=patient(someone), timeout=10)
    assert created.status_code == 201
    made = created.json()["id"]
    read = session.get(f"{{URL}}/Patient/{{made}}", timeout=10)
    assert read.status_code == 200
    assert read.json()["identifier"][0]["value"] == someone.cpr
    found = session.get(f"{{URL}}/Patient", params={{"identifier": f"{{CPR_SYSTEM}}|{{someone.cpr}}"}}, timeout=10)
    assert found.status_code == 200
    assert made in [entry["resource"]["id"] for entry in found.json()["entry"]]
    changed = session.put(f"{{URL}}/Patient/{{made}}", json=read.json() | {{"birthDate": "1931-02-03"}}, timeout=10)
    assert changed.status_code == 200
    again = session.get(f"{{URL}}/Patient/{{made}}", timeout=10)
    assert again.json()["birthDate"] == "1931-02-03"
"""
SUITE = """
@pytest.mark.parametrize("number", range({checks}))
def test_check(fhir, number):
    someone = population.person(SEED, number)
    created = fhir.create(patient(someone))
    assert created.status == 201
    made = created.id
    read = fhir.read("Patient", made)
    assert read.status == 200
    assert read.resource["identifier"][0]["value"] == someone.cpr
    found = fhir.search("Patient", {{"identifier": f"{{CPR_SYSTEM}}|{{someone.cpr}}"}})
    assert found.status == 200
    assert made in [resource["id"] for resource in found.matches]
    changed = fhir.update(read.resource | {{"birthDate": "1931-02-03"}})
    assert changed.status == 200
    again = fhir.read("Patient", made)
    assert again.resource["birthDate"] == "1931-02-03"
"""
DESCRIPTION = """
schema_version = "epjgate/suite/1"
title = "Benchmark"
title_da = "Måling"
about = "Checks whose time is taken."
"""
SYSTEM = """
schema_version = "epjgate/system/1"
name = "sekmet"
title = "SEKMET"
services.his.ready.path = "/fhir/Patient?_count=1"
interfaces.fhir_r4 = {{ service = "his", path = "/fhir" }}
capabilities.patients = "fhir_r4"
releases."0.1.1".remote = {{ urls.his = "{base}", digests.his = "{digest}", disposable = true }}
"""
POLICY = """
schema_version = "epjgate/policy/1"
suites_executed.required = ["benchmark"]
contract_changes.without_baseline = "accept"
suites_sensitive.without_measurement = "accept"
candidate_identified.accept_declared = true
"""
FLOORS = """
schema_version = "epjgate/floors/1"
floors.sekmet.benchmark = {checks}
"""


@dataclass(frozen=True)
class Measured:
    """One process from its start to its end; peaks are in MiB, of pytest and of the gate around it (0 without one).

    `cpu_s` is what it and its children computed, without the system that they ask: it hardly depends on other load.
    """

    wall_s: float
    cpu_s: float
    pytest_mib: float
    gate_mib: float


@dataclass
class Way:
    """One way to run the checks; `command` is asked for a new command line every time."""

    name: str
    command: Callable[[], list[str]]
    env: Mapping[str, str]
    under_gate: bool = False
    runs: list[Measured] = field(default_factory=list)

    def run(self, folder: Path) -> Measured:
        """Run the checks once; a check that does not pass makes the measurement worthless and ends it."""
        began, computed_s = time.perf_counter(), _children_cpu_s()
        with (folder / "output.txt").open("w", encoding="utf-8") as output:
            process = psutil.Popen(self.command(), cwd=folder, env=dict(self.env), stdout=output, stderr=output)
            peaks: dict[int, float] = {}
            while process.poll() is None:
                _take_peaks(process, peaks)
                time.sleep(SAMPLE_S)
        wall_s = time.perf_counter() - began
        if process.returncode != 0:
            sys.exit(f"{self.name} ended with {process.returncode}:\n{(folder / 'output.txt').read_text()[-4000:]}")
        gate_mib = peaks.pop(process.pid, 0.0) if self.under_gate else 0.0
        return Measured(wall_s, _children_cpu_s() - computed_s, max(peaks.values(), default=0.0), gate_mib)


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _take_peaks(process: psutil.Process, peaks: dict[int, float]) -> None:
    """Note the kernel's own record of each process's largest resident set; it only grows, so sampling loses little."""
    for one in [process, *process.children(recursive=True)]:
        try:
            status = Path(f"/proc/{one.pid}/status").read_text(encoding="ascii", errors="replace")
        except OSError:
            continue
        for line in status.splitlines():
            if line.startswith("VmHWM:"):
                peaks[one.pid] = int(line.split()[1]) / 1024


def write_project(folder: Path, base: str, digest: str, checks: int) -> None:
    """Write the bare tests, and a project whose one suite holds the same checks."""
    values = {"base": base, "url": f"{base}/fhir", "digest": digest, "checks": checks}
    files = {
        "bare/pytest.toml": BARE_SETTINGS,
        "bare/test_checks.py": CHECKS + BARE.format(**values),
        "pyproject.toml": "[tool.epjgate]\n",
        "suites/pytest.toml": (ROOT / "suites/pytest.toml")
        .read_text(encoding="utf-8")
        .replace("../fixtures", str(ROOT / "fixtures")),
        "suites/benchmark/suite.toml": DESCRIPTION,
        "suites/benchmark/test_checks.py": CHECKS + SUITE.format(**values),
        "fixtures/systems/sekmet/system.toml": SYSTEM.format(**values),
        "ci/policy.toml": POLICY,
        "ci/floors.toml": FLOORS.format(**values),
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def ways_to_run(folder: Path, base: str) -> tuple[Way, Way, Way]:
    """Return the three ways: bare, recorded by the plugin, and through the whole gate with verdict and reports."""
    # Compiled files are kept for all three, as they are wherever nobody forbids it.
    kept_out = ("PYTEST_", "EPJGATE_", "PYTHONDONTWRITEBYTECODE")
    plain = {name: value for name, value in os.environ.items() if not name.startswith(kept_out)}
    named_only = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    compiled = {"PYTHONPYCACHEPREFIX": str(folder / "pycache")}
    pytest = [sys.executable, "-m", "pytest", "-q", "--color=no"]

    def recorded() -> list[str]:
        layout = Layout(Path(tempfile.mkdtemp(dir=folder)))
        layout.create()
        target = Target(
            system="sekmet",
            release="0.1.1",
            environment="remote",
            endpoints=(Endpoint(interface="fhir_r4", url=f"{base}/fhir"),),
            capabilities={"patients": "fhir_r4"},
        )
        layout.target.write_text(target.model_dump_json(), encoding="utf-8")
        options = [f"--epj-bundle={layout.folder}", f"--epj-target={layout.target}", f"--alluredir={layout.allure}"]
        options += ["--allure-no-capture", *(f"-p{name}" for name in PLUGINS)]
        return [*pytest, "-c", "suites/pytest.toml", "--rootdir=suites", *options, "suites"]

    def gated() -> list[str]:
        release = ["--system=sekmet", "--candidate=0.1.1", "--environment=remote"]
        return [str(EPJGATE), "run", *release, f"--out={tempfile.mkdtemp(dir=folder)}"]

    return (
        Way("bare", lambda: [*pytest, "-c", "bare/pytest.toml", "bare"], plain | named_only),
        Way("recorded", recorded, plain | named_only | compiled),
        Way("gated", gated, plain, under_gate=True),
    )


def measure(ways: tuple[Way, ...], folder: Path, rounds: int) -> None:
    """Let the ways take turns; every second round goes backwards, because the system slows down as it fills."""
    for way in ways:
        way.run(folder)  # compiles, and fills caches
    for number in range(rounds):
        for way in ways if number % 2 == 0 else reversed(ways):
            way.runs.append(way.run(folder))
            print(f"round {number + 1}: {way.name} {way.runs[-1].wall_s:.2f} s", file=sys.stderr)


def help_s(times: int = 10) -> float:
    """Return the median time in which `epjgate --help` answers."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        subprocess.run([EPJGATE, "--help"], stdout=subprocess.DEVNULL, check=True)
        taken.append(time.perf_counter() - began)
    return median(taken)


def tell(ways: tuple[Way, ...], checks: int) -> bool:
    """Print the figures; return whether recorded and gated both keep within the target.

    A ratio is the median of those within each round: what disturbs a single round does not decide.
    """
    bare = ways[0]
    print(f"{checks} checks of 5 requests, {len(bare.runs)} rounds, whole processes\n")
    print("way        wall s: min  median     max   ratio to bare   cpu s   peak MiB: pytest   gate")
    ratios = {}
    for way in ways:
        wall = [run.wall_s for run in way.runs]
        ratios[way.name] = median(run.wall_s / other.wall_s for run, other in zip(way.runs, bare.runs, strict=True))
        peaks = max(run.pytest_mib for run in way.runs), max(run.gate_mib for run in way.runs)
        print(
            f"{way.name:<10} {min(wall):11.2f} {median(wall):7.2f} {max(wall):7.2f} {ratios[way.name]:15.3f}"
            f" {median(run.cpu_s for run in way.runs):7.2f} {peaks[0]:18.0f} {peaks[1]:6.0f}"
        )
    print()
    missed = [name for name, ratio in ratios.items() if ratio > TARGET_RATIO]
    for way in ways[1:]:
        how = "MISSED" if way.name in missed else "met"
        print(f"target: {way.name} / bare <= {TARGET_RATIO} -> {ratios[way.name]:.3f}, {how}")
    print(f"start-up of `epjgate --help`: {help_s() * 1000:.0f} ms (median of 10)")
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    memory_gib = psutil.virtual_memory().total >> 30
    print(f"machine: {os.cpu_count()} cores, {memory_gib} GiB, load {load}, {platform.platform()}")
    print(f"python {platform.python_version()}")
    return not missed


def main() -> int:
    """Start SEKMET, measure, tell; 0 when the target is met, 1 when it is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--checks", type=int, default=200)
    asked = parser.parse_args()
    settings = load_settings(ROOT)
    system = load_system(settings.path(settings.systems), "sekmet")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        redactor = Redactor(compose.new_redaction_key())
        (folder / "logs").mkdir()
        order = Order("benchmark", system, "0.1.1", find_release(system, "0.1.1"), folder / "logs", redactor)
        with compose.make_environment(settings, "process").start(order, compose.Silent()) as running:
            base = running.urls["his"]
            write_project(folder, base, running.identities[0].digest, asked.checks)
            ways = ways_to_run(folder, base)
            measure(ways, folder, asked.rounds)
            return 0 if tell(ways, asked.checks) else 1


if __name__ == "__main__":
    sys.exit(main())
