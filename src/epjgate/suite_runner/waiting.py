"""A pytest that is started before anybody knows what it is to run: it imports, and waits to be told."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

# What is imported here is not plugins: pytest rewrites those when it loads them itself. The gate closes the pipe when
# it ends, however it ends, so that nothing is left waiting. Imports leave no garbage, nor does anybody need it back at
# the end.
_WAITS = """
import gc
gc.disable()
import importlib, json, os, sys
for name in ("pytest", "epjgate.plugin.recording_hooks", "epjgate.plugin.fixtures", "epjgate.drivers.fhir"):
    importlib.import_module(name)
told = sys.stdin.buffer.readline()
if not told.endswith(b"\\n"):
    sys.exit("nobody said what is to be run")
told = json.loads(told)
os.chdir(told["folder"])
os.environ.clear()
os.environ.update(told["environment"])
sys.pycache_prefix = os.environ.get("PYTHONPYCACHEPREFIX")
sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
gc.enable()
import pytest
status = pytest.main(told["arguments"])
gc.freeze()
sys.exit(status)
"""


@contextmanager
def waiting_pytest() -> Iterator[WaitingPytest]:
    """Have one for as long as the context lasts; one that nobody used has ended by then. Raises OSError."""
    waiting = WaitingPytest.start()
    try:
        yield waiting
    finally:
        waiting.dismiss()


class WaitingPytest:
    """One pytest process; `begin` says what it runs, once. One that is never told anything ends with this process."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @classmethod
    def start(cls) -> Self:
        """Start it. Raises OSError where no process can be started."""
        return cls(
            subprocess.Popen(
                [sys.executable, "-P", "-c", _WAITS],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        )

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process itself, leader of a group of its own; what it prints comes through its stdout."""
        return self._process

    def begin(self, arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> None:
        """Let it run pytest with `arguments` in `folder`, with nothing but `environment` around it.

        Raises OSError where it is there no more.
        """
        told = {"arguments": list(arguments), "folder": str(folder), "environment": dict(environment)}
        assert self._process.stdin is not None  # noqa: S101 - it was asked for as a pipe
        with self._process.stdin as pipe:
            pipe.write(json.dumps(told).encode() + b"\n")

    def dismiss(self) -> None:
        """Let it end without having run anything; one that was told what to run is left alone."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
