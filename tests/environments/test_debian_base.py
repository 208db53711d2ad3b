"""Which base image is taken, and how one is made; debootstrap itself runs for real when the first image is built."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol, cast

import pytest
from docker import DockerClient
from docker.errors import ImageNotFound

from epjgate.environments.debian_base import find_base, make_base, missing_for_debootstrap, registry_silence, run
from epjgate.environments.images import BuiltImage
from epjgate.environments.interface import EnvironmentDown
from epjgate.model.events import EnvironmentCause, EnvironmentStage


class Heard(Protocol):
    """The listener of the fixture `heard`."""

    steps: list[str]

    def step(self, text: str) -> None:
        """Take note."""


@pytest.fixture
def temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which temporary files are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def install_debootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a shell script in debootstrap's place; its last argument is the folder to fill."""
    if os.geteuid() != 0:
        pytest.skip("NOT RUN: a mount namespace takes root")

    def install(script: str) -> None:
        program = tmp_path / "bin" / "debootstrap"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\nfor tree; do :; done\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")

    return install


@pytest.fixture
def reference(engine: DockerClient, run_id: str) -> Iterator[str]:
    """The name of an image that is removed after the test."""
    name = f"epjgate/{run_id}:bookworm"
    yield name
    try:
        engine.images.remove(name)
    except ImageNotFound:
        return


@pytest.mark.containers
def test_a_named_base_is_the_only_choice(
    engine: DockerClient, sekmet_images: tuple[BuiltImage, ...], heard: Heard
) -> None:
    """The image that the engine has under the name given is taken; nothing is fetched."""
    assert find_base(engine, sekmet_images[0].reference, heard) == sekmet_images[0].image_id
    assert heard.steps == []


@pytest.mark.containers
def test_a_named_base_that_nobody_has_is_an_error(engine: DockerClient, heard: Heard) -> None:
    """A name that leads nowhere never falls back to another base."""
    with pytest.raises(EnvironmentDown, match=r"registry\.invalid/base:1 could not be pulled") as caught:
        find_base(engine, "registry.invalid/base:1", heard)
    assert (caught.value.stage, caught.value.root) == (EnvironmentStage.PREPARE, EnvironmentCause.SET_UP)


@pytest.mark.containers
@pytest.mark.usefixtures("sekmet_images")
def test_a_base_that_is_there_is_taken_again(engine: DockerClient, heard: Heard) -> None:
    """Once images were built, the same base is found without asking a registry: a new one would rebuild all."""
    assert find_base(engine, None, heard) == find_base(engine, None, heard)
    assert heard.steps == []


@pytest.mark.containers
def test_a_registry_that_does_not_answer_is_said_why(engine: DockerClient) -> None:
    """The engine's own words tell why an image cannot be had; so does an engine that is away."""
    assert engine.ping()
    assert "registry.invalid" in str(registry_silence("registry.invalid/base:1"))


def test_without_an_engine_no_registry_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the engine that pulls: without one, no image can be had from anywhere."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    assert registry_silence("registry.invalid/base:1")


@pytest.mark.containers
def test_a_base_is_made_of_what_debootstrap_installs(
    engine: DockerClient, install_debootstrap: Callable[[str], None], reference: str, temporary_files: Path
) -> None:
    """The tree becomes an image without package lists and archives, and the temporary folder is gone."""
    install_debootstrap('lists=$tree/var/lib/apt/lists; mkdir -p "$lists" && touch "$lists/unwanted" "$tree/marker"')
    image_id = make_base(engine, reference)
    image = engine.images.get(reference)
    content = subprocess.run(
        ["tar", "--list"], input=_filesystem(engine, reference), capture_output=True, check=True
    ).stdout.decode()
    assert image.id == image_id
    assert image.attrs["Config"]["Cmd"] == ["python3"]
    assert "marker\n" in content
    assert "unwanted" not in content
    assert list(temporary_files.iterdir()) == []


def _filesystem(engine: DockerClient, reference: str) -> bytes:
    container = engine.containers.create(reference)
    try:
        return b"".join(cast("Iterable[bytes]", container.export()))
    finally:
        container.remove(v=True)


@pytest.mark.containers
def test_a_debootstrap_that_fails_is_quoted(
    engine: DockerClient, install_debootstrap: Callable[[str], None], reference: str, temporary_files: Path
) -> None:
    """Its last words are in the error, no image is made, and the temporary folder is gone."""
    install_debootstrap('mkdir -p "$tree" && echo no mirror answers && exit 3')
    with pytest.raises(EnvironmentDown, match="no mirror answers") as caught:
        make_base(engine, reference)
    assert caught.value.root is EnvironmentCause.SET_UP
    assert "exit code 3" in caught.value.cause
    assert list(temporary_files.iterdir()) == []
    with pytest.raises(ImageNotFound):
        engine.images.get(reference)


def test_a_command_that_takes_too_long_is_ended_with_all_that_it_started(
    tmp_path: Path, gone: Callable[[int], bool]
) -> None:
    """What a shell script left running would go on writing into a folder that is removed."""
    log = tmp_path / "log"
    with pytest.raises(EnvironmentDown, match=r"more than 0\.5 s"):
        run(("sh", "-c", "sleep 600 & echo $!; wait"), log, 0.5)
    child = int(log.read_text().split()[0])
    deadline = time.monotonic() + 10
    while not gone(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert gone(child)


def test_an_interruption_ends_the_command(tmp_path: Path, gone: Callable[[int], bool]) -> None:
    """Ctrl-C reaches the caller and leaves no process behind."""
    script = (
        "import signal, sys; from pathlib import Path; from epjgate.environments.debian_base import run\n"
        "run(('sh', '-c', f'echo $$; kill -INT {__import__(\"os\").getpid()}; sleep 600'), Path(sys.argv[1]), 60)"
    )
    log = tmp_path / "log"
    interrupted = subprocess.run([sys.executable, "-c", script, str(log)], capture_output=True, check=False, timeout=60)
    assert b"KeyboardInterrupt" in interrupted.stderr
    assert gone(int(log.read_text()))


def test_what_debootstrap_needs_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each tool that is not on PATH is named."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert {"no debootstrap", "no unshare", "no tar"} <= set(missing_for_debootstrap())
