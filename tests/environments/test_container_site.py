"""Releases follow one another as containers on the same volumes and ports; their database is a real one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest
import requests
from docker import DockerClient
from tests.engine_fixtures import SYSTEMS
from tests.environments.receivers import Receivers

from epjgate.environments.catalogue import load_system
from epjgate.environments.container_site import ContainerSites
from epjgate.environments.container_volumes import SNAPSHOT_LABEL
from epjgate.environments.engine import RUN_LABEL, marked, remove, sweep_engine
from epjgate.environments.image_recipe import BuildSite
from epjgate.environments.images import build_images, default_ca_bundle
from epjgate.environments.interface import EnvironmentDown, Order, Running
from epjgate.environments.site import Limits, Site
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.redaction import Redactor
from epjgate.model.system import System
from epjgate.model.upgrade import SideCommand, Upgrade

pytestmark = pytest.mark.containers

LIMITS = Limits(stall_s=20, limit_s=60)
OLD, NEW = "1.0.1", "1.0.2"
DATA = {"db": "/var/lib/postgresql/epj", "downtime": "/var/lib/epj"}


class Heard(Protocol):
    """The listener of the fixture `heard`."""

    steps: list[str]

    def step(self, text: str) -> None:
        """Take note."""


# A gate that has a site open, and a command running in it, until somebody ends it.
GATE = """
import sys
from pathlib import Path
from epjgate.environments.container_site import ContainerSites
from epjgate.environments.interface import Order
from epjgate.environments.site import Limits
from epjgate.model.redaction import Redactor
from epjgate.model.system import System
from epjgate.model.upgrade import SideCommand
class Out:
    def step(self, text): print(text, flush=True)
system = System.model_validate_json(sys.argv[1])
order = Order(sys.argv[2], system, sys.argv[4], system.releases[sys.argv[4]], Path(sys.argv[3]), Redactor(b"key"))
with ContainerSites(Path(sys.argv[5])).open(order, Out()) as site:
    site.save("dead")
    program = "import time; print('up', flush=True); time.sleep(600)"
    site.run(order, SideCommand(service="epj", command=("python", "-c", program)), {}, Limits(600, 600), Out())
