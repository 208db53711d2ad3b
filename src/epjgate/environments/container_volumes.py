"""The volumes of a site: where services keep what outlasts a release, and the snapshots of it in the engine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from docker import DockerClient
from docker.errors import NotFound

from epjgate.environments.container_service import Part
from epjgate.environments.engine import ENGINE_ERRORS, Owner, owner_of, this_process
from epjgate.environments.interface import EnvironmentDown
from epjgate.model.events import EnvironmentCause, EnvironmentStage

SNAPSHOT_LABEL = "epjgate.snapshot"
"""Names the system on every volume that belongs to a snapshot; a run's own labels are not on it."""

_MAKER_LABEL = "epjgate.snapshot.maker"
_WHOLE_LABEL = "epjgate.snapshot.whole"
_FROM, _TO = "/epjgate/from", "/epjgate/to"
_COPY_LIMIT_S = 3600


@dataclass(frozen=True)
class Folder:
    """A folder in the containers of one service; its volume outlasts them."""

    service: str
    path: str


class Volumes:
    """The volumes of one site, made when they are first asked for; each bears the labels `ours`.

    `data` are folders of services beside those that images declare as volumes.
    """

    def __init__(self, engine: DockerClient, ours: Mapping[str, str], prefix: str, data: Mapping[str, str]) -> None:
        self._engine = engine
        self._ours = dict(ours)
        self._prefix = prefix
        self._data = data
        self._made: dict[Folder, str] = {}

    @property
    def made(self) -> Mapping[Folder, str]:
        """The name of the volume of each folder that was asked for."""
        return self._made

    def of(self, part: Part) -> dict[str, str]:
        """Return what is mounted in containers of `part`: folder by volume. Raises one of ENGINE_ERRORS."""
        declared = (part.image.attrs.get("Config") or {}).get("Volumes") or {}
        named = [self._data[part.name]] if part.name in self._data else []
        return {self.volume(Folder(part.name, path)): path for path in dict.fromkeys((*named, *sorted(declared)))}

    def volume(self, folder: Folder) -> str:
        """Return the volume of `folder`, a new one where it has none; an engine fills it from the image then."""
        if folder not in self._made:
            name = f"{self._prefix}-{folder.service}-{len(self._made)}"
            self._engine.api.create_volume(name, labels=self._ours)
            self._made[folder] = name
        return self._made[folder]

    def remove(self) -> None:
        """Remove all of them; no container may have one. Raises one of ENGINE_ERRORS."""
        for folder, name in tuple(self._made.items()):
            self._engine.api.remove_volume(name, force=True)
            del self._made[folder]


