"""Makes sure that containers reach the partners: a firewall in between would make the candidate look at fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from docker import DockerClient

from epjgate.environments.container_service import Service, run_inside
from epjgate.environments.engine import ENGINE_ERRORS
from epjgate.environments.interface import EnvironmentDown, Listener
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.target import PARTNERS

_KNOCK = """
import socket, sys
for place in sys.argv[1:]:
    host, port = place.rsplit(":", 1)
    try:
        socket.create_connection((host, int(port)), 3).close()
    except OSError as err:
        sys.exit(f"{place}: {err}")
print("reached")
"""
# What a shell and the engine end with where there is no such program.
_NO_PROGRAM = (126, 127)


def check_reach(engine: DockerClient, services: Sequence[Service], urls: Mapping[str, str], listener: Listener) -> None:
    """Connect to every partner from inside the first container that has Python; say so where none has.

    Raises EnvironmentDown with stage `start` and root `set_up` for a partner that cannot be reached.
    """
    places = sorted({f"{urlsplit(url).hostname}:{urlsplit(url).port}" for url in urls.values()})
    for service in services:
        try:
            code, said = run_inside(engine, service.container, ("python3", "-c", _KNOCK, *places))
        except ENGINE_ERRORS:
            continue
        if code in _NO_PROGRAM:
            continue
        if code == 0 and said == "reached":
            return
        raise EnvironmentDown(
            f"{service.part.name} cannot reach the receiving systems that the gate plays",
            said or f"the try ended with exit code {code}",
            "let the firewall of this machine admit connections from the engine's networks",
            stage=EnvironmentStage.START,
            root=EnvironmentCause.SET_UP,
            service=PARTNERS,
        )
    listener.step("no container has Python, so nobody could check that it reaches the receiving systems")
