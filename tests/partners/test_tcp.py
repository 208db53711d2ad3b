"""A server ends at once and entirely, and costs nothing while nobody talks."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

import pytest
from tests.partners.messages import connect

from epjgate.partners.tcp import Connection, TcpServer

LOOPBACK = "127.0.0.1"
MUCH = bytes(32 * 1024 * 1024)  # more than the buffers of a connection hold


def threads_of(name: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == f"partner {name}"]


def until(condition: Callable[[], bool]) -> None:
    """Wait for `condition`, at most 5 s."""
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def url(server: TcpServer) -> str:
    return f"tcp://{LOOPBACK}:{server.port}"


def echo(connection: Connection) -> None:
    while piece := connection.receive():
        connection.send(piece)


def flood(connection: Connection) -> None:
    connection.send(MUCH)


@pytest.mark.parametrize(
    "handle",
    [echo, Connection.hold, flood, lambda connection: connection.wait(600)],
    ids=["reading", "holding", "writing to one who does not read", "waiting"],
)
def test_closing_ends_every_thread_at_once(handle: Callable[[Connection], None]) -> None:
    """Whatever 50 connections are in the middle of: within a second no thread and no socket is left."""
    server = TcpServer("closing", LOOPBACK, handle)
    with ExitStack() as stack:
        clients = [stack.enter_context(connect(url(server))) for _ in range(50)]
        until(lambda: len(threads_of("closing")) == 51)
        started = time.monotonic()
        server.close()
        assert time.monotonic() - started < 1
        assert threads_of("closing") == []
        with pytest.raises(ConnectionRefusedError):
            connect(url(server))
        assert all(ended(client) for client in clients)


def reset(connection: Connection) -> None:
    connection.receive()
    connection.reset()


def ended(client: socket.socket) -> bool:
    try:
        while client.recv(1024 * 1024):
            pass
    except ConnectionResetError:
        return True
    return True


def test_closing_again_is_no_error() -> None:
    """It is closed already."""
    server = TcpServer("again", LOOPBACK, echo)
    server.close()
    server.close()


def test_threads_are_daemons_and_end_with_their_connection() -> None:
    """None keeps the process alive, and none is left of a sender who has gone."""
    server = TcpServer("daemons", LOOPBACK, echo)
    try:
        with connect(url(server)) as client:
            client.sendall(b"hej")
            assert client.recv(10) == b"hej"
            assert [thread.daemon for thread in threads_of("daemons")] == [True, True]
        until(lambda: len(threads_of("daemons")) == 1)
    finally:
        server.close()


def test_idle_connections_cost_no_processor_time() -> None:
    """Threads wait in the kernel: no polling."""
    server = TcpServer("idle", LOOPBACK, echo)
    try:
        with ExitStack() as stack:
            for _ in range(20):
                stack.enter_context(connect(url(server)))
            until(lambda: len(threads_of("idle")) == 21)
            before = time.process_time()
            time.sleep(0.3)
            assert time.process_time() - before < 0.05
    finally:
        server.close()


def test_a_reset_is_a_reset() -> None:
    """The sender sees its connection reset, not ended in order."""
    server = TcpServer("reset", LOOPBACK, reset)
    try:
        with connect(url(server)) as client:
            client.sendall(b"hej")
            with pytest.raises(ConnectionResetError):
                client.recv(10)
    finally:
        server.close()


def test_an_address_of_another_machine_cannot_be_had() -> None:
    """The address is of a range that is kept for documents (RFC 5737)."""
    with pytest.raises(OSError, match=r"."):
        TcpServer("elsewhere", "192.0.2.1", echo)


def test_a_machine_short_of_threads_does_not_silence_the_server() -> None:
    """The sender is turned away and may come again; who comes later is served."""
    server = TcpServer("short", LOOPBACK, echo)
    try:
        before = threading.stack_size(1 << 46)  # more than there is: no thread can be started
        try:
            with connect(url(server)) as turned_away:
                assert turned_away.recv(1) == b""
        finally:
            threading.stack_size(before)
        with connect(url(server)) as served:
            served.sendall(b"x")
            assert served.recv(1) == b"x"
    finally:
        server.close()
