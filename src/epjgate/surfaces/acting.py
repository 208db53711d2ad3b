"""Acts a script at a release, step by step, and tells of each step whether the release did it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from epjgate.errors import CandidateFault, CandidateUnreachable, CapabilityMissing
from epjgate.evidence.recorder import Recorder
from epjgate.model.contract_change import Interface
from epjgate.model.exchange import Exchange
from epjgate.model.surface import StepState, StepTaken
from epjgate.model.target import Target
from epjgate.surfaces.hl7_fields import kind_of
from epjgate.surfaces.script import Day, NotBroughtForth, Step

ACCEPTED = "AA"
_COMPARED: dict[str, Interface] = {"fhir_r4": "fhir_r4", "hl7v2": "hl7v2"}


@dataclass
class Acting:
    """Acts steps on one `day` at `target`; `recorder` holds what is sent, and nothing else is recorded there."""

    day: Day
    target: Target
    recorder: Recorder
    steps: dict[str, StepTaken] = field(default_factory=dict)
    _sent: dict[str, slice] = field(default_factory=dict)

    def act(self, script: Sequence[Step]) -> tuple[Exchange, ...]:
        """Act every step that the release has the capabilities for, and return all that was said.

        Whatever becomes of a step, the next one is acted. One whose HL7 v2 message is not accepted is refused, too.
        """
        for step in script:
            begun = self.recorder.count
            try:
                self.day.epj.requires(*step.needs)
                step.do(self.day)
                self._note(step, StepState.ACCEPTED)
            except CapabilityMissing:
                continue
            except CandidateFault as err:
                self._note(step, StepState.REFUSED, str(err))
            except CandidateUnreachable as err:
                self._note(step, StepState.UNANSWERED, str(err))
            except NotBroughtForth:
                self._note(step, self._as_before, "an earlier step did not bring forth what it needs")
            self._sent[step.title] = slice(begun, self.recorder.count)
        exchanges = self.recorder.exchanges
        self._look_at_acknowledgements(exchanges)
        return exchanges

    @property
    def _as_before(self) -> StepState:
        """What a step has become that stands on earlier ones: nobody has refused it where one of them had no answer."""
        unanswered = any(one.state is StepState.UNANSWERED for one in self.steps.values())
        return StepState.UNANSWERED if unanswered else StepState.REFUSED

    def _note(self, step: Step, state: StepState, why: str = "") -> None:
        served_by = self.target.capabilities.get(step.needs[-1], "")
        told = self.recorder.redactor.text(why.partition("\n")[0])
        self.steps[step.title] = StepTaken(interface=_COMPARED.get(served_by, "messages"), state=state, why=told)

    def _look_at_acknowledgements(self, exchanges: Sequence[Exchange]) -> None:
        for title, sent in self._sent.items():
            refused = [_answered(one) for one in exchanges[sent] if one.method == "MLLP" and one.code != ACCEPTED]
            if refused and self.steps[title].accepted:
                update = {"state": StepState.REFUSED, "why": "; ".join(refused)}
                self.steps[title] = self.steps[title].model_copy(update=update)


def _answered(one: Exchange) -> str:
    return f"{kind_of(one.request_body or '')} was answered {one.code or one.error}"
