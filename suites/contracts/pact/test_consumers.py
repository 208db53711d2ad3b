"""Consumer contracts: each interaction that a consumer in production relies on, verified against the candidate."""

from __future__ import annotations

from pathlib import Path

import pytest

from epjgate.drivers.pact import verify
from epjgate.drivers.pact_provider import Provider
from epjgate.drivers.pacts import Interaction, interactions_of, read_consumers, repeated, unclaimed
from epjgate.errors import SuitesFailed

PACTS = Path(__file__).parents[3] / "contracts/pact"
REQUIRED = read_consumers(PACTS)


def _cases() -> list[object]:
    """Return a case for every interaction, and one for every consumer whose pact is missing: it must not go unseen."""
    cases: list[object] = []
    for name, consumer in REQUIRED.consumers.items():
        marks = [pytest.mark.rule(consumer.rule), pytest.mark.needs(*consumer.needs)]
        try:
            found: tuple[Interaction | SuitesFailed, ...] = interactions_of(PACTS, name, consumer, REQUIRED.provider)
        except SuitesFailed as err:
            found = (err,)
        for one in found:
            what = one.description if isinstance(one, Interaction) else "no pact"
            cases.append(pytest.param(name, one, marks=marks, id=f"{name}: {what}"))
    return cases


@pytest.mark.rule("pact-required-consumers-have-pacts", "pact-interactions-distinct")
@pytest.mark.severity("normal")
@pytest.mark.read_only
def test_every_required_consumer_has_a_pact_that_can_be_verified(provider: Provider) -> None:
    """There is a pact for each consumer in production, none that nobody claims, and each interaction is asked once."""
    for name, consumer in REQUIRED.consumers.items():
        found = interactions_of(PACTS, name, consumer, REQUIRED.provider)
        if twice := repeated(found):
            raise SuitesFailed(f"{consumer.pact} cannot be verified", f"{twice} stand there twice", "tell them apart")
    if left := unclaimed(PACTS, REQUIRED):
        raise SuitesFailed(
            f"{', '.join(left)} would never be verified", "no consumer names it", "name it, or remove it"
        )
    status, _, _ = provider.hand_on("GET", "/metadata", {}, b"")
    assert status == 200, f"the candidate that the pacts are about answers {status}"


@pytest.mark.parametrize(("consumer", "interaction"), _cases())
@pytest.mark.severity("critical")
def test_the_candidate_honours_the_pact(
    consumer: str, interaction: Interaction | SuitesFailed, provider: Provider
) -> None:
    """The candidate answers a consumer in production as its pact expects."""
    if isinstance(interaction, SuitesFailed):
        raise interaction
    pact = PACTS / REQUIRED.consumers[consumer].pact
    verified = verify(pact, REQUIRED.provider, interaction, provider)
    told = "\n".join(f"  {mismatch}" for mismatch in verified.mismatches)
    assert not verified.mismatches, f"{REQUIRED.consumers[consumer].name} relies on something else:\n{told}"
