"""Fills the placeholders of a system description, and finds a port for `${port}`."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from string import Template

from epjgate.errors import UsageError


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
    """Return a TCP port on which nothing listens at `host` now; nothing holds it until it is used."""
    with socket.socket() as listener:
        listener.bind((host, 0))
        port: int = listener.getsockname()[1]
        return port


def _allowed(values: Mapping[str, str]) -> str:
    return ", ".join(f"${{{name}}}" for name in sorted(values)) or "none is allowed here"
