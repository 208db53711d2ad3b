"""One request and its answer over HTTP/1.1, on a connection of its own or on one that is kept."""

from __future__ import annotations

import asyncio
import errno
from collections import deque
from typing import Protocol

import h11

from epjgate.probing.request import ProbeRequest, head_of

_OURS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL})
_PIECE = 64 * 1024


class NotServed(Exception):
    """The system gave no answer, or not the right one; its words say which."""


class ClosedUnderIt(NotServed):
    """The connection ended before the first byte of an answer."""


class HarnessShort(Exception):
    """Of descriptors, memory or ports none was left to ask with, which says nothing of the system."""


class Asker(Protocol):
    """Sends one request."""

    async def ask(self) -> bool:
        """Return once the right answer has arrived whole: whether it took a second connection to get it.

        Raises NotServed or HarnessShort; it may be cancelled at any time.
        """

    def close(self) -> None:
        """End the connections that are kept."""


class Address:
    """Where a request goes, found out once: a name service that fails is not the system's outage."""

    def __init__(self, request: ProbeRequest, ip: str) -> None:
        self.request = request
        self.ip = ip
        self._heads = {keep: head_of(request, keep=keep) for keep in (False, True)}

    async def connect(self, *, keep: bool) -> Link:
        """Return a new connection; raises NotServed or HarnessShort."""
        loop = asyncio.get_running_loop()
        try:
            _, link = await loop.create_connection(
                lambda: Link(self.request, self._heads[keep]), self.ip, self.request.port
            )
        except OSError as err:
            if err.errno in _OURS:
                raise HarnessShort(f"the harness could not connect: {err}") from err
            raise NotServed(f"no connection: {_in_words(err)}") from err
        return link


class Link(asyncio.Protocol):
    """One connection, on which one request at a time is asked."""

    def __init__(self, request: ProbeRequest, head: h11.Request) -> None:
        self._request = request
        self._head = head
        self._http = h11.Connection(h11.CLIENT)
        self._received = bytearray()
        self._over = False
        self._fault: Exception | None = None
        self._waiting: asyncio.Future[None] | None = None
        self.idle_since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - that is what create_connection makes
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        self._received += data
        self._wake()

    def eof_received(self) -> None:
        """See asyncio.Protocol."""
        self._over = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._over = True
        self._fault = self._fault or exc
        self._wake()

    @property
    def stale(self) -> bool:
        """Whether the server has closed it, or spoke without being asked, so that nothing can be asked on it."""
        return self._over or bool(self._received)

    async def ask(self) -> None:
        """Return once the right answer has arrived whole; raises NotServed."""
        request = self._request
        sent = self._http.send(self._head) or b""
        sent += (self._http.send(h11.Data(data=request.body)) or b"") if request.body else b""
        self._transport.write(sent + (self._http.send(h11.EndOfMessage()) or b""))
        status = await self._answer()
        if status != request.status:
            raise NotServed(f"status {status} instead of {request.status}")

    def reusable(self) -> bool:
        """Return whether both sides are ready for a next request; makes it so where they can be."""
        if self.stale or self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        self._http.start_next_cycle()
        return True

    def drop(self) -> None:
        """End it at once, whatever it is doing."""
        self._transport.abort()

    async def _answer(self) -> int:
        """Return the status of an answer that has arrived whole."""
        status, begun = 0, False
        while True:
            try:
                event = self._http.next_event()
                if event is h11.NEED_DATA:
                    piece = await self._receive(begun=begun)
                    begun = begun or bool(piece)
                    self._http.receive_data(piece)
            except h11.RemoteProtocolError as err:
                raise NotServed(f"no whole answer in HTTP: {err}") from err
            if isinstance(event, h11.Response):
                status = event.status_code
            if isinstance(event, h11.EndOfMessage):
                return status
            if event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                raise NotServed("no answer in HTTP: the connection turned into something else")

    async def _receive(self, *, begun: bool) -> bytes:
        """Return the next bytes; none where the server ended the connection within its answer, in good order."""
        while not self._received and not self._over:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        if self._received:
            piece = bytes(self._received[:_PIECE])
            del self._received[:_PIECE]
            return piece
        if begun and self._fault is None:
            return b""
        what = _in_words(self._fault) if self._fault else "closed without an answer"
        if begun:
            raise NotServed(f"the answer broke off: {what}")
        raise ClosedUnderIt(f"connection lost: {what}")

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


class OnNew:
    """Asks each time on a new connection."""

    def __init__(self, address: Address) -> None:
        self._address = address

    async def ask(self) -> bool:
        """See Asker."""
        link = await self._address.connect(keep=False)
        try:
            await link.ask()
        finally:
            link.drop()
        return False

    def close(self) -> None:
        """See Asker; none is kept."""


class OnReused:
    """Asks on the connection that was answered last; a further one is made where all are waiting for an answer.

    One that has been idle for `idle_s` is ended: after a hang, nobody needs as many as were waiting then.
    """

    def __init__(self, address: Address, idle_s: float) -> None:
        self._address = address
        self._idle_s = idle_s
        self._idle: deque[Link] = deque()  # the last is the one that was answered last

    async def ask(self) -> bool:
        """See Asker.

        A server may close an idle connection whenever it likes (RFC 9112 section 9.5). Where that is known before
        anything is sent, another connection is made. Where it crosses the request, one that is idempotent is sent
        once more, on a new connection (section 9.3.1); any other is not, for nobody knows whether it was done.
        """
        link, closed = self._kept()
        if link is None:
            await self._on(await self._address.connect(keep=True))
            return closed
        try:
            await self._on(link)
        except ClosedUnderIt as err:
            if not self._address.request.idempotent:
                raise NotServed(f"{err}, and nobody knows whether it was done") from err
            await self._on(await self._address.connect(keep=True))
            return True
        return closed

    def close(self) -> None:
        """See Asker."""
        while self._idle:
            self._idle.pop().drop()

    async def _on(self, link: Link) -> None:
        try:
            await link.ask()
        finally:
            if link.reusable():
                link.idle_since = asyncio.get_running_loop().time()
                self._idle.append(link)
            else:
                link.drop()

    def _kept(self) -> tuple[Link | None, bool]:
        """Return a connection that can be asked on, and whether any had been closed by the server."""
        oldest = asyncio.get_running_loop().time() - self._idle_s
        while len(self._idle) > 1 and self._idle[0].idle_since < oldest:
            self._idle.popleft().drop()
        closed = False
        while self._idle:
            link = self._idle.pop()
            if not link.stale:
                return link, closed
            link.drop()
            closed = True
        return None, closed


def _in_words(err: Exception) -> str:
    """Return an error without addresses, so that the same trouble reads the same every time."""
    if isinstance(err, ConnectionRefusedError):
        return "refused"
    if isinstance(err, ConnectionResetError):
        return "reset"
    return getattr(err, "strerror", None) or type(err).__name__
