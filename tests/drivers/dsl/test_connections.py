"""The interfaces of a target, as one user reaches them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from epjgate.drivers.dsl.connections import Connections
from epjgate.errors import UsageError
from epjgate.evidence.recorder import Recorder
from epjgate.model.alteration import Action, Alteration
from epjgate.model.target import Endpoint, Target

if TYPE_CHECKING:
    from tests.drivers.conftest import StandIn


@pytest.fixture
def everywhere(stand_in: StandIn) -> Target:
    """A target that serves all HTTP interfaces at one place."""
    return Target(
        system="stand-in",
        release="1",
        environment="process",
        endpoints=tuple(Endpoint(interface=name, url=stand_in.url) for name in ("fhir_r4", "admin", "downtime")),
        capabilities={},
        alterations=(Alteration(action=Action.STATUS, status=418),),
        timeout_s=2,
    )


@pytest.mark.parametrize("interface", ["fhir_r4", "admin", "downtime"])
def test_token_and_alterations_go_with_every_interface(
    everywhere: Target, recorder: Recorder, stand_in: StandIn, interface: str
) -> None:
    """Who signs in is known everywhere, and what is altered is altered everywhere."""
    connections = Connections(everywhere, recorder, token="nurse-token")
    stand_in.answers({})
    answer = getattr(connections, interface).request("GET", "x")
    connections.close()
    assert (answer.status, stand_in.asked[0].headers["Authorization"]) == (418, "Bearer nurse-token")


@pytest.mark.parametrize("interface", ["fhir_r4", "hl7v2", "admin", "downtime", "partners"])
def test_an_interface_without_an_address_is_a_mistake(recorder: Recorder, interface: str) -> None:
    """It is named, with what to describe."""
    nowhere = Target(system="epj", release="1", environment="process", endpoints=(), capabilities={})
    with pytest.raises(UsageError, match=f"cannot be asked over {interface}"):
        getattr(Connections(nowhere, recorder), interface)
