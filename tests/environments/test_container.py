"""The container environment, against a real engine: the real candidate, and a tiny service that does as it is told."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pytest
import requests
from docker import DockerClient
from testcontainers.core.config import testcontainers_config
from tests.engine_fixtures import SYSTEMS
from tests.environments.receivers import Receivers

from epjgate.environments.catalogue import load_system
from epjgate.environments.container import ContainerEnvironment, choose_reaper
from epjgate.environments.engine import OWNER_LABEL, RUN_LABEL, marked, remove, this_process
from epjgate.environments.image_recipe import SOURCE_LABEL, BuildSite
from epjgate.environments.images import BuiltImage, build_images, default_ca_bundle
from epjgate.environments.interface import EnvironmentDown, Order, Running
from epjgate.errors import EnvironmentFailed
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.identity import DigestKind
from epjgate.model.redaction import Redactor
from epjgate.model.system import EarlierRelease, Release, System

pytestmark = [pytest.mark.containers, pytest.mark.usefixtures("sekmet_images")]

# A gate that is up with the order in its arguments until somebody ends it.
GATE = """
import sys, time
from pathlib import Path
from epjgate.environments.container import ContainerEnvironment
from epjgate.environments.interface import Order
from epjgate.model.redaction import Redactor
from epjgate.model.system import System
class Deaf:
    def step(self, text): pass
system = System.model_validate_json(sys.argv[1])
order = Order(sys.argv[2], system, "1", system.releases["1"], Path(sys.argv[3]), Redactor(b"key"))
with ContainerEnvironment(Path()).start(order, Deaf()):
    print("up", flush=True)
    time.sleep(600)
"""


class Heard(Protocol):
    """The listener of the fixture `heard`."""

    steps: list[str]

    def step(self, text: str) -> None:
        """Take note."""


@pytest.fixture(autouse=True)
def _nothing_left(left_in_engine: Callable[[], list[str]]) -> Iterator[None]:
    """Whatever a test does, nothing with the label of its run is in the engine afterwards."""
    yield
    assert left_in_engine() == []


@pytest.fixture
def tiny(container_order: Callable[..., Order], heard: Heard) -> AbstractContextManager[Running]:
    """The tiny service, to be started with `with`."""
    return ContainerEnvironment(SYSTEMS).start(container_order(), heard)


@pytest.fixture
def find_container(engine: DockerClient, run_id: str) -> Callable[[], Any]:
    """Returns the one container of this test's run."""

    def find() -> Any:
        (container,) = engine.containers.list(all=True, filters={"label": f"{RUN_LABEL}={run_id}"})
        return container

    return find


