"""How the engine is reached, whose things are whose, and what a sweep removes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import pytest
from docker import DockerClient
from hypothesis import given
from hypothesis import strategies as st

from epjgate.environments.engine import (
    OWNER_LABEL,
    RUN_LABEL,
    START_LABEL,
    Kind,
    Owner,
    connect,
    engine_status,
    labels,
    leftovers,
    marked,
    owner_state,
    published_at,
    remove,
    sweep_engine,
    this_process,
)
from epjgate.environments.images import BuiltImage
from epjgate.environments.interface import EnvironmentDown
from epjgate.model.events import EnvironmentCause, EnvironmentStage

NOBODY_LISTENS = "tcp://127.0.0.1:9"


def elsewhere(boot: str = "", namespace: str = "") -> str:
    """Our own owner label with another boot, or another process namespace of this boot."""
    host, pid, started = this_process().rsplit(":", 2)
    here, _, inode = host.partition("/")
    return f"{boot or here}/{namespace or inode}:{pid}:{started}"


def test_this_process_lives() -> None:
    """What we own ourselves is never a leftover."""
    assert owner_state(this_process(), local_engine=True) is Owner.ALIVE


def test_a_process_that_has_ended_is_dead(dead_owner: str) -> None:
    """What nobody owns any more may be removed."""
    assert owner_state(dead_owner, local_engine=True) is Owner.DEAD


def test_a_process_that_its_parent_forgot_is_dead() -> None:
    """A zombie cannot clean up after itself."""
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    try:
        started = psutil.Process(child.pid).create_time()
        while psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        host = this_process().rsplit(":", 2)[0]
        assert owner_state(f"{host}:{child.pid}:{started:.2f}", local_engine=True) is Owner.DEAD
    finally:
        child.wait()


def test_a_pid_that_is_used_again_is_not_the_owner() -> None:
    """A process is known by its start, too: another one with the same pid owns nothing."""
    host, pid, started = this_process().rsplit(":", 2)
    assert owner_state(f"{host}:{pid}:{float(started) - 3600:.2f}", local_engine=True) is Owner.DEAD


def test_an_owner_of_another_host_cannot_be_judged() -> None:
    """Nobody can look into another host, or into another container's processes: its things are left alone."""
    assert owner_state(elsewhere(boot="other"), local_engine=False) is Owner.ELSEWHERE
    assert owner_state(elsewhere(namespace="1"), local_engine=True) is Owner.ELSEWHERE


def test_an_owner_of_an_earlier_boot_is_dead() -> None:
    """With an engine on this machine, what was made before it started has no owner."""
    assert owner_state(elsewhere(boot="other"), local_engine=True) is Owner.DEAD


@given(st.text())
def test_a_label_that_cannot_be_read_is_never_removed(owner: str) -> None:
    """Only a label that we wrote can say that its owner is dead."""
    assert owner_state(owner, local_engine=False) is Owner.ELSEWHERE


def test_labels_tell_run_owner_and_start_apart() -> None:
    """Two starts of one run share the run and the owner, not the start."""
    first, second = labels("run1"), labels("run1")
    assert first[RUN_LABEL] == second[RUN_LABEL] == "run1"
    assert first[OWNER_LABEL] == second[OWNER_LABEL] == this_process()
    assert first[START_LABEL] != second[START_LABEL]


def test_without_an_engine_it_is_said_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """The status carries the reason; everything that needs an engine raises with stage, root and fix."""
    monkeypatch.setenv("DOCKER_HOST", NOBODY_LISTENS)
    status = engine_status()
    assert not status.reachable
    assert status.why_not
    for ask in (connect, sweep_engine, leftovers):
        with pytest.raises(EnvironmentDown) as caught:
            ask()
        assert (caught.value.stage, caught.value.root) == (EnvironmentStage.PREPARE, EnvironmentCause.ENGINE)
        assert "DOCKER_HOST" in caught.value.fix


