"""When one test is run more than once in a session, what tells one run of it from another."""

from __future__ import annotations

import pytest

OCCASION: pytest.StashKey[str] = pytest.StashKey()


def own_name(item: pytest.Item) -> str:
    """Return what no other run of any test of this session is called: the node id, and the occasion where it has one.

    From it follow the persons and examples of the run, so that no run meets what another one left behind.
    """
    occasion = item.stash.get(OCCASION, "")
    return f"{item.nodeid} [{occasion}]" if occasion else item.nodeid
