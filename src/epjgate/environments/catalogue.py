"""The catalogue of systems under test: one folder each, with a system.toml in it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from epjgate.errors import UsageError
from epjgate.model.parsing import parse_toml
from epjgate.model.system import EnvironmentName, Release, System

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
    """Return the system `name`, described in `folder`/`name`/system.toml.

    Raises UsageError for a system that is not there, a description that is wrong, one that gives itself another name
    than its folder, and for a constraints file that is missing.
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
    _raise_if_constraints_missing(system, folder / name)
    return system


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


def _raise_if_constraints_missing(system: System, folder: Path) -> None:
    for version, release in system.releases.items():
        build = release.container.build if release.container else None
        for key, named in (
            ("process.constraints", release.process.constraints if release.process else ""),
            ("container.build.constraints", build.constraints if build else ""),
        ):
            if named and not (folder / named).is_file():
                raise UsageError(
                    f"{folder / DESCRIPTION} is not valid",
                    f"releases.{version!r}.{key} names {named!r}, and there is no such file in {folder}",
                    "write that file (pip freeze makes one), or leave the key out",
                )
