"""Partners are opened where the candidate can reach them; what goes wrong there is the harness's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.environments.receivers import Receivers

from epjgate.environments.interface import EnvironmentDown, Order
from epjgate.environments.receivers import open_partners, raise_if_unfit
from epjgate.model.events import EnvironmentCause, EnvironmentStage


def test_each_partner_is_a_placeholder(order: Callable[..., Order]) -> None:
    """A description names a partner by `${partner_NAME}`, which is its URL."""
    partners = Receivers("fmk", "laboratory")
    values = open_partners(replace(order("serves"), partners=partners), "127.0.0.1")
    assert values == {f"partner_{name}": url for name, url in partners.urls.items()}
    assert set(values) == {"partner_fmk", "partner_laboratory"}
    partners.close()


def test_a_system_without_partners_has_none(order: Callable[..., Order]) -> None:
    """Nothing is opened for it."""
    assert open_partners(order("serves"), "127.0.0.1") == {}


@pytest.mark.parametrize(
    ("partners", "address", "problem"),
    [
        (Receivers("fmk", unfit="it took a bad message"), "127.0.0.1", "the receiver fmk is unfit"),
        (Receivers("fmk"), "192.0.2.1", "the receiving systems cannot be played at 192.0.2.1"),
    ],
)
def test_a_partner_that_cannot_be_relied_on_is_the_fault_of_the_harness(
    partners: Receivers, address: str, problem: str, order: Callable[..., Order]
) -> None:
    """An unfit partner, or an address that is not this machine's: nothing is said about the candidate."""
    with pytest.raises(EnvironmentDown) as caught:
        open_partners(replace(order("serves"), partners=partners), address)
    down = caught.value
    assert (down.problem, down.service) == (problem, "partners")
    assert (down.stage, down.root) == (EnvironmentStage.START, EnvironmentCause.SET_UP)
    partners.close()


def test_a_partner_that_failed_on_the_way_is_told_of(order: Callable[..., Order]) -> None:
    """What it was sent since cannot be said, so nothing is said about the candidate."""
    raise_if_unfit(order("serves"))
    raise_if_unfit(replace(order("serves"), partners=Receivers("fmk")))
    with pytest.raises(EnvironmentDown, match="it crashed") as caught:
        raise_if_unfit(replace(order("serves"), partners=Receivers("fmk", unfit="it crashed")))
    down = caught.value
    assert (down.stage, down.root, down.service) == (EnvironmentStage.RUN, EnvironmentCause.SET_UP, "partners")
