"""docs/tutorial-incident.md is done as it says, in a copy of this checkout: at most 3 commands and 15 lines of test."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

NAME = "docs/tutorial-incident.md"
COMMANDS = re.compile(r"^```sh tutorial\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = shutil.ignore_patterns("__pycache__", "INC-*_*", "contracts", "clinic", "*.pyc")


@pytest.fixture
def commands(document: Callable[[str], str]) -> list[list[str]]:
    """Return the commands of the tutorial, in their order."""
    return [shlex.split(text.replace("\\\n", " ")) for text in COMMANDS.findall(document(NAME))]


@pytest.fixture
def checkout(repo: Path, tmp_path: Path) -> Path:
    """A copy of what the tutorial needs: systems and suites, without any incident."""
    for name in ("fixtures", "suites", "ci"):
        shutil.copytree(repo / name, tmp_path / name, ignore=LEFT_OUT)
    shutil.copy(repo / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.fixture
def run(checkout: Path, cache: Path) -> Callable[[list[str]], str]:
    """Call it with a command of the tutorial for what it prints; it must succeed."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "EPJGATE_"))}
    env |= {"EPJGATE_CACHE": str(cache), "EPJGATE_STATE": str(checkout / "state"), "COLUMNS": "120"}

    def call(command: list[str]) -> str:
        program, *arguments = command
        done = subprocess.run(
            [Path(sys.executable).with_name(program), *arguments],
            cwd=checkout,
            env=env,
            text=True,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, f"{shlex.join(command)}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return call


def test_it_is_short(
    document: Callable[[str], str], block: Callable[[str, str], str], commands: list[list[str]]
) -> None:
    """At most three commands, and at most fifteen lines of test, imports and docstrings included."""
    code = [line for line in block(document(NAME), "python test").splitlines() if line.strip()]
    assert len(commands) <= 3
    assert 0 < len(code) <= 15


def test_it_does_what_it_says(
    document: Callable[[str], str],
    block: Callable[[str, str], str],
    commands: list[list[str]],
    run: Callable[[list[str]], str],
) -> None:
    """The incident is begun, written, proven and complete; a test that is broken afterwards is refused."""
    begin, prove, check = commands
    folder = Path(run(begin).strip())
    record, (test,) = folder / "incident.md", folder.glob("test_*.py")
    matter = record.read_text(encoding="utf-8").rpartition("+++\n")[0]
    text = document(NAME)
    record.write_text(f"{matter}+++\n\n{block(text, 'markdown story')}", encoding="utf-8")
    test.write_text(block(text, "python test"), encoding="utf-8")
    (folder / "fault.toml").write_text(block(text, "toml fault"), encoding="utf-8")
    assert "proven" in run(prove)
    assert run(check) == f"{folder.name}: complete and proven\n"
    test.write_text(test.read_text(encoding="utf-8").replace("== [allergy]", "== []"), encoding="utf-8")
    with pytest.raises(AssertionError, match="INC-9001 refused: "):
        run(prove)
