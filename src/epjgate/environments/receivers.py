"""Opens the partners of a run where its candidate can reach them, and tells whether they held."""

from __future__ import annotations

from epjgate.environments.interface import EnvironmentDown, Order
from epjgate.errors import EnvironmentFailed
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.target import PARTNERS


def open_partners(order: Order, address: str) -> dict[str, str]:
    """Open the partners of `order` at the local IP `address`; return their URLs as placeholders `partner_NAME`.

    Raises EnvironmentDown with stage `start` where a partner cannot be had or proves unfit: the harness is at fault.
    """
    if order.partners is None:
        return {}
    try:
        order.partners.open(address)
    except EnvironmentDown:
        raise
    except EnvironmentFailed as err:
        raise _down(err, EnvironmentStage.START) from err
    except OSError as err:
        failed = EnvironmentFailed(
            f"the receiving systems cannot be played at {address}",
            str(err),
            "run the gate on the machine whose address that is: the one on which the candidate runs",
        )
        raise _down(failed, EnvironmentStage.START) from err
    return {f"partner_{name}": url for name, url in order.partners.urls.items()}


def raise_if_unfit(order: Order) -> None:
    """Return while the partners of `order` can be relied on; raises EnvironmentDown with stage `run` otherwise.

    Tests that did not ask them may have failed for it all the same: the candidate got no proper answer.
    """
    if order.partners is None:
        return
    try:
        order.partners.raise_if_unfit()
    except EnvironmentFailed as err:
        raise _down(err, EnvironmentStage.RUN) from err


def _down(err: EnvironmentFailed, stage: EnvironmentStage) -> EnvironmentDown:
    return EnvironmentDown(err.problem, err.cause, err.fix, stage=stage, root=EnvironmentCause.SET_UP, service=PARTNERS)
