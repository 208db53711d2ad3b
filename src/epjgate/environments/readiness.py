"""Tells when a service is ready: it did what its description declares, which is more than to have a port open."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

import requests

from epjgate.environments.interface import EnvironmentDown
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.system import Readiness

LAST_LINES = 20
TRY_S = 5.0
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 0.5


def wait_until_ready(
    ask: Callable[[float], str | None],
    limit_s: float,
    *,
    service: str,
    last_lines: Callable[[], Sequence[str]],
    raise_if_ended: Callable[[], None],
) -> None:
    """Return once `ask` finds nothing wrong with `service` while it still stands.

    `ask` makes one try of so many seconds at most and returns what was wrong, or None. `raise_if_ended` is asked
    before and after each try; whatever it raises ends the waiting at once. Raises EnvironmentDown with stage `start`
    and root `unreachable` after `limit_s` seconds.
    """
    deadline = time.monotonic() + limit_s
    pause_s = _FIRST_PAUSE_S
    reason: str | None = "it was never asked"
    while (left_s := deadline - time.monotonic()) > 0:
        raise_if_ended()
        reason = ask(min(TRY_S, left_s))
        if reason is None:
            # A service that has just ended did not give this answer: somebody else holds its port.
            raise_if_ended()
            return
        time.sleep(min(pause_s, max(0.0, deadline - time.monotonic())))
        pause_s = min(pause_s * 1.5, _LONGEST_PAUSE_S)
    raise_if_ended()
    raise EnvironmentDown(
        f"{service} did not become ready within {limit_s:g} s",
        with_last_lines(f"the last try: {reason}", last_lines()),
        f"read the whole log of {service}; raise ready.limit_s in system.toml if it only needs more time",
        stage=EnvironmentStage.START,
        root=EnvironmentCause.UNREACHABLE,
        service=service,
    )


def answers(url: str, ready: Readiness, timeout_s: float = TRY_S) -> str | None:
    """Ask once; return None where the answer is the declared one, else what was wrong with it, in words.

    Proxies of the caller's surroundings are left out: they do not know the candidate. Redirects are not followed.
    A service that is to be asked by a command is never ready by this way.
    """
    if ready.path is None:
        return "a command must tell, and none can be run where it is"
    address = f"{url}{ready.path}"
    try:
        with requests.Session() as session:
            session.trust_env = False
            with session.get(
                address, timeout=timeout_s, allow_redirects=False, stream=True, verify=_trusted_authorities()
            ) as answer:
                status = answer.status_code
    except requests.RequestException as err:
        return f"GET {address} got no answer ({type(err).__name__}: {err})"
    return None if status == ready.status else f"GET {address} answered {status}, declared is {ready.status}"


def with_last_lines(cause: str, lines: Sequence[str]) -> str:
    """Return `cause` followed by the last log lines, or by the remark that there are none."""
    if not lines:
        return f"{cause}; it logged nothing"
    return "\n       ".join((f"{cause}; its last log lines:", *lines))


def tail(path: Path, count: int = LAST_LINES) -> tuple[str, ...]:
    """Return the last `count` lines of a log file, oldest first; nothing where the file is missing."""
    try:
        with path.open(encoding="utf-8", errors="replace") as log:
            return tuple(line.rstrip("\r\n") for line in deque(log, maxlen=count))
    except FileNotFoundError:
        return ()


def _trusted_authorities() -> str | bool:
    """Return the site's own CA bundle, which `trust_env = False` would otherwise leave out with the proxies."""
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or True
