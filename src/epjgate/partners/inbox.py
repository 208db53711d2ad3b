"""What one partner has received, in order of arrival, for as long as the run lasts."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime

from epjgate.model.partner import FaultKind
from epjgate.partners.interface import PartnerUnfit

MESSAGES = 100_000
CHARACTERS = 256 * 1024 * 1024


@dataclass(frozen=True)
class Arrival:
    """That a message came: the how manieth, and when."""

    number: int
    at: datetime


@dataclass(frozen=True)
class Entry:
    """A message that came, and what became of it; the fields are those of `Received`."""

    arrival: Arrival
    kind: str
    text: str
    accepted: bool
    reason: str = ""
    repeated: bool = False
    fault: FaultKind | None = None


class Inbox:
    """Keeps up to `messages` messages with `characters` characters in all.

    What arrives later is counted, not kept, and from then on every question is an error: an answer that leaves
    messages out would look like messages that were never sent.
    """

    def __init__(self, partner: str, *, messages: int = MESSAGES, characters: int = CHARACTERS) -> None:
        self._partner = partner
        self._messages = messages
        self._characters = characters
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Forget everything, what went wrong included."""
        with self._lock:
            self._entries: list[Entry] = []
            self._kept_characters = 0
            self._last_number = 0
            self._unfit = ""

    def arrival(self) -> Arrival:
        """Return the next number, and now."""
        with self._lock:
            self._last_number += 1
            return Arrival(self._last_number, datetime.now(UTC))

    def keep(self, entry: Entry) -> None:
        """Keep `entry` while there is room for it."""
        with self._lock:
            self._kept_characters += len(entry.text)
            if len(self._entries) >= self._messages or self._kept_characters > self._characters:
                self._unfit = f"more came than the {self._messages} messages or {self._characters} characters it keeps"
                return
            self._entries.append(entry)

    def distrust(self, reason: str) -> None:
        """Make every later question an error: the partner itself failed at a message."""
        with self._lock:
            self._unfit = self._unfit or reason

    def raise_if_unfit(self) -> None:
        """Return while nothing is missing; raises PartnerUnfit with the reason otherwise."""
        with self._lock:
            unfit = self._unfit
        if unfit:
            raise PartnerUnfit(
                f"the partner {self._partner} cannot say what it received",
                unfit,
                "run fewer tests at a time against one candidate, or mend the partner; the candidate is not to blame",
            )

    def about(self, text: str) -> list[Entry]:
        """Return all messages that contain `text`, in order of arrival.

        Raises PartnerUnfit when messages may be missing from the answer.
        """
        with self._lock:
            entries = list(self._entries)
        self.raise_if_unfit()
        found = [entry for entry in entries if text in entry.text]
        return sorted(found, key=lambda entry: entry.arrival.number)
