"""Rule candidate-identified: the verdict names the very bits it speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator

from epjgate.model.evidence import Evidence
from epjgate.model.identity import DigestKind, Identity
from epjgate.model.verdict import Blame, Finding
from epjgate.policy.course import unjudged
from epjgate.policy.interface import Case, Rule
from epjgate.policy.wording import brief, listed

ID = "candidate-identified"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def check(case: Case) -> tuple[Finding, ...]:
    """Return a finding for a candidate without a name, and for services without a digest that the gate has seen."""
    evidence = case.evidence
    if evidence.ready is None:
        return (*_nameless(evidence), *(unjudged(ID, evidence) or (_unidentified(["any service"]),)))
    identities = evidence.ready.identities
    answered = set(evidence.checked.services) if evidence.checked else set()
    bare = {identity.service for identity in identities if not _has_digest(identity)}
    unknown = sorted(bare | (answered - {identity.service for identity in identities}))
    if not identities and not unknown:
        unknown = ["any service"]
    findings = (_unidentified(unknown),) if unknown else ()
    return (*_nameless(evidence), *findings, *_declared(case, identities))


def _has_digest(identity: Identity) -> bool:
    return identity.kind is not DigestKind.NONE and _DIGEST.fullmatch(identity.digest) is not None


def _nameless(evidence: Evidence) -> Iterator[Finding]:
    if evidence.manifest is not None and not evidence.manifest.candidate.strip():
        yield Finding(
            rule=ID,
            blame=Blame.HARNESS,
            summary="The run does not say which release it tested",
            fix="name the release with `--candidate`",
        )


def _unidentified(services: list[str]) -> Finding:
    return Finding(
        rule=ID,
        blame=Blame.HARNESS,
        summary=brief(f"No digest says which bits were tested of {listed(services)}"),
        fix="start the candidate from an image or packages, or declare its digests in the system's system.toml",
    )


def _declared(case: Case, identities: tuple[Identity, ...]) -> Iterator[Finding]:
    told = sorted(one.service for one in identities if one.kind is DigestKind.DECLARED and _has_digest(one))
    if not told:
        return
    accepted = case.policy.candidate_identified.accept_declared
    yield Finding(
        rule=ID,
        blame=Blame.NOBODY if accepted else Blame.HARNESS,
        summary=brief(f"The site declared the digest of {listed(told)}; the gate has not seen it"),
        fix="" if accepted else "test an image or packages, or set accept_declared = true in the policy",
    )


RULE = Rule(ID, "Every service of the candidate is identified by a digest.", check)
