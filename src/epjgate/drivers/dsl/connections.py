"""The interfaces of one target, as one user reaches them."""

from __future__ import annotations

from typing import NoReturn

from epjgate.drivers.admin import JsonClient
from epjgate.drivers.fhir import FhirClient
from epjgate.drivers.mllp import MllpClient
from epjgate.drivers.receivers import Partners
from epjgate.errors import UsageError
from epjgate.evidence.recorder import Recorder
from epjgate.model.target import Target

FHIR_R4 = "fhir_r4"
HL7V2 = "hl7v2"
ADMIN = "admin"
DOWNTIME = "downtime"
PARTNERS = "partners"


class Connections:
    """The interfaces of one target, each opened once and shared by the capabilities that it serves.

    `token` signs in at every HTTP interface, None nowhere. A property raises UsageError where the target names no
    address for its interface.
    """

    def __init__(
        self, target: Target, recorder: Recorder, *, partners: Partners | None = None, token: str | None = None
    ) -> None:
        self.target = target
        self._partners = partners
        timeout_s, alterations = target.timeout_s, target.alterations
        fhir, hl7v2, admin, downtime = map(target.url, (FHIR_R4, HL7V2, ADMIN, DOWNTIME))
        self._fhir = fhir and FhirClient(fhir, recorder, timeout_s=timeout_s, token=token, alterations=alterations)
        self._hl7v2 = hl7v2 and MllpClient(hl7v2, recorder, timeout_s=timeout_s)
        self._admin = admin and JsonClient(admin, recorder, timeout_s=timeout_s, token=token, alterations=alterations)
        self._downtime = downtime and JsonClient(
            downtime, recorder, timeout_s=timeout_s, token=token, alterations=alterations
        )

    @property
    def fhir_r4(self) -> FhirClient:
        """The FHIR R4 server."""
        return self._fhir or self._nowhere(FHIR_R4)

    @property
    def hl7v2(self) -> MllpClient:
        """The MLLP listener; who sends there is a system, and signs in nowhere."""
        return self._hl7v2 or self._nowhere(HL7V2)

    @property
    def admin(self) -> JsonClient:
        """The system's own administration interface."""
        return self._admin or self._nowhere(ADMIN)

    @property
    def downtime(self) -> JsonClient:
        """The downtime copy's server."""
        return self._downtime or self._nowhere(DOWNTIME)

    @property
    def partners(self) -> Partners:
        """The receiving systems that the gate plays."""
        return self._partners or self._nowhere(PARTNERS)

    def close(self) -> None:
        """Close every connection that is open; it opens again when something is asked."""
        for client in (self._fhir, self._admin, self._downtime):
            if client:
                client.close()

    def _nowhere(self, interface: str) -> NoReturn:
        system = self.target.system
        raise UsageError(
            f"{system} cannot be asked over {interface}",
            f"a capability is declared for {interface}, and no URL is known for it",
            f"describe interfaces.{interface} of {system}, or name it under absent",
        )