def eventually_down(running: Running) -> EnvironmentDown:
    """Ask as the gate does, until it says that the candidate is down."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            running.raise_if_down()
        except EnvironmentDown as err:
            return err
        time.sleep(0.1)
    pytest.fail("the environment never noticed")


@pytest.mark.parametrize("version", ["0.1.0", "0.1.1"])
def test_sekmet_runs_and_is_known_by_its_image(
    version: str,
    sekmet_images: tuple[BuiltImage, ...],
    find_container: Callable[[], Any],
    run_id: str,
    tmp_path: Path,
    heard: Heard,
) -> None:
    """The real candidate answers FHIR, links to its public URL, and is identified by the id of the image it runs."""
    system = load_system(SYSTEMS, "sekmet")
    order = Order(run_id, system, version, system.releases[version], tmp_path, Redactor(b"key"))
    with ContainerEnvironment(SYSTEMS).start(order, heard) as running:
        url = running.urls["his"]
        bundle = requests.get(f"{url}/fhir/Patient", timeout=10).json()
        running.raise_if_down()
        running.raise_if_silent()
        (identity,) = running.identities
        runs = find_container().attrs["Image"]
    assert bundle["link"][0]["url"].startswith(f"{url}/fhir/")
    (built,) = [image.image_id for image in sekmet_images if image.version == version]
    assert identity.digest == runs == built
    assert identity.kind is DigestKind.IMAGE
    assert identity.reference in identity.parts


def test_each_start_has_a_network_of_its_own_and_bears_our_labels(
    engine: DockerClient,
    container_order: Callable[..., Order],
    left_in_engine: Callable[[], list[str]],
    run_id: str,
    heard: Heard,
) -> None:
    """Two starts of one run share nothing: ending one leaves the other alone; both name their run and owner."""
    with ContainerEnvironment(SYSTEMS).start(container_order(), heard) as first:
        with ContainerEnvironment(SYSTEMS).start(container_order(), heard):
            containers = engine.containers.list(filters={"label": f"{RUN_LABEL}={run_id}"})
            networks = {name for found in containers for name in found.attrs["NetworkSettings"]["Networks"]}
            assert len(containers) == 2
            assert len(networks) == 2
            assert {found.labels[OWNER_LABEL] for found in containers} == {this_process()}
        first.raise_if_silent()
        assert len(left_in_engine()) == 2


def test_ports_are_published_on_this_machine_only(
    tiny: AbstractContextManager[Running], find_container: Callable[[], Any]
) -> None:
    """Nobody else on the network reaches a candidate that is being judged; it may be filled with test data."""
    with tiny as running:
        ports = find_container().attrs["NetworkSettings"]["Ports"]["8090/tcp"]
        assert [port["HostIp"] for port in ports] == ["127.0.0.1"]
        assert running.disposable


def test_the_log_is_redacted_on_its_way_into_the_bundle(tmp_path: Path, tiny: AbstractContextManager[Running]) -> None:
    """What the candidate writes is in the log file, without any CPR number."""
    with tiny:
        pass
    log = (tmp_path / "logs" / "his.log").read_text()
    assert "admitted [cpr " in log
    assert "010203" not in log


def test_a_candidate_that_ends_by_itself_crashed(tiny: AbstractContextManager[Running]) -> None:
    """A crash is told with its exit code and last words, again each time the question is asked."""
    with tiny as running:
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{running.urls['his']}/exit/3", timeout=10)
        down = eventually_down(running)
        with pytest.raises(EnvironmentDown):
            running.raise_if_down()
    assert (down.stage, down.root, down.service) == (EnvironmentStage.RUN, EnvironmentCause.CRASHED, "his")
    assert "exit code 3" in down.problem
    assert "giving up" in down.cause


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda container: container.kill(), id="killed"),
        pytest.param(lambda container: container.remove(force=True, v=True), id="removed"),
    ],
)
def test_what_somebody_does_from_outside_is_not_the_candidates_fault(
    harm: Callable[[Any], None], tiny: AbstractContextManager[Running], find_container: Callable[[], Any]
) -> None:
    """A candidate that was killed or removed by somebody did not crash."""
    with tiny as running:
        harm(find_container())
        down = eventually_down(running)
    assert (down.stage, down.root) == (EnvironmentStage.RUN, EnvironmentCause.KILLED)


def test_an_engine_that_stops_is_to_blame_and_hides_no_other_error(
    engine: DockerClient,
    run_id: str,
    cut_engine: Callable[[], None],
    container_order: Callable[..., Order],
    heard: Heard,
) -> None:
    """The engine is the root cause, the run's own error survives, and what could not be removed is said beside it."""

    def run() -> None:
        with ContainerEnvironment(SYSTEMS).start(container_order(), heard) as running:
            cut_engine()
            raise eventually_down(running)

    with pytest.raises(EnvironmentDown) as caught:
        run()
    assert (caught.value.stage, caught.value.root) == (EnvironmentStage.RUN, EnvironmentCause.ENGINE)
    assert "doctor --clean" in caught.value.__notes__[0]
    removed, left = remove(engine, marked(engine, f"{RUN_LABEL}={run_id}"))
    assert (len(removed), left) == (2, ())


def test_what_cannot_be_removed_is_an_error(
    engine: DockerClient,
    run_id: str,
    cut_engine: Callable[[], None],
    container_order: Callable[..., Order],
    heard: Heard,
) -> None:
    """A run that went well and leaves something behind did not end well."""
    with pytest.raises(EnvironmentDown) as caught, ContainerEnvironment(SYSTEMS).start(container_order(), heard):
        cut_engine()
    assert (caught.value.stage, caught.value.root) == (EnvironmentStage.STOP, EnvironmentCause.ENGINE)
    removed, left = remove(engine, marked(engine, f"{RUN_LABEL}={run_id}"))
    assert (len(removed), left) == (2, ())


def test_a_command_that_does_not_exist_is_refused_by_the_engine(
    container_order: Callable[..., Order], heard: Heard
) -> None:
    """What the engine refuses to start is told in its own words, and cleared away."""
    order = container_order(command=["no-such-program"])
    with (
        pytest.raises(EnvironmentDown, match="no-such-program") as caught,
        ContainerEnvironment(SYSTEMS).start(order, heard),
    ):
        pass
    assert caught.value.stage is EnvironmentStage.START


