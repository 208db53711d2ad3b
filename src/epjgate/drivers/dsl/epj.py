"""The words of the clinic: what a test case says, whatever system answers."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from epjgate.drivers.dsl.oversight import AuditEntry
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.dsl.serving import ACCESS_CONTROL, CAPABILITIES, serve
from epjgate.drivers.dsl.words.base import Acquaintances, token_of
from epjgate.drivers.dsl.words.chart import ChartWords
from epjgate.drivers.dsl.words.feeds import FeedWords
from epjgate.drivers.dsl.words.oversight import OversightWords
from epjgate.drivers.dsl.words.prescriptions import PrescriptionWords
from epjgate.drivers.dsl.words.stays import StayWords
from epjgate.drivers.receivers import Partners
from epjgate.errors import UsageError
from epjgate.evidence.recorder import Recorder
from epjgate.model.target import Target

DEFAULT_ROLE = "doctor"
AUDIT_ROLE = "auditor"


class UserWords(StayWords, ChartWords, PrescriptionWords, FeedWords, OversightWords):
    """All words, as one user says them at one system; every word is one step in the evidence, and asks without retries.

    Raises CapabilityMissing where the system does not have what a word needs, CandidateUnreachable where it gives no
    answer, CandidateFault where its answer breaks the protocol or shows something else than what was asked for. A
    CandidateFault of the kinds AccessDenied, Refused and NotThere is a no. What comes back is never compared with
    what was sent, which is the test's business. Times need a zone, else ValueError.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the system; they open again when something is asked."""
        self._connections.close()

    def requires(self, *capabilities: str) -> None:
        """Return where the system has all of `capabilities`; CapabilityMissing names the first that it lacks."""
        for capability in capabilities:
            if capability not in CAPABILITIES:
                known = ", ".join(CAPABILITIES)
                raise UsageError(f"{capability!r} is no capability", f"known are {known}", "correct the name")
            serve(capability, CAPABILITIES[capability], self._connections)


class Epj(UserWords):
    """The system under test as the clinic uses it: everyday work is the doctor's, and others can sign in.

    On a system without users nobody signs in. `partners` are the receiving systems, None where the gate plays none.
    """

    def __init__(self, target: Target, recorder: Recorder, *, partners: Partners | None = None) -> None:
        token = token_of(target, DEFAULT_ROLE) if target.users else None
        acquaintances = Acquaintances()
        super().__init__(target, recorder, partners=partners, token=token, acquaintances=acquaintances)
        self._others: dict[str | None, UserWords] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connections of all users."""
        super().close()
        for other in self._others.values():
            other.close()

    def signed_in_as(self, role: str) -> UserWords:
        """Return the same system as a user of `role` meets it; may be used as a context, or plainly.

        Raises CapabilityMissing on a system without users, UsageError for a role that it does not know.
        """
        serve("access_control", ACCESS_CONTROL, self._connections)
        return self._as(token_of(self._target, role))

    def not_signed_in(self) -> UserWords:
        """Return the same system as somebody meets it who has not signed in."""
        serve("access_control", ACCESS_CONTROL, self._connections)
        return self._as(None)

    def read_audit_trail(self, patient: PatientRef) -> list[AuditEntry]:
        """Return who did what to the record of `patient`, earliest first, as the auditor reads it where there is one.

        As another user, say it after `signed_in_as`.
        """
        if AUDIT_ROLE not in self._target.users:
            return super().read_audit_trail(patient)
        return self._as(self._target.users[AUDIT_ROLE]).read_audit_trail(patient)

    def read_downtime_audit_trail(self, patient: PatientRef) -> list[AuditEntry]:
        """Return who read the patient's chart on the downtime copy, earliest first, as the auditor reads it."""
        if AUDIT_ROLE not in self._target.users:
            return super().read_downtime_audit_trail(patient)
        return self._as(self._target.users[AUDIT_ROLE]).read_downtime_audit_trail(patient)

    def _as(self, token: str | None) -> UserWords:
        with self._lock:
            if token not in self._others:
                self._others[token] = UserWords(
                    self._target,
                    self._recorder,
                    partners=self._partners,
                    token=token,
                    acquaintances=self._acquaintances,
                )
            return self._others[token]
