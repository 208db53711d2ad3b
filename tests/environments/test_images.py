"""Images are made when they are missing or out of date, from exactly what lies in the repository."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest
from docker import DockerClient

from epjgate.environments.image_recipe import BuildSite
from epjgate.environments.images import CA_VARIABLES, BuiltImage, Source, build_images, default_ca_bundle
from epjgate.environments.interface import EnvironmentDown
from epjgate.errors import UsageError
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.system import System

DOCKERFILE = """
ARG BASE_IMAGE
FROM ${BASE_IMAGE}
ARG VERSION
ARG GREETING
COPY . /made-of/
USER root
RUN echo "${GREETING} ${VERSION}" > /greeting
"""


class Heard(Protocol):
    """The listener of the fixture `heard`."""

    steps: list[str]

    def step(self, text: str) -> None:
        """Take note."""


class Workshop:
    """A site with one system, `tiny`, whose image is built upon one of the real candidate's."""

    def __init__(self, site: BuildSite, name: str, listener: Heard) -> None:
        self.site = site
        self.names = (f"epjgate/{name}:a", f"epjgate/{name}:b")
        self.folder = site.images / "tiny"
        self.made: set[str] = set()
        self._listener = listener

    def system(self, **container: object) -> System:
        """Describe the system, with other values for the container table of its release 1."""
        service = {"ready": {"path": "/"}, "container": {"port": 8090}}
        build = {"folder": "tiny", "args": {"GREETING": "hello"}, "constraints": "pins.txt"}
        release = {"images": dict(zip(("one", "two"), self.names, strict=True)), "build": build, **container}
        return System.model_validate(
            {
                "schema_version": "epjgate/system/1",
                "name": "tiny",
                "title": "Tiny",
                "services": {"one": service, "two": service},
                "interfaces": {"http": {"service": "one"}},
                "releases": {"1": {"container": release}, "2": {"process": {"packages": ["tiny"]}}},
            }
        )

    def build(self, *, rebuild: bool = False, **container: object) -> tuple[BuiltImage, ...]:
        """Build release 1."""
        images = build_images(self.site, self.system(**container), ["1"], self._listener, rebuild=rebuild)
        self.made.update(image.image_id for image in images if image.source is Source.BUILT)
        return images

    def sources(self, *, rebuild: bool = False) -> set[Source]:
        """Build release 1 and tell where its images came from."""
        return {image.source for image in self.build(rebuild=rebuild)}


@pytest.fixture
def workshop(tmp_path: Path, run_id: str, heard: Heard) -> Workshop:
    """A workshop whose base image does not exist, so that only what comes before building can succeed."""
    for path, text in {
        "images/tiny/Dockerfile": DOCKERFILE,
        "images/tiny/part/one.txt": "first",
        "systems/tiny/pins.txt": "pinned==1\n",
        "authorities.pem": "trusted\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    site = BuildSite(
        systems=tmp_path / "systems",
        images=tmp_path / "images",
        logs=tmp_path / "logs",
        base="registry.invalid/base:1",
        ca_bundle=tmp_path / "authorities.pem",
    )
    return Workshop(site, run_id, heard)


@pytest.fixture
def open_workshop(
    workshop: Workshop, engine: DockerClient, sekmet_images: tuple[BuiltImage, ...]
) -> Iterator[Workshop]:
    """The workshop with a base image; what it makes is removed after the test."""
    workshop.site = replace(workshop.site, base=sekmet_images[0].reference)
    yield workshop
    for image_id in workshop.made:
        engine.images.remove(image_id, force=True)


def inside(engine: DockerClient, image: str, *command: str) -> str:
    return engine.containers.run(image, list(command), remove=True).decode()


@pytest.mark.containers
def test_the_releases_of_sekmet_share_all_layers_but_the_last(
    engine: DockerClient, sekmet_images: tuple[BuiltImage, ...]
) -> None:
    """What differs between two releases is the release: what a registry has to hold, and what may differ in a test."""
    old, new = (engine.images.get(image.image_id).attrs["RootFS"]["Layers"] for image in sekmet_images)
    assert old[:-1] == new[:-1]
    assert old[-1] != new[-1]


@pytest.mark.containers
@pytest.mark.parametrize("index", [0, 1])
def test_an_image_of_sekmet_holds_its_release_and_runs_as_nobody_special(
    index: int, engine: DockerClient, sekmet_images: tuple[BuiltImage, ...]
) -> None:
    """The version inside is the one of the tag, the user is no root, and its folder can be written."""
    image = sekmet_images[index]
    said = inside(engine, image.reference, "sh", "-c", "pip list --format=freeze; id -u; touch x && cat settings.yaml")
    assert f"sekmet-fhir=={image.version}\n" in said
    assert "\n1000\n" in said
    assert "enabled: false" in said


@pytest.mark.containers
def test_what_is_there_is_not_built_again(open_workshop: Workshop) -> None:
    """The same files, arguments and base are built once; asking for it builds them again."""
    assert open_workshop.sources() == {Source.BUILT}
    assert open_workshop.sources() == {Source.PRESENT}
    assert open_workshop.sources(rebuild=True) == {Source.BUILT}