def test_a_missing_image_is_never_pulled(container_order: Callable[..., Order], heard: Heard) -> None:
    """An image that is not there is an error that names the command which makes it; nothing was started."""
    order = container_order(image="epjgate/no-such-image:1")
    with pytest.raises(EnvironmentDown) as caught, ContainerEnvironment(SYSTEMS).start(order, heard):
        pass
    assert (caught.value.stage, caught.value.root) == (EnvironmentStage.PREPARE, EnvironmentCause.SET_UP)
    assert "epjgate images build --system tiny" in caught.value.fix


def test_a_release_without_images_is_an_error_of_its_description(
    container_order: Callable[..., Order], heard: Heard
) -> None:
    """A release that only runs as processes says so before anything is started."""
    order = container_order()
    bare = replace(order, release=order.release.model_copy(update={"container": None}))
    with (
        pytest.raises(EnvironmentDown, match="cannot run as containers") as caught,
        ContainerEnvironment(SYSTEMS).start(bare, heard),
    ):
        pass
    assert (caught.value.stage, caught.value.root) == (EnvironmentStage.PREPARE, EnvironmentCause.SET_UP)


def test_without_an_engine_nothing_is_started(
    container_order: Callable[..., Order], heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine that cannot be reached is an error of the surroundings, with what to do about it."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    with pytest.raises(EnvironmentDown) as caught, ContainerEnvironment(SYSTEMS).start(container_order(), heard):
        pass
    assert (caught.value.stage, caught.value.root) == (EnvironmentStage.PREPARE, EnvironmentCause.ENGINE)


@pytest.mark.parametrize("moment", ["starting", "waiting"])
def test_an_interruption_while_starting_cleans_up(
    moment: str, container_order: Callable[..., Order], left_in_engine: Callable[[], list[str]]
) -> None:
    """Ctrl-C at a step of the start leaves neither container nor network."""
    seen = []

    class Impatient:
        def step(self, text: str) -> None:
            if text.startswith(moment):
                seen.extend(left_in_engine())
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), ContainerEnvironment(SYSTEMS).start(container_order(), Impatient()):
        pass
    assert seen
    assert left_in_engine() == []


def test_an_interruption_while_testing_cleans_up(
    tiny: AbstractContextManager[Running], left_in_engine: Callable[[], list[str]]
) -> None:
    """Ctrl-C during the suites leaves neither container nor network, and reaches the caller."""

    def run() -> None:
        with tiny:
            assert len(left_in_engine()) == 2
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()
    assert left_in_engine() == []


