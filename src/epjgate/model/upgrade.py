"""How the upgrade of a system from one release to another is rehearsed: part of its description."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from epjgate.model.base import Value

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class SideCommand(Value):
    """A command that runs in the surroundings of `service`, whether it stands or not, with the bits of one release.

    Placeholders beside those of the service: `${scripts}`, the folder of scripts; `${backup}`, a folder that outlasts
    every release of the rehearsal; `${patients}` and `${seed}`, for a fill.
    """

    service: Name
    command: tuple[str, ...] = Field(min_length=1)


class UpgradeCommands(Value):
    """How an upgrade is done in one environment. Each command ends with 0 where it did all, with another code if not.

    `fill` makes the records of `${patients}` synthetic patients in an empty database, the same for the same `${seed}`;
    `census` prints what the database holds, as `model.rehearsal.Census` has it; `backup` writes into the empty folder
    `${backup}` what `restore` makes the whole database of again. A release that migrates by itself needs no `migrate`.
    """

    fill: SideCommand
    census: SideCommand
    backup: SideCommand
    migrate: SideCommand | None = None
    restore: SideCommand


class Probe(Value):
    """A request that somebody makes all the time: `body` is sent as JSON; another status than `status` is an outage."""

    name: Name
    method: Literal["GET", "POST", "PUT"] = "GET"
    interface: Name
    path: str
    user: Name | None = None
    body: str = ""
    content_type: str = "application/fhir+json"
    status: int = 200


class Upgrade(Value):
    """How an upgrade of the system is rehearsed: what stays up, the commands by environment, what is probed.

    `scripts` is a folder beside system.toml; `keeps` are services that belong to no release and stay up throughout.
    `data` names, by service, the folder of its container in which it keeps what outlasts a release, beside the volumes
    that its image declares.
    """

    scripts: str = ""
    keeps: tuple[Name, ...] = ()
    data: dict[Name, Annotated[str, Field(pattern=r"^/")]] = {}
    process: UpgradeCommands | None = None
    container: UpgradeCommands | None = None
    probes: tuple[Probe, ...] = ()

    def services_named(self) -> Iterator[tuple[str, str]]:
        """Yield every key that names a service, with the name."""
        yield from (("keeps", name) for name in self.keeps)
        yield from (("data", name) for name in self.data)
        for environment, commands in (("process", self.process), ("container", self.container)):
            for name in UpgradeCommands.model_fields if commands else ():
                command = getattr(commands, name)
                if command is not None:
                    yield f"{environment}.{name}.service", command.service
