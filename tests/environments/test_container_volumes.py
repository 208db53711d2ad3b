"""Volumes outlast containers, and snapshots of them outlast runs: whole ones only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from docker import DockerClient

from epjgate.environments.container_service import Part
from epjgate.environments.container_volumes import SNAPSHOT_LABEL, Folder, Volumes, VolumeSnapshots
from epjgate.environments.engine import labels, leftovers, this_process
from epjgate.environments.images import BuiltImage
from epjgate.environments.interface import EnvironmentDown
from epjgate.model.system import Service

pytestmark = pytest.mark.containers

DATA = Folder("his", "/data")


@pytest.fixture
def system(engine: DockerClient) -> Iterator[str]:
    """The name of a system that nobody else has; its snapshots are removed at the end."""
    name = f"tiny{uuid4().hex[:8]}"
    yield name
    for volume in kept_of(engine, name):
        engine.api.remove_volume(volume)


@pytest.fixture
def volumes(engine: DockerClient, run_id: str) -> Iterator[Volumes]:
    """The volumes of a run."""
    made = Volumes(engine, labels(run_id), f"epjgate-{run_id}", {"his": "/data"})
    yield made
    made.remove()


def kept_of(engine: DockerClient, system: str) -> set[str]:
    found = engine.api.volumes(filters={"label": f"{SNAPSHOT_LABEL}={system}"})["Volumes"] or ()
    return {one["Name"] for one in found}


def test_folders_that_are_named_and_declared_have_volumes(
    engine: DockerClient,
    volumes: Volumes,
    sekmet_images: tuple[BuiltImage, ...],
    left_in_engine: Callable[[], list[str]],
) -> None:
    """The same one every time, with the labels of the run; a new one once they were removed."""
    described = Service.model_validate({"ready": {"path": "/"}, "container": {"port": 1}})
    assert described.container is not None
    image = engine.images.get(sekmet_images[0].reference)
    part = Part("his", described, described.container, {}, sekmet_images[0].reference, image)
    mounted = volumes.of(part)
    assert set(mounted.values()) == {"/data", "/var/lib/sekmet"}
    assert volumes.of(part) == mounted
    assert len(left_in_engine()) == 2
    volumes.remove()
    assert left_in_engine() == []


def test_what_dead_runs_did_not_finish_is_removed(engine: DockerClient, system: str, dead_owner: str) -> None:
    """Only that: what somebody makes now stays, and a whole snapshot is nobody's leftover."""
    snapshots = VolumeSnapshots(engine, {}, system, {}, ())
    snapshots.save("whole", {})
    (whole,) = kept_of(engine, system)
    half, going_on = (f"epjgate-snapshot-{uuid4().hex[:12]}" for _volume in range(2))
    for name, maker in ((half, dead_owner), (going_on, this_process())):
        engine.api.create_volume(name, labels={SNAPSHOT_LABEL: system, "epjgate.snapshot.maker": maker})
    snapshots.sweep()
    assert kept_of(engine, system) == {whole, going_on}
    assert snapshots.has("whole")
    assert not {whole, going_on, half} & {found.name for found in leftovers()}


def test_a_snapshot_fits_the_programs_that_wrote_it(engine: DockerClient, system: str, volumes: Volumes) -> None:
    """Another image of the database has no snapshot under the same key."""
    VolumeSnapshots(engine, {}, system, {}, ["sha256:1"]).save("k", {})
    assert VolumeSnapshots(engine, {}, system, {}, ["sha256:1"]).load("k", volumes)
    assert not VolumeSnapshots(engine, {}, system, {}, ["sha256:2"]).load("k", volumes)
    assert not VolumeSnapshots(engine, {}, system, {}, ["sha256:1"]).load("l", volumes)


def test_a_copy_that_failed_is_no_snapshot(engine: DockerClient, system: str, volumes: Volumes) -> None:
    """It is said, and nothing of it is left."""
    snapshots = VolumeSnapshots(engine, {}, system, {"his": "epjgate/no-such-image:1"}, ())
    with pytest.raises(EnvironmentDown, match="could not be kept"):
        snapshots.save("k", {DATA: volumes.volume(DATA)})
    assert not kept_of(engine, system)
    assert not snapshots.has("k")
