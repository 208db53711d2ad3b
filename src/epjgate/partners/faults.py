"""The faults that a partner has been told to show, and how often each has struck."""

from __future__ import annotations

import threading
import uuid

from epjgate.model.partner import Fault


class Faults:
    """The standing orders of one partner; any number of threads may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._standing: dict[str, Fault] = {}
        self._uses: dict[str, int] = {}

    def add(self, fault: Fault) -> str:
        """Let `fault` strike from now on; returns its id."""
        fault_id = uuid.uuid4().hex
        with self._lock:
            self._standing[fault_id] = fault
            self._uses[fault_id] = 0
        return fault_id

    def remove(self, fault_id: str) -> None:
        """Let the fault strike no more; raises KeyError for an id that was never given."""
        with self._lock:
            _ = self._uses[fault_id]
            self._standing.pop(fault_id, None)

    def uses(self, fault_id: str) -> int:
        """Return how many messages the fault has struck, removed or not; raises KeyError for an unknown id."""
        with self._lock:
            return self._uses[fault_id]

    def strike(self, text: str, *, only_standing: bool = False) -> Fault | None:
        """Return the fault that a message with `text` meets, the oldest if several fit, and count it as used.

        With `only_standing`, faults that are limited to a number of messages are left alone.
        """
        with self._lock:
            for fault_id, fault in self._standing.items():
                if fault.about in text and not (only_standing and fault.times):
                    self._uses[fault_id] += 1
                    if self._uses[fault_id] == fault.times:
                        del self._standing[fault_id]
                    return fault
        return None

    def forget(self) -> None:
        """Forget all faults and their use."""
        with self._lock:
            self._standing.clear()
            self._uses.clear()
