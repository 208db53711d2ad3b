"""The lock names one version for everything that the gate and its checks ask for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# A browser is fetched apart, by those who test the report in one.
NOT_LOCKED = {"browser"}


@pytest.fixture
def lock(repo: Path) -> dict[str, str]:
    """Package -> version."""
    lines = (repo / "ci/constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert [line for line in pins if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line)] == []
    names = [line.partition("==")[0] for line in pins]
    assert names == sorted(set(names))
    return dict(zip(names, (line.partition("==")[2] for line in pins), strict=True))


def test_it_allows_what_is_asked_for(repo: Path, lock: dict[str, str]) -> None:
    """Every requirement of the package and of its checks is met by the version in the lock."""
    project: dict[str, Any] = tomllib.loads((repo / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [group for name, group in project["dependency-groups"].items() if name not in NOT_LOCKED]
    asked = [
        *project["project"]["dependencies"],
        *(item for group in groups for item in group if isinstance(item, str)),
    ]
    assert len(asked) > 20
    unmet = [
        requirement.name
        for requirement in map(Requirement, asked)
        if not requirement.specifier.contains(lock.get(canonicalize_name(requirement.name), "0"))
    ]
    assert unmet == []