@pytest.mark.containers
def test_an_engine_tells_its_version(engine: DockerClient) -> None:
    """The status of an engine that answers holds the version that the engine itself states."""
    status = engine_status()
    assert status.reachable
    assert status.version == engine.version()["Version"]


@pytest.mark.containers
def test_an_engine_elsewhere_is_published_to_the_network(engine: DockerClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ports stay on this machine, unless the engine is on another one."""
    assert engine.ping()
    monkeypatch.setattr("testcontainers.core.config.testcontainers_config.tc_host_override", None)
    assert published_at() == ("127.0.0.1", "127.0.0.1")
    monkeypatch.setattr("testcontainers.core.config.testcontainers_config.tc_host_override", "engine.example")
    assert published_at() == ("0.0.0.0", "engine.example")  # noqa: S104 - the address to expect


@pytest.fixture
def make_belongings(
    engine: DockerClient,
    sekmet_images: tuple[BuiltImage, ...],
    run_id: str,
) -> Iterator[Callable[[str], None]]:
    """Makes a container, its network and a volume for an owner; all of it is gone after the test."""

    def make(owner: str) -> None:
        bears = {**labels(run_id), OWNER_LABEL: owner}
        name = f"{run_id}-{bears[START_LABEL]}"
        engine.networks.create(name, labels=bears)
        engine.volumes.create(name, labels=bears)
        image = sekmet_images[0].reference
        engine.containers.run(image, ["sleep", "600"], name=name, labels=bears, network=name, detach=True)

    yield make
    remove(engine, marked(engine, f"{RUN_LABEL}={run_id}"))


@pytest.mark.containers
def test_a_sweep_removes_what_dead_runs_left(
    engine: DockerClient, make_belongings: Callable[[str], None], run_id: str, dead_owner: str
) -> None:
    """Container, network and volume of a dead owner go, and each is named; the container that holds the rest first."""
    make_belongings(dead_owner)
    said = [words for words in sweep_engine() if run_id in words]
    assert [words.split()[:2] for words in said] == [["removed", kind.value] for kind in Kind]
    assert marked(engine, f"{RUN_LABEL}={run_id}") == ()


@pytest.mark.containers
@pytest.mark.parametrize("owner", [this_process(), elsewhere(namespace="1")])
def test_a_sweep_leaves_alone_what_may_be_in_use(
    owner: str, engine: DockerClient, make_belongings: Callable[[str], None], run_id: str
) -> None:
    """A run that goes on, here or in another process namespace, keeps everything."""
    make_belongings(owner)
    assert [words for words in sweep_engine() if run_id in words] == []
    assert len(marked(engine, f"{RUN_LABEL}={run_id}")) == 3


@pytest.mark.containers
def test_leftovers_are_what_does_not_belong_to_the_living(
    make_belongings: Callable[[str], None], run_id: str, dead_owner: str
) -> None:
    """What a sweep would remove is listed, and so is what it cannot judge; nothing else is."""
    for owner in (this_process(), dead_owner, elsewhere(namespace="1")):
        make_belongings(owner)
    owners = [found.owner for found in leftovers() if found.run_id == run_id]
    assert sorted(owners) == [Owner.DEAD] * 3 + [Owner.ELSEWHERE] * 3


@pytest.mark.containers
def test_what_the_engine_will_not_give_up_is_said(
    engine: DockerClient, make_belongings: Callable[[str], None], run_id: str
) -> None:
    """A network with a container in it cannot go before the container does; what is gone already is no error."""
    make_belongings(this_process())
    container, network, volume = marked(engine, f"{RUN_LABEL}={run_id}")
    removed, left = remove(engine, [network])
    assert removed == ()
    assert left[0].startswith(f"could not remove network {network.name} of run {run_id}: ")
    assert len(remove(engine, [container, network, volume])[0]) == 3
    assert remove(engine, [container, network]) == ((), ())
