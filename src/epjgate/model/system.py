"""A system under test, described by data: `fixtures/systems/<name>/system.toml`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from epjgate.model.base import Value
from epjgate.model.target import PARTNERS
from epjgate.model.upgrade import Name, Upgrade

HttpPath = Annotated[str, Field(pattern=r"^/")]
HostAndPort = Annotated[str, Field(pattern=r"^[^\s/@:]+:\d{1,5}$")]
Port = Annotated[int, Field(gt=0, lt=65536)]
EnvironmentName = Literal["process", "container", "remote"]
PartnerKind = Literal["fmk", "lpr3", "medcom", "mllp"]


class Readiness(Value):
    """What a service must do before it counts as ready: answer a real request, not only have a port open.

    A service that speaks no HTTP is asked by a `command` instead, run beside it; its exit code 0 means ready.
    """

    path: HttpPath | None = None
    status: int = 200
    command: tuple[str, ...] = ()
    limit_s: float = Field(default=60, gt=0, le=1800)

    @model_validator(mode="after")
    def _asks_one_way(self) -> Self:
        if (self.path is None) == (not self.command):
            raise ValueError("give either path, for a request, or command, for a service that speaks no HTTP")
        return self


class ProcessService(Value):
    """A service as a process: `command` is looked up in the release's own environment first.

    Placeholders are filled in, in `command`, in the values of `env` and in `files` (name -> text, written to the
    folder in which it starts): `${host}`, `${port}`, `${port_NAME}` of each further port, `${url}` (what the suites
    will use), `${data}` (an empty folder of this run), `${version}`, `${url_of_SERVICE}`, `${partner_NAME}`.
    """

    command: tuple[str, ...] = Field(min_length=1)
    env: dict[str, str] = {}
    files: dict[str, str] = {}


class ContainerService(Value):
    """A service as a container: placeholders as for a process but without `${data}`; `port` is the container's."""

    port: Port
    env: dict[str, str] = {}
    command: tuple[str, ...] = ()


class Service(Value):
    """One server of the system; `ports` are TCP ports beside its main one, by name, as a container has them.

    A service exists in the `environments` named, and is unknown in the others.
    """

    ready: Readiness
    environments: tuple[EnvironmentName, ...] = Field(default=("process", "container", "remote"), min_length=1)
    ports: dict[Name, Port] = {}
    process: ProcessService | None = None
    container: ContainerService | None = None


class Interface(Value):
    """A protocol that a service speaks: below `path` of its URL, or at the further port that `port` names.

    The name of such a port is the scheme of the interface's URL: `mllp` gives `mllp://127.0.0.1:40123`.
    """

    service: Name
    path: str = ""
    port: Name | None = None


class SourceTree(Value):
    """Source code that is run as it stands: build `build` of the release train in `folder`, beside system.toml."""

    folder: str
    build: str


class ProcessRelease(Value):
    """A release as Python packages; the first one gives the release its identity.

    `constraints` names a pip constraints file beside system.toml, so that the same bits are installed every time.
    With `source` the release is that source code, and the packages are what it stands on.
    """

    packages: tuple[str, ...] = Field(min_length=1)
    constraints: str = ""
    source: SourceTree | None = None


class ImageBuild(Value):
    """How a missing image is made: a folder below `fixtures/images` with a Dockerfile, and build arguments.

    The Dockerfile finds `source` as a folder of that name.
    """

    folder: str
    args: dict[str, str] = {}
    constraints: str = ""
    source: SourceTree | None = None


class ContainerRelease(Value):
    """A release as images, one for each service; `builds` says how for services that `build` does not make."""

    images: dict[Name, str] = Field(min_length=1)
    build: ImageBuild | None = None
    builds: dict[Name, ImageBuild] = {}

    def build_of(self, reference: str) -> ImageBuild | None:
        """Return how the image `reference` is made, None where it can only be pulled."""
        named = (self.builds.get(service) for service, image in self.images.items() if image == reference)
        return next(filter(None, named), self.build)

    @model_validator(mode="after")
    def _one_build_for_each_image(self) -> Self:
        for service, build in self.builds.items():
            _known(f"builds.{service}", service, self.images)
            image = self.images[service]
            if build != self.build_of(image):
                raise ValueError(f"builds.{service}: another service has the same image {image!r} made differently")
        return self


class RemoteRelease(Value):
    """A release that already runs: a base URL for each service, and `host:port` for each further port of it.

    Only tests marked `read_only` run on it unless `disposable` is true. `digests` are what the site says it deployed.
    """

    urls: dict[Name, str] = Field(min_length=1)
    ports: dict[Name, dict[Name, HostAndPort]] = {}
    disposable: bool = False
    digests: dict[Name, str] = {}


class Release(Value):
    """One release, for each kind of environment in which it can run."""

    process: ProcessRelease | None = None
    container: ContainerRelease | None = None
    remote: RemoteRelease | None = None


class ReleaseTrain(Value):
    """Releases that are the builds of a train: `builds` names its builds.toml, beside system.toml.

    The tables are those of a release, with `${version}` for the version of the build.
    """

    builds: str
    process: ProcessRelease | None = None
    container: ContainerRelease | None = None


class DatabaseAccess(Value):
    """How the schema of the system's database is asked for: a command that runs in the surroundings of `service`.

    It prints the schema as JSON, as `model.surface.DatabaseSchema` has it, and changes nothing.
    """

    service: Name
    command: tuple[str, ...] = Field(min_length=1)


