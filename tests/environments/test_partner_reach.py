"""A container reaches the partners, or the run ends before anybody blames the candidate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.engine_fixtures import SYSTEMS, Heard
from tests.environments.receivers import Receivers

from epjgate.environments.container import ContainerEnvironment
from epjgate.environments.interface import EnvironmentDown, Order
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.system import System

pytestmark = [pytest.mark.containers, pytest.mark.usefixtures("sekmet_images")]


class Deaf(Receivers):
    """Receivers that stop listening as soon as they were opened."""

    def __init__(self, *names: str) -> None:
        super().__init__(*names)
        self._said: dict[str, str] = {}

    @property
    def urls(self) -> dict[str, str]:
        """Where they would have listened."""
        return self._said

    def open(self, address: str) -> None:
        """Be there for a moment."""
        super().open(address)
        self._said = super().urls
        self.close()


def test_partners_are_played_at_the_gateway_of_the_run(container_order: Callable[..., Order], heard: Heard) -> None:
    """They listen where containers of this run reach them, which was tried from inside one; not at the loopback."""
    partners = Receivers("fmk", "laboratory")
    with ContainerEnvironment(SYSTEMS).start(replace(container_order(), partners=partners), heard) as running:
        running.raise_if_silent()
        assert partners.opened_at not in ("", "127.0.0.1", "0.0.0.0")  # noqa: S104 - it must not be
    assert not [step for step in heard.steps if "nobody could check" in step]
    partners.close()


def test_a_partner_that_containers_do_not_reach_is_the_fault_of_the_harness(
    container_order: Callable[..., Order], left_in_engine: Callable[[], list[str]], heard: Heard
) -> None:
    """What a firewall would do is told as such; else every test at a receiver would blame the candidate."""
    order = replace(container_order(), partners=Deaf("fmk"))
    with pytest.raises(EnvironmentDown, match="cannot reach the receiving systems") as caught:
        ContainerEnvironment(SYSTEMS).start(order, heard).__enter__()
    down = caught.value
    assert (down.stage, down.root, down.service) == (EnvironmentStage.START, EnvironmentCause.SET_UP, "partners")
    assert "refused" in down.cause
    assert left_in_engine() == []


def test_where_no_container_has_python_it_is_said(container_order: Callable[..., Order], heard: Heard) -> None:
    """What could not be checked is not claimed."""
    order = container_order()
    his = order.system.services["his"].model_dump()
    his["container"]["env"]["PATH"] = "/nowhere"
    his["container"]["command"] = ["/usr/bin/python3", *his["container"]["command"][1:]]
    system = System.model_validate({**order.system.model_dump(), "services": {"his": his}})
    partners = Receivers("fmk")
    with ContainerEnvironment(SYSTEMS).start(replace(order, system=system, partners=partners), heard) as running:
        running.raise_if_silent()
    assert [step for step in heard.steps if "nobody could check that it reaches the receiving systems" in step]
    partners.close()
