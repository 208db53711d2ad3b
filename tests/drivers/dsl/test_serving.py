"""Which implementation serves a capability."""

from __future__ import annotations

from typing import Any

import pytest

from epjgate.drivers.dsl.fhir_laboratory import FhirLaboratory
from epjgate.drivers.dsl.serving import CAPABILITIES, LABORATORY, Connections, serve
from epjgate.errors import CapabilityMissing, UsageError
from epjgate.evidence.recorder import Recorder
from epjgate.model.target import Target


def served(target: Target, recorder: Recorder, **changes: Any) -> object:
    connections = Connections(target.model_copy(update=changes), recorder)
    try:
        return serve("laboratory", LABORATORY, connections)
    finally:
        connections.close()


def test_a_declared_capability_is_served(target: Target, recorder: Recorder) -> None:
    """The table chooses by the interface that the system declares."""
    assert isinstance(served(target, recorder), FhirLaboratory)


def test_capabilities_on_one_interface_share_its_connections(target: Target, recorder: Recorder) -> None:
    """One client for the target, however many capabilities it serves."""
    connections = Connections(target, recorder)
    assert connections.fhir_r4 is connections.fhir_r4
    connections.close()


def test_a_capability_that_is_not_declared_is_missing(target: Target, recorder: Recorder) -> None:
    """The reason is the system's own where it gave one, else that nobody declared it."""
    with pytest.raises(CapabilityMissing) as silent:
        served(target, recorder, capabilities={})
    assert (silent.value.problem, silent.value.cause) == ("stand-in does not have laboratory", "not declared")
    with pytest.raises(CapabilityMissing) as told:
        served(target, recorder, capabilities={}, absent={"laboratory": "the laboratory has its own system"})
    assert told.value.cause == "the laboratory has its own system"


def test_a_capability_on_an_absent_interface_is_missing(target: Target, recorder: Recorder) -> None:
    """The reason of the interface is repeated."""
    with pytest.raises(CapabilityMissing) as caught:
        served(target, recorder, endpoints=(), absent={"fhir_r4": "switched off in this release"})
    assert caught.value.cause == "switched off in this release"


def test_a_declared_capability_without_an_endpoint_is_a_mistake(target: Target, recorder: Recorder) -> None:
    """It must not look like a capability that the system lacks."""
    with pytest.raises(UsageError, match="no URL is known"):
        served(target, recorder, endpoints=())


def test_a_declared_capability_without_a_driver_is_a_mistake(target: Target, recorder: Recorder) -> None:
    """The interfaces that could be served are named."""
    with pytest.raises(UsageError, match="no driver serves laboratory over telepathy; known: fhir_r4"):
        served(target, recorder, capabilities={"laboratory": "telepathy"})


def test_every_capability_is_served_over_fhir(target: Target, recorder: Recorder) -> None:
    """The first four capabilities of the clinic."""
    connections = Connections(target, recorder)
    kinds = {type(serve(name, table, connections)).__name__ for name, table in CAPABILITIES.items()}
    connections.close()
    assert kinds == {"FhirPatients", "FhirEncounters", "FhirLaboratory", "FhirMedication"}
