"""A person at a terminal: is told what goes on, and may interrupt once."""

from __future__ import annotations

import io
import signal
from collections.abc import Iterator

import pytest
from rich.console import Console

from epjgate.cli.audience import Terminal
from epjgate.errors import Interruption


@pytest.fixture
def written() -> io.StringIO:
    """What reaches stderr."""
    return io.StringIO()


@pytest.fixture
def terminal(written: io.StringIO) -> Terminal:
    """An audience whose stderr goes into a build log."""
    return Terminal(Console(file=written, width=40))


@pytest.fixture(autouse=True)
def own_handlers() -> Iterator[dict[int, object]]:
    """The handlers of this process, which must be back in place afterwards."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before: dict[int, object] = {number: signal.getsignal(number) for number in numbers}
    yield before
    assert {number: signal.getsignal(number) for number in numbers} == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_interrupts_and_is_named(terminal: Terminal, number: signal.Signals) -> None:
    """It reaches the flow as an Interruption at once."""
    with terminal, pytest.raises(Interruption) as caught:
        signal.raise_signal(number)
    assert caught.value.signal_name == number.name


def test_a_second_signal_waits_until_all_is_stopped(terminal: Terminal) -> None:
    """Impatience must not leave half of the clearing up undone; the first interruption is the one that counts."""
    with terminal:
        with pytest.raises(Interruption):
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        assert terminal.hold() == "SIGTERM"
        assert terminal.hold() == ""


def test_a_signal_while_held_is_kept_and_told_once(terminal: Terminal) -> None:
    """It interrupts nothing, and is not forgotten."""
    with terminal:
        assert terminal.hold() == ""
        signal.raise_signal(signal.SIGTERM)
        assert terminal.hold() == "SIGTERM"
        assert terminal.hold() == ""


def test_a_build_log_gets_one_plain_line_a_step(terminal: Terminal, written: io.StringIO) -> None:
    """However narrow it is; square brackets and colours are left alone."""
    with terminal:
        terminal.step("installing [bold]tiny[/bold] 1.0, which is a rather long name for so small a system")
    assert written.getvalue() == (
        "epjgate: installing [bold]tiny[/bold] 1.0, which is a rather long name for so small a system\n"
    )


def test_a_build_log_hears_of_tests_now_and_then(terminal: Terminal, written: io.StringIO) -> None:
    """Every fiftieth, and the last; with what did not pass."""
    with terminal:
        for done in range(102):
            terminal.tests(done=done, total=101, not_passed=done // 60)
    assert written.getvalue().splitlines() == [
        "epjgate: 50 of 101 tests",
        "epjgate: 100 of 101 tests 1 not passed",
        "epjgate: 101 of 101 tests 1 not passed",
    ]


def test_other_things_than_tests_are_counted_by_their_own_name(written: io.StringIO) -> None:
    """Mutants that are alive, for example."""
    with Terminal(Console(file=written, width=100), counted="mutants", amiss="alive") as terminal:
        terminal.tests(done=4, total=4, not_passed=3)
    assert written.getvalue().splitlines() == ["epjgate: 4 of 4 mutants 3 alive"]


def test_a_terminal_shows_progress_in_place(written: io.StringIO) -> None:
    """A person sees the step and the count, and no line for each."""
    with Terminal(Console(file=written, width=100, force_terminal=True, legacy_windows=False)) as terminal:
        terminal.step("starting tiny 1.0")
        terminal.tests(done=3, total=4, not_passed=1)
    shown = written.getvalue()
    assert "3/4" in shown
    assert "1 not passed" in shown
    assert "epjgate:" not in shown
