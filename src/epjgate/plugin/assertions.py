"""Counts the assertions of a test that hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from _pytest.assertion import util  # no public word says that an assertion held, and nothing more


class Tally:
    """Stands where pytest looks whether anybody wants to hear of an assertion that held: it counts, and says no.

    Whoever says yes, as the hook `pytest_assertion_pass` does, has every assertion explained first as if it had failed,
    which takes longer than all else that is recorded of a test. A pytest that tells without having asked is heard too;
    where neither comes the count stays 0, which no rule takes for a test.
    """

    def __init__(self) -> None:
        self.count = 0

    def __bool__(self) -> bool:
        self.count += 1
        return False

    def __call__(self, *_told: object) -> None:
        """Count what is told."""
        self.count += 1


@contextmanager
def counted_by(tally: Tally) -> Iterator[None]:
    """Have `tally` count what holds meanwhile, in modules compiled under `enable_assertion_pass_hook`.

    Raises AttributeError where this pytest looks elsewhere.
    """
    with pytest.MonkeyPatch.context() as pytest_itself:
        pytest_itself.setattr(util, "_assertion_pass", tally)
        yield
