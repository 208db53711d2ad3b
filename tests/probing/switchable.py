"""A server that fails as it is told: run as a program, it obeys lines on its standard input.

`serve`; `refuse`: listens no more, and every connection ends; `status 503`; `half`: an answer that breaks off; `reset`;
`mute`: takes requests and says nothing; `slow 0.5`: answers after so many seconds; `garbage`: no HTTP; `close_idle`:
ends a kept connection after its answer, unannounced; `close_asked`: ends a kept connection when asked once more.
Each line is answered by the monotonic time at which it was obeyed; the first line that it says is its port.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import time

OK = b"HTTP/1.1 %d Told\r\nContent-Length: 2\r\n\r\nok"


class Switchable:
    """Answers every request, by the mode that it is in."""

    def __init__(self) -> None:
        self.mode, self.value = "serve", 0.0
        self.port = 0
        self.listening: asyncio.Task[None] | None = None
        self.talks: set[asyncio.Task[None]] = set()
        self.writers: set[asyncio.StreamWriter] = set()

    async def obey(self, line: str) -> None:
        """Do what a line says."""
        self.mode, _, value = line.strip().partition(" ")
        self.value = float(value or 0)
        if self.mode == "refuse" and self.listening is not None:
            self.listening.cancel()
            await asyncio.wait([self.listening])
            self.listening = None
            for writer in self.writers:
                writer.transport.abort()
        elif self.mode != "refuse" and self.listening is None:
            entrance = socket.create_server(("127.0.0.1", self.port), backlog=512)
            entrance.settimeout(0)
            self.port = entrance.getsockname()[1]
            self.listening = asyncio.create_task(self.listen(entrance))

    async def listen(self, entrance: socket.socket) -> None:
        """Let in who comes. asyncio's own server forgets a connection, open, when it is closed while it lets one in."""
        with entrance:
            while True:
                connection, _ = await asyncio.get_running_loop().sock_accept(entrance)
                talk = asyncio.create_task(self.greet(connection))
                self.talks.add(talk)
                talk.add_done_callback(self.talks.discard)

    async def greet(self, connection: socket.socket) -> None:
        """Talk with one who came in."""
        await self.talk(*await asyncio.open_connection(sock=connection))

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        self.writers.add(writer)
        answered = 0
        try:
            while self.mode != "close_asked" or not answered:
                head = await reader.readuntil(b"\r\n\r\n")
                if self.mode == "close_asked" and answered:
                    break
                length = next((one for one in head.lower().split(b"\r\n") if one.startswith(b"content-length:")), b":0")
                await reader.readexactly(int(length.partition(b":")[2]))
                await self.answer(writer)
                answered += 1
                if self.mode in {"half", "garbage", "close_idle"} or b"connection: close" in head.lower():
                    break
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.writers.discard(writer)
            writer.close()

    async def answer(self, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        match self.mode:
            case "mute":
                await asyncio.sleep(600)
            case "reset" | "refuse":  # a connection may have been accepted just before it ceased to listen
                writer.transport.abort()
            case "half":
                writer.write(OK.replace(b"2", b"200") % 200)
            case "garbage":
                writer.write(b"MSH|^~\\&|\r\n\r\n")
            case "status":
                writer.write(OK % self.value)
            case "slow":
                await asyncio.sleep(self.value)
                writer.write(OK % 200)
            case _:
                writer.write(OK % 200)


async def main() -> None:
    """Obey until standard input ends."""
    switchable = Switchable()
    await switchable.obey("serve")
    sys.stdout.write(f"{switchable.port}\n")
    sys.stdout.flush()
    told = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(told), sys.stdin)
    while line := await told.readline():
        await switchable.obey(line.decode())
        sys.stdout.write(f"{time.monotonic()}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
