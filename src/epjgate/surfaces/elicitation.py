"""Acts the script at a release, and hears what it tells its partners."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from epjgate.drivers.dsl import Epj
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.receivers import Partners
from epjgate.errors import CandidateFault, CandidateUnreachable
from epjgate.evidence.recorder import Recorder
from epjgate.model.exchange import Exchange
from epjgate.model.partner import PartnerKind, Received
from epjgate.model.surface import Shape, StepTaken
from epjgate.model.target import Target
from epjgate.surfaces.acting import ACCEPTED, Acting
from epjgate.surfaces.hl7_fields import Fields, fields_of, joined, kind_of
from epjgate.surfaces.persons import EVERYBODY
from epjgate.surfaces.script import SCRIPT, UNKNOWN, Day, Step
from epjgate.surfaces.settling import PATIENT, Patience, Settling, Whom
from epjgate.surfaces.shapes import event_of, shape_of

KEPT_EXCHANGES = 2_000


@dataclass(frozen=True)
class Elicited:
    """What a release told: shapes by partner and type of message, filled HL7 v2 fields by direction and type.

    `steps` tell what became of each step of the script: what one that was not accepted would have brought forth is not
    in here. `late` tells, in words, what may have been missed because it had not arrived.
    """

    messages: dict[str, dict[str, Shape]]
    hl7v2: dict[str, dict[str, tuple[int, ...]]]
    steps: dict[str, StepTaken]
    late: tuple[str, ...] = ()


def elicit(
    target: Target,
    recorder: Recorder,
    partners: Partners | None,
    kinds: Mapping[str, str],
    script: Sequence[Step] = SCRIPT,
    patience: Patience = PATIENT,
) -> Elicited:
    """Do everything in `script` that `target` has the capabilities for, and return what `partners` heard of it.

    `kinds` are those of the partners, by name. `recorder` is this elicitation's own: what was sent in, and how that was
    acknowledged, is read from it. A step that the release refuses is told, and the script goes on.
    """
    recorder.reset()
    with Epj(target, recorder, partners=partners) as epj:
        acting = Acting(Day(epj), target, recorder)
        exchanges = acting.act(script)
        heard, late = ({}, ()) if partners is None else _heard(acting, partners, kinds, patience)
    return Elicited(
        messages={name: _shapes(received, kinds[name]) for name, received in heard.items() if received},
        hl7v2={**_sent_out(heard, kinds), **_taken_in(exchanges)},
        steps=acting.steps,
        late=tuple(recorder.redactor.text(one) for one in late),
    )


def _heard(
    acting: Acting, partners: Partners, kinds: Mapping[str, str], patience: Patience
) -> tuple[dict[str, list[Received]], tuple[str, ...]]:
    """Return what reached each partner once all had arrived, and what may be missing in it, in words."""
    epj, patients = acting.day.epj, acting.day.patients
    replacements, unread = _replacements(epj, [patients[name] for name in UNKNOWN if name in patients])
    known = [*(person.cpr for person in EVERYBODY), *replacements]

    def hear() -> dict[str, list[Received]]:
        return {name: _about(partners, name, known) for name in kinds}

    settling = Settling(
        lambda whom, within_s: epj.wait_for_deliveries(whom, within_s=within_s),
        lambda: sum(map(len, hear().values())),
        patience,
    )
    # Whoever was merged is not asked about: what is still to be told of them is told of the one who survived.
    persons: list[Whom] = [*EVERYBODY, *([patients["unknown"]] if "unknown" in patients else [])]
    late = settling.wait(persons, has_ledger="delivery_ledger" in acting.target.capabilities)
    return hear(), (*late, *unread)


def _replacements(epj: Epj, unknown: Sequence[PatientRef]) -> tuple[list[str], tuple[str, ...]]:
    """Return the numbers under which partners know whoever was registered as unknown, and why they cannot be had."""
    try:
        return [one.number for patient in unknown for one in epj.replacement_numbers_of(patient)], ()
    except (CandidateFault, CandidateUnreachable) as err:
        return [], (f"messages about somebody unknown cannot be told from others: {str(err).partition(chr(10))[0]}",)


def _about(partners: Partners, name: str, known: Sequence[str]) -> list[Received]:
    """Return every message about those in `known` that reached the partner, each once, in the order of arrival."""
    found = {one.number: one for number in known for one in partners.received(name, number)}
    return [found[number] for number in sorted(found)]


def _shapes(received: Sequence[Received], kind: str) -> dict[str, Shape]:
    """Return the shape of each type of message; what is no JSON has none: its fields are told as HL7 v2."""
    if kind == PartnerKind.MLLP:
        return {name: {} for name in sorted({one.kind for one in received})}
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for one in received:
        texts[" ".join((one.kind, *event_of(one.text)))].append(one.text)
    return {name: shape_of(texts[name]) for name in sorted(texts)}


def _sent_out(heard: Mapping[str, Sequence[Received]], kinds: Mapping[str, str]) -> dict[str, Fields]:
    texts = [one.text for name, every in heard.items() if kinds[name] == PartnerKind.MLLP for one in every]
    return {f"out:{kind}": fields for kind, fields in _by_kind(texts).items()}


def _by_kind(texts: Sequence[str]) -> dict[str, Fields]:
    kinds = sorted({kind_of(text) for text in texts})
    return {kind: joined(fields_of(text) for text in texts if kind_of(text) == kind) for kind in kinds}


def _taken_in(exchanges: Sequence[Exchange]) -> dict[str, Fields]:
    """Return what was sent in and accepted (`in:`), and how it was answered (`ack:`), by the type of what was sent."""
    accepted = [one for one in exchanges if one.method == "MLLP" and one.code == ACCEPTED]
    sent: dict[str, list[Fields]] = {}
    answers: dict[str, list[Fields]] = {}
    for one in accepted:
        kind = kind_of(one.request_body or "")
        sent.setdefault(kind, []).append(fields_of(one.request_body or ""))
        answers.setdefault(kind, []).append(fields_of(one.response_body or ""))
    return {
        **{f"in:{kind}": joined(every) for kind, every in sorted(sent.items())},
        **{f"ack:{kind}": joined(every) for kind, every in sorted(answers.items())},
    }