class VolumeSnapshots:
    """Snapshots of the volumes of one system, as volumes of their own; one is whole once its marker is there.

    A copy fits only the programs that wrote it: `written_by` says which those are, and is part of every key. `images`
    has an image by service, in which `cp` is run. What copies bears the labels `ours`.
    """

    def __init__(
        self,
        engine: DockerClient,
        ours: Mapping[str, str],
        system: str,
        images: Mapping[str, str],
        written_by: Sequence[str],
    ) -> None:
        self._engine = engine
        self._ours = dict(ours)
        self._system = system
        self._images = images
        self._written_by = written_by

    def sweep(self) -> None:
        """Remove what dead runs did not finish; raises one of ENGINE_ERRORS."""
        found = self._engine.api.volumes(filters={"label": SNAPSHOT_LABEL})["Volumes"] or ()
        whole = {name for one in found for _service, _path, name in _parts(one)}
        for one in found:
            dead = owner_of(self._engine, one["Labels"].get(_MAKER_LABEL, "")) is Owner.DEAD
            if dead and _WHOLE_LABEL not in one["Labels"] and one["Name"] not in whole:
                self._engine.api.remove_volume(one["Name"], force=True)

    def save(self, key: str, volumes: Mapping[Folder, str]) -> None:
        """Copy `volumes`; what is kept under `key` already stays. Raises EnvironmentDown where that fails."""
        marker = self._marker(key)
        with self._told(f"the data could not be kept as {marker}"):
            if self._kept(marker) is not None:
                return
            copies = {folder: f"epjgate-snapshot-{uuid4().hex[:12]}" for folder in volumes}
            try:
                for folder, copy in copies.items():
                    self._create(copy, {})
                    self._copy(folder, volumes[folder], copy)
                self._mark(marker, copies)
            except BaseException:
                self._discard(copies.values())
                raise

    def load(self, key: str, volumes: Volumes) -> bool:
        """Fill `volumes`, which are empty, with what is kept under `key`; False where nothing is kept.

        Raises EnvironmentDown where that fails.
        """
        marker = self._marker(key)
        with self._told(f"the data kept as {marker} could not be brought back"):
            kept = self._kept(marker)
            for folder, copy in (kept or {}).items():
                self._copy(folder, copy, volumes.volume(folder))
            return kept is not None

    def has(self, key: str) -> bool:
        """Return whether something is kept under `key`; raises EnvironmentDown where the engine does not tell."""
        with self._told("the data that is kept cannot be looked up"):
            return self._kept(self._marker(key)) is not None

    def _marker(self, key: str) -> str:
        digest = hashlib.sha256("\n".join((key, *self._written_by)).encode()).hexdigest()
        return f"epjgate-snapshot-{self._system}-{digest[:24]}"

    def _kept(self, marker: str) -> dict[Folder, str] | None:
        """Return the volumes of a whole snapshot; one of which a part has been removed is none, and goes."""
        try:
            parts = tuple(_parts(self._engine.api.inspect_volume(marker)))
        except NotFound:
            return None
        try:
            for _service, _path, name in parts:
                self._engine.api.inspect_volume(name)
        except NotFound:
            self._discard([marker, *(name for _service, _path, name in parts)])
            return None
        return {Folder(service, path): name for service, path, name in parts}

    def _mark(self, marker: str, copies: Mapping[Folder, str]) -> None:
        """Make the snapshot whole, in one step; one that another run has finished meanwhile stays."""
        parts = json.dumps([[folder.service, folder.path, copy] for folder, copy in copies.items()])
        self._create(marker, {_WHOLE_LABEL: parts})
        if self._kept(marker) != dict(copies):
            self._discard(copies.values())

    def _create(self, name: str, labels: Mapping[str, str]) -> None:
        ours = {SNAPSHOT_LABEL: self._system, _MAKER_LABEL: this_process(), **labels}
        self._engine.api.create_volume(name, labels=ours)

    def _discard(self, names: Iterable[str]) -> None:
        for name in names:
            try:
                self._engine.api.remove_volume(name, force=True)
            except ENGINE_ERRORS:
                continue  # half a snapshot is none without its marker, and the next site removes it

    def _copy(self, folder: Folder, source: str, target: str) -> None:
        """Copy all that the volume `source` holds, with owners and modes, by a container of the folder's service."""
        api = self._engine.api
        host = api.create_host_config(binds=[f"{source}:{_FROM}:ro", f"{target}:{_TO}"], network_mode="none")
        made = api.create_container(
            self._images[folder.service],
            entrypoint=["cp"],
            command=["-a", f"{_FROM}/.", f"{_TO}/"],
            user="0:0",
            host_config=host,
            labels=self._ours,
        )["Id"]
        try:
            api.start(made)
            code = int(api.wait(made, timeout=_COPY_LIMIT_S)["StatusCode"])
            said = api.logs(made, tail=5).decode(errors="replace").strip() if code else ""
        finally:
            api.remove_container(made, v=True, force=True)
        if code:
            raise _failed(f"{folder.path} of {folder.service} could not be copied", f"cp ended with {code}: {said}")

    @contextmanager
    def _told(self, problem: str) -> Iterator[None]:
        try:
            yield
        except ENGINE_ERRORS as err:
            raise _failed(problem, f"the container engine refused, or stopped answering: {err}") from err


def _parts(volume: Any) -> list[list[str]]:
    """Return service, folder and volume of each part that a marker names; nothing for what is no marker."""
    parts: list[list[str]] = json.loads((volume.get("Labels") or {}).get(_WHOLE_LABEL, "[]"))
    return parts


def _failed(problem: str, cause: str) -> EnvironmentDown:
    return EnvironmentDown(
        problem,
        cause,
        "give the engine room on its disk for several times the data; its own log has the reason",
        stage=EnvironmentStage.RUN,
        root=EnvironmentCause.ENGINE,
    )
