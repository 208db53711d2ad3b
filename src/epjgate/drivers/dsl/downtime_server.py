"""The capability `downtime_copy` on the downtime server's own interface."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

from epjgate.drivers.admin import JsonClient, moment
from epjgate.drivers.dsl.allergies import Allergy
from epjgate.drivers.dsl.downtime import DowntimeBed, DowntimeChart, DowntimePerson, DowntimeResult
from epjgate.drivers.dsl.fhir_audit import ACCESS
from epjgate.drivers.dsl.medication import Drug, MedicationOrder, OrderRef, OrderState, Prescription
from epjgate.drivers.dsl.oversight import Access, AuditEntry
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.fhir_values import date_at, decimal_at, object_at, objects_at, text_at
from epjgate.errors import CandidateFault
from epjgate.model.person import Address, Sex

_REACHED = {"reachable": True, "unreachable": False}
_STATES = {"active": OrderState.ACTIVE, "on-hold": OrderState.PAUSED}
_REFUSED = (401, 403, 404, 405)
_CLOCKS_APART = timedelta(minutes=1)


class DowntimeServer:
    """The downtime copy as its server shows it."""

    def __init__(self, client: JsonClient) -> None:
        self._client = client

    def copied_at(self) -> datetime:
        """Ask for the server's own state."""
        return _taken(self._client.get("status"))[0]

    def reaches_record(self) -> bool:
        """Ask for the server's own state."""
        said = text_at(self._client.get("status"), "primary")
        if said not in _REACHED:
            raise CandidateFault(f"the copy says that the record is {said!r}; known are {', '.join(_REACHED)}")
        return _REACHED[said]

    def find_by_cpr(self, cpr: str) -> list[DowntimePerson]:
        """Search by CPR number."""
        return [_person(one) for one in self._listed("patients", "patients", {"cpr": cpr})]

    def chart_of(self, patient: PatientRef) -> DowntimeChart | None:
        """Read one patient."""
        answer = self._client.request("GET", _path(patient))
        if answer.status == 404:
            return None
        body = answer.expect(200).json()
        if not isinstance(body, dict):
            raise CandidateFault(f"the body is no JSON object: {answer.describe()}")
        return _chart(body)

    def beds_of(self, ward: str) -> list[DowntimeBed]:
        """Read one ward; the list of another ward is the candidate's fault."""
        body = self._body(f"ward/{quote(ward, safe='')}")
        if text_at(body, "ward") != ward:
            raise CandidateFault(f"the list of {ward!r} was asked for, and that of {body['ward']!r} came")
        found = objects_at(body, "patients")
        return [DowntimeBed(_person(one), moment(text_at(one, "admittedAt"), "admittedAt")) for one in found]

    def accepted_changes(self, patient: PatientRef) -> list[str]:
        """Send every verb that writes; what is not refused by its status counts as accepted.

        A refusal that does not say why is the candidate's fault.
        """
        verbs = [("POST", "patients"), ("PUT", _path(patient)), ("PATCH", _path(patient)), ("DELETE", _path(patient))]
        answers = [(verb, self._client.request(verb, path, json={})) for verb, path in verbs]
        for _, answer in answers:
            if answer.status in _REFUSED and not text_at(answer.json(), "error").strip():
                raise CandidateFault(f"a refusal does not say why: {answer.describe()}")
        return [f"{verb} answered {answer.status}" for verb, answer in answers if answer.status not in _REFUSED]

    def trail_of(self, patient: PatientRef) -> list[AuditEntry]:
        """Read the server's own journal; an entry about another patient is the candidate's fault."""
        entries = self._listed("audit", "entries", {"patient": patient.id})
        if strangers := [entry for entry in entries if text_at(entry, "patient") != patient.id]:
            raise CandidateFault(f"{len(strangers)} entries in the trail of patient {patient.id} are about others")
        return sorted(map(_entry, entries), key=lambda entry: entry.at)

    def _listed(self, path: str, name: str, params: dict[str, str] | None = None) -> list[dict[str, Any]]:
        return objects_at(self._body(path, params), name)

    def _body(self, path: str, params: dict[str, str] | None = None) -> dict[str, Any]:
        """Return what is at `path`; CandidateFault where it does not say, truly, how old the copy is."""
        body = self._client.get(path, params=params)
        _taken(body)
        return body