"""


@pytest.fixture(scope="module")
def reference(engine: DockerClient, tmp_path_factory: pytest.TempPathFactory) -> System:
    """The reference EPJ with the images of its first two builds, and an upgrade that keeps its database."""
    assert engine.ping()

    class Deaf:
        def step(self, text: str) -> None:
            """Do not listen."""

    system = load_system(SYSTEMS, "reference_epj")
    fixtures = SYSTEMS.parent
    site = BuildSite(SYSTEMS, fixtures / "images", tmp_path_factory.mktemp("builds"), ca_bundle=default_ca_bundle())
    build_images(site, system, [OLD, NEW], Deaf())
    return system.model_copy(update={"upgrade": Upgrade(scripts=".", keeps=("db",), data=DATA)})


@pytest.fixture
def orders(reference: System, run_id: str, tmp_path: Path) -> Iterator[Callable[[str], Order]]:
    """Orders a release of the reference EPJ; all orders of one test have the same receivers."""
    partners = Receivers(*reference.partners)

    def make(version: str = OLD) -> Order:
        release = reference.releases[version]
        return Order(run_id, reference, version, release, tmp_path / "logs", Redactor(b"key"), partners)

    yield make
    partners.close()


@pytest.fixture
def site(orders: Callable[..., Order], heard: Heard) -> Iterator[Site]:
    """A site of the reference EPJ: its database stands."""
    with ContainerSites(SYSTEMS).open(orders(), heard) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _nothing_left(engine: DockerClient, left_in_engine: Callable[[], list[str]]) -> Iterator[None]:
    """Whatever a test does, nothing of its run is in the engine afterwards; its snapshots are taken away here."""
    before = snapshots(engine)
    yield
    assert left_in_engine() == []
    for name in snapshots(engine) - before:
        engine.api.remove_volume(name)


def snapshots(engine: DockerClient) -> set[str]:
    found = engine.api.volumes(filters={"label": SNAPSHOT_LABEL})["Volumes"] or ()
    return {one["Name"] for one in found}


def sql(statement: str) -> SideCommand:
    command = ("psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", f"--command={statement}", "epj")
    return SideCommand(service="db", command=command)


def python(program: str, *arguments: str) -> SideCommand:
    """A command that runs a Python program, with placeholders in its arguments only."""
    return SideCommand(service="epj", command=("python", "-c", program.replace("$", "$$"), *arguments))


def told(site: Site, order: Order, command: SideCommand, heard: Heard) -> str:
    done = site.run(order, command, {}, LIMITS, heard)
    assert not done.fault
    return done.output.strip()


def test_two_releases_on_one_database(orders: Callable[..., Order], heard: Heard, engine: DockerClient) -> None:
    """The second stands at the URLs of the first, on its rows and files; the database is the same container."""

    def databases() -> list[str]:
        run = orders().run_id
        found = engine.containers.list(filters={"label": f"{RUN_LABEL}={run}"})
        return [str(one.id) for one in found if str(one.name).endswith("-db")]

    with ContainerSites(SYSTEMS).open(orders(OLD), heard) as site:
        before = databases()
        with site.serve(orders(OLD), heard) as running:
            urls, ports = dict(running.urls), {name: dict(found) for name, found in running.ports.items()}
            assert version_at(running) == "1"
            running.run_beside("downtime", ("sh", "-c", "echo kept > /var/lib/epj/kept"))
            assert {identity.service for identity in running.identities} == {"db", "epj", "downtime"}
        told(site, orders(OLD), sql("create table kept as select 42 as answer"), heard)
        with site.serve(orders(NEW), heard) as running:
            assert (running.urls, {name: dict(found) for name, found in running.ports.items()}) == (urls, ports)
            assert version_at(running) == "2"
            assert running.run_beside("downtime", ("cat", "/var/lib/epj/kept")) == "kept\n"
            running.raise_if_down()
            running.raise_if_silent()
            assert told(site, orders(NEW), sql("select answer from kept"), heard) == "42"
        assert databases() == before
    assert set(urls) == {"epj", "downtime"}


def version_at(running: Running) -> str:
    return str(requests.get(f"{running.urls['epj']}/admin/version", timeout=10).json()["build"])


def test_a_command_has_the_surroundings_of_its_service(
    site: Site, orders: Callable[..., Order], heard: Heard, tmp_path: Path
) -> None:
    """The bits of its release, the variables and placeholders, the scripts, and a backup that all of them see."""
    names = ("scripts", "backup", "url", "url_of_downtime", "partner_fmk", "patients")
    program = "import json, os, sys; print(json.dumps([dict(os.environ), sys.argv[1:]]))"
    arguments = tuple(f"${{{name}}}" for name in names)
    env, placed = json.loads(
        site.run(orders(NEW), python(program, *arguments), {"patients": "7"}, LIMITS, heard).output
    )
    assert env["EPJ_DATABASE_URL"] == "postgresql+psycopg://epj@db:5432/epj"
    assert env["EPJ_BASE_URL"] == f"{placed[2]}/fhir"
    assert env["EPJ_PARTNER_FMK"] == placed[4]
    assert (placed[3], placed[5]) == ("http://downtime:8081", "7")
    version = "import reference_epj._version as told; print(told.VERSION)"
    assert [told(site, orders(which), python(version), heard) for which in (OLD, NEW)] == [OLD, NEW]
    assert "schema_version" in told(site, orders(), python("print(open('/epjgate/scripts/system.toml').read())"), heard)
    inside = ("sh", "-c", "ls ${scripts}; echo by db > ${backup}/rows")
    assert "system.toml" in told(site, orders(), SideCommand(service="db", command=inside), heard)
    look = "import sys; print(open(sys.argv[1] + '/rows').read()); open(sys.argv[1] + '/more', 'w').close()"
    assert told(site, orders(), python(look, "${backup}"), heard) == "by db"
    assert "$ psql" not in (tmp_path / "logs" / "epj-commands.log").read_text()
    assert (tmp_path / "logs" / "db-commands.log").read_text().startswith("$ sh -c")


def test_the_end_of_a_command_is_told(site: Site, orders: Callable[..., Order], heard: Heard) -> None:
    """Exit code and last complaints, redacted, in its own container as inside a kept service; neither is confused."""
    own = python("import sys; print('out 010203-1234'); print('no 010203-1234', file=sys.stderr); sys.exit(3)")
    done = site.run(orders(), own, {}, LIMITS, heard)
    assert done.output == "out 010203-1234\n"
    assert "exit code 3" in done.fault
    assert "no [cpr " in done.fault
    done = site.run(orders(), sql("select nonsense"), {}, LIMITS, heard)
    assert "exit code 1" in done.fault
    assert 'column "nonsense" does not exist' in done.fault
    assert not done.stalled
    assert not done.killed


@pytest.mark.parametrize("service", ["db", "epj"])
def test_a_command_without_progress_is_ended(
    service: str, site: Site, orders: Callable[..., Order], heard: Heard
) -> None:
    """One that waits for a lock, in either kind of container: nobody works for it; what it started goes with it."""
    shell = SideCommand(service=service, command=("sh", "-c", "echo began; sleep 611 & sleep 612"))
    done = site.run(orders(), shell, {}, Limits(stall_s=2, limit_s=60), heard)
    assert (done.stalled, done.killed, done.output) == (True, False, "began\n")
    assert "for 2 s it wrote no line" in done.fault
    assert done.duration_s < 30
    look = "for p in /proc/[0-9]*; do tr '\\0' ' ' < $$p/cmdline; echo; done 2>/dev/null"
    assert "sleep 61" not in told(site, orders(), SideCommand(service=service, command=("sh", "-c", look)), heard)


def test_work_of_the_database_is_progress(site: Site, orders: Callable[..., Order], heard: Heard) -> None:
    """A client that waits for a busy statement gets on, for longer than a stall may last."""
    busy = "do $$$$ begin while clock_timestamp() < now() + interval '5 s' loop end loop; end $$$$"
    program = "import psycopg, sys; psycopg.connect('host=db user=epj dbname=epj').execute(sys.argv[1])"
    done = site.run(orders(), python(program, busy), {}, Limits(stall_s=2.5, limit_s=60), heard)
    assert not done.fault
    assert done.duration_s > 5


@pytest.mark.parametrize("service", ["db", "epj"])
def test_a_drill_kills_the_command_at_its_time(
    service: str, site: Site, orders: Callable[..., Order], heard: Heard
) -> None:
    """Not before, and with SIGKILL: it has no say in it."""
    stubborn = SideCommand(service=service, command=("sh", "-c", "trap '' TERM; echo began; sleep 600; sleep 600"))
    done = site.run(orders(), stubborn, {}, Limits(20, 60, kill_after_s=2), heard)
    assert (done.killed, done.stalled, done.output) == (True, False, "began\n")
    assert "on purpose after 2 s" in done.fault
    assert 1 < done.duration_s < 10


def test_what_fails_around_a_command_is_not_its_fault(
    site: Site, orders: Callable[..., Order], heard: Heard, engine: DockerClient, run_id: str
) -> None:
    """A program or service there is not, a hand from outside, and a database that is gone."""
    # What the engine tells of a container that was killed; nobody inside can send this signal to its first process.
    outside = SideCommand(service="epj", command=("sh", "-c", "exit 137"))
    nowhere = SideCommand(service="epj", command=("no-such-program",))
    for command, stage, root in (
        (outside, EnvironmentStage.RUN, EnvironmentCause.KILLED),
        (nowhere, EnvironmentStage.START, EnvironmentCause.SET_UP),
        (replaced(nowhere, "laboratory"), EnvironmentStage.PREPARE, EnvironmentCause.SET_UP),
    ):
        with pytest.raises(EnvironmentDown) as down:
            site.run(orders(), command, {}, LIMITS, heard)
        assert (down.value.stage, down.value.root) == (stage, root)
    found = engine.containers.list(filters={"label": f"{RUN_LABEL}={run_id}"})
    (database,) = [one for one in found if str(one.name).endswith("-db")]
    database.kill("SIGKILL")
    with pytest.raises(EnvironmentDown, match="db was killed from outside"):
        site.run(orders(), python("raise SystemExit('no database')"), {}, LIMITS, heard)


def test_an_engine_that_is_lost_under_a_command_is_not_its_fault(
    orders: Callable[..., Order], heard: Heard, engine: DockerClient, cut_engine: Callable[[], None], run_id: str
) -> None:
    """Nobody knows then what became of the command, and its output is not taken for whole."""
    order = orders()
    going_on = python("import time; print('{}', flush=True); time.sleep(600)")

    class Cuts:
        def step(self, text: str) -> None:
            """Cut the way to the engine as soon as the command is heard of."""
            if text == "{}":
                cut_engine()

    with pytest.raises(EnvironmentDown) as down, ContainerSites(SYSTEMS).open(order, heard) as site:
        site.run(order, going_on, {}, Limits(60, 120), Cuts())
    remove(engine, marked(engine, f"{RUN_LABEL}={run_id}"))
    assert (down.value.stage, down.value.root) == (EnvironmentStage.RUN, EnvironmentCause.ENGINE)


def replaced(command: SideCommand, service: str) -> SideCommand:
    return command.model_copy(update={"service": service})


def test_the_database_is_saved_brought_back_and_emptied(
    orders: Callable[..., Order], heard: Heard, run_id: str, engine: DockerClient
) -> None:
    """Rows come back as they were when they were saved, in another site too; one that lost a part is no snapshot."""
    count = sql("select count(*) from pg_tables where tablename = 'kept'")
    backup = SideCommand(service="db", command=("sh", "-c", "ls ${backup}; touch ${backup}/dump"))
    before, others = snapshots(engine), Receivers(*orders().system.partners)
    with ContainerSites(SYSTEMS).open(orders(), heard) as site:
        assert not site.load(run_id)
        told(site, orders(), sql("create table kept as select generate_series(1, 1000) as row"), heard)
        assert told(site, orders(), backup, heard) == ""
        site.save(run_id)
        assert told(site, orders(), sql("delete from kept where row > 10; select count(*) from kept"), heard) == "10"
        assert site.load(run_id)
        assert told(site, orders(), backup, heard) == ""
        assert told(site, orders(), sql("select count(*) from kept"), heard) == "1000"
        site.empty()
        assert told(site, orders(), backup, heard) == ""
        assert told(site, orders(), count, heard) == "0"
    sweep_engine()
    with ContainerSites(SYSTEMS).open(replace(orders(), partners=others), heard) as site:
        assert site.load(run_id)
        assert told(site, orders(), sql("select count(*) from kept"), heard) == "1000"
        with pytest.raises(RuntimeError, match="while a release stood on it"), site.serve(orders(), heard):
            site.save("other")
        part = next(name for name in snapshots(engine) - before if "reference_epj" not in name)
        engine.api.remove_volume(part)
        assert not site.load(run_id)
    others.close()


def test_the_next_site_removes_what_a_killed_one_left(
    orders: Callable[..., Order], heard: Heard, left_in_engine: Callable[[], list[str]], tmp_path: Path
) -> None:
    """Containers, volumes and the network go; a snapshot that was finished stays and can be used."""
    order = replace(orders(), partners=None)
    plain = plain_system(order.system)
    arguments = (plain.model_dump_json(), order.run_id, str(tmp_path), OLD, str(SYSTEMS))
    with subprocess.Popen([sys.executable, "-c", GATE, *arguments], stdout=subprocess.PIPE, text=True) as gate:
        assert gate.stdout is not None
        assert any(line == "up\n" for line in gate.stdout)
        gate.kill()
    assert len(left_in_engine()) >= 5
    with ContainerSites(SYSTEMS).open(replace(order, system=plain, run_id=f"{order.run_id}-next"), heard) as site:
        assert left_in_engine() == []
        assert site.load("dead")


def plain_system(system: System) -> System:
    """Return the reference EPJ without what only its receivers could fill in."""
    epj = system.services["epj"]
    assert epj.container is not None
    env = {name: text for name, text in epj.container.env.items() if "partner" not in text}
    service = epj.model_copy(update={"container": epj.container.model_copy(update={"env": env})})
    capabilities = {name: by for name, by in system.capabilities.items() if by != "partners"}
    changed = {"partners": {}, "capabilities": capabilities, "services": {**system.services, "epj": service}}
    return system.model_copy(update=changed)
