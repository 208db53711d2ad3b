"""What partners rely on is still there: `contracts/fhir/r4.toml` against the CapabilityStatement of the candidate."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from epjgate.drivers.fhir import FhirClient, Resource, value_at
from epjgate.model.target import Target

CONTRACT = Path(__file__).parents[3] / "contracts/fhir/r4.toml"
AGREED: dict[str, Any] = tomllib.loads(CONTRACT.read_text(encoding="utf-8"))


def server(fhir: FhirClient) -> Resource:
    """Return what the statement says of the server."""
    return next(dict(rest) for rest in value_at(fhir.capabilities(), "rest") if rest.get("mode") == "server")


def codes(part: Resource) -> set[str]:
    """Return the interactions that `part` of the statement names."""
    return {str(value_at(interaction, "code")) for interaction in part.get("interaction", [])}


@pytest.mark.rule("fhir-relied-upon-system-interactions-offered")
@pytest.mark.severity("blocker")
def test_the_system_level_interactions_are_offered(fhir: FhirClient) -> None:
    """Each interaction with the whole system that partners rely on is declared."""
    missing = set(AGREED["system"]) - codes(server(fhir))
    assert not missing, f"partners rely on {sorted(missing)}, and the candidate does not declare it"


@pytest.mark.rule("fhir-relied-upon-types-offered")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("resource_type", AGREED["resources"])
def test_what_partners_rely_on_is_offered(fhir: FhirClient, resource_type: str) -> None:
    """Each interaction and search parameter that partners rely on is declared for its type."""
    agreed = AGREED["resources"][resource_type]
    offers = [dict(one) for one in server(fhir).get("resource", []) if one.get("type") == resource_type]
    assert len(offers) == 1, f"the candidate declares {resource_type} {len(offers)} times"
    missing = set(agreed["interactions"]) - codes(offers[0])
    missing |= set(agreed["search"]) - {str(value_at(one, "name")) for one in offers[0].get("searchParam", [])}
    if agreed.get("conditional_create") and not offers[0].get("conditionalCreate"):
        missing.add("conditionalCreate")
    assert not missing, f"partners rely on {sorted(missing)} of {resource_type}, and the candidate does not declare it"


@pytest.mark.rule("fhir-relied-upon-operations-offered")
@pytest.mark.severity("normal")
def test_the_operations_that_the_clinic_uses_are_offered(fhir: FhirClient, target: Target) -> None:
    """CapabilityStatement.rest.resource.operation names what capabilities of this interface are used by, and once."""
    used = {
        name for capability, name in AGREED["operations"].items() if target.capabilities.get(capability) == "fhir_r4"
    }
    offered = [
        f"{value_at(resource, 'type')}/${value_at(operation, 'name')}"
        for resource in server(fhir).get("resource", [])
        for operation in resource.get("operation", [])
    ]
    assert sorted(used - set(offered)) == [], "the clinic uses it, and the candidate does not declare it"
    assert len(set(offered)) == len(offered), "an operation is declared twice"
