"""What a release tells its partners is heard, and what it would not do is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from epjgate.errors import CandidateFault, CandidateUnreachable
from epjgate.evidence.recorder import Recorder
from epjgate.model.partner import Fault, FaultKind
from epjgate.model.redaction import Redactor
from epjgate.model.surface import StepState
from epjgate.surfaces.elicitation import Elicited, elicit
from epjgate.surfaces.persons import BO, VIGGO
from epjgate.surfaces.script import SCRIPT, Day, Step, at
from epjgate.surfaces.settling import PATIENT, Patience
from epjgate.surfaces.taking import Standing

REGISTER, ADMIT = (step for step in SCRIPT if step.title in {"register patients", "admit two patients"})


def heard(standing: Standing, *script: Step, patience: Patience = PATIENT) -> Elicited:
    """Act `script` at the release."""
    recorder = Recorder(Redactor(b"key"))
    return elicit(standing.target, recorder, standing.partners, standing.system.partners, script, patience)


def failing(error: BaseException) -> Step:
    """Return a step at which this happens."""

    def do(_day: Day) -> None:
        raise error

    return Step("do something", ("patients",), do)


@pytest.fixture
def standing(epj: Callable[[str], Standing]) -> Standing:
    """The reference EPJ."""
    return epj("2.1.74")


def test_a_step_that_is_refused_is_told_and_the_others_are_taken(standing: Standing) -> None:
    """With the reason, in one line, without a CPR number."""
    refusal = CandidateFault(f"422: {BO.cpr} is not welcome\nat line 3")
    found = heard(standing, failing(refusal), REGISTER, ADMIT)
    told = found.steps["do something"]
    assert (told.state, told.interface) == (StepState.REFUSED, "fhir_r4")
    assert told.why.startswith("422: [cpr ")
    assert told.why.endswith("] is not welcome")
    assert found.steps["admit two patients"].accepted
    assert found.messages["lpr3"]


def test_a_release_that_gives_no_answer_is_told(standing: Standing) -> None:
    """It may come round; whether it stands is asked elsewhere."""
    silent = CandidateUnreachable("no answer", "timed out", "look")
    told = heard(standing, failing(silent)).steps["do something"]
    assert (told.state, told.why) == (StepState.UNANSWERED, "no answer")


def test_what_an_earlier_step_did_not_bring_forth_is_told(standing: Standing) -> None:
    """A stay of nobody cannot begin."""
    told = heard(standing, ADMIT).steps["admit two patients"]
    assert (told.state, told.why) == (StepState.REFUSED, "an earlier step did not bring forth what it needs")


def test_what_stands_on_a_step_without_an_answer_was_refused_by_nobody(standing: Standing) -> None:
    """A slow machine would else look like a release that refuses everything."""
    silent = CandidateUnreachable("no answer", "timed out", "look")
    assert heard(standing, failing(silent), ADMIT).steps["admit two patients"].state is StepState.UNANSWERED


def test_a_message_that_is_not_accepted_is_a_step_refused(standing: Standing) -> None:
    """The words for it raise nothing: the answer is what says so."""
    transfer = Step(
        "move somebody", ("admission_feed",), lambda day: day.epj.admission_system_transfers(VIGGO, at(8), "M1")
    )
    told = heard(standing, transfer).steps["move somebody"]
    assert (told.state, told.interface) == (StepState.REFUSED, "hl7v2")
    assert told.why == "ADT^A02 was answered AR"


def test_messages_that_do_not_arrive_are_told(standing: Standing) -> None:
    """What was not waited for long enough is not there, and nobody may take that for what the release sends."""
    assert standing.partners is not None
    fault = standing.partners.add_fault("lpr3", Fault(kind=FaultKind.VANISH, about=BO.cpr, times=0))
    try:
        found = heard(standing, REGISTER, ADMIT, patience=Patience(look_s=0.2, stalled_s=0.5, longest_s=3, quiet_s=0.2))
    finally:
        standing.partners.remove_fault("lpr3", fault)
    assert any(one.startswith("messages about Bo Skov were on their way") for one in found.late)


def test_what_the_system_does_not_have_is_left_out(standing: Standing) -> None:
    """That is in its description, the same for both releases, and no refusal."""
    capabilities = {name: by for name, by in standing.target.capabilities.items() if name != "encounters"}
    lacking = replace(standing, target=standing.target.model_copy(update={"capabilities": capabilities}))
    assert set(heard(lacking, REGISTER, ADMIT).steps) == {"register patients"}


def test_a_fault_of_our_own_is_no_refusal(standing: Standing) -> None:
    """It is not the release that would not do it."""
    with pytest.raises(ZeroDivisionError):
        heard(standing, failing(ZeroDivisionError()))


def test_without_partners_only_what_is_sent_in_is_seen(standing: Standing) -> None:
    """A release whose receivers are elsewhere still acknowledges."""
    script: Sequence[Step] = [step for step in SCRIPT if step.title == "take in results of the laboratory"]
    capabilities = {name: by for name, by in standing.target.capabilities.items() if by != "partners"}
    target = standing.target.model_copy(update={"capabilities": capabilities, "partners": ""})
    found = elicit(target, Recorder(Redactor(b"key")), None, {}, (REGISTER, *script))
    assert found.messages == {}
    assert set(found.hl7v2) == {"in:ORU^R01", "ack:ORU^R01"}
