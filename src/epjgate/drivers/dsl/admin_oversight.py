"""The capabilities `delivery_ledger`, `status_banner` and `certificates` on a system's own administration interface."""

from __future__ import annotations

from typing import Any

from epjgate.drivers.admin import JsonClient, moment
from epjgate.drivers.dsl.oversight import Banner, Certificate, Delivery, DeliveryState
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.dsl.receivers import Receiver
from epjgate.drivers.fhir_values import object_at, objects_at, text_at, value_at
from epjgate.errors import CandidateFault

_STATES = {
    "queued": DeliveryState.QUEUED,
    "sent-failed": DeliveryState.RETRYING,
    "acknowledged": DeliveryState.ACKNOWLEDGED,
    "refused": DeliveryState.REFUSED,
    "unroutable": DeliveryState.UNROUTABLE,
}
# Whether a receiver is disturbed, by what its connection is said to be.
_DISTURBED = {"ok": False, "degraded": True, "unroutable": True}
_RECEIVERS = {receiver.partner: receiver for receiver in Receiver}


class AdminDeliveryLedger:
    """The ledger at `deliveries`."""

    def __init__(self, client: JsonClient) -> None:
        self._client = client

    def deliveries_of(self, patient: PatientRef) -> list[Delivery]:
        """Ask for the messages about one patient; one about another patient is the candidate's fault."""
        entries = objects_at(self._client.get("deliveries", params={"patient": patient.id}), "deliveries")
        if strangers := [entry for entry in entries if text_at(entry, "patient") != patient.id]:
            raise CandidateFault(f"{len(strangers)} of the deliveries about patient {patient.id} are about others")
        return sorted(map(_delivery, entries), key=lambda delivery: delivery.created_at)


class AdminStatusBanner:
    """The state of the connections at `status`."""

    def __init__(self, client: JsonClient) -> None:
        self._client = client

    def banner(self) -> Banner:
        """Ask once; a state that nobody knows is the candidate's fault."""
        body = self._client.get("status")
        states = {_receiver(name): state for name, state in object_at(body, "partners").items()}
        if unknown := sorted(str(state) for state in states.values() if state not in _DISTURBED):
            raise CandidateFault(f"a connection is {unknown[0]!r}; known are {', '.join(_DISTURBED)}")
        disturbed = frozenset(receiver for receiver, state in states.items() if _DISTURBED[state])
        return Banner(text_at(body, "banner"), disturbed, frozenset(states))


class AdminCertificates:
    """The certificates at `certificates`."""

    def __init__(self, client: JsonClient) -> None:
        self._client = client

    def shipped(self) -> list[Certificate]:
        """Ask once."""
        found = objects_at(self._client.get("certificates"), "certificates")
        shipped = [Certificate(text_at(one, "name"), moment(text_at(one, "notAfter"), "notAfter")) for one in found]
        return sorted(shipped, key=lambda certificate: certificate.name)


def _delivery(entry: dict[str, Any]) -> Delivery:
    state = text_at(entry, "state")
    if state not in _STATES:
        raise CandidateFault(f"a delivery is in state {state!r}; known are {', '.join(_STATES)}")
    return Delivery(
        id=str(value_at(entry, "id")),
        receiver=_receiver(text_at(entry, "partner")),
        kind=text_at(entry, "kind"),
        state=_STATES[state],
        attempts=int(value_at(entry, "attempts")),
        error=str(entry.get("error") or ""),
        created_at=moment(text_at(entry, "createdAt"), "createdAt"),
        alarm=value_at(entry, "alarm") is True,
    )


def _receiver(partner: str) -> Receiver:
    if partner not in _RECEIVERS:
        raise CandidateFault(f"the system sends to {partner!r}; known are {', '.join(_RECEIVERS)}")
    return _RECEIVERS[partner]