@pytest.mark.containers
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda site: (site.images / "tiny/part/one.txt").write_text("other"), id="file"),
        pytest.param(lambda site: (site.images / "tiny/two.txt").write_text(""), id="new file"),
        pytest.param(lambda site: (site.systems / "tiny/pins.txt").write_text("pinned==2\n"), id="constraints"),
        pytest.param(lambda site: site.ca_bundle.write_text("distrusted\n"), id="authorities"),
    ],
)
def test_whatever_goes_in_is_noticed(change: Callable[[BuildSite], None], open_workshop: Workshop) -> None:
    """An image that was built from something else counts as missing."""
    open_workshop.build()
    change(open_workshop.site)
    assert open_workshop.sources() == {Source.BUILT}


@pytest.mark.containers
def test_another_base_is_noticed(open_workshop: Workshop, sekmet_images: tuple[BuiltImage, ...]) -> None:
    """The base counts by its id: the same files upon another one are another image."""
    open_workshop.build()
    open_workshop.site = replace(open_workshop.site, base=sekmet_images[1].reference)
    assert open_workshop.sources() == {Source.BUILT}


@pytest.mark.containers
def test_every_service_gets_the_image_with_everything_in_it(open_workshop: Workshop, engine: DockerClient) -> None:
    """One build serves all services of a release; files, arguments, authorities and constraints are in it."""
    one, two = open_workshop.build()
    assert (one.reference, two.reference) == open_workshop.names
    assert one.image_id == two.image_id == engine.images.get(two.reference).id
    said = inside(
        engine, one.reference, "sh", "-c", "cd /made-of; cat /greeting part/one.txt ca-bundle.crt constraints.txt"
    )
    assert said.splitlines() == ["hello 1", "firsttrusted", "pinned==1"]


@pytest.mark.containers
def test_services_may_be_built_from_folders_of_their_own(open_workshop: Workshop, engine: DockerClient) -> None:
    """The one that names its own build gets another image; it is built once for all releases that share it."""
    own = open_workshop.site.images / "own"
    own.mkdir()
    (own / "Dockerfile").write_text("ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nUSER root\nRUN echo own > /greeting\n")
    one, two = open_workshop.build(builds={"two": {"folder": "own"}})
    assert (one.reference, two.reference) == open_workshop.names
    said = [inside(engine, image.reference, "cat", "/greeting").strip() for image in (one, two)]
    assert said == ["hello 1", "own"]
    assert {image.source for image in open_workshop.build(builds={"two": {"folder": "own"}})} == {Source.PRESENT}


@pytest.mark.containers
def test_a_build_that_fails_quotes_its_log(open_workshop: Workshop) -> None:
    """The last lines are in the error, the whole log in its file; nothing is tagged."""
    (open_workshop.folder / "Dockerfile").write_text(f"{DOCKERFILE}RUN echo no index answers && exit 7\n")
    with pytest.raises(EnvironmentDown, match="no index answers") as caught:
        open_workshop.build()
    assert (caught.value.stage, caught.value.root) == (EnvironmentStage.PREPARE, EnvironmentCause.SET_UP)
    assert "--ca-bundle" in caught.value.fix
    assert "Step 2/" in next(open_workshop.site.logs.glob("*.build.log")).read_text()


@pytest.mark.containers
def test_an_image_without_a_build_must_be_had_somewhere(
    open_workshop: Workshop, sekmet_images: tuple[BuiltImage, ...]
) -> None:
    """What is only named is taken from the engine, else pulled; where neither works, that is the error."""
    held = {"one": sekmet_images[0].reference}
    (image,) = open_workshop.build(images=held, build=None)
    assert (image.image_id, image.source) == (sekmet_images[0].image_id, Source.PRESENT)
    with pytest.raises(EnvironmentDown, match="could not be pulled") as caught:
        open_workshop.build(images={"one": "registry.invalid/epj:1"}, build=None)
    assert caught.value.root is EnvironmentCause.SET_UP


def test_without_an_engine_nothing_is_built(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine is to blame, and what to do is said."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    with pytest.raises(EnvironmentDown) as caught:
        workshop.build()
    assert (caught.value.stage, caught.value.root) == (EnvironmentStage.PREPARE, EnvironmentCause.ENGINE)


@pytest.mark.parametrize("version", ["3", "2"])
def test_a_release_that_is_unknown_or_no_container_is_a_mistake(version: str, workshop: Workshop, heard: Heard) -> None:
    """A wrong version is told before anything is started."""
    with pytest.raises(UsageError):
        build_images(workshop.site, workshop.system(), ["1", version], heard)
    assert heard.steps == []


@pytest.mark.parametrize("missing", ["images/tiny/Dockerfile", "systems/tiny/pins.txt", "authorities.pem"])
def test_a_missing_file_is_a_mistake(missing: str, workshop: Workshop, tmp_path: Path) -> None:
    """A build never goes on without something that its description or the command line names."""
    (tmp_path / missing).unlink()
    with pytest.raises(UsageError):
        workshop.build()


def test_the_authorities_of_this_process_are_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site that told its tools which authorities to trust need not say it again; a missing file is passed over."""
    for name in CA_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert default_ca_bundle() is None
    bundle = tmp_path / "site.pem"
    bundle.write_text("")
    monkeypatch.setenv(CA_VARIABLES[2], str(bundle))
    assert default_ca_bundle() == bundle
    monkeypatch.setenv(CA_VARIABLES[0], str(tmp_path / "gone.pem"))
    assert default_ca_bundle() == bundle
