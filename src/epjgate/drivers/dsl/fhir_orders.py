"""The capability `orders` on FHIR R4."""

from __future__ import annotations

from epjgate.drivers.dsl.fhir_laboratory import CATEGORY, SYSTEMS
from epjgate.drivers.dsl.fhir_records import based_on, records_of, resource_version, state_at, subject, version_of
from epjgate.drivers.dsl.laboratory import Terminology
from epjgate.drivers.dsl.orders import (
    Discipline,
    ImagingAnswer,
    Investigation,
    InvestigationOrder,
    InvestigationRef,
    InvestigationState,
    TextAnswer,
)
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.fhir import FhirClient
from epjgate.drivers.fhir_values import Resource, instant, instant_at, object_at, objects_at, text_at
from epjgate.errors import CandidateFault

# R4 value set request-status.
_STATES = {
    "active": InvestigationState.ACTIVE,
    "completed": InvestigationState.COMPLETED,
    "revoked": InvestigationState.REVOKED,
    "draft": InvestigationState.DRAFT,
    "on-hold": InvestigationState.PAUSED,
    "entered-in-error": InvestigationState.ENTERED_IN_ERROR,
    "unknown": InvestigationState.UNKNOWN,
}


class FhirOrders:
    """Investigations as `ServiceRequest` resources, answers in text as `DiagnosticReport` resources."""

    def __init__(self, client: FhirClient) -> None:
        self._client = client

    def order(self, patient: PatientRef, discipline: Discipline, investigation: Investigation) -> InvestigationRef:
        """Create an active ServiceRequest of intent `order`."""
        answer = self._client.create(_request(patient, discipline, investigation)).expect(201)
        return InvestigationRef(answer.id, version_of(answer))

    def of(self, patient: PatientRef) -> list[InvestigationOrder]:
        """Search by patient."""
        found = [_order(record) for record in records_of(self._client, "ServiceRequest", patient)]
        return sorted(found, key=lambda order: order.investigation.ordered_at)

    def report_imaging(self, patient: PatientRef, answer: ImagingAnswer) -> None:
        """Create a final DiagnosticReport of category imaging, based on the order that it answers."""
        self._client.create(_report(patient, answer)).expect(201)

    def imaging_answers_of(self, patient: PatientRef) -> list[ImagingAnswer]:
        """Search by patient; the category tells images from what the laboratory wrote."""
        images = [one for one in self._reports_of(patient) if _discipline(one) is Discipline.IMAGING]
        return sorted(map(_answer, images), key=lambda answer: answer.reported_at)

    def text_answers_of(self, patient: PatientRef) -> list[TextAnswer]:
        """Search by patient, whatever the category."""
        return sorted(map(_text_answer, self._reports_of(patient)), key=lambda answer: answer.reported_at)

    def _reports_of(self, patient: PatientRef) -> list[Resource]:
        found = records_of(self._client, "DiagnosticReport", patient)
        return [one for one in found if text_at(one, "status") != "entered-in-error"]


def _answered(record: Resource) -> InvestigationRef | None:
    orders = objects_at(record, "basedOn")
    return InvestigationRef(text_at(orders[0], "reference").rpartition("/")[2]) if orders else None


def _category(discipline: Discipline) -> list[Resource]:
    return [{"coding": [{"system": CATEGORY, "code": discipline.value}]}]


def _discipline(record: Resource) -> Discipline:
    for concept in objects_at(record, "category"):
        for coding in objects_at(concept, "coding"):
            if coding.get("system") == CATEGORY and coding.get("code") in set(Discipline):
                return Discipline(text_at(coding, "code"))
    known = " or ".join(Discipline)
    raise CandidateFault(f"{record['resourceType']}.category lost what was written: {known}")


def _request(patient: PatientRef, discipline: Discipline, investigation: Investigation) -> Resource:
    code: Resource = {"text": investigation.name}
    if investigation.code:
        system = SYSTEMS[Terminology.NPU]
        code["coding"] = [{"system": system, "code": investigation.code, "display": investigation.name}]
    return {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "category": _category(discipline),
        "code": code,
        "subject": subject(patient),
        "authoredOn": instant(investigation.ordered_at),
    }


def _order(record: Resource) -> InvestigationOrder:
    codes = objects_at(record, "code", "coding")
    return InvestigationOrder(
        ref=InvestigationRef(text_at(record, "id"), resource_version(record)),
        discipline=_discipline(record),
        state=state_at(record, _STATES, "status"),
        investigation=Investigation(
            name=text_at(record, "code", "text"),
            ordered_at=instant_at(record, "authoredOn"),
            code=text_at(codes[0], "code") if codes else "",
        ),
    )


def _report(patient: PatientRef, answer: ImagingAnswer) -> Resource:
    return {
        "resourceType": "DiagnosticReport",
        "status": "final",
        "category": _category(Discipline.IMAGING),
        "code": {"text": answer.name},
        "subject": subject(patient),
        "effectiveDateTime": instant(answer.reported_at),
        "conclusion": answer.conclusion,
        **based_on(answer.answers),
    }


def _answer(record: Resource) -> ImagingAnswer:
    return ImagingAnswer(
        name=text_at(object_at(record, "code"), "text"),
        conclusion=text_at(record, "conclusion"),
        reported_at=instant_at(record, "effectiveDateTime"),
        answers=_answered(record),
    )


def _text_answer(record: Resource) -> TextAnswer:
    answer = _answer(record)
    return TextAnswer(answer.name, answer.conclusion, answer.reported_at, _discipline(record), answer.answers)
