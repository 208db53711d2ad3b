"""Makes the images that a system's description names and the engine does not have."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from textwrap import shorten

from docker import DockerClient
from docker.errors import DockerException, ImageNotFound

from epjgate.environments.catalogue import release_for
from epjgate.environments.debian_base import find_base
from epjgate.environments.engine import ENGINE_ERRORS, connected
from epjgate.environments.interface import EnvironmentDown, Listener
from epjgate.environments.readiness import tail, with_last_lines
from epjgate.errors import UsageError
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.system import ContainerRelease, ImageBuild, System

BUILD_LABEL = "epjgate.build"
CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "PIP_CERT")

_CA_BUNDLE = "ca-bundle.crt"
_CONSTRAINTS = "constraints.txt"
# A step of a Dockerfile may work for long without a word.
_SILENCE_LIMIT_S = 1800
_STEP_WIDTH = 80


class Source(StrEnum):
    """Where an image came from this time."""

    PRESENT = "present"
    BUILT = "built"
    PULLED = "pulled"


@dataclass(frozen=True)
class BuiltImage:
    """An image that the engine now has; `image_id` is `sha256:...`."""

    version: str
    reference: str
    image_id: str
    source: Source


@dataclass(frozen=True)
class BuildSite:
    """What every build of a site shares.

    `systems` and `images` are the folders of the descriptions and of the Dockerfiles, `logs` receives a log for each
    build. `base` names the image to build upon instead of the one that would be found. `ca_bundle` is the file with
    the authorities that the site trusts, None for those that the base image brings.
    """

    systems: Path
    images: Path
    logs: Path
    base: str | None = None
    ca_bundle: Path | None = None


def default_ca_bundle() -> Path | None:
    """Return the CA bundle that this process was told to trust, by the first of CA_VARIABLES that names a file."""
    named = (Path(os.environ[name]) for name in CA_VARIABLES if os.environ.get(name))
    return next((path for path in named if path.is_file()), None)


@dataclass(frozen=True)
class _Recipe:
    """One build: the folder handed to the engine, as a tar archive, and the arguments, the base image among them."""

    system: str
    version: str
    references: tuple[str, ...]
    context: bytes
    args: dict[str, str]

    @property
    def digest(self) -> str:
        """SHA-256 of everything that goes in."""
        return hashlib.sha256(self.context + json.dumps(self.args, sort_keys=True).encode()).hexdigest()


def build_images(
    site: BuildSite, system: System, versions: Sequence[str], listener: Listener, *, rebuild: bool = False
) -> tuple[BuiltImage, ...]:
    """Make or fetch what the `versions` of `system` need and the engine lacks; build all again with `rebuild`.

    An image that was built from other files, arguments, authorities or another base than now counts as lacking.
    Raises UsageError for a version, folder or file that does not exist, and EnvironmentDown with stage `prepare`
    where the engine does not answer (`engine`) or a build fails (`set_up`).
    """
    # What can be asked for wrongly is looked at before anything is started.
    releases = {version: _containers(system, version) for version in versions}
    contexts = {
        version: _context(site, system, release.build) for version, release in releases.items() if release.build
    }
    images: list[BuiltImage] = []
    try:
        with connected() as engine:
            base = find_base(engine, site.base, listener) if contexts else ""
            for version, release in releases.items():
                if release.build is None:
                    images += _fetched(engine, version, release, listener)
                    continue
                args = {"VERSION": version, **release.build.args, "BASE_IMAGE": base}
                recipe = _Recipe(system.name, version, _references(release), contexts[version], args)
                images += _present(engine, recipe, rebuild=rebuild) or _built(engine, recipe, site.logs, listener)
    except ENGINE_ERRORS as err:
        raise _failed(
            system.name, f"the container engine refused, or stopped answering: {err}", EnvironmentCause.ENGINE
        ) from err
    return tuple(images)


def _containers(system: System, version: str) -> ContainerRelease:
    release = release_for(system, version, "container").container
    if release is None:
        raise AssertionError("release_for returned a release without its environment")
    return release


def _references(release: ContainerRelease) -> tuple[str, ...]:
    return tuple(sorted(set(release.images.values())))


def _context(site: BuildSite, system: System, build: ImageBuild) -> bytes:
    """Return the folder of `build` with the site's authorities and the release's constraints as a tar archive."""
    folder = site.images / build.folder
    if not (folder / "Dockerfile").is_file():
        raise UsageError(
            f"the images of {system.name} cannot be built",
            f"{folder} holds no Dockerfile",
            f"write it, or correct releases.*.container.build.folder in {system.name}/system.toml",
        )
    try:
        files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        files[_CA_BUNDLE] = site.ca_bundle.read_bytes() if site.ca_bundle else b""
        pinned = site.systems / system.name / build.constraints
        files[_CONSTRAINTS] = pinned.read_bytes() if build.constraints else b""
    except OSError as err:
        raise UsageError(
            f"the images of {system.name} cannot be built", str(err), "name a file that can be read"
        ) from err
    return archive_of(files)


def archive_of(files: Mapping[str, bytes]) -> bytes:
    """Return `files` (path -> content) as a tar archive that is the same, bit for bit, for the same files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _fetched(
    engine: DockerClient, version: str, release: ContainerRelease, listener: Listener
) -> tuple[BuiltImage, ...]:
    """Return the images of a release that nobody here can build, pulled where the engine does not have them."""
    fetched = []
    for reference in _references(release):
        try:
            fetched.append(BuiltImage(version, reference, str(engine.images.get(reference).id), Source.PRESENT))
        except ImageNotFound:
            listener.step(f"pulling {reference}")
            fetched.append(BuiltImage(version, reference, _pulled(engine, reference), Source.PULLED))
    return tuple(fetched)


