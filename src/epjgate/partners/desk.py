"""Where every message of one partner arrives: faults strike here, rules judge, and the inbox keeps what came."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Generic

from epjgate.model.partner import Fault, FaultKind
from epjgate.partners.faults import Faults
from epjgate.partners.inbox import Arrival, Entry, Inbox
from epjgate.partners.interface import Answer, Judgement, Message, Rules, Wire


class Desk(Generic[Message, Answer]):
    """Takes messages from any number of connections at once; the rules see one at a time."""

    def __init__(self, rules: Rules[Message, Answer], inbox: Inbox, faults: Faults) -> None:
        self._rules = rules
        self._inbox = inbox
        self._faults = faults
        self._one_at_a_time = threading.Lock()

    def receive(self, message: Message, wire: Wire[Answer]) -> None:
        """Judge `message`, keep it, and answer on `wire`, unless a fault strikes it.

        A message that only asks what is stored is not kept, and meets only faults that stand until they are removed.
        Where anything of this fails, the partner is not trusted any more.
        """
        try:
            self._take_in(message, wire)
        except BaseException:
            self._inbox.distrust("it failed at a message by a mistake of its own; the gate's output says how")
            raise

    def _take_in(self, message: Message, wire: Wire[Answer]) -> None:
        text = self._rules.text(message)
        is_read = self._rules.is_read(message)
        fault = self._faults.strike(text, only_standing=is_read)
        delivery = _Delivery(self, message, text, wire, is_read=is_read, fault=fault)
        if fault is None:
            wire.send(delivery.judged())
        else:
            delivery.plays()[fault.kind]()

    def judge(self, message: Message) -> tuple[Arrival, Judgement[Answer]]:
        """Let the rules judge `message` in its turn."""
        with self._one_at_a_time:
            return self.arrival(), self._rules.judge(message, datetime.now(UTC))

    def arrival(self) -> Arrival:
        """Take note that a message has come."""
        return self._inbox.arrival()

    def keep(self, entry: Entry) -> None:
        """Keep what came and what became of it."""
        self._inbox.keep(entry)

    @property
    def rules(self) -> Rules[Message, Answer]:
        """The rules by which messages are judged."""
        return self._rules


class _Delivery(Generic[Message, Answer]):
    """One message on its way through the desk, with the fault that it meets."""

    def __init__(
        self,
        desk: Desk[Message, Answer],
        message: Message,
        text: str,
        wire: Wire[Answer],
        *,
        is_read: bool,
        fault: Fault | None,
    ) -> None:
        self._desk = desk
        self._message = message
        self._text = text
        self._wire = wire
        self._is_read = is_read
        self._fault = fault.kind if fault else None
        self._seconds = fault.seconds if fault else 0.0

    def plays(self) -> Mapping[FaultKind, Callable[[], None]]:
        """Return what each fault does to the message."""
        return {
            FaultKind.LATENCY: self._slow,
            FaultKind.TIMEOUT: lambda: self._unprocessed(self._wire.hold),
            FaultKind.RESET: lambda: self._unprocessed(self._wire.reset),
            FaultKind.LATE_ACKNOWLEDGEMENT: self._acknowledged_late,
            FaultKind.REFUSAL: self._refused,
            FaultKind.TRANSIENT: lambda: self._unprocessed(self._put_off),
            FaultKind.VANISH: self._wire.drop,
            FaultKind.LOST_ACKNOWLEDGEMENT: self._acknowledgement_lost,
            FaultKind.DUPLICATE: self._doubled,
        }

    def judged(self, arrival: Arrival | None = None) -> Answer:
        """Have the message judged and kept; `arrival` is when it came, if that is not now."""
        turn, judgement = self._desk.judge(self._message)
        self._keep(arrival or turn, judgement)
        return judgement.answer

    def _slow(self) -> None:
        arrival = self._desk.arrival()
        self._wire.wait(self._seconds)
        self._wire.send(self.judged(arrival))

    def _acknowledged_late(self) -> None:
        answer = self.judged()
        self._wire.wait(self._seconds)
        self._wire.send(answer)

    def _acknowledgement_lost(self) -> None:
        self.judged()
        self._wire.drop()

    def _doubled(self) -> None:
        answer = self.judged()
        if self._wire.can_answer_twice:
            self._wire.send(answer)
        else:
            self.judged()
        self._wire.send(answer)

    def _refused(self) -> None:
        judgement = self._desk.rules.refusal(self._message)
        self._keep(self._desk.arrival(), judgement)
        self._wire.send(judgement.answer)

    def _put_off(self) -> None:
        answer = self._desk.rules.transient(self._message)
        if answer is None:
            self._wire.drop()
        else:
            self._wire.send(answer)

    def _unprocessed(self, end: Callable[[], None]) -> None:
        """Keep the message as one that was never processed, and end its connection."""
        self._keep(self._desk.arrival(), None)
        end()

    def _keep(self, arrival: Arrival, judgement: Judgement[Answer] | None) -> None:
        if self._is_read:
            return
        self._desk.keep(
            Entry(
                arrival=arrival,
                kind=self._desk.rules.kind(self._message),
                text=self._text,
                accepted=judgement is not None and judgement.accepted,
                reason=judgement.reason if judgement else f"never processed: the fault {self._fault} struck it",
                repeated=judgement is not None and judgement.repeated,
                fault=self._fault,
            )
        )
