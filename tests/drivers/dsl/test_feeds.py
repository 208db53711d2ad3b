"""Acknowledgements."""

from __future__ import annotations

import pytest

from epjgate.drivers.dsl.feeds import Acknowledgement, Verdict


@pytest.mark.parametrize("verdict", list(Verdict))
def test_only_an_acceptance_accepts(verdict: Verdict) -> None:
    """AE and AR both leave the message with its sender."""
    assert Acknowledgement(verdict, "", "1").accepted is (verdict is Verdict.ACCEPTED)
