"""The policy document, `ci/policy.toml`, and the committed floors, `ci/floors.toml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from epjgate.model.base import Value
from epjgate.model.contract_change import Interface
from epjgate.model.events import Level


class SuitesExecuted(Value):
    """The suites that every candidate must have executed, by name; `required_of` adds those of one system.

    `rehearsal` are those that every rehearsal of an upgrade must have executed, in place of all others.
    """

    required: Annotated[tuple[str, ...], Field(min_length=1)]
    required_of: dict[str, Annotated[tuple[str, ...], Field(min_length=1)]] = {}
    rehearsal: Annotated[tuple[str, ...], Field(min_length=1)] = ("upgrade",)

    def of(self, system: str) -> tuple[str, ...]:
        """Return the suites that a candidate of `system` must have executed."""
        return tuple(dict.fromkeys((*self.required, *self.required_of.get(system, ()))))


class TestsPassed(Value):
    """A failed test whose requirements all have one of these levels is shown and does not reject.

    `shall` is refused: a policy cannot turn what is binding into advice.
    """

    __test__ = False
    advisory_levels: tuple[Literal[Level.SHOULD], ...] = ()


Share = Annotated[float, Field(ge=0, le=1)]


class NotApplicable(Value):
    """The capabilities that each system must have, and the largest share of a suite that may be not applicable.

    `max_shares` names, by system and suite, where another share than `max_share` holds.
    """

    required_capabilities: dict[str, tuple[str, ...]] = {}
    max_share: Share = 0.0
    max_shares: dict[str, dict[str, Share]] = {}

    def share_of(self, system: str, suite: str) -> float:
        """Return the largest share of `suite` that may be not applicable to `system`."""
        return self.max_shares.get(system, {}).get(suite, self.max_share)


class CandidateIdentified(Value):
    """Whether a digest that the site declared, and the gate did not see, is enough."""

    accept_declared: bool = False


class ContractChanges(Value):
    """Whether a candidate may be judged without a baseline, and what each system does not offer.

    What is not offered need not be compared; a breaking change there still has to be approved. `not_elicited` names, by
    system, the steps of the script that its releases are known to refuse, so that nothing can be compared after them.
    """

    without_baseline: Literal["refuse", "accept"] = "refuse"
    not_offered: dict[str, tuple[Interface, ...]] = {}
    not_elicited: dict[str, tuple[str, ...]] = {}


class SuitesSensitive(Value):
    """The least share of mutants that must have been killed: by all suites together, and by single suites.

    Suites that were never measured, and suites other than those measured, are refused unless the policy says otherwise.
    """

    min_kill_rate: Share = 1.0
    min_kill_rates: dict[str, Share] = {}
    without_measurement: Literal["refuse", "accept"] = "refuse"
    changed_suites: Literal["refuse", "note"] = "refuse"


# Less than even odds are no promise; a forecast of 1,000 draws is never told surer than 0.997.
Sureness = Annotated[float, Field(ge=0.5, le=0.99)]


class WindowKept(Value):
    """How sure it must be that the change window is kept, by the cautious bounds of the forecast.

    `min_fits_p` is asked of the lower bound of P(upgrade and verification fit), `min_rollback_fits_p` of that of
    P(a rollback after the last check still fits). A bound counts only where it holds with `min_confidence`. A forecast
    must rest on `min_timed_sizes` sizes or more, each rehearsed `min_repeats` times or more.
    """

    min_fits_p: Sureness = 0.95
    min_rollback_fits_p: Sureness = 0.95
    min_confidence: Sureness = 0.9
    min_timed_sizes: Annotated[int, Field(ge=3)] = 3
    min_repeats: Annotated[int, Field(ge=1)] = 2


class RecordsKept(Value):
    """What an upgrade may change in the records: by system, `what` as the comparison of censuses says it, and why."""

    accepted_changes: dict[str, dict[str, Annotated[str, Field(min_length=1)]]] = {}

    def of(self, system: str) -> dict[str, str]:
        """Return what may change in `system`, with the reason."""
        return self.accepted_changes.get(system, {})


class ReachableDuringUpgrade(Value):
    """For how long a track may see the system down while it should be open, and of what share nothing may be known.

    `not_probed` names, by system, why nobody looks; such a system's upgrade is judged without.
    """

    max_outage_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    max_unknown_share: Annotated[float, Field(ge=0, le=0.5)] = 0.05
    not_probed: dict[str, Annotated[str, Field(min_length=1)]] = {}


class Policy(Value):
    """The whole policy. Every rule is always asked: leaving its table out asks it in its strictest form."""

    schema_version: Literal["epjgate/policy/1"]
    suites_executed: SuitesExecuted
    tests_passed: TestsPassed = TestsPassed()
    not_applicable: NotApplicable = NotApplicable()
    candidate_identified: CandidateIdentified = CandidateIdentified()
    contract_changes: ContractChanges = ContractChanges()
    suites_sensitive: SuitesSensitive = SuitesSensitive()
    window_kept: WindowKept = WindowKept()
    records_kept: RecordsKept = RecordsKept()
    reachable_during_upgrade: ReachableDuringUpgrade = ReachableDuringUpgrade()


class Floors(Value):
    """How many tests of each suite must have been executed and passed, by system and suite."""

    schema_version: Literal["epjgate/floors/1"]
    floors: dict[str, dict[str, Annotated[int, Field(ge=1)]]]

    def of(self, system: str) -> dict[str, int]:
        """Return the floors of `system` by suite; empty for a system that has none."""
        return self.floors.get(system, {})
