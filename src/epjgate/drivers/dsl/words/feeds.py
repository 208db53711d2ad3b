"""Words of other systems of the hospital, which send to the record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

from epjgate.drivers.dsl.feeds import Acknowledgement, AdmissionFeed, Envelope, LabMessage, LaboratoryFeed
from epjgate.drivers.dsl.laboratory import LabResult
from epjgate.drivers.dsl.orders import InvestigationRef
from epjgate.drivers.dsl.serving import ADMISSION_FEED, LABORATORY_FEED, serve
from epjgate.drivers.dsl.words.base import Words
from epjgate.model.person import Person

_PLAIN = Envelope()


class FeedWords(Words):
    """Words of `laboratory_feed` and `admission_feed`; every message is answered, and the answer is returned."""

    def laboratory_sends_result(
        self,
        person: Person,
        result: LabResult,
        answers: InvestigationRef | None = None,
        envelope: Envelope = _PLAIN,
    ) -> Acknowledgement:
        """The laboratory sends a measured value of `person`, as the answer to an order where one is given."""
        sent = LabMessage(person, result, answers=answers, envelope=envelope)
        with self._step(f"The laboratory sends {result.name} of {person.full_name}"):
            return self._laboratory_feed.send([sent])[0]

    def laboratory_sends_text_answer(
        self,
        person: Person,
        name: str,
        text: str,
        at: datetime,
        answers: InvestigationRef | None = None,
        envelope: Envelope = _PLAIN,
    ) -> Acknowledgement:
        """A department sends an answer in text about `person`, as the answer to an order where one is given."""
        sent = LabMessage(person, text, name=name, taken_at=at, answers=answers, envelope=envelope)
        with self._step(f"An answer about {name} of {person.full_name} is sent"):
            return self._laboratory_feed.send([sent])[0]

    def laboratory_sends_together(self, messages: Sequence[LabMessage]) -> list[Acknowledgement]:
        """The laboratory, having caught up, sends all of `messages` in one packet; returns the answer to each."""
        with self._step(f"The laboratory sends {len(messages)} messages together"):
            return self._laboratory_feed.send(messages)

    def admission_system_admits(
        self, person: Person, at: datetime, ward: str, envelope: Envelope = _PLAIN
    ) -> Acknowledgement:
        """The admission system tells that `person` was admitted; who is not known is registered by it."""
        with self._step(f"The admission system admits {person.full_name} to {ward}"):
            return self._admission_feed.admits(person, at, ward, envelope)

    def admission_system_transfers(
        self, person: Person, at: datetime, ward: str, envelope: Envelope = _PLAIN
    ) -> Acknowledgement:
        """The admission system tells that `person` was moved to another ward."""
        with self._step(f"The admission system transfers {person.full_name} to {ward}"):
            return self._admission_feed.transfers(person, at, ward, envelope)

    def admission_system_discharges(self, person: Person, at: datetime, envelope: Envelope = _PLAIN) -> Acknowledgement:
        """The admission system tells that `person` went home."""
        with self._step(f"The admission system discharges {person.full_name}"):
            return self._admission_feed.discharges(person, at, envelope)

    def admission_system_updates(self, person: Person, envelope: Envelope = _PLAIN) -> Acknowledgement:
        """The admission system tells name, sex, birth date and address of `person` anew."""
        with self._step(f"The admission system updates {person.full_name}"):
            return self._admission_feed.updates(person, envelope)

    def admission_system_merges(self, gone: Person, survivor: Person, envelope: Envelope = _PLAIN) -> Acknowledgement:
        """The admission system tells that `gone` was `survivor` all along."""
        with self._step(f"The admission system merges {gone.full_name} into {survivor.full_name}"):
            return self._admission_feed.merges(gone, survivor, envelope)

    @cached_property
    def _laboratory_feed(self) -> LaboratoryFeed:
        return serve("laboratory_feed", LABORATORY_FEED, self._connections)

    @cached_property
    def _admission_feed(self) -> AdmissionFeed:
        return serve("admission_feed", ADMISSION_FEED, self._connections)
