"""Verifies one interaction of a pact against the candidate, by the verifier of pact-python."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from epjgate.drivers.pact_provider import STATES, Provider
from epjgate.drivers.pacts import Interaction
from epjgate.errors import CandidateFault, CandidateUnreachable, CapabilityMissing, SuitesFailed

REQUEST_LIMIT_MS = 15_000


@dataclass(frozen=True)
class Verification:
    """What became of one interaction; `mismatches` say in words what was answered otherwise than expected."""

    interaction: Interaction
    requests: int
    mismatches: tuple[str, ...]


def verify(pact: Path, provider_name: str, interaction: Interaction, provider: Provider) -> Verification:
    """Return how the candidate behind `provider` does with `interaction` of the file `pact`.

    Raises CandidateUnreachable where it left a request without an answer, SuitesFailed where a provider state could
    not be set up, or where the verifier did not come to a result: neither says anything of the candidate.
    """
    results = _run(pact, provider_name, interaction, provider)
    for failure in provider.failures:
        _raise_on(failure, interaction)
    mismatches = tuple(_mismatches(results))
    if not mismatches and not _is_verified(results):
        raise _undecided(interaction, f"the verifier says {results.get('notices') or results}")
    if not provider.handed_on:
        raise _undecided(interaction, "the verifier asked the candidate nothing")
    return Verification(interaction, provider.handed_on, mismatches)


def _run(pact: Path, name: str, interaction: Interaction, provider: Provider) -> Mapping[str, Any]:
    os.environ["PACT_DO_NOT_TRACK"] = "true"  # else the verifier tells its makers of every run
    from pact import Verifier

    verifier = Verifier(name, host="127.0.0.1").add_transport(url=provider.url).add_source(pact)
    verifier.state_handler(f"{provider.url}{STATES}", teardown=False, body=True)
    verifier.filter(description=f"^{re.escape(interaction.description)}$")
    verifier.set_request_timeout(REQUEST_LIMIT_MS).set_coloured_output(enabled=False)
    verifier.set_error_on_empty_pact(enabled=True)
    try:
        verifier.verify()
    except RuntimeError as err:
        if not provider.failures and not verifier.results.get("errors"):
            raise _undecided(interaction, f"{err}: {verifier.output(strip_ansi=True)[-1000:]}") from err
    return verifier.results


def _raise_on(failure: BaseException, interaction: Interaction) -> None:
    """Raise what a failure on the way says of the test; CandidateFault on the way is no answer that was verified."""
    if isinstance(failure, CandidateUnreachable | CapabilityMissing):
        raise failure
    kind = "the candidate refused it" if isinstance(failure, CandidateFault) else type(failure).__name__
    raise SuitesFailed(
        f"the state of {interaction.description!r} could not be set up",
        f"{', '.join(interaction.states) or 'the request'}: {kind}: {failure}",
        "mend the provider state in suites/contracts/pact, or see the exchanges for what the candidate said",
    ) from failure


def _is_verified(results: Mapping[str, Any]) -> bool:
    return results.get("result") is True and not results.get("errors")


def _mismatches(results: Mapping[str, Any]) -> Iterator[str]:
    for error in results.get("errors", []):
        details = error.get("mismatch", {})
        found = details.get("mismatches", [])
        yield from (_told(one) for one in found)
        if not found:
            yield str(details.get("message") or details)


def _told(mismatch: Mapping[str, Any]) -> str:
    """Return a mismatch in words: where, and what the verifier says of it."""
    place = mismatch.get("path") or mismatch.get("key") or mismatch.get("parameter") or mismatch.get("type", "")
    said = mismatch.get("mismatch") or mismatch.get("description")
    wanted, got = mismatch.get("expected"), mismatch.get("actual")
    return f"{place}: {said or f'expected {wanted}, got {got}'}"


def _undecided(interaction: Interaction, why: str) -> SuitesFailed:
    return SuitesFailed(
        f"{interaction.description!r} of {interaction.consumer} has no verification result",
        why,
        "see logs/pytest.log; the pact or the verifier is at fault",
    )
