"""A threaded TCP server that ends at once, whatever its connections are doing."""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import threading
import time
from collections.abc import Callable

_ACCEPT_AGAIN_S = 0.05
_LINGER_ZERO = struct.pack("ii", 1, 0)


class Connection:
    """One connection; its server ends it when the handler returns, or earlier when the server is closed."""

    def __init__(self, sock: socket.socket, closing: threading.Event) -> None:
        self.socket = sock
        self._closing = closing

    def receive(self) -> bytes:
        """Return the next bytes, at least one; nothing when the sender or the server has ended the connection."""
        try:
            return self.socket.recv(64 * 1024)
        except OSError:
            return b""

    def send(self, content: bytes) -> None:
        """Send all of `content`; a sender who is gone by now is no error."""
        with contextlib.suppress(OSError):
            self.socket.sendall(content)

    def wait(self, seconds: float) -> None:
        """Wait, but not longer than the server stands."""
        self._closing.wait(seconds)

    def hold(self) -> None:
        """Say nothing until the sender gives up or the server is closed."""
        while self.receive():
            pass

    def reset(self) -> None:
        """See to it that the connection ends with a reset (RST) instead of an orderly end."""
        with contextlib.suppress(OSError):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)

    def interrupt(self) -> None:
        """Wake whoever reads from or writes to it; called from another thread."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)


class TcpServer:
    """Serves connections to `address` at a free port, one thread each, from its construction until `close`.

    Idle threads wait in the kernel and use no processor time. All threads are daemons: none outlives the process.
    """

    def __init__(self, name: str, address: str, handle: Callable[[Connection], None]) -> None:
        """Listen at once; raises OSError where `address` cannot be had."""
        self._handle = handle
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._threads: dict[threading.Thread, Connection] = {}
        self._listener = socket.create_server((address, 0), backlog=256)
        self._listener.settimeout(0)
        self._wake, self._waker = socket.socketpair()
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, name=f"partner {name}", daemon=True)
        self._acceptor.start()

    def close(self, *, within_s: float = 1.0) -> None:
        """End every connection and thread; returns when they have ended, after `within_s` seconds at the latest."""
        deadline = time.monotonic() + within_s
        with self._lock:
            self._closing.set()
            open_now = dict(self._threads)
        self._waker.close()
        for connection in open_now.values():
            connection.interrupt()
        for thread in (self._acceptor, *open_now):
            thread.join(max(0.0, deadline - time.monotonic()))

    def _accept(self) -> None:
        with self._listener, self._wake, selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._wake, selectors.EVENT_READ)
            while not self._closing.is_set():
                selector.select()
                self._take_one()

    def _take_one(self) -> None:
        try:
            sock, _ = self._listener.accept()
        except BlockingIOError:
            return
        except OSError:  # out of descriptors, or gone before it was accepted
            self._closing.wait(_ACCEPT_AGAIN_S)
            return
        sock.settimeout(None)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(sock, self._closing)
        thread = threading.Thread(target=self._serve, args=(connection,), name=self._acceptor.name, daemon=True)
        with self._lock:
            if self._closing.is_set():
                sock.close()
                return
            self._threads[thread] = connection
            try:
                thread.start()
            except RuntimeError:  # the machine is short of threads: this sender may come again, others still can
                del self._threads[thread]
                sock.close()

    def _serve(self, connection: Connection) -> None:
        try:
            self._handle(connection)
        finally:
            connection.socket.close()
            with self._lock:
                self._threads.pop(threading.current_thread(), None)
