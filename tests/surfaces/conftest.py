"""The reference EPJ as processes, started once for all who look at its surface, and fakes of a release."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.builders import DIGEST

from epjgate import compose
from epjgate.environments.catalogue import find_release, load_system
from epjgate.environments.interface import EnvironmentDown, Listener, Order
from epjgate.environments.process import ProcessEnvironment
from epjgate.environments.reach import target_of
from epjgate.model.identity import DigestKind, Identity
from epjgate.model.redaction import Redactor
from epjgate.model.system import System
from epjgate.surfaces.survey import standing_of
from epjgate.surfaces.taking import Standing, Taken, take_surface

SYSTEMS = Path(__file__).parents[2] / "fixtures/systems"

Take = Callable[[str], Taken]


@pytest.fixture(scope="session")
def epj(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Standing]]:
    """Call it with a version for the reference EPJ of that version, which stands until the session ends."""
    folder = tmp_path_factory.mktemp("epj")
    environment = ProcessEnvironment(cache, folder / "state", SYSTEMS)
    with ExitStack() as stack:

        def start(version: str) -> Standing:
            system, redactor = load_system(SYSTEMS, "reference_epj"), Redactor(b"key")
            partners = compose.make_partners(system, "process", redactor)
            assert partners is not None
            stack.callback(partners.close)
            release = find_release(system, version)
            order = Order(f"surface-{version}", system, version, release, folder / version, redactor, partners)
            running = stack.enter_context(environment.start(order, compose.Silent()))
            return standing_of(target_of(order, "process", running), running, system, redactor)

        yield start


@pytest.fixture(scope="session")
def taken(epj: Callable[[str], Standing]) -> Take:
    """Call it with a version for the surface of the reference EPJ of that version; each is asked once."""
    known: dict[str, Taken] = {}

    def take(version: str) -> Taken:
        if version not in known:
            known[version] = take_surface(epj(version))
        return known[version]

    return take


TINY = System.model_validate(
    {
        "schema_version": "epjgate/system/1",
        "name": "tiny",
        "title": "Tiny",
        "services": {"desk": {"ready": {"path": "/ready"}}},
        "interfaces": {"http": {"service": "desk"}},
        "database": {"service": "desk", "command": ["schema"]},
        "releases": {"0.9": {}, "1.0": {}},
    }
)
TABLE = '{"tables": {"notes": {"columns": {"id": {"type": "INTEGER", "nullable": false}}}}}'


@dataclass
class Tiny:
    """An environment of a release that shows nothing but its database; it notes what it was asked to do."""

    schema: str = TABLE
    kind: DigestKind = DigestKind.PACKAGES
    digest: str = DIGEST
    fails: EnvironmentDown | None = None
    disposable: bool = True
    standing: int = 0
    starts: int = 0
    name: str = "process"
    urls: Mapping[str, str] = field(default_factory=lambda: {"desk": "http://127.0.0.1:1"})
    ports: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    seen_when_stopped: Callable[[], int] = lambda: 0
    seen: list[int] = field(default_factory=list)

    @property
    def identities(self) -> tuple[Identity, ...]:
        """What it runs."""
        return (Identity(service="desk", reference="tiny==0.9", digest=self.digest, kind=self.kind),)

    def identify(self, order: Order, listener: Listener) -> tuple[Identity, ...]:
        """What it would run."""
        listener.step(f"looking up {order.version}")
        return self.identities

    @contextmanager
    def start(self, order: Order, listener: Listener) -> Iterator[Tiny]:
        """Stand while the context lasts."""
        listener.step(f"really starting {order.version}")
        self.starts += 1
        if self.fails is not None:
            raise self.fails
        self.standing += 1
        try:
            yield self
        finally:
            self.standing -= 1
            self.seen.append(self.seen_when_stopped())

    def run_beside(self, service: str, command: Sequence[str]) -> str:
        """Tell the schema."""
        assert (service, tuple(command)) == ("desk", ("schema",))
        return self.schema

    def start_earlier(self, order: Order, listener: Listener) -> AbstractContextManager[Tiny]:
        """A surface has no earlier release."""
        raise AssertionError(f"{order.version} was asked for beside it: {listener}")

    def raise_if_down(self) -> None:
        """Stand."""

    def raise_if_silent(self) -> None:
        """Answer."""
        assert self.standing


@pytest.fixture
def tiny() -> Tiny:
    """A tiny release."""
    return Tiny()


@pytest.fixture
def order(tmp_path: Path) -> Order:
    """An order of the tiny release 0.9."""
    return Order("run-1-baseline", TINY, "0.9", TINY.releases["0.9"], tmp_path / "logs", Redactor(b"key"))
