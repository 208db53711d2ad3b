"""The command line, called in the tiny project as a program would call it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from epjgate.cli.main import run

if TYPE_CHECKING:
    from tests.conftest import Project


@dataclass(frozen=True)
class Ended:
    """How a command line ended, and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture
def command(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    """Call it with arguments to run epjgate in the project's folder, in this process."""
    monkeypatch.chdir(project.root)
    for name in ("EPJGATE_CACHE", "EPJGATE_STATE", "COLUMNS"):
        monkeypatch.setenv(name, project.env[name])

    def call(*arguments: object) -> Ended:
        code = run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    return call
