"""Settings: `[tool.epjgate]` in the project's pyproject.toml; `EPJGATE_...` variables overrule what judges nothing."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import Field, ValidationError

from epjgate.errors import UsageError
from epjgate.model.base import Value

# What may differ from machine to machine. The rest decides what "approved" means, and stays in the file.
_FROM_ENVIRONMENT = frozenset({"cache", "state", "runs", "system", "candidate"})


class Settings(Value):
    """Where things are; relative paths start at `root`, the folder whose pyproject.toml has `[tool.epjgate]`."""

    root: Path
    suites: Path = Path("suites")
    fixtures: Path = Path("fixtures")
    contracts: Path = Path("contracts")
    systems: Path = Path("fixtures/systems")
    images: Path = Path("fixtures/images")
    policy: Path = Path("ci/policy.toml")
    floors: Path = Path("ci/floors.toml")
    approved_changes: Path = Path("ci/approved-changes.toml")
    sensitivity: Path = Path("ci/sensitivity.toml")
    survivors: Path = Path("ci/survivors.toml")
    runs: Path = Path(".epjgate/runs")
    cache: Path = Field(default_factory=lambda: platformdirs.user_cache_path("epjgate"))
    state: Path = Field(default_factory=lambda: platformdirs.user_state_path("epjgate"))
    system: str = ""
    candidate: str = ""

    def path(self, relative: Path) -> Path:
        """Return `relative` below the root; an absolute path stays as it is."""
        return self.root / relative


def load_settings(start: Path) -> Settings:
    """Return the settings of the project that `start` lies in.

    Raises UsageError where no folder from `start` upwards has them, and for a key that is unknown or of a wrong kind.
    """
    _refuse_variables()
    for folder in (start, *start.parents):
        table = _table(folder / "pyproject.toml")
        if table is not None:
            try:
                return Settings.model_validate({"root": folder, **table, **_overruling()})
            except ValidationError as err:
                first = err.errors()[0]
                key = ".".join(map(str, first["loc"]))
                raise UsageError(
                    f"the settings of {folder} are not valid",
                    f"[tool.epjgate] {key}: {first['msg']}; known keys: {', '.join(sorted(Settings.model_fields))}",
                    f"correct {folder / 'pyproject.toml'} or the EPJGATE_ variable",
                ) from err
    raise UsageError(
        "this is no epjgate project",
        f"no pyproject.toml with [tool.epjgate] lies in {start} or above it",
        "change to a checkout that holds suites/ and fixtures/",
    )


def _overruling() -> dict[str, str]:
    """Return what the environment says, by field."""
    named = {field: _variable(field) for field in _FROM_ENVIRONMENT}
    return {field: os.environ[name] for field, name in named.items() if name in os.environ}


def _variable(field: str) -> str:
    return f"EPJGATE_{field.upper()}"


def _refuse_variables() -> None:
    named = map(_variable, Settings.model_fields.keys() - _FROM_ENVIRONMENT)
    refused = sorted(name for name in named if name in os.environ)
    if refused:
        raise UsageError(
            f"{', '.join(refused)} cannot be set in the environment",
            "it decides what is tested and what is demanded, and must be seen in the project",
            "unset it, and write [tool.epjgate] in pyproject.toml",
        )


def _table(file: Path) -> dict[str, Any] | None:
    if not file.is_file():
        return None
    try:
        tool = tomllib.loads(file.read_text(encoding="utf-8")).get("tool")
    except ValueError as err:
        raise UsageError(f"{file} cannot be read", f"it is not valid TOML: {err}", "correct the line named") from err
    table = tool.get("epjgate") if isinstance(tool, dict) else None
    if table is None or (isinstance(table, dict) and "root" not in table):
        return table
    raise UsageError(
        f"the settings in {file} are not valid",
        "tool.epjgate is no table, or names a root; the root is the folder that the file lies in",
        "write it as a table [tool.epjgate], without `root`",
    )
