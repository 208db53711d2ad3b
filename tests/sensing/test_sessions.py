"""Several sessions that share one piece of work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Barrier

import pytest

from epjgate.errors import CandidateUnreachable, SuitesFailed
from epjgate.sensing.ledger import Ended, Line, Order, Tried, Writer
from epjgate.sensing.sessions import Sessions


def by_turns(file: Path, raise_if_stopped: Callable[[], None]) -> None:
    """Do what nobody else has taken of ten pieces of work."""
    order, writer = Order.model_validate_json(file.read_bytes()), Writer(file.with_suffix(".jsonl"))
    for number in range(10):
        raise_if_stopped()
        if order.take(number):
            writer.write(Tried(number=number))
    writer.write(Ended())
    writer.close()


def order(folder: Path) -> Order:
    return Order(folder=folder, lock=folder / "turns")


def test_every_piece_of_work_is_done_once(tmp_path: Path) -> None:
    """By whichever session comes to it first; passes do not disturb each other."""
    sessions = Sessions(by_turns, 3, tmp_path)
    for name in ("watch", "strike"):
        lines: list[Line] = []
        sessions.run(name, order(tmp_path), lines.append, lambda: None)
        assert sorted(line.number for line in lines if isinstance(line, Tried)) == list(range(10))
        assert sum(isinstance(line, Ended) for line in lines) == 3


def test_a_session_without_an_end_is_a_failure(tmp_path: Path) -> None:
    """What it did by then is not enough."""

    def breaks_off(file: Path, raise_if_stopped: Callable[[], None]) -> None:
        if file.parent.name.endswith("0"):
            by_turns(file, raise_if_stopped)
        else:
            (file.parent / "logs/pytest.log").write_text("SyntaxError: invalid syntax\n", encoding="utf-8")

    with pytest.raises(SuitesFailed) as failed:
        Sessions(breaks_off, 2, tmp_path).run("watch", order(tmp_path), lambda _: None, lambda: None)
    assert "1 of 2 sessions ended before their end" in failed.value.cause
    assert "SyntaxError" in failed.value.cause


def test_what_ends_one_session_ends_them_all(tmp_path: Path) -> None:
    """The others are stopped before it is raised on."""
    begun, stopped = Barrier(2, timeout=30), []

    def falls(file: Path, raise_if_stopped: Callable[[], None]) -> None:
        begun.wait()
        if file.parent.name.endswith("0"):
            raise CandidateUnreachable("it is gone", "it was ended", "start it again")
        try:
            while True:
                raise_if_stopped()
        finally:
            stopped.append(file)

    with pytest.raises(CandidateUnreachable):
        Sessions(falls, 2, tmp_path).run("watch", order(tmp_path), lambda _: None, lambda: None)
    assert len(stopped) == 1


def test_an_interruption_of_whoever_listens_ends_them(tmp_path: Path) -> None:
    """A signal reaches the main thread alone."""
    stopped = []

    def lasts(file: Path, raise_if_stopped: Callable[[], None]) -> None:
        try:
            while True:
                raise_if_stopped()
        finally:
            stopped.append(file)

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Sessions(lasts, 1, tmp_path).run("watch", order(tmp_path), lambda _: None, interrupt)
    assert len(stopped) == 1
