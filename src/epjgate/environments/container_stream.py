"""What a command in a container says, as the engine sends it: its output and its complaints in one stream of frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from docker import DockerClient
from docker.errors import create_api_error_from_http_exception
from requests import HTTPError
from urllib3.exceptions import HTTPError as StreamError

from epjgate.environments.engine import ANSWER_LIMIT_S

_HEADER = 8
_COMPLAINT = 2


class FramesCutOff(OSError):
    """The stream ended within a frame, or the connection broke: some of what was said is lost."""


class Frames:
    """The answer to a request that attaches to a command (Docker Engine API 1.41, ContainerAttach, "Stream format").

    The SDK's own streams take a lost connection for the end of what was said, and cannot be closed.
    """

    def __init__(self, engine: DockerClient, path: str, params: Mapping[str, int], body: Any = None) -> None:
        """Send the request; raises one of ENGINE_ERRORS, an APIError where the engine refuses."""
        url = f"{engine.api.base_url}/v{engine.api.api_version}{path}"
        # It may be silent for as long as it likes; whoever waits has limits of his own.
        limits = (ANSWER_LIMIT_S, None)
        self._response = engine.api.post(url, params=params, json=body, stream=True, timeout=limits)
        try:
            self._response.raise_for_status()
        except HTTPError as err:
            create_api_error_from_http_exception(err)

    def __iter__(self) -> Iterator[tuple[bool, bytes]]:
        """Yield every piece that was said, and before it whether it is a complaint; raises FramesCutOff."""
        while header := self._read(_HEADER):
            size = int.from_bytes(header[4:], "big")
            piece = self._read(size)
            if len(header) < _HEADER or len(piece) < size:
                raise FramesCutOff(f"{len(piece)} of {size} bytes came before the connection was lost")
            yield header[0] == _COMPLAINT, piece

    def _read(self, size: int) -> bytes:
        try:
            return self._response.raw.read(size)
        except StreamError as err:
            raise FramesCutOff(f"the connection to the engine broke: {err}") from err

    def close(self) -> None:
        """Give the connection up."""
        self._response.close()


def attached(engine: DockerClient, container: str) -> Frames:
    """Return what `container` says from now on."""
    return Frames(engine, f"/containers/{container}/attach", {"stream": 1, "stdout": 1, "stderr": 1})


def begun(engine: DockerClient, run: str) -> Frames:
    """Start the command `run`, which the engine has been told of, and return what it says."""
    return Frames(engine, f"/exec/{run}/start", {}, {"Detach": False, "Tty": False})
