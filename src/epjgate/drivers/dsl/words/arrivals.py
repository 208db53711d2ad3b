"""Words about what arrived at receiving systems."""

from __future__ import annotations

import time
from functools import cached_property

from epjgate.drivers.dsl.misbehaviour import ReceiverAtWork
from epjgate.drivers.dsl.oversight import Delivery, DeliveryLedger
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.dsl.receivers import (
    HospitalNotification,
    HospitalNotifications,
    LaboratoryRequisitions,
    NationalRegister,
    NationalReport,
    Notice,
    Receiver,
    Requisition,
    SharedMedicationRecord,
    SharedMedicationRecords,
)
from epjgate.drivers.dsl.serving import (
    CAPABILITIES,
    DELIVERY_LEDGER,
    HOSPITAL_NOTIFICATIONS,
    LABORATORY_REQUISITIONS,
    NATIONAL_REGISTER,
    SHARED_MEDICATION_RECORD,
    serve,
)
from epjgate.drivers.dsl.waiting import LIMIT_S, wait_until, wait_until_quiet
from epjgate.drivers.dsl.words.base import Whom
from epjgate.drivers.dsl.words.people import PeopleWords
from epjgate.errors import UsageError

_CAPABILITIES = {
    Receiver.SHARED_MEDICATION_RECORD: "shared_medication_record",
    Receiver.NATIONAL_REGISTER: "national_register",
    Receiver.HOSPITAL_NOTIFICATIONS: "hospital_notifications",
    Receiver.LABORATORY: "laboratory_requisitions",
    Receiver.IMAGING: "laboratory_requisitions",
}


