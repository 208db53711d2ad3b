"""How many requests a second an exploration of the reference EPJ's OpenAPI document sends.

    python benchmarks/openapi_fuzzing.py [--seconds 60] [--release 2.1.74] [--seed 7]

The release is started by the process environment, and explored as `--epj-fuzz-seconds` does. The exit code is 1 where
the target is missed, something was found, or the exploration broke: a rate of requests that failed is no rate.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from epjgate import compose
from epjgate.drivers.http import RecordedSession
from epjgate.drivers.openapi import CHAINS, GATE, Explorer, longer, origin_of
from epjgate.drivers.openapi_findings import Exploration
from epjgate.drivers.openapi_replay import ALL_RIGHTS
from epjgate.environments.catalogue import find_release, load_system
from epjgate.environments.interface import Order
from epjgate.environments.reach import target_of
from epjgate.evidence.recorder import Recorder
from epjgate.model.redaction import Redactor
from epjgate.settings import load_settings

TARGET_PER_S = 100
SYSTEM = "reference_epj"


def explore(release: str, seconds: int, seed: int) -> Exploration:
    """Return an exploration of `release`; 0 seconds stand for what the gate does."""
    settings, redactor = load_settings(Path(__file__).parents[1]), Redactor(compose.new_redaction_key())
    system = load_system(settings.path(settings.systems), SYSTEM)
    partners = compose.make_partners(system, "process", redactor)
    with tempfile.TemporaryDirectory() as logs:
        order = Order(
            run_id="benchmark-openapi",
            system=system,
            version=release,
            release=find_release(system, release),
            logs=Path(logs),
            redactor=redactor,
            partners=partners,
        )
        try:
            with compose.make_environment(settings, "process").start(order, compose.Silent()) as running:
                target = target_of(order, "process", running)
                url = target.url("openapi") or ""
                with RecordedSession(origin_of(url), Recorder(redactor)) as http:
                    document = http.request("GET", url).expect(200).json()
                explorer = Explorer(document, origin_of(url), target.users.get(ALL_RIGHTS), seed, redactor)
                legs, chains = longer(seconds) if seconds else (GATE, CHAINS)
                return explorer.explore(legs, chains)
        finally:
            if partners is not None:
                partners.close()


def main() -> int:
    """Explore, print the figures, return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--release", default="2.1.74")
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    exploration = explore(asked.release, asked.seconds, asked.seed)
    summary = exploration.summary
    rate = summary.requests / summary.seconds
    print(f"{summary.requests} requests in {summary.seconds:.1f} s: {rate:.0f} a second (target {TARGET_PER_S})")
    print(f"{summary.reached} of {summary.operations} operations, seed {summary.seed}")
    for check, count in sorted(summary.subjects.items()):
        print(f"  {check}: {count}")
    for text in (*(one.told() for one in exploration.findings), *summary.broken, *summary.unreachable):
        print(text)
    is_sound = not (exploration.findings or summary.broken or summary.unreachable)
    return 0 if is_sound and rate >= TARGET_PER_S else 1


if __name__ == "__main__":
    sys.exit(main())
