"""The sampler: a process that does nothing but probe, on time, and tell what it met.

It is told its task by a line on standard input, and to stop by a second one. It ends when that input ends: with
whoever started it. What it says goes to standard output as lines, see `sample`.
"""

from __future__ import annotations

import asyncio
import gc
import io
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from epjgate.probing.control import LOOPBACK
from epjgate.probing.exchange import Address, Asker, HarnessShort, NotServed, OnNew, OnReused
from epjgate.probing.request import ProbeRequest
from epjgate.probing.sample import End, Message, Missed, Ready, Refused, Result, Sample, Stood, Task, line_of

BEAT_S = 0.025
STALL_S = 0.1
"""A heart that beats every BEAT_S and paused for this long stood still, or was not let run."""

_ROUNDING = 1e-9
_IDLE_SAMPLES = 10  # a kept connection that was not needed for so many is ended


class Sampler:
    """Asks each of `askers` at 0, `every_s`, `2 * every_s`, ... after its construction, whatever became of the others.

    Each sample has `timeout_s` of its own, so that at most `timeout_s / every_s + 1` of one asker are under way.
    A sample that cannot be sent before the next one is due is not sent at all.
    """

    def __init__(
        self, askers: Sequence[Asker], every_s: float, timeout_s: float, say: Callable[[Message], None]
    ) -> None:
        self._askers = askers
        self._every_s = every_s
        self._timeout_s = timeout_s
        self._say = say
        self._loop = asyncio.get_running_loop()
        self._next = 0
        self._under_way: set[asyncio.Task[None]] = set()
        self._last_beat_s = 0.0
        self.begin = self._loop.time()

    async def sample(self) -> None:
        """Send what is due, for ever."""
        while True:
            self._send_due()
            await asyncio.sleep(self.begin + self._next * self._every_s - self._loop.time())

    async def beat(self) -> None:
        """Tell of every time in which this process did not run, for ever."""
        while True:
            self._tell_of_a_stall()
            await asyncio.sleep(BEAT_S)

    async def finish(self) -> None:
        """Send nothing more; returns when all that was sent is answered, or has had its time."""
        duration_s = self._now_s()
        self._send_due()
        if self._under_way:
            await asyncio.wait(self._under_way)
        self._tell_of_a_stall()
        self._say(End(duration_s))

    def _now_s(self) -> float:
        return self._loop.time() - self.begin

    def _tell_of_a_stall(self) -> None:
        now_s = self._now_s()
        if now_s - self._last_beat_s > STALL_S:
            self._say(Stood(self._last_beat_s, now_s))
        self._last_beat_s = now_s

    def _send_due(self) -> None:
        now_s = self._now_s()
        current = int(now_s / self._every_s + _ROUNDING)
        if current < self._next:
            return
        if current > self._next:
            self._say(Missed(self._next, current - 1, now_s - self._next * self._every_s))
        self._next = current + 1
        for track, asker in enumerate(self._askers):
            task = self._loop.create_task(self._take(track, current, asker))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _take(self, track: int, n: int, asker: Asker) -> None:
        """Take one sample, and tell of it."""
        sent_s, reconnected = self._now_s(), False
        late_s = sent_s - n * self._every_s
        result, why = Result.LOST, f"not taken: the harness was {late_s:.2f} s late"
        try:
            if late_s < self._every_s:
                why = "the sampler's own error"
                async with asyncio.timeout(self._timeout_s):
                    reconnected = await asker.ask()
                result, why = Result.GOOD, ""
        except TimeoutError:
            result, why = Result.BAD, f"no answer within {self._timeout_s:g} s"
        except NotServed as err:
            result, why = Result.BAD, str(err)
        except HarnessShort as err:
            why = str(err)
        finally:
            self._say(Sample(track, n, sent_s, self._now_s(), result, why, reconnected))


class Pipe(asyncio.Protocol):
    """Standard input and output: neither a slow reader nor a full pipe makes the sampler wait."""

    def __init__(self) -> None:
        self._told = bytearray()
        self.stop: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol; a whole line means stop."""
        self._told += data
        if b"\n" in self._told and not self.stop.done():
            self.stop.set_result(True)

    def eof_received(self) -> None:
        """See asyncio.Protocol; nobody is there any more."""
        if not self.stop.done():
            self.stop.set_result(False)


class Output(asyncio.BaseProtocol):
    """Standard output; `closed` is done when all has been read, or nobody reads."""

    def __init__(self) -> None:
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio calls it so
        """See asyncio.BaseProtocol."""
        if not self.closed.done():
            self.closed.set_result(None)


async def probe(task: Task, addresses: Sequence[Address], control: Address, control_pid: int) -> None:
    """Probe until told to stop, or until nobody is there to tell."""
    loop = asyncio.get_running_loop()
    _, pipe = await loop.connect_read_pipe(Pipe, sys.stdin)
    transport, output = await loop.connect_write_pipe(Output, sys.stdout)
    askers: list[Asker] = []
    for address in addresses:
        askers += [OnNew(address), OnReused(address, _IDLE_SAMPLES * task.every_s)]

    def say(message: Message) -> None:
        transport.write(line_of(message))

    sampler = Sampler([*askers, OnNew(control)], task.every_s, task.timeout_s, say)
    say(Ready(sampler.begin, control_pid))
    async with asyncio.TaskGroup() as group:
        beating, sampling = group.create_task(sampler.beat()), group.create_task(sampler.sample())
        orderly = await pipe.stop
        sampling.cancel()
        if orderly:
            await sampler.finish()
        beating.cancel()
    for asker in askers:
        asker.close()
    transport.close()
    if orderly:
        await output.closed


def resolved(request: ProbeRequest) -> Address:
    """Return where `request` goes; IPv4 first, which is what a service on `localhost` listens at. Raises OSError."""
    found = socket.getaddrinfo(request.host, request.port, type=socket.SOCK_STREAM)
    return Address(request, str(min(found, key=lambda one: one[0] is not socket.AF_INET)[4][0]))


@contextmanager
def control_endpoint() -> Iterator[tuple[Address, int]]:
    """Have the control endpoint as long as the context lasts: its address and its process. Raises OSError."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "epjgate.probing.control"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        try:
            assert process.stdout is not None  # noqa: S101 - it was asked for as a pipe
            port = process.stdout.readline().decode().strip()
            if not port:
                raise OSError("the control endpoint did not start")
            request = ProbeRequest("control", "GET", f"http://{LOOPBACK}:{port}/")
            yield Address(request, LOOPBACK), process.pid
        finally:
            process.kill()


def main() -> None:
    """Do the task on standard input."""
    with io.FileIO(sys.stdin.fileno(), closefd=False) as unbuffered:  # it takes nothing of what follows
        task = Task.of(unbuffered.readline())
    try:
        addresses = [resolved(request) for request in task.requests]
    except OSError as err:
        sys.stdout.buffer.write(line_of(Refused(str(err))))
        return
    with control_endpoint() as (control, control_pid):
        gc.freeze()
        asyncio.run(probe(task, addresses, control, control_pid))


if __name__ == "__main__":
    main()
