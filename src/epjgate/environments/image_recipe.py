"""What goes into the images of a release: for each of them a folder to build in and arguments, or only a name."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from epjgate.environments.catalogue import release_for
from epjgate.environments.source import assembled_files, files_digest
from epjgate.errors import UsageError
from epjgate.model.system import ContainerRelease, ImageBuild, System

SOURCE_LABEL = "epjgate.source"
"""What an image says of the source code in it: the digest that `source_digest` gives."""

_CA_BUNDLE = "ca-bundle.crt"
_CONSTRAINTS = "constraints.txt"
_SOURCE = "source"
# An image that does not ask for it is the same one for every release.
_VERSION_ARGUMENT = re.compile(rb"^ARG\s+VERSION\b", re.MULTILINE)


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


@dataclass(frozen=True)
class Recipe:
    """How images of a release are made: the folder handed to the engine, as a tar archive, and the arguments."""

    version: str
    references: tuple[str, ...]
    context: bytes
    args: dict[str, str]
    labels: dict[str, str]

    def upon(self, base: str) -> Recipe:
        """Return the recipe with the base image that it is made upon."""
        return replace(self, args={**self.args, "BASE_IMAGE": base})

    @property
    def digest(self) -> str:
        """SHA-256 of everything that goes in."""
        return hashlib.sha256(self.context + json.dumps(self.args, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Pull:
    """Images of a release that nobody here can make."""

    version: str
    references: tuple[str, ...]


def recipes_for(site: BuildSite, system: System, versions: Sequence[str]) -> tuple[Recipe | Pull, ...]:
    """Return how the images of these releases are had, in the order of `versions`; nothing is started for it.

    Raises UsageError for a version, folder or file that does not exist, and where one image would be made in two
    ways; EnvironmentDown with stage `prepare` for source code that cannot be assembled.
    """
    wanted = tuple(want for version in versions for want in _wanted(site, system, version))
    _raise_if_made_two_ways(system, wanted)
    return wanted


def _wanted(site: BuildSite, system: System, version: str) -> Iterator[Recipe | Pull]:
    """Yield how each image of a release is had; those that are made in the same way come together."""
    release = _containers(system, version)
    ways: list[tuple[ImageBuild | None, list[str]]] = []
    for reference in sorted(set(release.images.values())):
        build = release.build_of(reference)
        alike = next((references for known, references in ways if known == build), None)
        if alike is None:
            ways.append((build, [reference]))
        else:
            alike.append(reference)
    for build, references in ways:
        if build is None:
            yield Pull(version, tuple(references))
        else:
            # Read once: the label must be that of the code that goes in, whoever edits it meanwhile.
            code = _source(site.systems / system.name, build)
            files = _files(site, system, build) | {f"{_SOURCE}/{name}": content for name, content in code.items()}
            asks_for_version = _VERSION_ARGUMENT.search(files["Dockerfile"]) is not None
            args = {**({"VERSION": version} if asks_for_version else {}), **build.args}
            labels = {SOURCE_LABEL: files_digest(code)} if build.source else {}
            yield Recipe(version, tuple(references), archive_of(files), args, labels)


def _raise_if_made_two_ways(system: System, wanted: Sequence[Recipe | Pull]) -> None:
    ways: dict[str, tuple[str, str]] = {}
    for want in wanted:
        digest = want.digest if isinstance(want, Recipe) else ""
        for reference in want.references:
            version, known = ways.setdefault(reference, (want.version, digest))
            if known != digest:
                raise UsageError(
                    f"the images of {system.name} cannot be built",
                    f"{reference} is made in one way for {version} and in another one for {want.version}",
                    "give each release a name of its own for it, or make it in the same way",
                )


def _containers(system: System, version: str) -> ContainerRelease:
    release = release_for(system, version, "container").container
    if release is None:
        raise AssertionError("release_for returned a release without its environment")
    return release


def _files(site: BuildSite, system: System, build: ImageBuild) -> dict[str, bytes]:
    """Return the folder of `build` with the site's authorities and the release's constraints."""
    folder = site.images / build.folder
    if not (folder / "Dockerfile").is_file():
        raise UsageError(
            f"the images of {system.name} cannot be built",
            f"{folder} holds no Dockerfile",
            f"write it, or correct releases.*.container.build.folder in {system.name}/system.toml",
        )
    described_in = site.systems / system.name
    try:
        files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        files[_CA_BUNDLE] = site.ca_bundle.read_bytes() if site.ca_bundle else b""
        files[_CONSTRAINTS] = (described_in / build.constraints).read_bytes() if build.constraints else b""
    except OSError as err:
        raise UsageError(
            f"the images of {system.name} cannot be built", str(err), "name a file that can be read"
        ) from err
    if build.source and (folder / _SOURCE).exists():
        raise UsageError(
            f"the images of {system.name} cannot be built",
            f"{folder / _SOURCE} holds files of its own, which would be run as part of the build's source code",
            "remove it: the source code of the build is put there",
        )
    return files


def source_digest(described_in: Path, build: ImageBuild) -> str:
    """Return the digest of the source code that `build` puts into an image, as it lies there now; nothing for none.

    Raises EnvironmentDown with stage `prepare` where it cannot be assembled.
    """
    return files_digest(_source(described_in, build)) if build.source else ""


def _source(described_in: Path, build: ImageBuild) -> dict[str, bytes]:
    if build.source is None:
        return {}
    return assembled_files((described_in / build.source.folder).resolve(), build.source.build)


def archive_of(files: Mapping[str, bytes]) -> bytes:
    """Return `files` (path -> content) as a tar archive that is the same, bit for bit, for the same files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()
