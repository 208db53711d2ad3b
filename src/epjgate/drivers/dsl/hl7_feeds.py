"""The capabilities `laboratory_feed` and `admission_feed` on HL7 v2 (chapters 2, 3 and 7 of 2.5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

from epjgate.drivers.dsl.feeds import Acknowledgement, Envelope, LabMessage, Verdict
from epjgate.drivers.dsl.laboratory import LabResult, Terminology
from epjgate.drivers.hl7v2 import Field, Header, field_of, message, segments_of, timestamp
from epjgate.drivers.mllp import MllpClient
from epjgate.errors import CandidateFault
from epjgate.model.person import Person, Sex

_SEXES = {Sex.FEMALE: "F", Sex.MALE: "M"}
# HL7 table 0396: how OBX-3.3 names a coding system.
_SYSTEMS = {Terminology.NPU: "NPU", Terminology.LOINC: "LN"}
_TEXT_CODE = "TEXT"


class Hl7LaboratoryFeed:
    """Answers of the laboratory as ORU^R01."""

    def __init__(self, client: MllpClient) -> None:
        self._client = client

    def send(self, messages: Sequence[LabMessage]) -> list[Acknowledgement]:
        """Send one ORU^R01 for each of `messages`; each answer has to name the message that it belongs to."""
        headers = [_header("LAB", "ORU^R01", one.envelope) for one in messages]
        sent = [_result_message(header, one) for header, one in zip(headers, messages, strict=True)]
        answers = self._client.send(*sent)
        return [_acknowledgement(answer, header) for answer, header in zip(answers, headers, strict=True)]


class Hl7AdmissionFeed:
    """Messages of the admission system as ADT."""

    def __init__(self, client: MllpClient) -> None:
        self._client = client

    def admits(self, person: Person, at: datetime, ward: str, envelope: Envelope) -> Acknowledgement:
        """Send ADT^A01."""
        return self._tell("ADT^A01", envelope, _pid(person), _visit(ward, admitted=at))

    def transfers(self, person: Person, at: datetime, ward: str, envelope: Envelope) -> Acknowledgement:
        """Send ADT^A02."""
        return self._tell("ADT^A02", envelope, _pid(person), _visit(ward, admitted=at))

    def discharges(self, person: Person, at: datetime, envelope: Envelope) -> Acknowledgement:
        """Send ADT^A03."""
        return self._tell("ADT^A03", envelope, _pid(person), _visit("", discharged=at))

    def updates(self, person: Person, envelope: Envelope) -> Acknowledgement:
        """Send ADT^A08."""
        return self._tell("ADT^A08", envelope, _pid(person))

    def merges(self, gone: Person, survivor: Person, envelope: Envelope) -> Acknowledgement:
        """Send ADT^A40: PID-3 survives, MRG-1 goes."""
        return self._tell("ADT^A40", envelope, _pid(survivor), ["MRG", _number(gone)])

    def _tell(self, kind: str, envelope: Envelope, *segments: Sequence[Field]) -> Acknowledgement:
        header = _header("PAS", kind, envelope)
        event = ["EVN", kind.partition("^")[2], timestamp(header.at)]
        (answer,) = self._client.send(message(header, event, *segments))
        return _acknowledgement(answer, header)


def _header(sender: str, kind: str, envelope: Envelope) -> Header:
    return Header(sender, kind, envelope.message_id or uuid4().hex[:20], datetime.now(UTC), envelope.charset)


def _acknowledgement(answer: str, header: Header) -> Acknowledgement:
    """Return the answer as a value; one that is none, or belongs to another message, is the candidate's fault."""
    what = f"the answer to {header.kind}"
    segments = segments_of(answer, what)
    if "MSA" not in segments:
        raise CandidateFault(f"{what} holds no MSA segment")
    code, belongs_to, reason = (field_of(segments["MSA"], number) for number in (1, 2, 3))
    if code not in set(Verdict):
        raise CandidateFault(f"{what} says {code!r}; HL7 v2 knows {', '.join(Verdict)}")
    if belongs_to != header.message_id:
        raise CandidateFault(f"{what} belongs to the message {belongs_to!r}, not to the one that was sent")
    return Acknowledgement(Verdict(code), reason, belongs_to)


def _number(person: Person) -> Field:
    return (person.cpr, "", "", "CPR", "NNDNK")


def _pid(person: Person) -> Sequence[Field]:
    first, *middle = person.given_names
    address = person.address
    return [
        "PID",
        "1",
        "",
        _number(person),
        "",
        (person.family_name, first, " ".join(middle)),
        "",
        f"{person.birth_date:%Y%m%d}",
        _SEXES[person.sex],
        "",
        "",
        (address.line, "", address.city, "", address.postal_code, "DK"),
    ]


def _visit(ward: str, *, admitted: datetime | None = None, discharged: datetime | None = None) -> Sequence[Field]:
    times = ["" if at is None else timestamp(at) for at in (admitted, discharged)]
    return ["PV1", "1", "I", ward, *[""] * 40, *times]


def _result_message(header: Header, sent: LabMessage) -> bytes:
    order = "" if sent.answers is None else sent.answers.id
    content = sent.content
    taken = content.taken_at if isinstance(content, LabResult) else sent.taken_at or header.at
    if isinstance(content, LabResult):
        asked: Field = (content.code, content.name, _SYSTEMS[content.terminology])
        told = [_measured(content), *([["NTE", "1", "", content.comment]] if content.comment else [])]
    else:
        asked = (_TEXT_CODE, sent.name, "L")
        told = [_observation("TX", asked, content, taken)]
    request: Sequence[Field] = ["OBR", "1", order, "", asked, "", "", timestamp(taken)]
    return message(header, _pid(sent.person), request, *told)


def _measured(result: LabResult) -> Sequence[Field]:
    code: Field = (result.code, result.name, _SYSTEMS[result.terminology])
    limits = _limits(result.reference_low, result.reference_high)
    return _observation("NM", code, f"{result.value:f}", result.taken_at, unit=result.unit, reference=limits)


def _limits(low: Decimal | None, high: Decimal | None) -> str:
    """Return OBX-7 as 7.4.2.7 writes it: both limits, only one of them, or nothing."""
    if low is None:
        return "" if high is None else f"<{high:f}"
    return f">{low:f}" if high is None else f"{low:f}-{high:f}"


def _observation(
    kind: str, code: Field, value: str, at: datetime, *, unit: str = "", reference: str = ""
) -> Sequence[Field]:
    return ["OBX", "1", kind, code, "", value, unit, reference, "", "", "", "F", "", "", timestamp(at)]
