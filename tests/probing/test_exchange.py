"""One request: served whole and right, or not served, with the reason."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable, Coroutine
from contextlib import closing
from dataclasses import replace

import pytest
from tests.probing.conftest import Target

from epjgate.probing.exchange import Address, Asker, HarnessShort, Link, NotServed, OnNew, OnReused
from epjgate.probing.request import ProbeRequest

LIMIT_S = 20
Making = Callable[[Address], Asker]
KINDS = pytest.mark.parametrize("making", [OnNew, lambda address: OnReused(address, 60)], ids=["new", "reused"])


def run(asker: Asker, talk: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run a conversation to its end."""

    async def whole() -> None:
        with closing(asker):
            await asyncio.wait_for(talk(), LIMIT_S)

    asyncio.run(whole())


def address(request: ProbeRequest) -> Address:
    return Address(request, "127.0.0.1")


async def why_not(asker: Asker) -> str:
    with pytest.raises(NotServed) as caught:
        await asker.ask()
    return str(caught.value)


@KINDS
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_a_right_answer_is_served(target: Target, making: Making, method: str) -> None:
    """Time after time, with and without a body."""
    asker = making(address(target.request(method=method, body=b"" if method == "GET" else b"{}" * 40_000)))

    async def talk() -> None:
        assert [await asker.ask() for _ in range(5)] == [False] * 5

    run(asker, talk)


@KINDS
@pytest.mark.parametrize(
    ("mode", "why"),
    [
        ("refuse", "no connection: refused"),
        ("status 503", "status 503 instead of 200"),
        ("reset", "connection lost: "),
        ("half", "no whole answer in HTTP: "),
        ("garbage", "no whole answer in HTTP: "),
    ],
)
def test_any_other_answer_is_not(target: Target, making: Making, mode: str, why: str) -> None:
    """The reason says how it failed; once the system serves again, so does the next request."""
    asker = making(address(target.request()))

    async def talk() -> None:
        target.say(mode)
        assert (await why_not(asker)).startswith(why)
        assert (await why_not(asker)).startswith(why)
        target.say("serve")
        await asker.ask()

    run(asker, talk)


def test_a_kept_connection_is_reused(target: Target) -> None:
    """As long as one is enough: a server that takes no new connection is not asked for one."""
    asker, made = counted(target.request())

    async def talk() -> None:
        for _ in range(10):
            await asker.ask()
        assert len(made) == 1

    run(asker, talk)


def test_a_kept_connection_in_use_is_not_waited_for(target: Target) -> None:
    """A slow answer delays nobody else; afterwards, those that are not needed are ended."""
    asker, made = counted(target.request(), idle_s=0.2)

    async def talk() -> None:
        target.say("slow 0.3")
        await asyncio.gather(*(asker.ask() for _ in range(4)))
        assert len(made) == 4
        target.say("serve")
        await asyncio.sleep(0.5)
        await asker.ask()
        await asyncio.sleep(0.1)
        assert len([link for link in made if not link.stale]) == 1

    run(asker, talk)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_connection_closed_while_idle_is_no_outage(target: Target, method: str) -> None:
    """Nothing had been sent on it, so even a write goes over a new one: RFC 9112 section 9.5."""
    asker = OnReused(address(target.request(method=method)), 60)

    async def talk() -> None:
        target.say("close_idle")
        assert not await asker.ask()
        for _ in range(3):
            await asyncio.sleep(0.2)  # the end of the connection has arrived by then
            assert await asker.ask()

    run(asker, talk)


def test_a_read_whose_connection_is_closed_under_it_is_asked_once_more(target: Target) -> None:
    """Once, on a new connection: RFC 9112 section 9.3.1."""
    asker, made = counted(target.request())

    async def talk() -> None:
        await asker.ask()
        target.say("close_asked")
        assert await asker.ask()
        assert len(made) == 2

    run(asker, talk)


def test_a_write_whose_connection_is_closed_under_it_is_not_asked_again(target: Target) -> None:
    """Nobody knows whether it was done, and doing it twice could hurt: whoever wrote was not served."""
    asker, made = counted(target.request(method="POST"))

    async def talk() -> None:
        await asker.ask()
        target.say("reset")
        assert (await why_not(asker)).endswith("nobody knows whether it was done")
        assert len(made) == 1

    run(asker, talk)


def test_a_new_connection_that_is_closed_is_not_tried_again(target: Target) -> None:
    """The second attempt of a read is the last."""
    asker, made = counted(target.request())

    async def talk() -> None:
        await asker.ask()
        target.say("reset")
        assert (await why_not(asker)).startswith("connection lost: ")
        assert len(made) == 2

    run(asker, talk)


@KINDS
def test_no_answer_can_be_given_up(target: Target, making: Making) -> None:
    """Whoever waits may stop waiting at any time; the next request does not get the answer to this one."""
    asker = making(address(target.request()))

    async def talk() -> None:
        target.say("mute")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await asker.ask()
        target.say("status 503")
        assert await why_not(asker) == "status 503 instead of 200"

    run(asker, talk)


def test_a_machine_without_descriptors_is_no_outage(target: Target) -> None:
    """It is the harness that is short of them."""
    asker = OnNew(address(target.request()))

    async def talk() -> None:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        try:
            with pytest.raises(HarnessShort, match="Too many open files"):
                await asker.ask()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    run(asker, talk)


def test_another_status_can_be_the_right_one(target: Target) -> None:
    """What is right is what the probe says."""
    asker = OnNew(address(replace(target.request(method="POST"), status=201)))

    async def talk() -> None:
        target.say("status 201")
        await asker.ask()

    run(asker, talk)


class _Counting(Address):
    """An address that keeps its connections in mind."""

    def __init__(self, request: ProbeRequest) -> None:
        super().__init__(request, "127.0.0.1")
        self.made: list[Link] = []

    async def connect(self, *, keep: bool) -> Link:
        """See Address."""
        self.made.append(await super().connect(keep=keep))
        return self.made[-1]


def counted(request: ProbeRequest, idle_s: float = 60) -> tuple[OnReused, list[Link]]:
    """Return an asker on reused connections, and those that it makes."""
    counting = _Counting(request)
    return OnReused(counting, idle_s), counting.made
