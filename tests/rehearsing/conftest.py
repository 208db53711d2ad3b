"""A rehearsal that needs no release: a site that remembers what was done in it, and suites that take turns with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from tests.builders import DIGEST, FLOORS, POLICY, manifest

from epjgate.environments.interface import EnvironmentDown, Listener, Order
from epjgate.environments.site import Done, Limits
from epjgate.errors import SuitesFailed
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.identity import DigestKind, Identity
from epjgate.model.redaction import Redactor
from epjgate.model.rehearsal import RehearsalPlan
from epjgate.model.suite import SuiteDescription
from epjgate.model.system import System
from epjgate.model.upgrade import SideCommand, UpgradeCommands
from epjgate.observing import Job
from epjgate.rehearsing.interface import Rehearsal
from epjgate.rehearsing.plan import UpgradeWish, plan_rehearsal
from epjgate.suite_runner.catalogue import Suite
from epjgate.suite_runner.handover import Handover, Part

IDENTITY = Identity(service="desk", reference="tiny==2.0", digest=DIGEST, kind=DigestKind.PACKAGES)
COMMANDS = {name: {"service": "desk", "command": [name]} for name in ("fill", "census", "backup", "migrate", "restore")}
SYSTEM = System.model_validate(
    {
        "schema_version": "epjgate/system/1",
        "name": "tiny",
        "title": "Tiny",
        "services": {"desk": {"ready": {"path": "/ready"}}},
        "interfaces": {"http": {"service": "desk", "path": "/api"}},
        "capabilities": {"patients": "http"},
        "upgrade": {"process": COMMANDS},
        "releases": {"1.0": {}, "2.0": {}},
    }
)
CENSUS = {"patients": 10, "kinds": {"Patient": {"count": 10, "digest": "a"}}, "audit_entries": 3}
SUITE = Suite(
    name="upgrade",
    folder=Path("upgrade"),
    description=SuiteDescription(
        schema_version="epjgate/suite/1", title="Upgrade", title_da="Opgradering", about="It is crossed."
    ),
)


def down(
    root: EnvironmentCause = EnvironmentCause.CRASHED, stage: EnvironmentStage = EnvironmentStage.START
) -> EnvironmentDown:
    """Return that a release did not come up."""
    return EnvironmentDown("desk ended by itself", "last line: 170590-9998", "read the log", stage=stage, root=root)


@dataclass
class FakeSite:
    """A site whose commands end as they are told to; `done` says what was done, by which release."""

    ends: dict[str, Callable[[str], Done]] = field(default_factory=dict)
    comes_up: dict[str, EnvironmentDown] = field(default_factory=dict)
    silent: dict[str, EnvironmentDown] = field(default_factory=dict)
    census: dict[str, object] = field(default_factory=lambda: dict(CENSUS))
    done: list[str] = field(default_factory=list)
    limits: list[Limits] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    standing: str = ""
    patients: int = 0

    name: str = "process"
    disposable: bool = True
    urls: Mapping[str, str] = field(default_factory=lambda: {"desk": "http://127.0.0.1:1"})
    ports: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    identities: tuple[Identity, ...] = (IDENTITY,)

    @contextmanager
    def open(self, order: Order, listener: Listener) -> Iterator[FakeSite]:
        """Open; nothing stands in it when it is left."""
        listener.step(f"opening for {order.version}")
        yield self
        assert not self.standing

    def run(
        self, order: Order, command: SideCommand, values: Mapping[str, str], limits: Limits, listener: Listener
    ) -> Done:
        """End as told; without a word to the contrary all is well."""
        what = command.command[0]
        listener.step(what)
        self.done.append(f"{what} {order.version}")
        self.limits.append(limits)
        if what == "fill":
            self.patients = int(values["patients"])
        # No two measurements are alike.
        duration_s = (1 + self.patients / 100) * (1 + len(self.done) % 7 / 1000)
        if limits.kill_after_s is not None:
            assert 0 < limits.kill_after_s < duration_s
            return Done(limits.kill_after_s, "", "killed", killed=True)
        if what in self.ends:
            return self.ends[what](order.version)
        output = json.dumps({**self.census, "patients": self.patients}) if what == "census" else ""
        return Done(duration_s, output)

    @contextmanager
    def serve(self, order: Order, listener: Listener) -> Iterator[FakeSite]:
        """One release stands, and no other."""
        assert not self.standing
        listener.step(f"starting {order.version}")
        self.done.append(f"start {order.version}")
        if order.version in self.comes_up:
            raise self.comes_up[order.version]
        self.standing = order.version
        try:
            yield self
        finally:
            self.standing = ""
            self.done.append(f"stop {order.version}")

    def empty(self) -> None:
        """Forget the data."""
        assert not self.standing
        self.patients = 0

    def save(self, key: str) -> None:
        """Keep a snapshot."""
        assert not self.standing
        self.kept.add(key)

    def load(self, key: str) -> bool:
        """Bring a snapshot back."""
        assert not self.standing
        self.patients = int(key.rpartition("-")[2])
        return key in self.kept

    def identify(self, order: Order, listener: Listener) -> tuple[Identity, ...]:
        """Return which bits would run."""
        listener.step(f"looking up {order.version}")
        return self.identities

    def run_beside(self, service: str, command: object) -> str:
        """Nothing is run beside it."""
        raise NotImplementedError

    def start_earlier(self, order: Order, listener: Listener) -> object:
        """Nothing is started beside it."""
        raise NotImplementedError

    def start(self, order: Order, listener: Listener) -> object:
        """Nothing is started but in the site."""
        raise NotImplementedError

    def raise_if_down(self) -> None:
        """Stand."""

    def raise_if_silent(self) -> None:
        """Answer, unless what stands was told not to."""
        if self.standing in self.silent:
            raise self.silent[self.standing]


@dataclass
class TurnTaking:
    """Suites that run their parts while the releases of these stand; they may die instead."""

    site: FakeSite
    folder: Path
    seen: list[str]
    dies: SuitesFailed | None = None

    def run(self, *_arguments: object, while_up: Callable[[], None], **_more: object) -> None:
        """Take turns with the rehearsal."""
        self.seen.append(f"before on {self.site.standing}")
        if self.dies is not None:
            raise self.dies
        handover = Handover(self.folder)
        for part in (Part.AFTER, Part.BACK):
            answer = handover.ask(part)
            while_up()
            self.seen.append(f"{part} on {self.site.standing}" if answer.go else f"no {part}: {answer.why}")
            if not answer.go:
                return


@dataclass
class Waiting:
    """An audience that only listens."""

    steps: list[str] = field(default_factory=list)

    def step(self, text: str) -> None:
        """Keep it."""
        self.steps.append(text)

    def tests(self, *, done: int, total: int, not_passed: int) -> None:
        """Count nothing."""

    def hold(self) -> str:
        """Nobody interrupts."""
        return ""


@dataclass
class Stage:
    """A rehearsal that is ready to be held, and what becomes of it."""

    rehearsal: Rehearsal
    site: FakeSite
    seen: list[str]


@pytest.fixture
def site() -> FakeSite:
    """Return a site in which all goes well, until it is told otherwise."""
    return FakeSite()


@pytest.fixture
def stage(tmp_path: Path, site: FakeSite) -> Callable[..., Stage]:
    """Call it to have a rehearsal of `sizes`, with tests that cross the upgrade unless `crosses` is False."""

    def make(
        sizes: tuple[int, ...] = (100, 200, 400),
        *,
        crosses: bool = True,
        drills: int = 1,
        dies: SuitesFailed | None = None,
    ) -> Stage:
        wish = UpgradeWish("1.0", "2.0", 2000, "01:00-04:00", sizes=sizes, repeats=2, drills=drills, seed=3)
        plan = plan_rehearsal(wish, migrates=True, crosses=crosses)
        seen: list[str] = []
        job = _job(tmp_path, plan)
        assert SYSTEM.upgrade is not None
        return Stage(
            Rehearsal(
                job=job,
                old=replace(job.order, version="1.0"),
                back=replace(job.order, version="1.0 back"),
                plan=plan,
                upgrade=SYSTEM.upgrade,
                commands=UpgradeCommands.model_validate(COMMANDS),
                environment=site,  # type: ignore[arg-type]
                sites=site,  # type: ignore[arg-type]
                suites=lambda folder: TurnTaking(site, folder, seen, dies),
                snapshot_key=lambda bits, patients: f"{len(bits)}-{patients}",
            ),
            site,
            seen,
        )

    return make


def _job(tmp_path: Path, plan: RehearsalPlan) -> Job:
    order = Order(
        run_id="r",
        system=SYSTEM,
        version="2.0",
        release=SYSTEM.releases["2.0"],
        logs=tmp_path / "run" / "logs",
        redactor=Redactor(b"k" * 32),
    )
    return Job(
        manifest=manifest(system="tiny", candidate="2.0", baseline="1.0", rehearsal=plan),
        order=order,
        suites=(SUITE,),
        folder=tmp_path / "run",
        policy=POLICY,
        floors=FLOORS,
    )
