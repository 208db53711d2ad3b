"""A receiving system that misbehaves, in the clinic's words, as long as a `with` block lasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from epjgate.drivers.dsl.receivers import Message, Receiver
from epjgate.drivers.dsl.waiting import LIMIT_S, wait_until
from epjgate.drivers.dsl.words.base import Whom
from epjgate.drivers.receivers import Partners
from epjgate.errors import CandidateFault
from epjgate.evidence.recorder import Recorder
from epjgate.model.partner import Fault, FaultKind, Received


@dataclass(frozen=True)
class ReceiverAtWork:
    """One receiving system, as a test disturbs it; only messages about the named person are struck.

    Each disturbance strikes the next `times` messages, or those until the block ends where it says so. The block ends
    when they were struck, or after `limit_s` seconds; CandidateFault where by then no message about the person came.
    """

    receiver: Receiver
    _partners: Partners
    _recorder: Recorder
    _cpr_of: Callable[[Whom], str]
    limit_s: float = LIMIT_S

    def messages_about(self, whom: Whom) -> list[Message]:
        """Return what arrived about `whom` until now, in that order, with all that was refused or came again."""
        with self._recorder.step(f"Read what {self.receiver} received"):
            return [self._seen(one) for one in self._partners.received(self.receiver.partner, self._cpr_of(whom))]

    def _seen(self, one: Received) -> Message:
        """Return `one` as a value; the evidence shows it as a step, what it held left out."""
        how = "accepted before" if one.repeated else "accepted" if one.accepted else f"refused: {one.reason}"
        with self._recorder.step(f"{one.kind}, {how}"):
            return Message(one.at, one.kind, one.accepted, one.repeated, one.reason)

    @contextmanager
    def is_slow(self, whom: Whom, *, seconds: float, times: int = 1) -> Iterator[None]:
        """It takes `seconds` before it looks at a message, and answers after that."""
        with self._misbehaving(f"is {seconds:g} s slow", FaultKind.LATENCY, whom, times, seconds):
            yield

    @contextmanager
    def acknowledges_late(self, whom: Whom, *, seconds: float, times: int = 1) -> Iterator[None]:
        """It takes a message in at once, and says so only after `seconds`."""
        with self._misbehaving(
            f"acknowledges {seconds:g} s late", FaultKind.LATE_ACKNOWLEDGEMENT, whom, times, seconds
        ):
            yield

    @contextmanager
    def loses_the_acknowledgement(self, whom: Whom, *, times: int = 1) -> Iterator[None]:
        """It takes a message in, and its answer is lost on the way."""
        with self._misbehaving("loses the acknowledgement", FaultKind.LOST_ACKNOWLEDGEMENT, whom, times):
            yield

    @contextmanager
    def answers_twice(self, whom: Whom, *, times: int = 1) -> Iterator[None]:
        """It gets a message twice from the network in between, and answers twice."""
        with self._misbehaving("answers twice", FaultKind.DUPLICATE, whom, times):
            yield

    @contextmanager
    def is_busy(self, whom: Whom, *, times: int = 1) -> Iterator[None]:
        """It asks the sender to come again later."""
        with self._misbehaving("is busy", FaultKind.TRANSIENT, whom, times):
            yield

    @contextmanager
    def refuses(self, whom: Whom, *, times: int = 1) -> Iterator[None]:
        """It refuses a message for good, in the way of its protocol."""
        with self._misbehaving("refuses", FaultKind.REFUSAL, whom, times):
            yield

    @contextmanager
    def never_answers(self, whom: Whom, *, times: int = 1) -> Iterator[None]:
        """It neither takes a message in nor answers, until the sender gives up."""
        with self._misbehaving("never answers", FaultKind.TIMEOUT, whom, times):
            yield

    @contextmanager
    def breaks_the_connection(self, whom: Whom, *, times: int = 1) -> Iterator[None]:
        """It resets the connection in the middle of a message, which is not taken in."""
        with self._misbehaving("breaks the connection", FaultKind.RESET, whom, times):
            yield

    @contextmanager
    def is_unreachable(self, whom: Whom) -> Iterator[None]:
        """Nothing gets through to it until the block ends."""
        with self._misbehaving("is unreachable", FaultKind.VANISH, whom, times=0):
            yield

    @contextmanager
    def _misbehaving(self, how: str, kind: FaultKind, whom: Whom, times: int, seconds: float = 0.0) -> Iterator[None]:
        partner, about = self.receiver.partner, self._cpr_of(whom)
        with self._recorder.step(f"While {self.receiver} {how}"):
            fault = self._partners.add_fault(partner, Fault(kind=kind, about=about, times=times, seconds=seconds))
            try:
                yield
                self._wait_for(fault, max(times, 1), how)
            finally:
                self._partners.remove_fault(partner, fault)

    def _wait_for(self, fault: str, wanted: int, how: str) -> None:
        """Let the disturbance meet its messages, which are sent behind the scenes; it must have met one."""
        partner = self.receiver.partner
        wait_until(lambda: self._partners.fault_uses(partner, fault) >= wanted, self.limit_s)
        if not self._partners.fault_uses(partner, fault):
            raise CandidateFault(f"no message about the patient was sent to {self.receiver} while it {how}")