def _taken(body: dict[str, Any]) -> tuple[datetime, timedelta]:
    """Return when the copy was taken, and its age; CandidateFault where both together do not make the present."""
    taken_at = moment(text_at(body, "copy", "takenAt"), "copy.takenAt")
    age = timedelta(seconds=float(decimal_at(body, "copy", "ageSeconds")))
    if abs(datetime.now(UTC) - taken_at - age) > _CLOCKS_APART:
        raise CandidateFault(f"the copy says that it was taken at {taken_at.isoformat()}, {age} ago; that is not now")
    return taken_at, age


def _path(patient: PatientRef) -> str:
    return f"patients/{quote(patient.id, safe='')}"


def _chart(body: dict[str, Any]) -> DowntimeChart:
    taken_at, age = _taken(body)
    lies = body.get("location") is not None
    return DowntimeChart(
        person=_person(object_at(body, "patient")),
        ward=text_at(body, "location", "ward") if lies else "",
        admitted_at=moment(text_at(body, "location", "admittedAt"), "admittedAt") if lies else None,
        allergies=tuple(Allergy(text_at(one, "atc"), text_at(one, "text")) for one in objects_at(body, "allergies")),
        medication=tuple(map(_order, objects_at(body, "medication"))),
        results=tuple(map(_result, objects_at(body, "results"))),
        copied_at=taken_at,
        age=age,
    )


def _person(entry: dict[str, Any]) -> DowntimePerson:
    sex = entry.get("sex")
    return DowntimePerson(
        patient=PatientRef(text_at(entry, "id")),
        full_name=text_at(entry, "name"),
        cpr=str(entry.get("cpr") or ""),
        birth_date=None if entry.get("birthDate") is None else date_at(entry, "birthDate"),
        sex=Sex(sex) if sex in tuple(Sex) else None,
        home=None if entry.get("address") is None else _address(object_at(entry, "address")),
    )


def _address(entry: dict[str, Any]) -> Address:
    return Address(text_at(entry, "line"), text_at(entry, "postalCode"), text_at(entry, "city"))


def _order(entry: dict[str, Any]) -> MedicationOrder:
    state = text_at(entry, "state")
    if state not in _STATES:
        raise CandidateFault(f"the copy holds an order in state {state!r}, which is not to be given")
    try:
        prescription = Prescription(
            drug=Drug(text_at(entry, "atc"), text_at(entry, "drug")),
            strength_mg=_number(entry, "strengthMg"),
            dose=_number(entry, "dose"),
            dose_unit=text_at(entry, "unit"),
            interval=timedelta(seconds=int(decimal_at(entry, "intervalSeconds"))),
            start=moment(text_at(entry, "start"), "start"),
            text=text_at(entry, "text"),
            end=None if entry.get("end") is None else moment(text_at(entry, "end"), "end"),
        )
    except ValueError as err:
        raise CandidateFault(f"the copy holds an order that cannot be given: {err}") from err
    return MedicationOrder(OrderRef(text_at(entry, "id")), _STATES[state], prescription)


def _result(entry: dict[str, Any]) -> DowntimeResult:
    return DowntimeResult(
        code=text_at(entry, "code"),
        name=text_at(entry, "name"),
        value=_number(entry, "value"),
        unit=text_at(entry, "unit"),
        taken_at=moment(text_at(entry, "takenAt"), "takenAt"),
        reference_low=None if entry.get("low") is None else _number(entry, "low"),
        reference_high=None if entry.get("high") is None else _number(entry, "high"),
    )


def _number(entry: dict[str, Any], key: str) -> Decimal:
    text = text_at(entry, key)
    try:
        return Decimal(text)
    except InvalidOperation as err:
        raise CandidateFault(f"{key} on the copy is {text!r}, not a number") from err


def _entry(entry: dict[str, Any]) -> AuditEntry:
    return AuditEntry(
        at=moment(text_at(entry, "recorded"), "recorded"),
        user=text_at(entry, "user"),
        role=text_at(entry, "role"),
        access=ACCESS.get(text_at(entry, "action"), Access.EXECUTE),
        allowed=text_at(entry, "outcome") == "0",
        record=text_at(entry, "path"),
        source="downtime",
    )
