"""From two builds to a proof, or to the reasons why there is none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.incidents.conftest import BROKE, IDENTITY, SEEN

from epjgate.incidents.conclusion import Observed, State, conclude, observed, unobserved
from epjgate.incidents.record import Record, read_record
from epjgate.incidents.trials import Trial
from epjgate.model.events import EnvironmentReady
from epjgate.model.evidence import Evidence
from epjgate.model.outcome import Outcome
from epjgate.model.train import Build, Train

if TYPE_CHECKING:
    from tests.incidents.conftest import MakeSeen, MakeTests, Suites

BAD, FIXED = Trial("tiny", "0.9"), Trial("tiny", "1.0")


def on(trial: Trial, evidence: Evidence) -> Observed:
    """Return what was seen of `trial`."""
    return observed(trial, Path("bundle"), evidence)


@pytest.fixture
def red(make_tests: MakeTests, make_seen: MakeSeen) -> Observed:
    """The known-bad build, red for the recorded reason."""
    return on(BAD, make_seen(*make_tests(Outcome.FAILED), ready=ready(f"sha256:{'b' * 64}")))


@pytest.fixture
def green(make_tests: MakeTests, make_seen: MakeSeen) -> Observed:
    """The fixed build, green."""
    return on(FIXED, make_seen(*make_tests()))


def test_red_for_its_reason_and_green_after_is_proven(record: Record, red: Observed, green: Observed) -> None:
    """With the bits that ran."""
    result = conclude(record, red, green, None, 3)
    assert (result.state, result.reasons, result.fingerprints) == (State.PROVEN, (), (SEEN,))
    assert result.known_bad.version == "0.9"
    assert result.fixed_in.digests == {"desk": IDENTITY.digest}


def test_a_missing_fingerprint_is_all_that_stands_in_the_way(suites: Suites, red: Observed, green: Observed) -> None:
    """Then, and only then, it may be recorded."""
    record = read_record(suites.record())
    result = conclude(record, red, green, None, 3)
    assert (result.state, result.unrecorded) == (State.REFUSED, True)
    assert "no fingerprint is recorded" in result.reasons[0]
    assert not conclude(record, red, on(FIXED, green_is_red(red)), None, 3).unrecorded
    unwritten = read_record(suites.record(story=""))
    assert not conclude(unwritten, red, green, None, 3).unrecorded


def green_is_red(red: Observed) -> Evidence:
    """Return the evidence of a fixed build that is red as well."""
    assert red.evidence is not None
    return red.evidence


def test_a_fixed_build_that_is_red_is_refused(
    record: Record, red: Observed, make_tests: MakeTests, make_seen: MakeSeen
) -> None:
    """The reason names the build."""
    result = conclude(record, red, on(FIXED, make_seen(*make_tests(Outcome.FAILED))), None, 3)
    assert (result.state, result.reasons) == (State.REFUSED, ("on tiny 1.0: test_door is red: the desk says yes",))


def test_builds_that_met_different_tests_are_refused(
    record: Record, red: Observed, make_tests: MakeTests, make_seen: MakeSeen
) -> None:
    """What is red on one must be what is green on the other."""
    result = conclude(record, red, on(FIXED, make_seen(*make_tests(name="test_other"))), None, 3)
    assert result.reasons == ("the builds met different tests: test_door, test_other",)


def test_the_same_bits_twice_are_refused(
    suites: Suites, record: Record, make_tests: MakeTests, make_seen: MakeSeen, green: Observed
) -> None:
    """Whatever made the difference, it was not the mending; a recipe makes one on the same bits."""
    bad = on(BAD, make_seen(*make_tests(Outcome.FAILED)))
    result = conclude(record, bad, green, None, 3)
    assert (result.state, len(result.reasons)) == (State.REFUSED, 1)
    assert "tiny 0.9 and tiny 1.0 are the same bits" in result.reasons[0]
    recreated = read_record(suites.record(fingerprint=f'"{SEEN}"', known_bad='"1.0"', fault='"fault.toml"'))
    assert conclude(recreated, bad, green, None, 3).state is State.PROVEN


def test_bits_that_nobody_saw_are_trouble(record: Record, make_tests: MakeTests, make_seen: MakeSeen) -> None:
    """A proof names what it was shown on."""
    bad = on(BAD, make_seen(*make_tests(Outcome.FAILED), ready=ready("")))
    result = conclude(record, bad, on(FIXED, make_seen(*make_tests())), None, 3)
    assert (result.state, result.reasons) == (State.HARNESS, ("on tiny 0.9: nobody saw which bits ran: desk",))


def ready(digest: str) -> EnvironmentReady:
    """Return that a build of `digest` stood."""
    identity = IDENTITY.model_copy(update={"digest": digest})
    return EnvironmentReady(environment="process", endpoints={}, identities=(identity,), start_s=1)


def test_trouble_is_neither_proof_nor_refusal(
    record: Record, red: Observed, green: Observed, make_seen: MakeSeen
) -> None:
    """An engine that is down is the environment's, whatever the other build showed."""
    down = on(BAD, make_seen(broke=BROKE))
    result = conclude(record, down, green, None, 3)
    assert (result.state, result.unrecorded) == (State.ENVIRONMENT, False)
    assert result.reasons == ("on tiny 0.9: the environment broke (start): the engine is down: no socket",)
    assert conclude(record, red, unobserved(FIXED, Path("b"), "no such release"), None, 3).state is State.HARNESS
    assert conclude(record, down, unobserved(FIXED, Path("b"), "x"), None, 3).state is State.ENVIRONMENT


