"""Compares the candidate under test with its baseline, and writes down what changed."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from epjgate.contracts.diff import compare
from epjgate.contracts.diff.absence import INTERFACES
from epjgate.contracts.diff.steps import not_compared
from epjgate.environments.interface import EnvironmentDown, Listener, Order
from epjgate.evidence.bundle import Bundle
from epjgate.model.events import ContractsCompared, ContractsNotCompared, SurfaceTaken
from epjgate.surfaces.survey import Survey
from epjgate.surfaces.taking import Standing, Taken, take_surface


@dataclass(frozen=True)
class Comparison:
    """What a candidate is compared with: `baseline`, asked by `survey`."""

    baseline: Order
    survey: Survey

    def write_down(self, candidate: Standing, bundle: Bundle, listener: Listener, until_stopped: ExitStack) -> None:
        """Put both surfaces and every change into `bundle`, or why there is no comparison.

        The candidate stands already. A baseline that has to be started is stopped by `until_stopped`.
        """
        listener.step(f"taking the surface of {candidate.system.name} {candidate.target.release}")
        after = take_surface(candidate)
        try:
            before = self.survey.surface(self.baseline, listener, until_stopped)
        except EnvironmentDown as err:
            bundle.record(_not_compared(err, self.baseline))
            return
        bundle.record(
            compared(
                before,
                after,
                files=(
                    bundle.keep_surface("baseline", before.surface.model_dump_json(indent=1) + "\n"),
                    bundle.keep_surface("candidate", after.surface.model_dump_json(indent=1) + "\n"),
                ),
            )
        )


def compared(before: Taken, after: Taken, *, files: tuple[str, str] = ("", "")) -> ContractsCompared:
    """Return what changed from one surface to the other; `files` are those that hold them, where any do."""
    return ContractsCompared(
        baseline=_told(before, files[0]),
        candidate=_told(after, files[1]),
        changes=compare(before.surface, after.surface),
        not_elicited=not_compared(before.surface, after.surface),
    )


def _told(taken: Taken, file: str) -> SurfaceTaken:
    surface = taken.surface
    return SurfaceTaken(
        version=surface.version,
        digest=surface.digest,
        file=file,
        absent={INTERFACES[part]: why for part, why in (surface.incomplete | surface.absent).items()},
        refused=taken.refused,
    )


def _not_compared(err: EnvironmentDown, baseline: Order) -> ContractsNotCompared:
    redact = baseline.redactor.text
    return ContractsNotCompared(
        release=baseline.version, problem=redact(err.problem), why=redact(err.cause), fix=redact(err.fix)
    )
