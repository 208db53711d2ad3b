"""What a release was asked to do so that it sends messages: a step that only one of two releases does is a change."""

from __future__ import annotations

from collections.abc import Iterator

from epjgate.contracts.diff.rules import DiffRule, Rulebook
from epjgate.model.contract_change import ContractChange, Interface
from epjgate.model.surface import StepState, StepTaken, Surface

_PREFIXES: dict[Interface, str] = {"fhir_r4": "fhir", "hl7v2": "hl7v2", "messages": "messages"}


def _books() -> dict[Interface, Rulebook]:
    return {interface: Rulebook(interface, prefix) for interface, prefix in _PREFIXES.items()}


BOOKS = _books()
REFUSED: dict[Interface, DiffRule] = {
    interface: book.breaking(
        "step-refused",
        "What the baseline did when asked is refused",
        "Whoever asks for it as before is refused, and what it would have told partners is never told.",
    )
    for interface, book in BOOKS.items()
}
ACCEPTED: dict[Interface, DiffRule] = {
    interface: book.safe(
        "step-accepted",
        "What the baseline refused is done when asked",
        "Whoever is still served as before sees nothing of it.",
    )
    for interface, book in BOOKS.items()
}


def differences(baseline: Surface, candidate: Surface) -> Iterator[ContractChange]:
    """Yield a change for each step that one release did and the other refused."""
    for title in sorted(baseline.steps.keys() & candidate.steps.keys()):
        was, now = baseline.steps[title], candidate.steps[title]
        if was.accepted and now.state is StepState.REFUSED:
            yield REFUSED[_interface(now)].changed(f"step {title}", "accepted", "refused")
        elif now.accepted and was.state is StepState.REFUSED:
            yield ACCEPTED[_interface(now)].changed(f"step {title}", "refused", "accepted")


def not_compared(baseline: Surface, candidate: Surface) -> dict[str, str]:
    """Return each step after which the two cannot be compared, by title, with the reason.

    What only the candidate refuses is a change instead: there is nothing left to compare. A release that was asked
    nothing at all lacks whole parts, and that is told of them.
    """
    if not (baseline.steps and candidate.steps):
        return {}
    titles = sorted(baseline.steps.keys() | candidate.steps.keys())
    return {title: why for title in titles if (why := _why(baseline, candidate, title))}


def _why(baseline: Surface, candidate: Surface, title: str) -> str:
    was, now = baseline.steps.get(title), candidate.steps.get(title)
    refused_now = now is not None and now.state is StepState.REFUSED
    if was is not None and was.accepted and refused_now:
        return ""
    both = ((baseline.version, was), (candidate.version, now))
    return "\n".join(f"{version}: {_told(step)}" for version, step in both if step is None or not step.accepted)


def _told(step: StepTaken | None) -> str:
    return "it was not asked" if step is None else f"{step.state.value}: {step.why or 'no reason was given'}"


def _interface(step: StepTaken) -> Interface:
    """Return the interface whose rule grades the step; one that has none of its own is about what partners are told."""
    return step.interface if step.interface in BOOKS else "messages"
