"""The control endpoint answers whoever asks, for as long as its owner lives."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

Endpoint = tuple[subprocess.Popen[bytes], int]


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """A control endpoint and its port."""
    command = [sys.executable, "-P", "-m", "epjgate.probing.control"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())
        process.kill()


def test_it_answers_time_after_time(endpoint: Endpoint) -> None:
    """Also after somebody went away in the middle of a request, or asked for too much."""
    _, port = endpoint
    for nonsense in (b"", b"GET / HT", b"x" * 200_000):
        with socket.create_connection(("127.0.0.1", port)) as sock:
            sock.sendall(nonsense)
    for _ in range(3):
        assert requests.get(f"http://127.0.0.1:{port}/", timeout=10).status_code == 200


def test_it_listens_on_loopback_only(endpoint: Endpoint) -> None:
    """Nobody from outside has anything to ask it."""
    _, port = endpoint
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.2", port), timeout=5):
        pass


def test_it_ends_with_its_owner(endpoint: Endpoint) -> None:
    """Its input ends, and so does it, in good order."""
    process, _ = endpoint
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(30) == 0
