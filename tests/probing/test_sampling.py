"""Samples are taken when they are due, whatever became of those before; what was not is named."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field

import psutil
import pytest
from tests.probing.conftest import Target

from epjgate.probing.exchange import Asker, HarnessShort, NotServed
from epjgate.probing.request import ProbeRequest
from epjgate.probing.sample import End, Message, Missed, Ready, Refused, Result, Sample, Stood, Task, message_of
from epjgate.probing.sampling import Sampler, resolved

EVERY_S, TIMEOUT_S = 0.1, 1.5


@dataclass
class Pausing:
    """An asker whose n-th answer takes so many seconds, and raises what it is given."""

    pauses_s: dict[int, float] = field(default_factory=dict)
    error: Exception | None = None
    asked: int = 0

    async def ask(self) -> bool:
        """See Asker."""
        self.asked += 1
        await asyncio.sleep(self.pauses_s.get(self.asked - 1, 0))
        if self.error is not None:
            raise self.error
        return True

    def close(self) -> None:
        """See Asker."""


def sampled(askers: Sequence[Asker], meanwhile: Callable[[], Coroutine[None, None, None]]) -> list[Message]:
    """Return what a sampler says while `meanwhile` lasts, and to its end."""
    said: list[Message] = []

    async def whole() -> None:
        sampler = Sampler(askers, EVERY_S, TIMEOUT_S, said.append)
        running = [asyncio.create_task(sampler.sample()), asyncio.create_task(sampler.beat())]
        await meanwhile()
        for task in running:
            task.cancel()
        await sampler.finish()

    asyncio.run(whole())
    return said


async def a_second() -> None:
    await asyncio.sleep(1.02)


def samples(said: Sequence[Message], track: int = 0) -> dict[int, Sample]:
    return {one.n: one for one in said if isinstance(one, Sample) and one.track == track}


def accounted(said: Sequence[Message]) -> set[int]:
    """Return the numbers that were sampled, or named as missed."""
    missed = [n for one in said if isinstance(one, Missed) for n in range(one.first, one.last + 1)]
    return {*samples(said), *missed}


def test_samples_keep_to_their_times() -> None:
    """The n-th is sent after its own time and before the next one's, so that nothing adds up; the end says when."""
    said = sampled([Pausing(), Pausing()], a_second)
    end = said[-1]
    assert isinstance(end, End)
    assert end.duration_s >= 1
    for one in (*samples(said, 0).values(), *samples(said, 1).values()):
        if one.result is not Result.LOST:
            assert one.n * EVERY_S - 1e-6 <= one.sent_s < (one.n + 1) * EVERY_S
            assert (one.result, one.reconnected) == (Result.GOOD, True)
    assert accounted(said) >= set(range(10))


def test_a_slow_answer_delays_and_hides_nothing() -> None:
    """Others are sent and answered meanwhile; it is told when it comes."""
    said = sampled([Pausing({2: 0.75})], a_second)
    order = [one.n for one in said if isinstance(one, Sample) and one.result is Result.GOOD]
    assert order != sorted(order)
    assert accounted(said) >= set(range(10))


def test_a_hang_is_given_up_each_sample_for_itself() -> None:
    """What was sent is waited for at the end, as long as its time-out lasts and no longer."""
    begin = time.monotonic()
    said = sampled([Pausing(dict.fromkeys(range(3, 100), 600.0))], a_second)
    bad = [one for one in samples(said).values() if one.result is Result.BAD]
    assert len(bad) >= 2
    for one in bad:
        assert one.done_s - one.sent_s >= TIMEOUT_S - 0.01
        assert one.why == "no answer within 1.5 s"
    assert isinstance(said[-1], End)
    assert time.monotonic() - begin < 30


@pytest.mark.parametrize(
    ("error", "result", "why"),
    [
        (NotServed("status 503 instead of 200"), Result.BAD, "status 503 instead of 200"),
        (HarnessShort("too many open files"), Result.LOST, "too many open files"),
    ],
)
def test_a_sample_says_what_it_met(error: Exception, result: Result, why: str) -> None:
    """What the harness lacks is not the system's fault."""
    found = samples(sampled([Pausing(error=error)], a_second))
    assert (result, why) in {(one.result, one.why) for one in found.values()}
    assert Result.GOOD not in {one.result for one in found.values()}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_error_of_its_own_is_not_the_systems() -> None:
    """It is lost, not bad, and never good."""
    found = samples(sampled([Pausing(error=RuntimeError("a slip"))], a_second))
    assert "the sampler's own error" in {one.why for one in found.values()}
    assert {one.result for one in found.values()} == {Result.LOST}


