"""Parameters, the body of a FHIR operation and of its answer (hl7.org/fhir/R4/parameters.html)."""

from __future__ import annotations

from collections.abc import Sequence

from epjgate.drivers.fhir_values import Resource, objects_at, text_at
from epjgate.errors import CandidateFault


def parameters(*given: tuple[str, str, object]) -> Resource:
    """Return Parameters of (name, `value[x]` element, value) each, without those whose value is None."""
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": name, element: value} for name, element, value in given if value is not None],
    }


def parameters_named(resource: Resource, name: str) -> list[Resource]:
    """Return the parameters of this name, in their order; CandidateFault where `resource` is no Parameters."""
    if resource.get("resourceType") != "Parameters":
        raise CandidateFault(f"the operation answered a {resource.get('resourceType')}, not Parameters")
    return [one for one in objects_at(resource, "parameter") if text_at(one, "name") == name]


def parameter_named(resource: Resource, name: str) -> Resource:
    """Return the one parameter of this name; CandidateFault where there is none, or more than one."""
    found = parameters_named(resource, name)
    if len(found) != 1:
        raise CandidateFault(f"the operation answered {len(found)} parameters named {name}, not one")
    return found[0]


def part_named(parameter: Resource, name: str) -> Resource:
    """Return the one part of this name; CandidateFault where there is none, or more than one."""
    found: Sequence[Resource] = [one for one in objects_at(parameter, "part") if text_at(one, "name") == name]
    if len(found) != 1:
        raise CandidateFault(f"the parameter {parameter.get('name')} has {len(found)} parts named {name}, not one")
    return found[0]
