"""A system to probe, in a process of its own, that fails as it is told."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from epjgate.probing.request import ProbeRequest


@dataclass
class Target:
    """The process of `switchable.py`."""

    process: subprocess.Popen[str]
    port: int

    @property
    def pid(self) -> int:
        """Its process."""
        return self.process.pid

    def say(self, line: str) -> float:
        """Tell it how to behave; return the monotonic time at which it did."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def request(self, name: str = "read", method: str = "GET", body: bytes = b"") -> ProbeRequest:
        """Return a request to it."""
        return ProbeRequest(name, method, f"http://127.0.0.1:{self.port}/ward?bed=1", {"X-Of": "test"}, body)


@pytest.fixture
def target() -> Iterator[Target]:
    """A system that serves."""
    command = [sys.executable, str(Path(__file__).with_name("switchable.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Target(process, int(process.stdout.readline()))
        process.kill()
