"""How fast a database is filled, counted, backed up and restored: the scripts of the reference EPJ on PostgreSQL.

    python benchmarks/population.py [--patients 1000000] [--seed 7]

PostgreSQL runs in a container as releases have it, published on the loopback; the scripts run as processes of this
machine. Processor time is theirs and that of all that works in the container: seconds depend far more on other load.
The exit code is 1 when the fill misses its target, 10 minutes for a million, or in proportion.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
import psycopg
from docker.models.containers import Container

from epjgate.environments.placeholders import free_port

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "fixtures" / "systems" / "reference_epj" / "upgrade"
BUILD = ROOT / "fixtures" / "epj"
IMAGE = "epjgate/postgres:debian"
LABELS = {"epjgate.benchmark": "population"}
TARGET_S_A_MILLION = 600.0
BACKUP = "/tmp/backup"  # noqa: S108 - in the container, which is the benchmark's own
PATIENCE_S = 60.0
MIB = 2**20


@dataclass(frozen=True)
class Cost:
    """What one step cost: seconds, processor seconds of the scripts and of the database."""

    step: str
    wall_s: float
    scripts_cpu_s: float
    database_cpu_s: float

    @property
    def line(self) -> str:
        """The row of the table."""
        both = self.scripts_cpu_s + self.database_cpu_s
        seconds = (self.wall_s, both, self.scripts_cpu_s, self.database_cpu_s)
        return f"| {self.step} | {' | '.join(f'{figure:.1f}' for figure in seconds)} |"


class Site:
    """A database in a container, and the scripts that work on it."""

    def __init__(self, container: Container, port: int) -> None:
        self._container = container
        self._dsn = f"postgresql://epj@127.0.0.1:{port}/epj"
        url = self._dsn.replace("postgresql", "postgresql+psycopg", 1)
        own = {"EPJ_DATABASE_URL": url, "EPJ_EARLIER_RECORDS": "yes", "PYTHONPATH": str(BUILD)}
        self._environment = os.environ | own

    def script(self, name: str, *words: str) -> str:
        """Run a script, let its progress be seen, and return its last line."""
        command = [sys.executable, str(SCRIPTS / name), *words]
        last = ""
        with subprocess.Popen(command, env=self._environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                last = line
                sys.stderr.write(f"{name}: {line[:120].rstrip()}\n")
        assert process.returncode == 0, f"{name} ended with {process.returncode}"
        return last

    def inside(self, *command: str) -> None:
        """Run `command` where the database is."""
        code, said = self._container.exec_run(list(command))
        assert code == 0, said

    def cost(self, step: str, work: Callable[[], object]) -> Cost:
        """Do `work`, and return what it cost."""
        began, scripts, database = time.monotonic(), _cpu_of_children_s(), self._cpu_s()
        work()
        return Cost(step, time.monotonic() - began, _cpu_of_children_s() - scripts, self._cpu_s() - database)

    def size_bytes(self) -> int:
        """Return how large the database is."""
        with psycopg.connect(self._dsn) as connection:
            row = connection.execute("SELECT pg_database_size('epj')").fetchone()
        assert row is not None
        return int(row[0])

    def await_answer(self) -> None:
        """Return once the database answers."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                psycopg.connect(self._dsn).close()
            except psycopg.OperationalError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError(f"PostgreSQL did not answer within {PATIENCE_S:g} s")

    def _cpu_s(self) -> float:
        stats = self._container.stats(stream=False)
        assert isinstance(stats, dict)
        return float(stats["cpu_stats"]["cpu_usage"]["total_usage"]) / 1e9


@contextmanager
def started() -> Iterator[Site]:
    """Start PostgreSQL with the scripts in it, and remove it with all it holds."""
    port = free_port()
    container = docker.from_env().containers.run(
        IMAGE,
        detach=True,
        labels=LABELS,
        ports={"5432/tcp": ("127.0.0.1", port)},
        volumes={str(SCRIPTS): {"bind": "/scripts", "mode": "ro"}},
    )
    try:
        site = Site(container, port)
        site.await_answer()
        yield site
    finally:
        container.remove(force=True, v=True)


def measured(site: Site, patients: int, seed: int) -> Iterator[Cost]:
    """Yield what each step of a rehearsal costs; AssertionError where the restored database is another one."""
    words = ("--patients", str(patients), "--seed", str(seed))
    yield site.cost("fill", lambda: site.script("fill.py", *words))
    taken: list[str] = []
    yield site.cost("census", lambda: taken.append(site.script("census.py")))
    yield site.cost("backup", lambda: site.inside("sh", "-ec", f"mkdir {BACKUP}; sh /scripts/backup.sh {BACKUP}"))
    yield site.cost("restore", lambda: site.inside("sh", "/scripts/restore.sh", BACKUP))
    taken.append(site.script("census.py"))
    assert taken[0] == taken[1], "what was restored is not what was backed up"
    assert json.loads(taken[0])["patients"] >= patients


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure as the command line says, and print the table."""
    parser = argparse.ArgumentParser(description="Measure the filling of PostgreSQL.")
    parser.add_argument("--patients", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args(arguments)
    print(f"{asked.patients} patients\n")
    print("| Step | wall s | cpu s | of the scripts | of the database |\n|---|---|---|---|---|")
    costs = []
    with started() as site:
        for cost in measured(site, asked.patients, asked.seed):
            costs.append(cost)
            print(cost.line, flush=True)
        size = site.size_bytes()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    allowed_s = TARGET_S_A_MILLION * asked.patients / 1_000_000
    print(
        f"\n{asked.patients / costs[0].wall_s:.0f} patients a second; database {size / MIB:.0f} MiB; "
        f"largest process of the scripts {peak / MIB:.0f} MiB; target of the fill {allowed_s:.0f} s"
    )
    return 0 if costs[0].wall_s <= allowed_s else 1


def _cpu_of_children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