def train(*, enters: tuple[str, ...], leaves: tuple[str, ...] = (), version: str = "0.9.2") -> Train:
    """Return a train of two builds: with the second `enters` arrive, with the third `leaves` are mended."""
    return Train(
        schema_version="epjgate/train/1",
        build=(
            Build(version="0.9.1", change="First"),
            Build(version=version, change="Second", enters=enters),
            Build(version="1.0.3", change="Third", leaves=leaves),
        ),
    )


@pytest.fixture
def aboard(suites: Suites) -> Record:
    """The incident, on builds of a train."""
    return read_record(suites.record(fingerprint=f'"{SEEN}"', known_bad='"0.9.2"', fixed_in='"1.0.3"'))


def test_the_train_agrees(aboard: Record, red: Observed, green: Observed) -> None:
    """The known-bad build carries the fault, the fixed one does not."""
    own = train(enters=("INC-0001",), leaves=("INC-0001",))
    assert conclude(aboard, red, green, own, 3).state is State.PROVEN


def test_a_red_that_another_incident_explains_is_refused(aboard: Record, red: Observed, green: Observed) -> None:
    """The train says which fault the build carries, and the reason says so too."""
    result = conclude(aboard, red, green, train(enters=("INC-0002",)), 3)
    assert result.state is State.REFUSED
    assert "0.9.2 does not carry the fault of INC-0001, but that of INC-0002" in result.reasons[0]
    assert "another reason" in result.reasons[1]


def test_a_fixed_build_that_still_carries_the_fault_is_refused(aboard: Record, red: Observed, green: Observed) -> None:
    """A test that is green there does not see the fault everywhere."""
    result = conclude(aboard, red, green, train(enters=("INC-0001",)), 3)
    assert result.reasons == ("by the train, 1.0.3 still carries the fault of INC-0001",)


def test_a_recipe_needs_no_train(suites: Suites, red: Observed, green: Observed) -> None:
    """Its fault is no build's."""
    record = read_record(suites.record(fingerprint=f'"{SEEN}"', known_bad='"1.0"', fault='"fault.toml"'))
    assert conclude(record, red, green, train(enters=()), 3).state is State.PROVEN
