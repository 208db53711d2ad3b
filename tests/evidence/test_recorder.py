"""The recorder: counts all, keeps some."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial

from epjgate.evidence.recorder import Recorder
from epjgate.model.exchange import Exchange
from epjgate.model.redaction import Redactor
from epjgate.model.wire import Asked, Got

REDACTOR = Redactor(b"key")


def exchange(number: int) -> Exchange:
    return Exchange("GET", f"http://a/{number}", {}, None, 200, {}, None, 0.01)


def test_all_are_counted_and_the_first_are_kept() -> None:
    """A test that asks without end fills neither the memory nor the bundle, and its count stays true."""
    recorder = Recorder(REDACTOR, keep=3)
    for number in range(5):
        recorder.record(partial(exchange, number))
    assert recorder.count == 5
    assert recorder.exchanges == tuple(exchange(number) for number in range(3))


def test_a_new_test_begins_with_nothing() -> None:
    """What one test asked is not counted for the next: it would make an empty test look busy."""
    recorder = Recorder(REDACTOR)
    recorder.record(partial(exchange, 1))
    recorder.reset()
    assert (recorder.count, recorder.exchanges) == (0, ())


def test_threads_lose_nothing() -> None:
    """Eight senders at once are all counted."""
    recorder = Recorder(REDACTOR, keep=10_000)
    with ThreadPoolExecutor(8) as senders:
        list(senders.map(lambda number: recorder.record(partial(exchange, number)), range(4000)))
    assert recorder.count == 4000
    assert {one.url for one in recorder.exchanges} == {exchange(number).url for number in range(4000)}


def test_a_step_is_told_around_what_happens_in_it() -> None:
    """The hook is entered before and left after, also when the step fails, and hears no CPR number."""
    heard: list[str] = []

    @contextmanager
    def hook(title: str) -> Iterator[None]:
        heard.append(f"begin {title}")
        try:
            yield
        finally:
            heard.append("end")

    recorder = Recorder(REDACTOR, step_hook=hook)
    with suppress(ZeroDivisionError), recorder.step("admit 170590-9998"):
        heard.append("inside")
        raise ZeroDivisionError
    assert heard == [f"begin admit {REDACTOR.text('170590-9998')}", "inside", "end"]
    with Recorder(REDACTOR).step("nobody listens"):
        pass


class Stamp:
    """A tap that marks every answer."""

    def exchange(self, asked: Asked, send: Callable[[], Got]) -> Got:
        """Say what was asked."""
        return replace(send(), content=asked.path.encode())


def test_a_tap_stands_between_the_candidate_and_the_test() -> None:
    """Without one the answer is what came; with one it is what the tap hands on."""
    recorder, asked, got = Recorder(REDACTOR), Asked("GET", "/ready", b""), Got(200, {}, b"open")
    assert recorder.tapped(asked, lambda: got) is got
    recorder.tap = Stamp()
    assert recorder.tapped(asked, lambda: got) == Got(200, {}, b"/ready")
