"""A system under test, described by data: `fixtures/systems/<name>/system.toml`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from epjgate.model.base import Value

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
HttpPath = Annotated[str, Field(pattern=r"^/")]
EnvironmentName = Literal["process", "container", "remote"]


class Readiness(Value):
    """The request that a service must answer before it counts as ready: a real one, not a port that is open."""

    path: HttpPath
    status: int = 200
    limit_s: float = Field(default=60, gt=0, le=1800)


class ProcessService(Value):
    """A service as a process: `command` is looked up in the release's own environment first.

    `${host}`, `${port}`, `${url}` (what the suites will use) and `${data}` (an empty folder of this run) are filled in,
    in `command`, in the values of `env` and in `files` (name -> text, written to the folder in which it starts).
    """

    command: tuple[str, ...] = Field(min_length=1)
    env: dict[str, str] = {}
    files: dict[str, str] = {}


class ContainerService(Value):
    """A service as a container: placeholders as for a process but without `${data}`; `port` is the container's."""

    port: int = Field(gt=0, lt=65536)
    env: dict[str, str] = {}
    command: tuple[str, ...] = ()


class Service(Value):
    """One server of the system."""

    ready: Readiness
    process: ProcessService | None = None
    container: ContainerService | None = None


class Interface(Value):
    """A protocol that a service speaks, below `path`."""

    service: Name
    path: str = ""


class ProcessRelease(Value):
    """A release as Python packages; the first one gives the release its identity.

    `constraints` names a pip constraints file beside system.toml, so that the same bits are installed every time.
    """

    packages: tuple[str, ...] = Field(min_length=1)
    constraints: str = ""


class ImageBuild(Value):
    """How a missing image is made: a folder below `fixtures/images` with a Dockerfile, and build arguments."""

    folder: str
    args: dict[str, str] = {}
    constraints: str = ""


class ContainerRelease(Value):
    """A release as images, one for each service."""

    images: dict[Name, str] = Field(min_length=1)
    build: ImageBuild | None = None


class RemoteRelease(Value):
    """A release that already runs: a base URL for each service.

    Only tests marked `read_only` run on it unless `disposable` is true. `digests` are what the site says it deployed.
    """

    urls: dict[Name, str] = Field(min_length=1)
    disposable: bool = False
    digests: dict[Name, str] = {}


class Release(Value):
    """One release, for each kind of environment in which it can run."""

    process: ProcessRelease | None = None
    container: ContainerRelease | None = None
    remote: RemoteRelease | None = None


class System(Value):
    """A system under test.

    `capabilities` maps what the clinic can do (`patients`, `laboratory`, ...) to the interface that serves it;
    `absent` maps what it cannot do to the reason, which a test that is not applicable then repeats.
    """

    schema_version: Literal["epjgate/system/1"]
    name: Name
    title: str
    about: str = ""
    services: dict[Name, Service] = Field(min_length=1)
    interfaces: dict[Name, Interface] = Field(min_length=1)
    capabilities: dict[Name, Name] = {}
    absent: dict[Name, str] = {}
    releases: dict[str, Release] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_refer(self) -> Self:
        for name, interface in self.interfaces.items():
            _known(f"interfaces.{name}.service", interface.service, self.services)
        for name, served_by in self.capabilities.items():
            _known(f"capabilities.{name}", served_by, self.interfaces)
        both = sorted(self.capabilities.keys() & self.absent.keys())
        if both:
            raise ValueError(f"{', '.join(both)}: named both under capabilities and under absent; keep one")
        for version, release in self.releases.items():
            for service in release.container.images if release.container else ():
                _known(f"releases.{version}.container.images", service, self.services)
            for service in release.remote.urls if release.remote else ():
                _known(f"releases.{version}.remote.urls", service, self.services)
        return self


def _known(key: str, name: str, names: dict[str, Service] | dict[str, Interface]) -> None:
    if name not in names:
        raise ValueError(f"{key} = {name!r} is not described; allowed: {', '.join(sorted(names))}")
