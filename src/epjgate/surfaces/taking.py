"""Takes the surface of a release that runs, part by part; a part that cannot be had is told, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from epjgate.drivers.receivers import Partners
from epjgate.environments.interface import Running
from epjgate.errors import CandidateFault, CandidateUnreachable, EnvironmentFailed
from epjgate.evidence.digests import text_digest
from epjgate.evidence.recorder import Recorder
from epjgate.model.base import Value
from epjgate.model.identity import Identity
from epjgate.model.redaction import Redactor
from epjgate.model.surface import DatabaseSchema, PartName, StepState, StepTaken, Surface
from epjgate.model.system import System
from epjgate.model.target import Target
from epjgate.surfaces.database import database_schema
from epjgate.surfaces.documents import FHIR_R4, OPENAPI, capability_statement, openapi
from epjgate.surfaces.elicitation import KEPT_EXCHANGES, Elicited, elicit

Part = TypeVar("Part")

HL7V2 = "hl7v2"
SILENT = "no message was heard"


class Taken(Value):
    """A surface, and how far it can be relied on."""

    surface: Surface

    @property
    def refused(self) -> tuple[str, ...]:
        """The steps of the script that the release did not do, in words, with what it said."""
        return tuple(_not_done(title, step) for title, step in self.surface.steps.items() if not step.accepted)

    @property
    def is_whole(self) -> bool:
        """Whether all that was asked was done and heard: only then is what is not in it not there."""
        return not self.refused and not self.surface.incomplete


def _not_done(title: str, step: StepTaken) -> str:
    return f"{title}: {step.why}" if step.state is StepState.REFUSED else f"{title}: no answer: {step.why}"


@dataclass(frozen=True)
class Standing:
    """A release that stands, and all that is needed to ask it; `partners` are its receivers, None where it has none."""

    target: Target
    running: Running
    system: System
    redactor: Redactor
    partners: Partners | None = None


@dataclass
class _Parts:
    """Takes one part after the other, and keeps why one could not be had."""

    redactor: Redactor
    absent: dict[PartName, str] = field(default_factory=dict)

    def take(self, part: PartName, missing: str, ask: Callable[[], Part]) -> Part | None:
        """Return what `ask` returns; None where `missing` says why there is none, or where asking fails."""
        if missing:
            self.absent[part] = missing
            return None
        try:
            return ask()
        except (CandidateFault, CandidateUnreachable, EnvironmentFailed, ValueError) as err:
            self.absent[part] = self.redactor.text(" ".join(str(err).split())[:500]) or type(err).__name__
            return None


def take_surface(standing: Standing) -> Taken:
    """Return everything that the release shows to those around it; its messages are elicited by a fixed script.

    The script writes into the record: where the release may not be written to, its messages are absent.
    """
    target, system, running = standing.target, standing.system, standing.running
    recorder = Recorder(standing.redactor, keep=KEPT_EXCHANGES)
    parts = _Parts(standing.redactor)
    missing = parts_missing(system, target, disposable=running.disposable)
    statement = parts.take(
        "capability_statement", missing.get("capability_statement", ""), lambda: capability_statement(target, recorder)
    )
    document = parts.take("openapi", missing.get("openapi", ""), lambda: openapi(target, recorder))
    schema = parts.take("database", missing.get("database", ""), lambda: _schema(system, running))
    elicited = _elicited(standing, parts, missing)
    surface = Surface(
        system=system.name,
        version=target.release,
        digest=digest_of(running.identities),
        capability_statement=statement,
        openapi=document,
        database=schema,
        hl7v2={} if "hl7v2" in parts.absent else elicited.hl7v2,
        messages={} if "messages" in parts.absent else elicited.messages,
        steps=elicited.steps,
        absent=parts.absent,
        incomplete=_incomplete(elicited, system, parts.absent),
    )
    return Taken(surface=surface)


def parts_missing(system: System, target: Target, *, disposable: bool) -> dict[PartName, str]:
    """Return the parts that `system` does not offer where `target` runs, each with the reason."""
    unwritten = "" if disposable else "the release may not be written to, and so cannot be made to send anything"
    reasons: dict[PartName, str] = {
        "capability_statement": _unserved(target, FHIR_R4),
        "openapi": _unserved(target, OPENAPI),
        "hl7v2": unwritten or ("" if _hears_hl7(system) else _unserved(target, HL7V2)),
        "database": "" if system.database else "the system's description gives no access to its database",
        "messages": unwritten or ("" if target.partners else "the gate plays no receiving system here"),
    }
    return {part: why for part, why in reasons.items() if why}


def digest_of(identities: tuple[Identity, ...]) -> str:
    """Return one digest over what names the bits of all services; empty where one of them has none."""
    if not identities or not all(one.digest for one in identities):
        return ""
    return text_digest(*sorted(f"{one.service} {one.kind.value} {one.digest}" for one in identities))


def _elicited(standing: Standing, parts: _Parts, missing: dict[PartName, str]) -> Elicited:
    """Return what the script brought forth; a part that stays silent is absent, never empty."""
    nothing = Elicited({}, {}, {})
    both: tuple[PartName, PartName] = ("hl7v2", "messages")
    parts.absent |= {part: missing[part] for part in both if part in missing}
    if all(part in missing for part in both):
        return nothing
    recorder = Recorder(standing.redactor, keep=KEPT_EXCHANGES)
    try:
        elicited = elicit(standing.target, recorder, standing.partners, standing.system.partners)
    except (CandidateFault, EnvironmentFailed, ValueError) as err:
        why = standing.redactor.text(" ".join(str(err).split())[:500])
        parts.absent |= {part: why for part in both if part not in parts.absent}
        return nothing
    for part, heard in zip(both, (elicited.hl7v2, elicited.messages), strict=True):
        if not heard and part not in parts.absent:
            parts.absent[part] = SILENT
    return elicited


def _incomplete(elicited: Elicited, system: System, absent: Mapping[PartName, str]) -> dict[PartName, str]:
    """Return the parts that hold what partners heard, where something may still have been on its way to them."""
    told: tuple[PartName, ...] = ("hl7v2", "messages") if _hears_hl7(system) else ("messages",)
    return {part: "; ".join(elicited.late) for part in told if elicited.late and part not in absent}


def _schema(system: System, running: Running) -> DatabaseSchema:
    if system.database is None:
        raise AssertionError("unreachable: a system without access to its database is not asked")
    return database_schema(system.database, running)


def _hears_hl7(system: System) -> bool:
    return any(kind == "mllp" for kind in system.partners.values())


def _unserved(target: Target, interface: str) -> str:
    if target.url(interface) is not None:
        return ""
    return target.absent.get(interface, f"the system has no interface {interface}")
