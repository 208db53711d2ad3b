"""What all words share: the system, the user who is signed in, and the steps in the evidence."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from epjgate.drivers.dsl.connections import Connections
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.receivers import Partners
from epjgate.errors import CapabilityMissing, UsageError
from epjgate.evidence.recorder import Recorder
from epjgate.model.person import Person
from epjgate.model.target import Target

Whom = PatientRef | Person


@dataclass(frozen=True)
class Acquaintances:
    """Which CPR number a patient was registered with, so that receivers can be asked without asking the candidate."""

    cprs: dict[str, str] = field(default_factory=dict)

    def meet(self, patient: PatientRef, cpr: str) -> PatientRef:
        """Keep the CPR number of `patient`, and return `patient`."""
        self.cprs.pop(patient.id, None)  # whoever is met again is the last one met
        self.cprs[patient.id] = cpr
        return patient

    def patient_with(self, cpr: str) -> PatientRef | None:
        """Return the patient last met with this CPR number."""
        return next((PatientRef(name) for name, known in reversed([*self.cprs.items()]) if known == cpr), None)


class Words:
    """One user at one system, nobody where `token` is None; `acquaintances` are shared by all users of one clinic."""

    def __init__(
        self,
        target: Target,
        recorder: Recorder,
        *,
        partners: Partners | None = None,
        token: str | None = None,
        acquaintances: Acquaintances | None = None,
    ) -> None:
        self._target = target
        self._recorder = recorder
        self._partners = partners
        self._acquaintances = acquaintances or Acquaintances()
        self._connections = Connections(target, recorder, partners=partners, token=token)

    def _step(self, title: str) -> AbstractContextManager[None]:
        return self._recorder.step(title)


def token_of(target: Target, role: str) -> str:
    """Return the token of `role`.

    Raises CapabilityMissing where nobody signs in, UsageError for a role that is not there, and where access control
    is declared without users.
    """
    if not target.users and "access_control" not in target.capabilities:
        raise CapabilityMissing(
            f"{target.system} has no access_control",
            target.absent.get("access_control", "its description names no users"),
            "describe [users] in its system.toml once somebody can sign in",
        )
    if role not in target.users:
        raise UsageError(
            f"nobody can sign in as {role!r}",
            f"{target.system} knows {', '.join(sorted(target.users)) or 'no users'}",
            "correct the role, or add the user to [users] in system.toml",
        )
    return target.users[role]
