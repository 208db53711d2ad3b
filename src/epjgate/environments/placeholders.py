"""Fills the placeholders of a system description, and finds a port for `${port}`."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from random import SystemRandom
from string import Template

from epjgate.errors import UsageError

_PORTS = range(15_000, 32_768)
_PORT_TRIES = 100
_RANDOM = SystemRandom()


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with every `${name}` replaced by its value; `$$` stands for a dollar sign.

    Raises UsageError for a placeholder that `values` does not have, and for a dollar sign that begins none.
    """
    try:
        return Template(text).substitute(values)
    except KeyError as err:
        unknown = f"the placeholder ${{{err.args[0]}}} is not known here"
        raise UsageError(f"{text!r} cannot be filled in", unknown, f"use one of: {_allowed(values)}") from err
    except ValueError as err:
        raise UsageError(
            f"{text!r} cannot be filled in",
            f"a dollar sign begins no placeholder ({err})",
            f"write $$ for a dollar sign, or use one of: {_allowed(values)}",
        ) from err


def free_port(host: str = "127.0.0.1") -> int:
    """Return a TCP port on which nothing listens at `host` now; nothing holds it until it is used.

    It is one that no outgoing connection of this machine is given (below the dynamic ports of RFC 6335, section 6, and
    of Linux), picked at random: two runs that begin together hardly ever pick the same.
    """
    for port in _RANDOM.sample(_PORTS, k=_PORT_TRIES):
        with socket.socket() as listener, suppress(OSError):
            listener.bind((host, port))
            return port
    raise OSError(f"none of {_PORT_TRIES} ports from {_PORTS.start} to {_PORTS.stop - 1} is free at {host}")


def distinct(choose_port: Callable[[], int]) -> Callable[[], int]:
    """Return what chooses ports as `choose_port` does, but never the same one twice."""
    chosen: set[int] = set()

    def another() -> int:
        while (port := choose_port()) in chosen:
            pass
        chosen.add(port)
        return port

    return another


def _allowed(values: Mapping[str, str]) -> str:
    return ", ".join(f"${{{name}}}" for name in sorted(values)) or "none is allowed here"