class ArrivalWords(PeopleWords):
    """Words of `shared_medication_record`, `national_register`, `hospital_notifications`, `laboratory_requisitions`.

    Each waits until nothing about the person is on its way, for at most `within_s` seconds, and then reads what the
    receiver accepted. That something did not arrive is no error here: it is not in what is returned.
    """

    def shared_medication_record_of(self, whom: Whom, *, within_s: float = LIMIT_S) -> SharedMedicationRecord:
        """Return the person's card in the shared medication record; version 0 and nothing on it where there is none."""
        with self._step(f"Read {Receiver.SHARED_MEDICATION_RECORD} of {_name(whom)}"):
            records = self._shared_medication_records
            self._wait_for_deliveries(whom, within_s, Receiver.SHARED_MEDICATION_RECORD)
            return records.card_of(self._cpr_of(whom))

    def national_reports_of(self, whom: Whom, *, within_s: float = LIMIT_S) -> list[NationalReport]:
        """Return the reports to the national register about the person, in the order of their arrival, each once."""
        with self._step(f"Read national reports of {_name(whom)}"):
            register = self._national_register
            self._wait_for_deliveries(whom, within_s, Receiver.NATIONAL_REGISTER)
            return register.reports_of(self._cpr_of(whom))

    def notifications_of(self, whom: Whom, *, within_s: float = LIMIT_S) -> list[HospitalNotification]:
        """Return what the municipality was told about the person's stays, in the order of arrival, each once."""
        with self._step(f"Read hospital notifications of {_name(whom)}"):
            mailbox = self._hospital_notifications
            self._wait_for_deliveries(whom, within_s, Receiver.HOSPITAL_NOTIFICATIONS)
            return mailbox.notifications_of(self._cpr_of(whom))

    def requisitions_of(self, whom: Whom, *, within_s: float = LIMIT_S) -> list[Requisition]:
        """Return what laboratory and imaging were asked to do for the person, in the order of arrival, each once."""
        with self._step(f"Read requisitions of {_name(whom)}"):
            departments = self._laboratory_requisitions
            self._wait_for_deliveries(whom, within_s, Receiver.LABORATORY, Receiver.IMAGING)
            return departments.requisitions_of(self._cpr_of(whom))

    def laboratory_notices_of(self, whom: Whom, *, within_s: float = LIMIT_S) -> list[Notice]:
        """Return what the laboratory was told about who and where the person is, in the order of arrival, each once."""
        with self._step(f"Read what the laboratory was told about {_name(whom)}"):
            departments = self._laboratory_requisitions
            self._wait_for_deliveries(whom, within_s, Receiver.LABORATORY)
            return departments.notices_of(self._cpr_of(whom))

    def receiver(self, name: Receiver | str) -> ReceiverAtWork:
        """Return a receiving system by its name, for example `shared medication record`, to let it misbehave."""
        if name not in _CAPABILITIES:
            raise UsageError(f"{name!r} is no receiver", f"known are {', '.join(_CAPABILITIES)}", "correct the name")
        receiver = Receiver(name)
        capability = _CAPABILITIES[receiver]
        serve(capability, CAPABILITIES[capability], self._connections)
        return ReceiverAtWork(receiver, self._connections.partners, self._recorder, self._cpr_of)

    def wait_for_deliveries(self, whom: Whom, *, within_s: float = LIMIT_S) -> bool:
        """Wait until nothing about the person is on its way to any receiver; returns whether that was so in time."""
        with self._step(f"Wait for deliveries about {_name(whom)}"):
            return self._wait_for_deliveries(whom, within_s, *Receiver)

    def _wait_for_deliveries(self, whom: Whom, within_s: float, *receivers: Receiver) -> bool:
        patient = whom if isinstance(whom, PatientRef) else self._acquaintances.patient_with(whom.cpr)
        if patient is None or "delivery_ledger" not in self._target.capabilities:
            return self._wait_until_quiet(whom, within_s, receivers)
        until, known = time.monotonic() + within_s, patient
        # An empty ledger is no proof that nothing comes: it may be written late, or not at all.
        if not self._in_ledger(known, receivers):
            self._wait_until_quiet(whom, within_s, receivers)
        left_s = until - time.monotonic()
        return wait_until(lambda: not any(one.is_on_its_way for one in self._in_ledger(known, receivers)), left_s)

    def _wait_until_quiet(self, whom: Whom, within_s: float, receivers: tuple[Receiver, ...]) -> bool:
        played = [one for one in receivers if _CAPABILITIES.get(one) in self._target.capabilities]
        cpr = self._cpr_of(whom) if played else ""

        def count() -> int:
            return sum(len(self._connections.partners.received(one.partner, cpr)) for one in played)

        return wait_until_quiet(count, within_s)

    def _in_ledger(self, patient: PatientRef, receivers: tuple[Receiver, ...]) -> list[Delivery]:
        deliveries = self._delivery_ledger.deliveries_of(patient)
        return [delivery for delivery in deliveries if delivery.receiver in receivers]

    def _cpr_of(self, whom: Whom) -> str:
        """Return the number under which receivers know `whom`; the candidate is asked only where nobody else knows."""
        if not isinstance(whom, PatientRef):
            return whom.cpr
        known = self._acquaintances.cprs.get(whom.id)
        return known if known is not None else self._patients.read(whom).cpr

    @cached_property
    def _delivery_ledger(self) -> DeliveryLedger:
        return serve("delivery_ledger", DELIVERY_LEDGER, self._connections)

    @cached_property
    def _shared_medication_records(self) -> SharedMedicationRecords:
        return serve("shared_medication_record", SHARED_MEDICATION_RECORD, self._connections)

    @cached_property
    def _national_register(self) -> NationalRegister:
        return serve("national_register", NATIONAL_REGISTER, self._connections)

    @cached_property
    def _hospital_notifications(self) -> HospitalNotifications:
        return serve("hospital_notifications", HOSPITAL_NOTIFICATIONS, self._connections)

    @cached_property
    def _laboratory_requisitions(self) -> LaboratoryRequisitions:
        return serve("laboratory_requisitions", LABORATORY_REQUISITIONS, self._connections)


def _name(whom: Whom) -> str:
    return f"patient {whom.id}" if isinstance(whom, PatientRef) else whom.full_name
