"""Where a release that runs can be reached, and what it can do there."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from epjgate.environments.interface import Order, Running
from epjgate.model.alteration import Alteration
from epjgate.model.system import Interface, System
from epjgate.model.target import PARTNERS, Endpoint, Target


def target_of(
    order: Order, environment: str, running: Running, *, seed: int = 0, alterations: Sequence[Alteration] = ()
) -> Target:
    """Return `order`, which runs in `environment`, as those see it who ask it; what cannot be asked there is absent."""
    system = order.system
    endpoints = endpoints_of(system, running)
    control_url = order.partners.control_url if order.partners is not None else ""
    served = {*(endpoint.interface for endpoint in endpoints), *([PARTNERS] if control_url else ())}
    return Target(
        system=system.name,
        release=order.version,
        environment=environment,
        endpoints=endpoints,
        capabilities={name: by for name, by in system.capabilities.items() if by in served},
        absent={**_unserved(system, served, environment), **system.absent},
        users=system.users,
        partners=control_url,
        alterations=tuple(alterations),
        disposable=running.disposable,
        seed=seed,
    )


def endpoints_of(system: System, running: Running) -> tuple[Endpoint, ...]:
    """Return where each interface of `system` is spoken that is to be had of what is `running`."""
    return tuple(
        Endpoint(interface=name, url=url)
        for name, interface in system.interfaces.items()
        if (url := _url(interface, running)) is not None
    )


def _url(interface: Interface, running: Running) -> str | None:
    """Return where `interface` is spoken, None where its service or port is not to be had."""
    if interface.port is None:
        base = running.urls.get(interface.service)
    else:
        place = running.ports.get(interface.service, {}).get(interface.port)
        base = place and f"{interface.port}://{place}"
    return None if base is None else base + interface.path


def _unserved(system: System, served: Collection[str], environment: str) -> dict[str, str]:
    """Return the capabilities that nothing serves where the candidate runs, each with the reason."""
    return {
        name: f"{system.title} cannot be asked over {by} in the environment {environment}"
        for name, by in system.capabilities.items()
        if by not in served
    }
