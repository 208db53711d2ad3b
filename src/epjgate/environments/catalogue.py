"""The catalogue of systems under test: one folder each, with a system.toml in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from epjgate.environments.placeholders import fill
from epjgate.environments.source import BUILDS, read_train
from epjgate.errors import UsageError
from epjgate.model.parsing import parse_toml
from epjgate.model.system import EnvironmentName, Release, SourceTree, System
from epjgate.model.train import Train

DESCRIPTION = "system.toml"


def load_systems(folder: Path) -> tuple[System, ...]:
    """Return every system described below `folder`, in the order of their names.

    Raises UsageError for the first description that is wrong, and where there is none at all.
    """
    names = _names(folder)
    if not names:
        raise UsageError(
            "no system is described",
            f"{folder} holds no folder with a {DESCRIPTION}",
            f"write {folder / 'NAME' / DESCRIPTION}, or name the folder that holds your systems in [tool.epjgate]",
        )
    return tuple(load_system(folder, name) for name in names)


def load_system(folder: Path, name: str) -> System:
    """Return the system `name`, described in `folder`/`name`/system.toml; the builds of its train are releases of it.

    Raises UsageError for a system that is not there, a description or a train that is wrong, one that gives itself
    another name than its folder, and for a constraints file or a source tree that is missing.
    """
    names = _names(folder)
    if name not in names:
        raise UsageError(f"there is no system {name!r}", f"{folder} does not describe it", _one_of(names))
    path = folder / name / DESCRIPTION
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise UsageError(f"{path} cannot be read", str(err), "make it a readable file in UTF-8") from err
    system = parse_toml(text, str(path), System)
    if system.name != name:
        raise UsageError(
            f"{path} is not valid",
            f"it calls itself {system.name!r} and lies in the folder {name!r}",
            "give the folder and the key `name` the same name",
        )
    complete = _with_train(folder, system)
    _raise_if_files_missing(complete, folder / name)
    return complete


def load_train(folder: Path, system: System) -> Train | None:
    """Return the train of `system`, described below `folder`; None where its releases are not builds of one.

    Raises UsageError for a train that is missing or wrong.
    """
    return read_train(folder / system.name / system.train.builds) if system.train else None


def find_release(system: System, version: str) -> Release:
    """Return the release `version` of `system`; raises UsageError where the system has no such release."""
    release = system.releases.get(version)
    if release is None:
        raise UsageError(
            f"{system.title} has no release {version!r}", "its system.toml does not list it", _one_of(system.releases)
        )
    return release


def release_for(system: System, version: str, environment: EnvironmentName) -> Release:
    """Return the release `version` of `system`, which is known to have an entry for `environment`.

    Raises UsageError where there is no such release, or where it cannot run in that environment.
    """
    release = find_release(system, version)
    if getattr(release, environment) is None:
        possible = [name for name in type(release).model_fields if getattr(release, name) is not None]
        raise UsageError(
            f"{system.title} {version} cannot run in the environment {environment!r}",
            f"its system.toml has no [releases.{version!r}.{environment}]",
            f"{_one_of(possible)}, or add that table",
        )
    return release


def _names(folder: Path) -> list[str]:
    return sorted(path.parent.name for path in folder.glob(f"*/{DESCRIPTION}"))


def _one_of(names: Iterable[str]) -> str:
    return f"choose one of: {', '.join(sorted(names)) or '(there is none)'}"


def _with_train(folder: Path, system: System) -> System:
    """Return `system` with a release for each build of its train, after those that it describes itself."""
    train = load_train(folder, system)
    if train is None or system.train is None:
        return system
    twice = sorted(set(train.versions) & system.releases.keys())
    if twice:
        raise UsageError(
            f"{folder / system.name / DESCRIPTION} is not valid",
            f"releases.{twice[0]!r} is a build of its train as well",
            "leave the table out, or give the release another version",
        )
    template = system.train.model_dump(exclude={"builds"})
    built = {version: Release.model_validate(_filled(template, {"version": version})) for version in train.versions}
    return system.model_copy(update={"releases": {**system.releases, **built}})


def _filled(part: Any, values: dict[str, str]) -> Any:
    """Return `part` of a description with the placeholders in its texts filled in; names of tables have none."""
    match part:
        case str():
            return fill(part, values)
        case dict():
            return {key: _filled(value, values) for key, value in part.items()}
        case list() | tuple():
            return [_filled(value, values) for value in part]
        case _:
            return part


def _raise_if_files_missing(system: System, folder: Path) -> None:
    for version, release in system.releases.items():
        for key, named, what in _files_named(release):
            if not (folder / named).is_file():
                raise UsageError(
                    f"{folder / DESCRIPTION} is not valid",
                    f"releases.{version!r}.{key} names {named!r}, and there is no such file in {folder}",
                    f"write that file ({what}), or leave the key out",
                )


def _files_named(release: Release) -> Iterator[tuple[str, str, str]]:
    """Yield every file that must lie beside the description: the key that needs it, its name, what it is."""
    process, container = release.process, release.container
    using: list[tuple[str, str, SourceTree | None]] = []
    if process is not None:
        using.append(("process", process.constraints, process.source))
    if container is not None:
        if container.build is not None:
            using.append(("container.build", container.build.constraints, container.build.source))
        for service, build in container.builds.items():
            using.append((f"container.builds.{service}", build.constraints, build.source))
    for key, constraints, source in using:
        if constraints:
            yield f"{key}.constraints", constraints, "pip freeze makes one"
        if source is not None:
            yield f"{key}.source.folder", f"{source.folder}/{BUILDS}", "it lists the builds of that source code"
