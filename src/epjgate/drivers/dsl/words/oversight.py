"""Words about what a system says of itself: who did what, what was delivered, what users are told, what still works."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property

from epjgate.drivers.dsl.downtime import DowntimeBed, DowntimeChart, DowntimeCopy, DowntimePerson
from epjgate.drivers.dsl.oversight import (
    Audit,
    AuditEntry,
    Banner,
    Certificate,
    Certificates,
    Delivery,
    DeliveryState,
    StatusBanner,
)
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.dsl.serving import AUDIT, CERTIFICATES, DOWNTIME_COPY, STATUS_BANNER, serve
from epjgate.drivers.dsl.waiting import LIMIT_S, wait_until
from epjgate.drivers.dsl.words.arrivals import ArrivalWords


class OversightWords(ArrivalWords):
    """Words of `audit`, `delivery_ledger`, `status_banner`, `certificates` and `downtime_copy`."""

    def read_audit_trail(self, patient: PatientRef) -> list[AuditEntry]:
        """Return who did what to the record of `patient`, earliest first; AccessDenied where the user may not know."""
        with self._step(f"Read audit trail of patient {patient.id}"):
            return self._audit.trail_of(patient)

    def deliveries_of(self, patient: PatientRef) -> list[Delivery]:
        """Return the messages about `patient` as the sender's ledger has them now, earliest first."""
        with self._step(f"Read deliveries about patient {patient.id}"):
            return self._delivery_ledger.deliveries_of(patient)

    def undelivered_of(self, patient: PatientRef, *, within_s: float = LIMIT_S) -> list[Delivery]:
        """Return those messages about `patient` that no receiver has acknowledged, earliest first.

        It waits until nothing about the patient is on its way to any receiver, for at most `within_s` seconds.
        """
        self.wait_for_deliveries(patient, within_s=within_s)
        return [
            delivery for delivery in self.deliveries_of(patient) if delivery.state is not DeliveryState.ACKNOWLEDGED
        ]

    def status_banner(self) -> Banner:
        """Return what users are told now about the connections to receivers."""
        with self._step("Read the status banner"):
            return self._status_banner.banner()

    def certificates(self) -> list[Certificate]:
        """Return the certificates that this release brings along, by name."""
        with self._step("Read the release's certificates"):
            return self._certificates.shipped()

    def downtime_chart(self, patient: PatientRef, *, within_s: float = LIMIT_S) -> DowntimeChart | None:
        """Return the chart on the downtime copy, None where the patient is not on it.

        A copy that was taken after this moment is waited for, for at most `within_s` seconds (0: the copy as it is).
        """
        with self._step(f"Read the downtime chart of patient {patient.id}"):
            self._wait_for_a_fresh_copy(within_s)
            return self._downtime_copy.chart_of(patient)

    def find_on_downtime_copy(self, cpr: str, *, within_s: float = LIMIT_S) -> list[PatientRef]:
        """Return the patients on the downtime copy with this CPR number; waits like `downtime_chart`."""
        return [person.patient for person in self.persons_on_downtime_copy(cpr, within_s=within_s)]

    def persons_on_downtime_copy(self, cpr: str, *, within_s: float = LIMIT_S) -> list[DowntimePerson]:
        """Return who they are whom the downtime copy lists under this CPR number; waits like `downtime_chart`."""
        with self._step(f"Find {cpr} on the downtime copy"):
            self._wait_for_a_fresh_copy(within_s)
            return self._downtime_copy.find_by_cpr(cpr)

    def downtime_ward_list(self, ward: str, *, within_s: float = LIMIT_S) -> list[str]:
        """Return the names on the ward's list, as the downtime copy prints it; waits like `downtime_chart`."""
        return [bed.person.full_name for bed in self.beds_on_downtime_copy(ward, within_s=within_s)]

    def beds_on_downtime_copy(self, ward: str, *, within_s: float = LIMIT_S) -> list[DowntimeBed]:
        """Return who lies on the ward by the downtime copy, and since when; waits like `downtime_chart`."""
        with self._step(f"Read the downtime list of {ward}"):
            self._wait_for_a_fresh_copy(within_s)
            return self._downtime_copy.beds_of(ward)

    def downtime_copy_reaches_record(self) -> bool:
        """Return whether the downtime copy says that it reaches the record."""
        with self._step("Ask whether the downtime copy reaches the record"):
            return self._downtime_copy.reaches_record()

    def changes_accepted_by_downtime_copy(self, patient: PatientRef) -> list[str]:
        """Try to change the downtime copy in every way; returns those that were not refused, none where all were."""
        with self._step(f"Try to change patient {patient.id} on the downtime copy"):
            return self._downtime_copy.accepted_changes(patient)

    def read_downtime_audit_trail(self, patient: PatientRef) -> list[AuditEntry]:
        """Return who read the patient's chart on the downtime copy, earliest first."""
        with self._step(f"Read the downtime audit trail of patient {patient.id}"):
            return self._downtime_copy.trail_of(patient)

    def _wait_for_a_fresh_copy(self, within_s: float) -> None:
        asked_at = datetime.now(UTC)
        wait_until(lambda: self._downtime_copy.copied_at() > asked_at, within_s)

    @cached_property
    def _audit(self) -> Audit:
        return serve("audit", AUDIT, self._connections)

    @cached_property
    def _status_banner(self) -> StatusBanner:
        return serve("status_banner", STATUS_BANNER, self._connections)

    @cached_property
    def _certificates(self) -> Certificates:
        return serve("certificates", CERTIFICATES, self._connections)

    @cached_property
    def _downtime_copy(self) -> DowntimeCopy:
        return serve("downtime_copy", DOWNTIME_COPY, self._connections)