def test_what_a_killed_gate_left_behind_is_removed_by_the_next_start(
    container_order: Callable[..., Order],
    left_in_engine: Callable[[], list[str]],
    run_id: str,
    tmp_path: Path,
    heard: Heard,
) -> None:
    """After `kill -9` the container and its network stay; the next start removes them, and says so."""
    order = container_order()
    command = [sys.executable, "-c", GATE, order.system.model_dump_json(), run_id, str(tmp_path / "killed")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as gate:
        assert gate.stdout is not None
        assert gate.stdout.readline() == b"up\n"
        gate.kill()
    orphans = left_in_engine()
    assert len(orphans) == 2
    with ContainerEnvironment(SYSTEMS).start(order, heard):
        assert not set(orphans) & set(left_in_engine())
    assert {f"removed {orphan}" for orphan in orphans} <= set(heard.steps)


def test_testcontainers_reaper_is_used_only_where_its_image_is_at_hand(
    engine: DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The choice is found out, not configured: no image in the engine, no reaper, and no attempt to pull it."""
    monkeypatch.setattr(testcontainers_config, "ryuk_disabled", False)
    monkeypatch.setattr(testcontainers_config, "ryuk_image", "epjgate/no-such-reaper:1")
    assert "is not in the engine" in choose_reaper(engine)
    assert testcontainers_config.ryuk_disabled
    assert "switched off" in choose_reaper(engine)
    monkeypatch.setattr(testcontainers_config, "ryuk_disabled", False)
    monkeypatch.setattr(testcontainers_config, "ryuk_image", "epjgate/sekmet:0.1.1")
    assert "stands by" in choose_reaper(engine)
    assert not testcontainers_config.ryuk_disabled


@pytest.mark.parametrize("labels", [{}, {SOURCE_LABEL: "sha256:0"}])
def test_an_image_with_other_source_code_is_not_run(
    labels: dict[str, str], container_order: Callable[..., Order], engine: DockerClient, run_id: str, heard: Heard
) -> None:
    """A build whose code was changed since its image was made would be judged by what it is no more."""
    reference = f"epjgate/{run_id}:1"
    dockerfile = io.BytesIO(b"FROM epjgate/sekmet:0.1.1\n")
    engine.images.build(fileobj=dockerfile, tag=reference, labels=labels, rm=True)
    plain = container_order(image=reference)
    source = {"folder": "../../epj", "build": "1.0.1"}
    release = {"images": {"his": reference}, "build": {"folder": "reference_epj", "source": source}}
    order = replace(plain, release=Release.model_validate({"container": release}))
    try:
        with pytest.raises(EnvironmentDown, match="is out of date") as caught:
            ContainerEnvironment(SYSTEMS).start(replace(order, system=sited(plain)), heard).__enter__()
    finally:
        engine.images.remove(reference)  # by its name only: without a label it is the very image it was made of
    assert (caught.value.stage, caught.value.root) == (EnvironmentStage.PREPARE, EnvironmentCause.SET_UP)
    assert "images build" in caught.value.fix


def sited(order: Order) -> System:
    """Return the system of `order` under the name of one that lies beside the source code."""
    return order.system.model_copy(update={"name": "reference_epj"})


def test_the_reference_epj_runs_on_its_database_and_reaches_its_receivers(
    engine: DockerClient, run_id: str, tmp_path: Path, heard: Heard
) -> None:
    """Its newest build, made here and now, stands with every service, and only what is asked has a port."""
    system = load_system(SYSTEMS, "reference_epj")
    version = list(system.releases)[-1]
    fixtures = SYSTEMS.parent
    site = BuildSite(SYSTEMS, fixtures / "images", tmp_path / "builds", ca_bundle=default_ca_bundle())
    build_images(site, system, [version], heard)
    assert engine.ping()
    release = system.releases[version]
    partners = Receivers(*system.partners)
    order = Order(run_id, system, version, release, tmp_path, Redactor(b"key"), partners)
    with ContainerEnvironment(SYSTEMS).start(order, heard) as running:
        told = requests.get(f"{running.urls['epj']}/admin/version", timeout=10).json()
        running.raise_if_down()
        running.raise_if_silent()
        assert set(running.urls) == {"epj", "downtime"}
        assert list(running.ports["epj"]) == ["mllp"]
        assert {identity.service for identity in running.identities} == {"db", "epj", "downtime"}
    partners.close()
    assert version.endswith(f".{told['build']}")


def test_a_command_runs_beside_the_service_in_its_container(
    tiny: AbstractContextManager[Running],
) -> None:
    """It has the container's variables and programs, only its output is told, and what fails says why."""
    program = "import os, sys; print(os.environ['PUBLIC_URL']); print('aside', file=sys.stderr)"
    with tiny as running:
        assert running.run_beside("his", ("python3", "-c", program)) == f"{running.urls['his']}\n"
        for service, command, cause in (
            ("his", ("python3", "-c", "raise SystemExit('no records')"), "exit code 1: no records"),
            ("lab", ("true",), "there is no such service"),
        ):
            with pytest.raises(EnvironmentFailed) as failed:
                running.run_beside(service, command)
            assert cause in failed.value.cause


def test_a_release_is_identified_by_the_images_that_would_run(
    container_order: Callable[..., Order], heard: Heard
) -> None:
    """The digest is the one that it has when it runs; an image that is not there is told as by a start."""
    environment, asked = ContainerEnvironment(SYSTEMS), container_order()
    looked_up = environment.identify(asked, heard)
    with environment.start(asked, heard) as running:
        assert running.identities == looked_up
    with pytest.raises(EnvironmentDown, match="is not in the container engine"):
        environment.identify(container_order(image="epjgate/nowhere:0"), heard)


def test_an_earlier_release_stands_on_the_volumes_of_the_candidate(
    container_order: Callable[..., Order], heard: Heard
) -> None:
    """It has a container, a name and a URL of its own; what the candidate keeps in a volume it sees."""
    placed = container_order()
    how = EarlierRelease(service="his", env={"MIGRATES": "no"})
    system = placed.system.model_copy(update={"earlier_release": how})
    earlier = replace(placed, system=system, version="0", logs=placed.logs / "earlier")
    kept = "/var/lib/sekmet/kept"
    with ContainerEnvironment(SYSTEMS).start(placed, heard) as candidate:
        candidate.run_beside("his", ("sh", "-c", f"echo kept > {kept}"))
        with candidate.start_earlier(earlier, heard) as beside:
            assert beside.urls["his"] != candidate.urls["his"]
            assert requests.get(beside.urls["his"], timeout=10).text == beside.urls["his"]
            assert beside.run_beside("his", ("sh", "-c", f"cat {kept}; echo $MIGRATES")) == "kept\nno\n"
        candidate.raise_if_silent()
    assert "admitted" in (earlier.logs / "his.log").read_text()
