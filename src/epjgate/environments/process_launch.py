"""How the services of a release are launched as processes: their ports, folders and placeholders."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from epjgate.environments.interface import EnvironmentDown, Order
from epjgate.environments.ledger import Ledger
from epjgate.environments.placeholders import fill, free_port
from epjgate.environments.service_process import Launch
from epjgate.environments.source import Assembled
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.system import ProcessService, Readiness


@dataclass(frozen=True)
class Place:
    """Where a service is, whatever release it is of: its folder, its main port, and its further ports by name."""

    home: Path
    port: int
    ports: Mapping[str, int]


@dataclass(frozen=True)
class Ground:
    """What a start finds there: `values` are placeholders that hold for all its services.

    `data` names, by service, a folder that stands for `${data}` instead of the service's own: that of a release beside
    which this one runs. A service that has one of the `places` takes it, with all that its folder holds.
    """

    values: Mapping[str, str]
    data: Mapping[str, Path] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)


class Launches:
    """The launches of one start on its `ground`, each knowing the URLs of those before it."""

    def __init__(
        self,
        order: Order,
        ledger: Ledger,
        installed_in: Path,
        code: Assembled | None,
        ground: Ground,
    ) -> None:
        self._order = order
        self._ledger = ledger
        self._installed_in = installed_in
        self._code = code
        self._ground = ground
        self._values = {**ground.values, "version": order.version}
        self._made: list[Launch] = []

    @property
    def made(self) -> tuple[Launch, ...]:
        """What was prepared, in that order."""
        return tuple(self._made)

    @property
    def values(self) -> Mapping[str, str]:
        """The placeholders that another service may use: those of the start, and where each service is."""
        return self._values

    @property
    def homes(self) -> Mapping[str, Path]:
        """The folder of each service."""
        return {launch.service: launch.home for launch in self._made}

    def prepare(self, name: str, service: ProcessService, host: str) -> Launch:
        """Return how the service `name` is started at `host`: in its place, or in a new one."""
        described = self._order.system.services[name]
        place = self._ground.places.get(name) or new_place(self._order, self._ledger, name, partial(free_port, host))
        url = f"http://{host}:{place.port}"
        own = {"host": host, "port": str(place.port), "url": url, "data": str(self._ground.data.get(name, place.home))}
        values = {**self._values, **own, **{f"port_{further}": str(number) for further, number in place.ports.items()}}
        self._values[f"url_of_{name}"] = url
        launch = Launch(
            service=name,
            url=url,
            ready=_filled(described.ready, values),
            command=tuple(fill(word, values) for word in service.command),
            env=self._with_code({key: fill(text, values) for key, text in service.env.items()}),
            files={path: fill(text, values) for path, text in service.files.items()},
            home=place.home,
            programs=self._installed_in / "bin",
            ports=place.ports,
        )
        self._made.append(launch)
        return launch

    def _with_code(self, env: dict[str, str]) -> dict[str, str]:
        if self._code is None:
            return env
        found_in = os.pathsep.join(filter(None, (str(self._code.folder), env.get("PYTHONPATH"))))
        return {**env, "PYTHONPATH": found_in}


def new_place(order: Order, ledger: Ledger, name: str, choose_port: Callable[[], int]) -> Place:
    """Return a place for the service `name`: ports that are free now, and an empty folder of `ledger`'s."""
    with written_down(order):
        home = ledger.make_folder(name)
    return Place(home, choose_port(), {further: choose_port() for further in order.system.services[name].ports})


def _filled(ready: Readiness, values: Mapping[str, str]) -> Readiness:
    return ready.model_copy(update={"command": tuple(fill(word, values) for word in ready.command)})


@contextmanager
def written_down(order: Order) -> Iterator[None]:
    """What cannot be written into the ledger is not started."""
    try:
        yield
    except OSError as err:
        raise EnvironmentDown(
            f"{order.system.name} {order.version} was not started",
            f"what is started cannot be written down, so nothing could clear it away later: {err}",
            "make the state folder writable, with room on its disk",
            stage=EnvironmentStage.PREPARE,
            root=EnvironmentCause.SET_UP,
        ) from err
