"""The rule candidate-identified."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from epjgate.model.events import EnvironmentChecked
from epjgate.model.identity import DigestKind
from epjgate.model.verdict import Blame
from epjgate.policy.document import CandidateIdentified
from epjgate.policy.rules.candidate_identified import check

if TYPE_CHECKING:
    from tests.policy.conftest import Builders


@pytest.mark.parametrize("kind", [DigestKind.IMAGE, DigestKind.PACKAGES])
def test_a_digest_that_the_gate_saw_is_approved(build: Builders, kind: DigestKind) -> None:
    """Images and packages identify the candidate."""
    assert check(build.case(build.evidence(ready=build.ready(build.identity(kind=kind))))) == ()


@pytest.mark.parametrize("digest", ["", "sha256:abc", f"md5:{'a' * 64}", f"sha256:{'A' * 64}", f"sha256:{'a' * 64} "])
def test_a_service_without_a_sound_digest_blames_the_harness(build: Builders, digest: str) -> None:
    """Anything but sha256 and 64 lower-case hex digits identifies nothing; the service is named."""
    (finding,) = check(build.case(build.evidence(ready=build.ready(build.identity(digest=digest)))))
    assert (finding.blame, "his" in finding.summary) == (Blame.HARNESS, True)


def test_a_digest_of_no_kind_is_none(build: Builders) -> None:
    """A digest whose kind says that none could be had is not believed."""
    (finding,) = check(build.case(build.evidence(ready=build.ready(build.identity(kind=DigestKind.NONE)))))
    assert finding.blame is Blame.HARNESS


def test_every_service_needs_its_own_digest(build: Builders) -> None:
    """One identified service does not speak for another, also not for one that only the health check names."""
    evidence = build.evidence(checked=EnvironmentChecked(services=("his", "database")))
    (finding,) = check(build.case(evidence))
    assert (finding.blame, "database" in finding.summary) == (Blame.HARNESS, True)


def test_two_identities_of_a_service_must_both_be_sound(build: Builders) -> None:
    """A good digest does not hide a bad one of the same service."""
    ready = build.ready(build.identity(), build.identity(digest=""))
    assert [finding.blame for finding in check(build.case(build.evidence(ready=ready)))] == [Blame.HARNESS]


def test_a_declared_digest_is_enough_only_where_the_policy_accepts_it(build: Builders) -> None:
    """Declared and accepted is a note; declared and not accepted is inconclusive."""
    evidence = build.evidence(ready=build.ready(build.identity(kind=DigestKind.DECLARED)))
    (finding,) = check(build.case(evidence))
    assert (finding.blame, "accept_declared" in finding.fix) == (Blame.HARNESS, True)
    accepting = build.policy(candidate_identified=CandidateIdentified(accept_declared=True))
    (finding,) = check(build.case(evidence, policy=accepting))
    assert (finding.blame, finding.fix) == (Blame.NOBODY, "")


def test_a_declared_digest_must_be_a_digest(build: Builders) -> None:
    """Accepting what a site declares does not accept that it declares nothing."""
    ready = build.ready(build.identity(kind=DigestKind.DECLARED, digest=""))
    accepting = build.policy(candidate_identified=CandidateIdentified(accept_declared=True))
    (finding,) = check(build.case(build.evidence(ready=ready), policy=accepting))
    assert finding.blame is Blame.HARNESS


@pytest.mark.parametrize("candidate", ["", " "])
def test_a_candidate_without_a_name_blames_the_harness(build: Builders, candidate: str) -> None:
    """A verdict must say of which release it speaks."""
    (finding,) = check(build.case(build.evidence(manifest=build.manifest(candidate=candidate))))
    assert finding.blame is Blame.HARNESS


def test_no_identities_at_all_identify_nothing(build: Builders) -> None:
    """An environment that names no bits is not identified."""
    (finding,) = check(build.case(build.evidence(ready=build.ready(), checked=None)))
    assert (finding.blame, "any service" in finding.summary) == (Blame.HARNESS, True)
    (finding,) = check(build.case(build.evidence(ready=build.ready())))
    assert (finding.blame, "his" in finding.summary) == (Blame.HARNESS, True)


def test_an_environment_that_was_never_ready_identifies_nothing(build: Builders) -> None:
    """Without the event nothing is known, unless what broke the run explains it."""
    assert [finding.blame for finding in check(build.case(build.evidence(ready=None)))] == [Blame.HARNESS]
    (finding,) = check(build.case(build.evidence(ready=None, broke=build.broke())))
    assert finding.summary == "Not judged as a whole: the environment broke"
