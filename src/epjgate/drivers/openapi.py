"""Asks a candidate everything that its OpenAPI document promises, by Schemathesis in processes of its own.

Of Schemathesis only the documented command line, its settings file and its NDJSON report are used: its engine has no
promise of stability, a large document can take all memory of the process that reads it, and its threads share state.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from epjgate.drivers.openapi_findings import Exploration
from epjgate.drivers.openapi_report import Reader
from epjgate.errors import SuitesFailed
from epjgate.model.redaction import Redactor

MEMORY_LIMIT_BYTES = 3 << 30
GRACE_S = 20.0
"""How long Schemathesis may take beyond its budget, to start, to finish its request and to write its report."""
ROUND_LIMIT_S = 120.0
"""How long one round may take."""
REPORT, OUTPUT = "report.ndjson", "output.txt"
_TOKEN = "EPJGATE_OPENAPI_TOKEN"  # noqa: S105 - the name of a variable
VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_SURROUNDINGS = frozenset({"PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV"})
_ON_ONE = ("GET", "DELETE")
_REFUSED = ["4xx", "5xx"]
# 400, 405, 406, 415 and the like say that a request is malformed; the others are the record's own reasons.
_TAKEN = ["2xx", "3xx", "401", "403", "404", "409", "410", "412", "422", "429", "5xx"]


@dataclass(frozen=True)
class Leg:
    """Some phases of Schemathesis and what they may use: seconds in all, examples for each operation.

    Seconds are used up, by more and more examples; 0 stands for one round. `mode` is `positive` or `all`. Operations
    are dealt out among `parts` processes, which go side by side: one alone waits for the candidate half of its time.
    """

    phases: tuple[str, ...]
    seconds: int
    examples: int
    mode: str = "all"
    parts: int = 1


EXAMPLES = Leg(("examples",), 0, 1)
"""One round, however busy the machine is: every operation that has an example is asked."""
GATE = (EXAMPLES, Leg(("coverage",), 10, 1, parts=2), Leg(("fuzzing",), 4, 3, parts=2))
CHAINS = Leg(("stateful",), 0, 12, "positive")
"""Chains of calls, which begin where an earlier leg could make something."""


def longer(seconds: int) -> tuple[tuple[Leg, ...], Leg]:
    """Return legs and chains that take `seconds`: three quarters for coverage, the rest for fuzzing and for chains.

    Coverage asks what can be asked systematically, at a third of the cost of data that is drawn; it ends by itself.
    """
    share = max(seconds // 8, 1)
    legs = EXAMPLES, Leg(("coverage",), 6 * share, 1, parts=3), Leg(("fuzzing",), share, 100, parts=3)
    return legs, Leg(("stateful",), share, 50, "positive")


@dataclass(frozen=True)
class Explorer:
    """Explores what stands at `base_url` by `document`, signed in by the bearer `token` where there is one.

    One leg comes after the other, and chains after them. The same seed draws the same data, and what is found twice is
    one finding; what a candidate answers, and how quickly, decides how far each leg and each chain gets.
    """

    document: Any
    base_url: str
    token: str | None
    seed: int
    redactor: Redactor

    def explore(self, legs: Sequence[Leg] = GATE, chains: Leg | None = CHAINS) -> Exploration:
        """Return what was found; raises SuitesFailed where Schemathesis itself did not come to its end."""
        began = time.monotonic()
        reader = Reader(self.document, self.base_url, self.token, self.redactor)
        with TemporaryDirectory(prefix="epjgate-openapi-") as scratch:
            document = Path(scratch) / "openapi.json"
            document.write_text(json.dumps(self.document, default=float), encoding="utf-8")
            for leg in legs:
                self._read(reader, document, leg, _dealt_out(self.document, leg.parts))
            if chains is not None and (only := _lifecycles(self.document, set(reader.makers))):
                self._read(reader, document, chains, [only])
        return reader.exploration(seed=self.seed, seconds=round(time.monotonic() - began, 3))

    def _read(self, reader: Reader, document: Path, leg: Leg, parts: Sequence[Sequence[str]]) -> None:
        """Run `parts` of `leg` side by side and let `reader` take in what each reports, in their order."""
        with ExitStack() as stack:
            runs = [stack.enter_context(self._running(document, leg, only)) for only in parts]
            for process, folder in runs:
                _wait(process, leg.seconds or ROUND_LIMIT_S)
                if not (report := folder / REPORT).is_file():
                    raise _failed(folder)
                with report.open(encoding="utf-8") as lines:
                    reader.read(lines)

    @contextmanager
    def _running(self, document: Path, leg: Leg, only: Sequence[str]) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
        """Give the process that runs `leg` and its folder; it does not outlive the block."""
        with TemporaryDirectory(dir=document.parent) as scratch:
            folder = Path(scratch)
            (folder / "settings.toml").write_text(_settings(leg, self.base_url, self.token), encoding="utf-8")
            with (folder / OUTPUT).open("wb") as output:
                process = _start(self._command(document, folder, leg, only), folder, self.token, output.fileno())
            try:
                yield process, folder
            finally:
                _end(process)

    def _command(self, document: Path, folder: Path, leg: Leg, only: Sequence[str]) -> list[str]:
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(folder / "settings.toml")]
        command += ["run", str(document), "--no-color", f"--seed={self.seed}"]
        command += [f"--phases={','.join(leg.phases)}", "--report=ndjson"]
        command += [f"--report-ndjson-path={folder / REPORT}"]
        command += [f"--max-time={leg.seconds}"] if leg.seconds else []
        return [*command, *(f"--include-name={name}" for name in only)]


def _dealt_out(document: Any, parts: int) -> list[list[str]]:
    """Return the operations of `document` dealt out in `parts`; an empty list stands for all of them, undivided."""
    paths = document.get("paths") if isinstance(document, dict) else None
    items = [(path, item) for path, item in (paths or {}).items() if isinstance(item, dict)]
    names = [f"{verb.upper()} {path}" for path, item in items for verb in item if verb in VERBS]
    return [names[first::parts] for first in range(parts)] if len(names) >= parts > 1 else [[]]


def _lifecycles(document: Any, makers: Collection[str]) -> list[str]:
    """Return the operations by which something is made at `makers`, read and deleted: there a chain can go on."""
    ones = [path for path in document.get("paths", {}) if path.rpartition("/")[0] in makers and path.endswith("}")]
    makers = sorted({path.rpartition("/")[0] for path in ones})
    return [f"POST {path}" for path in makers] + [f"{verb} {path}" for path in ones for verb in _ON_ONE]


def _settings(leg: Leg, base_url: str, token: str | None) -> str:
    """Return the settings file. Nothing is learnt from answers, which would make what is asked depend on them."""
    headers = {"Authorization": f"Bearer ${{{_TOKEN}}}"} if token else {}
    lines = [
        f"base-url = {json.dumps(base_url)}",
        f"headers = {{ {', '.join(f'{name} = {json.dumps(value)}' for name, value in headers.items())} }}",
        "workers = 1",
        "continue-on-failure = true",
        "request-timeout = 10.0",
        "[warnings]",
        "enabled = false",
        "[output.sanitization]",
        "enabled = false",
        "[cache]",
        "enabled = false",
        "[generation]",
        f"max-examples = {leg.examples}",
        f"mode = {json.dumps(leg.mode)}",
        'database = "none"',
        "no-shrink = true",
        "[checks.negative_data_rejection]",
        f"expected-statuses = {json.dumps(_REFUSED)}",
        "[checks.positive_data_acceptance]",
        f"expected-statuses = {json.dumps(_TAKEN)}",
        *_unlearnt(),
        # The identity in the path and the one in the body have to agree, which OpenAPI cannot say.
        "[[operations]]",
        'include-method = "PUT"',
        "checks.positive_data_acceptance.enabled = false",
    ]
    return "\n".join(lines) + "\n"


def _unlearnt() -> list[str]:
    lines = [f"[phases.{phase}.extra-data-sources]\nresponses = false" for phase in ("examples", "coverage", "fuzzing")]
    return [*lines, "[phases.fuzzing.error-feedback]", "enabled = false"]


def _start(command: list[str], folder: Path, token: str | None, output: int) -> subprocess.Popen[bytes]:
    """Start Schemathesis in `folder`, with nothing but what `command` and the settings file tell it."""
    # All variables are looked through for proxies with every request: a long list of them costs more than the request.
    kept = {name: value for name, value in os.environ.items() if name in _SURROUNDINGS}
    surroundings = {**kept, "HOME": str(folder), _TOKEN: token or "", "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(command, cwd=folder, env=surroundings, stdout=output, stderr=output)
    with suppress(ProcessLookupError, ValueError):
        resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    return process


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait for the end of `process`; it is ended when it goes on for longer than `seconds` and some grace."""
    try:
        process.wait(timeout=seconds + GRACE_S)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)  # it writes its report, and says there that it was interrupted
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=GRACE_S)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
        process.wait()


def _failed(folder: Path) -> SuitesFailed:
    said = (folder / OUTPUT).read_text(encoding="utf-8", errors="replace")
    return SuitesFailed("Schemathesis made no report", said[-2000:].strip(), "mend the OpenAPI document or the driver")


def origin_of(url: str) -> str:
    """Return scheme, host and port of `url`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
