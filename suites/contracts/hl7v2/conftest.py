"""What the HL7 v2 contract tests share: who writes, how it is answered, and what stands in the record afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from epjgate.drivers.dsl.waiting import wait_until
from epjgate.drivers.fhir import FhirClient, Resource, value_at
from epjgate.drivers.hl7v2 import Acknowledged, acknowledged
from epjgate.drivers.mllp import END, MllpClient, decoded, framed
from epjgate.errors import CapabilityMissing
from epjgate.evidence.recorder import Recorder
from epjgate.model.partner import Received
from epjgate.model.person import Person
from epjgate.model.target import Target
from epjgate.partners.client import Partners
from population.cpr import CPR_SYSTEM
from population.fhir_r4 import patient
from population.hl7v2 import Correspondent

PATIENCE_S = 20.0
"""How long what is on its way to a receiver is waited for: time-outs of the sender, its pauses, and a busy machine."""

# What every acknowledgement keeps that a test of this suite receives, whatever the test is about: first what its text
# shows alone, then what it shows beside the message that it answers. Rules that are a `should` have tests of their own.
ACKNOWLEDGEMENT = (
    "hl7v2-ack-structure",
    "hl7v2-ack-message-type",
    "hl7v2-ack-code",
    "hl7v2-ack-error-named",
    "hl7v2-msh-once-and-first",
    "hl7v2-segments-end-with-cr",
    "hl7v2-msh-time",
    "hl7v2-msh-control-id",
    "hl7v2-msh-processing-id",
    "hl7v2-msh-version",
    "hl7v2-msh-charset-declared",
    "hl7v2-charset-used-is-declared",
    "hl7v2-escapes-are-whole",
)
ANSWER = (
    "hl7v2-ack-names-message-id",
    "hl7v2-ack-names-trigger",
    "hl7v2-ack-parties-swapped",
    "hl7v2-ack-in-senders-charset",
    "hl7v2-ack-processing-id",
    "hl7v2-ack-time",
)

# What every message keeps that the EPJ sends, whatever the test is about that receives it.
SENT = (
    "hl7v2-msh-once-and-first",
    "hl7v2-segments-end-with-cr",
    "hl7v2-msh-time",
    "hl7v2-msh-type-trigger-structure",
    "hl7v2-msh-control-id",
    "hl7v2-msh-processing-id",
    "hl7v2-msh-version",
    "hl7v2-msh-charset-declared",
    "hl7v2-charset-used-is-declared",
    "hl7v2-escapes-are-whole",
    "hl7v2-segment-order",
    "hl7v2-pid-number-with-authority",
    "hl7v2-pid-name",
    "hl7v2-pid-birth-date-and-sex",
)


@pytest.fixture(scope="session")
def mllp(target: Target, recorder: Recorder) -> MllpClient:
    """A client of the candidate's MLLP listener; a test is not applicable to a system without one."""
    url = target.url("hl7v2")
    if url is None:
        raise _missing(target, "hl7v2")
    return MllpClient(url, recorder, timeout_s=target.timeout_s)


@pytest.fixture(scope="session")
def partners(target: Target, recorder: Recorder) -> Iterator[Partners]:
    """The receivers that the gate plays; a test is not applicable to a system that sends nothing over MLLP."""
    if target.url("hl7v2") is None or not target.partners:
        raise _missing(target, "partners" if target.url("hl7v2") else "hl7v2")
    with Partners(target.partners, recorder) as client:
        if "laboratory" not in client.kinds():
            raise _missing(target, "laboratory_requisitions")
        yield client


@pytest.fixture
def laboratory(clinic_seed: int) -> Correspondent:
    """The laboratory's system, which sends results."""
    return Correspondent(f"L{clinic_seed:08x}", sender="LAB")


@pytest.fixture
def admissions(clinic_seed: int) -> Correspondent:
    """The admission system, which sends ADT."""
    return Correspondent(f"A{clinic_seed:08x}", sender="PAS")


@pytest.fixture
def answered(violations: Callable[[str, Any], list[str]]) -> Callable[[bytes, str], Acknowledged]:
    """Call it with a message and what was just answered for the acknowledgement, which keeps all that it must."""

    def read(message: bytes, answer: str) -> Acknowledged:
        said = acknowledged(answer)
        exchange = {"message": decoded(message), "answer": answer, "heard": datetime.now(UTC).isoformat()}
        asked = [*((rule, answer) for rule in ACKNOWLEDGEMENT), *((rule, exchange) for rule in ANSWER)]
        broken = {rule: found for rule, document in asked if (found := violations(rule, document))}
        assert broken == {}, f"an acknowledgement {said.code} is not what has to answer its message"
        return said

    return read


