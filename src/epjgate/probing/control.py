"""An endpoint that always answers, in a process of its own: where it is silent too, the system need not be down."""

from __future__ import annotations

import asyncio
import sys

LOOPBACK = "127.0.0.1"
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


async def _serve() -> None:
    """Answer until whoever started this process has ended, which closes its standard input."""
    server = await asyncio.start_server(_answer, LOOPBACK, 0, backlog=1024)
    port: int = server.sockets[0].getsockname()[1]
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    loop = asyncio.get_running_loop()
    owner = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(owner), sys.stdin)
    await owner.read()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_ANSWER)
        await writer.drain()
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        pass  # who asked is gone, or asked for nothing
    finally:
        writer.close()


if __name__ == "__main__":
    asyncio.run(_serve())
