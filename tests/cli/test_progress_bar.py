"""Progress in place, as a person at a terminal sees it."""

from __future__ import annotations

import io

from rich.console import Console

from epjgate.cli.progress_bar import ProgressBar


def shown(*, then: str = "") -> str:
    """Return what reaches the terminal of three tests out of four, and of a step that begins `then`."""
    written = io.StringIO()
    bar = ProgressBar(Console(file=written, width=100, force_terminal=True, legacy_windows=False))
    bar.open()
    bar.count(3, 4, "tests", "1 not passed")
    if then:
        bar.step(then)
    bar.close()
    return written.getvalue()


def test_the_count_is_shown_while_tests_run() -> None:
    """How many are done, and what was found; in the end the line is erased."""
    assert "3/4" in shown()
    assert "1 not passed" in shown()
    assert shown().endswith("\x1b[2K")


def test_a_new_step_takes_the_count_away() -> None:
    """Nothing is left of what was counted before."""
    assert "stopping tiny" in shown(then="stopping tiny")
    assert "3/4" not in shown(then="stopping tiny")
    assert "not passed" not in shown(then="stopping tiny")