def _pulled(engine: DockerClient, reference: str) -> str:
    try:
        return str(engine.images.pull(reference).id)
    except DockerException as err:
        cause = f"it is not in the engine, has no build in its description, and could not be pulled: {err}"
        raise _failed(reference, cause, EnvironmentCause.SET_UP) from err


def _present(engine: DockerClient, recipe: _Recipe, *, rebuild: bool) -> tuple[BuiltImage, ...]:
    """Return the images of `recipe` where the engine has all of them, built from the same; otherwise nothing."""
    if rebuild:
        return ()
    found = []
    for reference in recipe.references:
        try:
            image = engine.images.get(reference)
        except ImageNotFound:
            return ()
        if image.labels.get(BUILD_LABEL) != recipe.digest:
            return ()
        found.append(BuiltImage(recipe.version, reference, str(image.id), Source.PRESENT))
    return tuple(found)


def _built(engine: DockerClient, recipe: _Recipe, logs: Path, listener: Listener) -> tuple[BuiltImage, ...]:
    first, *others = recipe.references
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / f"{recipe.system}-{recipe.version}.build.log"
    listener.step(f"building {first} (log: {log})")
    error = _build(engine, recipe, log, listener)
    if error:
        raise _failed(first, with_last_lines(error, tail(log)), EnvironmentCause.SET_UP)
    image = engine.images.get(first)
    for reference in others:
        image.tag(reference)
    return tuple(BuiltImage(recipe.version, name, str(image.id), Source.BUILT) for name in recipe.references)


def _build(engine: DockerClient, recipe: _Recipe, log: Path, listener: Listener) -> str:
    """Build and tag the first image of `recipe`, its output going to `log`; return what went wrong, or nothing."""
    answers = engine.api.build(
        fileobj=io.BytesIO(recipe.context),
        custom_context=True,
        tag=recipe.references[0],
        buildargs=recipe.args,
        labels={BUILD_LABEL: recipe.digest},
        rm=True,
        forcerm=True,
        decode=True,
        timeout=_SILENCE_LIMIT_S,
    )
    with log.open("w", encoding="utf-8", buffering=1) as file:
        for answer in answers:
            text = str(answer.get("stream", ""))
            file.write(text)
            if text.startswith("Step "):
                listener.step(f"{recipe.references[0]}: {shorten(text, _STEP_WIDTH)}")
            if "error" in answer:
                return str(answer["error"])
    return ""


def _failed(what: str, cause: str, root: EnvironmentCause) -> EnvironmentDown:
    fix = (
        "run `epjgate doctor`; where the network inspects TLS, name its authorities with --ca-bundle FILE"
        if root is EnvironmentCause.SET_UP
        else "run `epjgate doctor`"
    )
    return EnvironmentDown(f"{what} cannot be had", cause, fix, stage=EnvironmentStage.PREPARE, root=root)
