"""Rule suites-sensitive: the suites that speak for a candidate were seen to notice wrong answers."""

from __future__ import annotations

from collections.abc import Iterator

from epjgate.model.manifest import Manifest
from epjgate.model.sensitivity import StoredSensitivity
from epjgate.model.verdict import Blame, Finding
from epjgate.policy.course import unjudged
from epjgate.policy.document import SuitesSensitive
from epjgate.policy.interface import Case, Rule
from epjgate.policy.wording import brief, listed

ID = "suites-sensitive"
_FIX = "run `epjgate sensitivity --write` with all suites, and commit ci/sensitivity.toml"


def check(case: Case) -> tuple[Finding, ...]:
    """Return a finding where the suites were not measured, noticed too little, or are no longer those measured.

    It never blames the candidate: suites that notice nothing say nothing for it, and nothing against it.
    """
    manifest, demands = case.evidence.manifest, case.policy.suites_sensitive
    if manifest is None:
        return unjudged(ID, case.evidence)
    measured = manifest.sensitivity
    if measured is None:
        return tuple(_unmeasured(demands))
    return (*_insensitive(measured, demands), *_changed(manifest, measured, demands))


def _unmeasured(demands: SuitesSensitive) -> Iterator[Finding]:
    if demands.without_measurement == "refuse":
        yield Finding(
            rule=ID,
            blame=Blame.HARNESS,
            summary="Nobody knows what the suites notice: they have never been measured",
            fix=_FIX,
        )


def _insensitive(measured: StoredSensitivity, demands: SuitesSensitive) -> Iterator[Finding]:
    """Yield one finding for everything that is below its floor; a suite that has one must have been measured."""
    below = [_below("all suites together", measured.kill_rate, demands.min_kill_rate)]
    for suite, least in demands.min_kill_rates.items():
        kept = measured.suites.get(suite)
        below.append(_below(suite, kept.kill_rate if kept else 0.0, least))
    found = [line for line in below if line]
    if found:
        yield Finding(
            rule=ID,
            blame=Blame.HARNESS,
            summary=brief(f"The suites notice too little of what may be wrong with answers: {listed(found)}"),
            detail="\n".join(found),
            fix="assert what the survivors name (docs/sensitivity.md), then measure again",
        )


def _below(what: str, rate: float, least: float) -> str:
    return f"{what} {rate:.1%} of {least:.1%}" if rate < least else ""


def _changed(manifest: Manifest, measured: StoredSensitivity, demands: SuitesSensitive) -> Iterator[Finding]:
    """Yield the suites of the run that are other than those measured, or were not among them."""
    digests = {name: suite.digest for name, suite in measured.suites.items()}
    changed = [suite.name for suite in manifest.suites if digests.get(suite.name) != suite.digest]
    if changed:
        noted = demands.changed_suites == "note"
        yield Finding(
            rule=ID,
            blame=Blame.NOBODY if noted else Blame.HARNESS,
            summary=brief(f"Changed since it was measured what they notice: {listed(changed)}"),
            detail=f"measured {measured.measured_at:%Y-%m-%d} on {measured.system} {measured.candidate}",
            fix="" if noted else _FIX,
        )


RULE = Rule(ID, "The suites were seen to notice enough of what may be wrong with a candidate's answers.", check)
