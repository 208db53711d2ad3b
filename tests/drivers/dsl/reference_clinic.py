"""The reference EPJ with its downtime copy and all receiving systems, as real processes and sockets on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import requests

from epjgate.drivers.dsl.serving import CAPABILITIES
from epjgate.environments.placeholders import free_port
from epjgate.model.redaction import Redactor
from epjgate.model.target import Endpoint, Target
from epjgate.partners.site import Site

SOURCE = Path(__file__).parents[3] / "fixtures" / "epj"
KINDS = {"fmk": "fmk", "lpr3": "lpr3", "medcom": "medcom", "laboratory": "mllp", "imaging": "mllp"}
ROLES = ("doctor", "nurse", "secretary", "auditor", "integration", "downtime")
HOST = "127.0.0.1"


@contextmanager
def reference_clinic(folder: Path) -> Iterator[Target]:
    """Start all of it, with its data in `folder`, and give the target that the suites would get."""
    primary, mllp, downtime = (free_port(HOST) for _ in range(3))
    with ExitStack() as stack:
        site = stack.enter_context(Site(KINDS, Redactor(b"a key for tests")))
        site.open(HOST)
        env = {
            **os.environ,
            "PYTHONPATH": str(SOURCE),
            "EPJ_DATABASE_URL": f"sqlite:///{folder}/epj.db",
            "EPJ_BASE_URL": f"http://{HOST}:{primary}/fhir",
            "EPJ_DOWNTIME_TOKEN": "downtime-token",
            **{f"EPJ_PARTNER_{name.upper()}": url for name, url in site.urls.items()},
        }
        serve = ["serve", "--host", HOST, "--port", str(primary), "--mllp-port", str(mllp)]
        stack.enter_context(_running(serve, env, folder / "epj.log"))
        _wait_for(f"http://{HOST}:{primary}/admin/version", 200)
        copy = ["--primary", f"http://{HOST}:{primary}", "--copy", str(folder / "copy.db")]
        stack.enter_context(
            _running(["downtime", "--host", HOST, "--port", str(downtime), *copy], env, folder / "downtime.log")
        )
        _wait_for(f"http://{HOST}:{downtime}/downtime/patients", 401)
        urls = {
            "fhir_r4": f"http://{HOST}:{primary}/fhir",
            "hl7v2": f"mllp://{HOST}:{mllp}",
            "admin": f"http://{HOST}:{primary}/admin",
            "downtime": f"http://{HOST}:{downtime}/downtime",
        }
        yield Target(
            system="reference_epj",
            release="head",
            environment="process",
            endpoints=tuple(Endpoint(interface=name, url=url) for name, url in urls.items()),
            capabilities={name: next(iter(table)) for name, table in CAPABILITIES.items()},
            users={role: f"{role}-token" for role in ROLES},
            partners=site.control_url,
        )


@contextmanager
def _running(arguments: list[str], env: Mapping[str, str], log: Path) -> Iterator[None]:
    with (
        log.open("wb") as sink,
        subprocess.Popen([sys.executable, "-m", "reference_epj", *arguments], env=env, stdout=sink, stderr=sink) as run,
    ):
        try:
            yield
        finally:
            run.terminate()
            run.wait(10)


def _wait_for(url: str, status: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            if requests.get(url, timeout=2).status_code == status:
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise TimeoutError(f"{url} did not answer {status}")
