"""A fault strikes whom it is about, as often as it was told, and says how often it did."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from epjgate.model.partner import Fault, FaultKind
from epjgate.partners.faults import Faults


def reset(about: str = "order-1", times: int = 1) -> Fault:
    return Fault(kind=FaultKind.RESET, about=about, times=times)


def test_only_what_it_is_about_is_struck() -> None:
    """Another test's messages go through."""
    faults = Faults()
    fault_id = faults.add(reset())
    assert faults.strike("order-2") is None
    assert faults.uses(fault_id) == 0
    assert faults.strike("about order-1 of somebody") == reset()
    assert faults.uses(fault_id) == 1


def test_a_fault_is_used_up() -> None:
    """Twice means twice; its use can still be asked for."""
    faults = Faults()
    fault_id = faults.add(reset(times=2))
    assert [faults.strike("order-1") is not None for _ in range(3)] == [True, True, False]
    assert faults.uses(fault_id) == 2


def test_zero_times_means_until_removed() -> None:
    """It stands, and is gone once it is removed; removing it again changes nothing."""
    faults = Faults()
    fault_id = faults.add(reset(times=0))
    assert all(faults.strike("order-1") for _ in range(50))
    faults.remove(fault_id)
    faults.remove(fault_id)
    assert faults.strike("order-1") is None
    assert faults.uses(fault_id) == 50


def test_the_oldest_strikes_first() -> None:
    """Of two faults about one message each has its turn."""
    faults = Faults()
    faults.add(reset("a"))
    faults.add(Fault(kind=FaultKind.VANISH, about="b"))
    assert [fault.kind for _ in range(2) if (fault := faults.strike("ab"))] == [FaultKind.RESET, FaultKind.VANISH]


def test_reads_meet_standing_faults_only() -> None:
    """A fault for one message is not used up by a question."""
    faults = Faults()
    faults.add(reset())
    assert faults.strike("order-1", only_standing=True) is None
    faults.add(reset(times=0))
    assert faults.strike("order-1", only_standing=True) == reset(times=0)
    assert faults.strike("order-1") == reset()


def test_unknown_ids_are_errors() -> None:
    """A fault that was never given cannot be asked for or removed."""
    for ask in (Faults().uses, Faults().remove):
        with pytest.raises(KeyError):
            ask("0")


def test_many_threads_share_one_fault() -> None:
    """Exactly as many messages are struck as were to be."""
    faults = Faults()
    faults.add(reset(times=37))
    with ThreadPoolExecutor(8) as pool:
        struck = list(pool.map(lambda _: faults.strike("order-1"), range(400)))
    assert sum(fault is not None for fault in struck) == 37