class EarlierRelease(Value):
    """How an earlier release runs beside the candidate, on the database that the candidate has migrated.

    One `service` of it is started as its description says, with `options` after its command and `env` beside its own
    variables; `${data}`, and the volumes of its image, are those of the candidate's. It must neither migrate the
    database nor undo a migration.
    """

    service: Name
    options: tuple[str, ...] = ()
    env: dict[str, str] = {}


class System(Value):
    """A system under test.

    `capabilities` maps what the clinic can do (`patients`, `laboratory`, ...) to the interface that serves it;
    `absent` maps what it cannot do to the reason, which a test that is not applicable then repeats. `users` maps a
    role to the bearer token by which one signs in; `partners` are the receiving systems that it sends to, played by
    the gate, which serve what capabilities call the interface `partners`. `database` says how its schema is told,
    where the system gives access to it; `earlier_release` says how the release before the candidate works on it,
    `upgrade` how one release is upgraded to another.
    """

    schema_version: Literal["epjgate/system/1"]
    name: Name
    title: str
    about: str = ""
    services: dict[Name, Service] = Field(min_length=1)
    interfaces: dict[Name, Interface] = Field(min_length=1)
    capabilities: dict[Name, Name] = {}
    absent: dict[Name, str] = {}
    users: dict[Name, str] = {}
    partners: dict[Name, PartnerKind] = {}
    database: DatabaseAccess | None = None
    earlier_release: EarlierRelease | None = None
    upgrade: Upgrade | None = None
    releases: dict[str, Release] = {}
    train: ReleaseTrain | None = None

    def is_asked(self, service: str) -> bool:
        """Return whether somebody outside asks `service` at its main port; another one is reached by services only."""
        spoken = (one for one in self.interfaces.values() if one.service == service and one.port is None)
        return self.services[service].ready.path is not None or any(spoken)

    def ports_asked(self, service: str) -> dict[str, int]:
        """Return the further ports of `service` at which an interface is spoken."""
        spoken = {one.port for one in self.interfaces.values() if one.service == service}
        return {name: port for name, port in self.services[service].ports.items() if name in spoken}

    def services_in(self, environment: EnvironmentName) -> dict[str, Service]:
        """Return the services that exist in `environment`, in the order of their description."""
        return {name: service for name, service in self.services.items() if environment in service.environments}

    @model_validator(mode="after")
    def _names_refer(self) -> Self:
        for name, interface in self.interfaces.items():
            self._raise_if_unspoken(name, interface)
        served = {*self.interfaces, *([PARTNERS] if self.partners else ())}
        for name, served_by in self.capabilities.items():
            _known(f"capabilities.{name}", served_by, served)
        both = sorted(self.capabilities.keys() & self.absent.keys())
        if both:
            raise ValueError(f"{', '.join(both)}: named both under capabilities and under absent; keep one")
        tables = {f"releases.{version}": release for version, release in self.releases.items()}
        if self.train is not None:
            tables["train"] = Release(container=self.train.container)
        for table, release in tables.items():
            for key, service in _services_named(release):
                _known(f"{table}.{key}", service, self.services)
        return self

    @model_validator(mode="after")
    def _services_beside_refer(self) -> Self:
        for table, described in (("database", self.database), ("earlier_release", self.earlier_release)):
            if described is not None:
                _known(f"{table}.service", described.service, self.services)
        return self

    @model_validator(mode="after")
    def _upgrade_refers(self) -> Self:
        if self.upgrade is None:
            return self
        for key, service in self.upgrade.services_named():
            _known(f"upgrade.{key}", service, self.services)
        for probe in self.upgrade.probes:
            _known(f"upgrade.probes.{probe.name}.interface", probe.interface, self.interfaces)
            if probe.user is not None:
                _known(f"upgrade.probes.{probe.name}.user", probe.user, self.users)
        return self

    @model_validator(mode="after")
    def _options_follow_a_command(self) -> Self:
        if self.earlier_release is None or not self.earlier_release.options:
            return self
        container = self.services[self.earlier_release.service].container
        if container is not None and not container.command:
            where = f"services.{self.earlier_release.service}.container"
            raise ValueError(f"earlier_release.options: {where} has no command for them to follow; name it there")
        return self

    @model_validator(mode="after")
    def _something_to_run(self) -> Self:
        if not self.releases and self.train is None:
            raise ValueError("releases: describe at least one, or a train of them")
        return self

    def _raise_if_unspoken(self, name: str, interface: Interface) -> None:
        if name == PARTNERS:
            raise ValueError(f"interfaces.{PARTNERS}: the gate plays it; describe the receivers under partners")
        _known(f"interfaces.{name}.service", interface.service, self.services)
        if interface.port is not None:
            _known(f"interfaces.{name}.port", interface.port, self.services[interface.service].ports)


def _services_named(release: Release) -> Iterator[tuple[str, str]]:
    """Yield every key of `release` that names a service, with the name."""
    for service in release.container.images if release.container else ():
        yield "container.images", service
    for service in (*release.remote.urls, *release.remote.ports) if release.remote else ():
        yield "remote.urls", service


def _known(key: str, name: str, names: Collection[str]) -> None:
    if name not in names:
        raise ValueError(f"{key} = {name!r} is not described; allowed: {', '.join(sorted(names)) or 'none'}")
