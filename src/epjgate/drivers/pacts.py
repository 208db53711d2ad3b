"""Which consumers a candidate has to satisfy, and what their pacts say: read from `contracts/pact/`."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from epjgate.errors import SuitesFailed, UsageError
from epjgate.model.base import Value
from epjgate.model.contract import RuleId
from epjgate.model.parsing import parse_toml

CONSUMERS = "consumers.toml"


class Consumer(Value):
    """A consumer that must be verified: the version in production, who answers for it, its pact and its rule.

    `needs` are the capabilities without which its pact does not concern a system.
    """

    name: str
    version: str
    owner: str
    pact: str
    rule: RuleId
    needs: tuple[str, ...] = ()


class Consumers(Value):
    """`contracts/pact/consumers.toml`: everyone who must be verified, by a short name."""

    schema_version: Literal["epjgate/consumers/1"]
    provider: str
    consumers: Annotated[dict[str, Consumer], Field(min_length=1)]


@dataclass(frozen=True)
class Interaction:
    """One interaction of a pact, by its description; `states` are what the provider has to be in."""

    consumer: str
    description: str
    states: tuple[str, ...]


def read_consumers(folder: Path) -> Consumers:
    """Return the consumers of `folder`; raises UsageError where the document is missing or wrong."""
    file = folder / CONSUMERS
    try:
        return parse_toml(file.read_text(encoding="utf-8"), str(file), Consumers)
    except OSError as err:
        raise UsageError(f"{file} cannot be read", f"{err}", "say there which consumers must be verified") from err


def interactions_of(folder: Path, name: str, consumer: Consumer, provider: str) -> tuple[Interaction, ...]:
    """Return the interactions of a consumer's pact.

    Raises SuitesFailed where the pact is missing, is between others, or holds nothing: nothing could be tested then,
    and that is no fault of the candidate.
    """
    pact = _pact(folder / consumer.pact, consumer)
    between = pact.get("consumer", {}).get("name"), pact.get("provider", {}).get("name")
    if between != (consumer.name, provider):
        raise _missing(consumer, f"{consumer.pact} is a pact between {between[0]!r} and {between[1]!r}")
    found = tuple(_interaction(name, one) for one in pact.get("interactions", []))
    if not found:
        raise _missing(consumer, f"{consumer.pact} holds no interaction")
    return found


def repeated(interactions: tuple[Interaction, ...]) -> list[str]:
    """Return the descriptions that stand more than once: the verifier could not tell them apart."""
    counted = Counter(one.description for one in interactions)
    return sorted(description for description, count in counted.items() if count > 1)


def unclaimed(folder: Path, consumers: Consumers) -> list[str]:
    """Return the pacts in `folder` that belong to no consumer who must be verified."""
    claimed = {consumer.pact for consumer in consumers.consumers.values()}
    return sorted(file.name for file in folder.glob("*.json") if file.name not in claimed)


def _pact(file: Path, consumer: Consumer) -> dict[str, Any]:
    try:
        pact = json.loads(file.read_text(encoding="utf-8"))
    except OSError as err:
        raise _missing(consumer, f"{file.name} cannot be read: {err.strerror}") from err
    except ValueError as err:
        raise _missing(consumer, f"{file.name} is no JSON: {err}") from err
    return pact if isinstance(pact, dict) else {}


def _interaction(name: str, interaction: dict[str, Any]) -> Interaction:
    states = tuple(str(state["name"]) for state in interaction.get("providerStates", []))
    return Interaction(name, str(interaction["description"]), states)


def _missing(consumer: Consumer, why: str) -> SuitesFailed:
    return SuitesFailed(
        f"{consumer.name} {consumer.version} cannot be verified: its pact is missing",
        why,
        f"get the pact from {consumer.owner}, or take the consumer out of {CONSUMERS}",
    )
