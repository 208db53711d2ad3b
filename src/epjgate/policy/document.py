"""The policy document, `ci/policy.toml`, and the committed floors, `ci/floors.toml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from epjgate.model.base import Value
from epjgate.model.events import Level


class SuitesExecuted(Value):
    """The suites that every candidate must have executed, by name."""

    required: Annotated[tuple[str, ...], Field(min_length=1)]


class TestsPassed(Value):
    """A failed test whose requirements all have one of these levels is shown and does not reject.

    `shall` is refused: a policy cannot turn what is binding into advice.
    """

    __test__ = False
    advisory_levels: tuple[Literal[Level.SHOULD], ...] = ()


class NotApplicable(Value):
    """The capabilities that each system must have, and the largest share of a suite that may be not applicable."""

    required_capabilities: dict[str, tuple[str, ...]] = {}
    max_share: Annotated[float, Field(ge=0, le=1)] = 0.0


class CandidateIdentified(Value):
    """Whether a digest that the site declared, and the gate did not see, is enough."""

    accept_declared: bool = False


class Policy(Value):
    """The whole policy. Every rule is always asked: leaving its table out asks it in its strictest form."""

    schema_version: Literal["epjgate/policy/1"]
    suites_executed: SuitesExecuted
    tests_passed: TestsPassed = TestsPassed()
    not_applicable: NotApplicable = NotApplicable()
    candidate_identified: CandidateIdentified = CandidateIdentified()


class Floors(Value):
    """How many tests of each suite must have been executed and passed, by system and suite."""

    schema_version: Literal["epjgate/floors/1"]
    floors: dict[str, dict[str, Annotated[int, Field(ge=1)]]]

    def of(self, system: str) -> dict[str, int]:
        """Return the floors of `system` by suite; empty for a system that has none."""
        return self.floors.get(system, {})
