"""What was not sent is the candidate's fault, wherever a test looks for it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.drivers.sent import as_sent
from epjgate.errors import CandidateFault

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda part: st.lists(part) | st.dictionaries(st.text(), part),
    max_leaves=8,
)


@given(value=JSON)
def test_what_was_sent_is_what_is_read(value: Any) -> None:
    """Equal to the plain value, and the same JSON."""
    assert as_sent(value) == value
    assert json.dumps(as_sent(value)) == json.dumps(value)


def test_what_is_missing_is_the_candidates_fault() -> None:
    """A name or a place, however deep; what may be missing is asked for with get."""
    sent = as_sent({"agent": [{"who": {"display": "Å"}}]})
    assert sent["agent"][0]["who"]["display"] == "Å"
    assert sent["agent"][0].get("role") is None
    with pytest.raises(CandidateFault, match="role is missing; there are who"):
        sent["agent"][0]["role"]
    with pytest.raises(CandidateFault, match="no entry 1; there are 1"):
        sent["agent"][1]
    with pytest.raises(CandidateFault, match="no names at all"):
        as_sent({})["x"]
    assert sent["agent"][1:] == []