@pytest.fixture
def tell_all(mllp: MllpClient, answered: Callable[[bytes, str], Acknowledged]) -> Callable[..., list[Acknowledged]]:
    """Call it with messages to have them sent in one packet; returns their acknowledgements in order."""

    def send(*messages: bytes) -> list[Acknowledged]:
        return [answered(*pair) for pair in zip(messages, mllp.send(*messages), strict=True)]

    return send


@pytest.fixture
def tell(tell_all: Callable[..., list[Acknowledged]]) -> Callable[[bytes], Acknowledged]:
    """Call it with a message to have it sent over a connection of its own; returns the acknowledgement."""
    return lambda message: tell_all(message)[0]


@pytest.fixture
def raw_answer(mllp: MllpClient, target: Target) -> Callable[[bytes], bytes]:
    """Call it with a message for all bytes that are answered, until nothing more comes."""

    def ask(message: bytes) -> bytes:
        with mllp.conversation() as talk:
            talk.send(framed(message))
            wait_until(lambda: END in talk.heard(0.05), target.timeout_s)
            return talk.heard(0.3)

    return ask


@pytest.fixture
def known(fhir: FhirClient, mllp: MllpClient) -> Callable[[Person], str]:  # noqa: ARG001 - not applicable without it
    """Call it with a person to have them registered; returns the patient's id."""
    return lambda person: fhir.create(patient(person)).expect(201).id


@pytest.fixture
def found(fhir: FhirClient) -> Callable[[Person], list[Resource]]:
    """Call it with a person for the active patients who bear their CPR number."""

    def search(person: Person) -> list[Resource]:
        patients = fhir.search_all("Patient", {"identifier": f"{CPR_SYSTEM}|{person.cpr}"})
        return [one for one in patients if one.get("active", True)]

    return search


@pytest.fixture
def of_patient(fhir: FhirClient) -> Callable[[str, str], list[Resource]]:
    """Call it with a type and a patient's id for what belongs to the patient, in the order of its time."""

    def search(resource_type: str, patient_id: str) -> list[Resource]:
        owned = fhir.search_all(resource_type, {"subject": f"Patient/{patient_id}", "_count": "500"})
        return sorted(owned, key=lambda one: str(one.get("effectiveDateTime") or one.get("period", {}).get("start")))

    return search


@pytest.fixture
def results_of(of_patient: Callable[[str, str], list[Resource]]) -> Callable[[str], list[Resource]]:
    """Call it with a patient's id for the patient's observations that count, earliest sample first."""

    def search(patient_id: str) -> list[Resource]:
        observations = of_patient("Observation", patient_id)
        return [one for one in observations if one.get("status") not in ("entered-in-error", "cancelled")]

    return search


@pytest.fixture
def texts_of(of_patient: Callable[[str, str], list[Resource]]) -> Callable[[str], list[str]]:
    """Call it with a patient's id for the answers in text, earliest first."""
    return lambda patient_id: [value_at(one, "conclusion") for one in of_patient("DiagnosticReport", patient_id)]


@pytest.fixture
def arrived(partners: Partners, violations: Callable[[str, Any], list[str]]) -> Callable[..., list[Received]]:
    """Call it with a partner, a person and a number to wait for that many accepted messages about the person.

    Returns all messages that came until then, refused and repeated ones too; each keeps all that it must.
    """

    def wait(partner: str, person: Person, count: int, within_s: float = PATIENCE_S) -> list[Received]:
        def accepted() -> int:
            return sum(one.accepted and not one.repeated for one in partners.received(partner, person.cpr))

        wait_until(lambda: accepted() >= count, within_s)
        got = list(partners.received(partner, person.cpr))
        for one in got:
            broken = {rule: found for rule in SENT if (found := violations(rule, one.text))}
            assert broken == {}, f"a message {one.kind} to the {partner} is not as it has to be"
            assert person.cpr in (one.parsed.get("PID-3.1"), one.parsed.get("MRG-1.1")), "it is about somebody else"
            assert f"{one.parsed.get('MSH-9.1')}^{one.parsed.get('MSH-9.2')}" == one.kind
        return got

    return wait


@pytest.fixture
def field() -> Callable[[Received, str], str]:
    """Call it with a received message and a name such as `PID-3.1` for what stands there, empty where nothing does."""

    def read(received: Received, name: str) -> str:
        value: Any = received.parsed.get(name, "")
        return str(value)

    return read


def _missing(target: Target, what: str) -> CapabilityMissing:
    return CapabilityMissing(
        f"{target.system} has no {what}",
        target.absent.get(what, "its description does not name it"),
        f"describe {what} in its system.toml once it is there",
    )
