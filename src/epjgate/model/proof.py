"""The proof of an incident: its test is red on a build that has the fault, for the recorded reason, and green after."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from epjgate.model.base import Value

Fingerprint = Annotated[str, Field(pattern=r"^[0-9a-f]{8,16}$")]
ProofEnvironment = Literal["process", "container", "remote"]


class ProofState(StrEnum):
    """Whether an incident's test is known to bite: only `fresh` lets it speak for a release."""

    FRESH = "fresh"
    STALE = "stale"
    MISSING = "missing"
    REFUSED = "refused"


class How(StrEnum):
    """What the test was red on: a build that has the fault, or a recipe that re-creates it at the interface."""

    BUILD = "build"
    RECIPE = "fault recipe"


class ProvenBuild(Value):
    """One build that the tests met: its version, and service -> digest of the bits that ran."""

    version: str
    digests: dict[str, str]


class Proof(Value):
    """What was seen in one environment.

    `red` and `green` count the attempts on either build; every one of them ended as it must. `message` is the first
    failing test's, redacted, for whoever reads the proof. `test_digest` and `dsl_digest` say which test, standing
    on which words, was seen to bite (docs/incidents.md lists what they cover).
    """

    system: str
    how: How
    known_bad: ProvenBuild
    fixed_in: ProvenBuild
    fingerprints: tuple[Fingerprint, ...] = Field(min_length=1)
    message: str
    red: int = Field(ge=1)
    green: int = Field(ge=1)
    at: AwareDatetime
    test_digest: str
    dsl_digest: str


class Refusal(Value):
    """Why the last attempt to prove the incident in one environment showed that its test or builds do not do."""

    reasons: tuple[str, ...] = Field(min_length=1)
    at: AwareDatetime


class Proofs(Value):
    """The file `proof.json`: the last word of each environment, a proof or a refusal."""

    schema_version: Literal["epjgate/proof/1"] = "epjgate/proof/1"
    incident: str
    proofs: dict[ProofEnvironment, Proof] = {}
    refusals: dict[ProofEnvironment, Refusal] = {}


class ProofStanding(Value):
    """The state of an incident's proof now, and in words why it is not fresh."""

    state: ProofState
    reasons: tuple[str, ...] = ()