def test_what_was_due_while_it_stood_still_is_named_and_not_made_up_for() -> None:
    """No burst afterwards: the samples are missed, and the time is told."""

    async def busy() -> None:
        await asyncio.sleep(0.3)
        time.sleep(0.6)  # noqa: ASYNC251 - this is what stands still
        await asyncio.sleep(0.3)

    said = sampled([Pausing()], busy)
    assert any(one.last - one.first >= 3 and one.late_s > 0.3 for one in said if isinstance(one, Missed))
    assert any(one.end_s - one.begin_s >= 0.55 for one in said if isinstance(one, Stood))
    assert accounted(said) >= set(range(12))
    assert len(samples(said)) <= 9


def test_what_cannot_be_sent_in_its_time_is_not_sent() -> None:
    """It would speak for the time of the next one; nothing is asked, and the sample is named."""

    class Holding(Pausing):
        async def ask(self) -> bool:
            """See Asker."""
            if self.asked == 2:
                time.sleep(0.4)  # noqa: ASYNC251 - it holds up whoever comes after it
            return await super().ask()

    held_up = Pausing()
    found = samples(sampled([Holding(), held_up], a_second), track=1)
    late = [one for one in found.values() if one.why.startswith("not taken: the harness was")]
    assert {one.result for one in late} == {Result.LOST}
    assert held_up.asked == len(found) - len(late)


@pytest.fixture
def process() -> subprocess.Popen[bytes]:
    """A sampler that has not been told its task."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "epjgate.probing.sampling"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


def test_its_process_samples_until_it_is_told_to_stop(target: Target, process: subprocess.Popen[bytes]) -> None:
    """It says when it begins, one line for each sample, and that it has come to its end; then it is gone."""
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(Task((target.request(),), 0.05, 2.0).line())
        process.stdin.flush()
        ready = message_of(process.stdout.readline())
        assert isinstance(ready, Ready)
        control = psutil.Process(ready.control)
        assert abs(time.monotonic() - ready.begin) < 60
        seen = {message_of(process.stdout.readline()) for _ in range(30)}
        assert {one.track for one in seen if isinstance(one, Sample)} == {0, 1, 2}
        process.stdin.write(b"stop\n")
        process.stdin.flush()
        *_, last = process.stdout.read().splitlines()
        assert isinstance(message_of(last), End)
        assert process.wait(30) == 0
        assert not control.is_running()


def test_its_process_ends_with_whoever_started_it(
    target: Target, process: subprocess.Popen[bytes], wait_for: Callable[[Callable[[], bool]], None]
) -> None:
    """An input that ends without a word means that nobody wants to know any more; its control endpoint ends too."""
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        target.say("mute")
        process.stdin.write(Task((target.request(),), 0.05, 9.0).line())
        process.stdin.flush()
        ready = message_of(process.stdout.readline())
        assert isinstance(ready, Ready)
        control = psutil.Process(ready.control)
        process.stdin.close()
        wait_for(lambda: process.poll() is not None)
        wait_for(lambda: not control.is_running())


def test_its_control_endpoint_ends_with_it(
    target: Target, process: subprocess.Popen[bytes], wait_for: Callable[[Callable[[], bool]], None]
) -> None:
    """Even when it is killed."""
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(Task((target.request(),), 0.05, 2.0).line())
        process.stdin.flush()
        ready = message_of(process.stdout.readline())
        assert isinstance(ready, Ready)
        control = psutil.Process(ready.control)
        process.send_signal(signal.SIGKILL)
        wait_for(lambda: not control.is_running() or control.status() == psutil.STATUS_ZOMBIE)


def test_a_host_that_nobody_knows_is_told_before_anything_begins(process: subprocess.Popen[bytes]) -> None:
    """A name service that fails later is not the system's outage."""
    unknown = ProbeRequest("read", "GET", "http://nobody.invalid/")
    said, _ = process.communicate(Task((unknown,), 0.05, 2.0).line(), timeout=60)
    assert isinstance(message_of(said), Refused)


def test_a_name_is_looked_up_as_ipv4_first() -> None:
    """Services on localhost often listen at nothing else."""
    found = resolved(ProbeRequest("read", "GET", "http://localhost:1/"))
    assert found.ip == "127.0.0.1"
