"""The main job: gates three release candidates, and checks that each got the verdict that it deserves.

    python ci/demo.py [--out FOLDER] [--all-suites] [arguments of epjgate run]

It runs the catalogue of incidents and the quick suites, by a policy of its own, ci/demo/policy.toml, so that it ends
within a minute or two; --all-suites runs everything by ci/policy.toml, as a gate does. FOLDER, which must not exist,
receives the evidence of each in a folder of its own. Exit code 0: every verdict is the expected one. 1: one is not, or
was not reached, and the last line says which.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

# docs/exit-codes.md: what a verdict about the candidate exits with.
EXIT_CODES = {"approved": 0, "rejected": 10}
INTERRUPTED = 130
ROOT = Path(__file__).resolve().parents[1]
QUICK = ("clinic", "incidents", "contracts/fhir_r4", "contracts/pact")
"""The suites that ci/demo/policy.toml requires."""
PROJECT = ROOT / "ci" / "demo"
MOST_WORKERS = 4


@dataclass(frozen=True)
class Act:
    """One candidate: `names` must stand in its verdict, `decisions` are those that it may get."""

    name: str
    about: str
    system: str
    candidate: str
    baseline: str
    decisions: tuple[str, ...]
    names: str = ""


ACTS = (
    Act(
        name="1-planted-incident",
        about="the reference EPJ, a build that renews prescriptions with the old dose",
        system="reference_epj",
        candidate="1.0.8",
        baseline="1.0.7",
        decisions=("rejected",),
        names="INC-0002",
    ),
    Act(
        name="2-clean",
        about="the reference EPJ, its newest build",
        system="reference_epj",
        candidate="2.1.74",
        baseline="2.1.72",
        decisions=("approved",),
    ),
    Act(
        name="3-sekmet",
        about="SEKMET, a small hospital system that nobody here wrote",
        system="sekmet",
        candidate="0.1.1",
        baseline="0.1.0",
        decisions=("approved", "rejected"),
    ),
)


def main(arguments: list[str]) -> None:
    """Play every act; exits with the reason at the first that does not end as it must."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / ".epjgate" / f"demo-{time.strftime('%Y%m%dT%H%M%S')}")
    parser.add_argument("--all-suites", action="store_true")
    parser.add_argument("-n", "--workers", type=int, default=min(os.cpu_count() or 1, MOST_WORKERS))
    asked, passed_on = parser.parse_known_args(arguments)
    passed_on = ["-n", str(asked.workers), *passed_on]
    if not asked.all_suites:
        passed_on += [word for suite in QUICK for word in ("--suites", suite)]
    project, out = ROOT if asked.all_suites else PROJECT, asked.out.absolute()
    told = [play(act, out / act.name, passed_on, project) for act in ACTS]
    print("\n".join(("", "Three candidates, three verdicts:", *told)))


def play(act: Act, folder: Path, passed_on: list[str], project: Path) -> str:
    """Gate one candidate as `project` asks, its evidence in `folder`, and return a line that tells how it ended."""
    print(f"\n=== {act.about}: {act.system} {act.candidate}, must be {' or '.join(act.decisions)}", flush=True)
    release = ("--system", act.system, "--candidate", act.candidate, "--baseline", act.baseline)
    epjgate = Path(sys.executable).with_name("epjgate")
    code = run([str(epjgate), "run", *release, "--out", str(folder), *passed_on], project)
    if code not in EXIT_CODES.values():
        sys.exit(f"demo: exit code {code} is no verdict about {act.system} {act.candidate}")
    verdict = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))
    decision = verdict["decision"]
    if EXIT_CODES.get(decision) != code:
        sys.exit(f"demo: verdict.json says {decision!r}, the exit code was {code}")
    if decision not in act.decisions:
        sys.exit(f"demo: {act.system} {act.candidate} is {decision}, and must be {' or '.join(act.decisions)}")
    reasons = " ".join(finding["summary"] for rule in verdict["rules"] for finding in rule["findings"])
    if act.names not in reasons:
        sys.exit(f"demo: the verdict on {act.system} {act.candidate} does not name {act.names}")
    report = folder / "report.html"
    if not report.is_file():
        sys.exit(f"demo: {report} is missing")
    return f"  {decision:8} {act.system} {act.candidate}: {report}"


def run(command: list[str], folder: Path) -> int:
    """Run `command` in `folder` and return its exit code; told to stop, hand that on and wait."""
    with subprocess.Popen(command, cwd=folder) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            sys.exit(INTERRUPTED)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _interrupt)
    main(sys.argv[1:])
