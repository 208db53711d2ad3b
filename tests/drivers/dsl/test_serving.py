"""Which implementation serves a capability."""

from __future__ import annotations

from typing import Any

import pytest

from epjgate.drivers.dsl.connections import Connections
from epjgate.drivers.dsl.fhir_laboratory import FhirLaboratory
from epjgate.drivers.dsl.serving import CAPABILITIES, LABORATORY, serve
from epjgate.errors import CapabilityMissing, UsageError
from epjgate.evidence.recorder import Recorder
from epjgate.model.target import Endpoint, Target
from epjgate.partners.client import Partners


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


def test_every_capability_can_be_served(recorder: Recorder) -> None:
    """Each is there over every interface in its table, and no two are served by the same thing."""
    urls = {"fhir_r4": "http://127.0.0.1:9/fhir", "hl7v2": "mllp://127.0.0.1:9"}
    urls |= {"admin": "http://127.0.0.1:9/admin", "downtime": "http://127.0.0.1:9/downtime"}
    for name, table in CAPABILITIES.items():
        for interface in table:
            target = Target(
                system="stand-in",
                release="1",
                environment="process",
                endpoints=tuple(Endpoint(interface=one, url=url) for one, url in urls.items()),
                capabilities={name: interface},
            )
            connections = Connections(target, recorder, partners=Partners("http://127.0.0.1:9/control"))
            assert serve(name, table, connections) is not None
            connections.close()
