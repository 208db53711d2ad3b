"""Commands that a document calls runnable run."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]
RUNNABLE = re.compile(r"^```sh runnable\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS = [
    (path.name, command)
    for path in sorted([*REPO.glob("*.md"), *REPO.glob("docs/*.md")])
    for commands in RUNNABLE.findall(path.read_text(encoding="utf-8"))
    for command in commands.splitlines()
]


def test_there_are_some() -> None:
    """The marking is not lost unnoticed."""
    assert len(COMMANDS) >= 2


@pytest.mark.parametrize(("document", "command"), COMMANDS)
def test_it_runs(document: str, command: str) -> None:
    """In the root of the checkout it exits 0 and prints something."""
    program, *arguments = shlex.split(command)
    assert program == "epjgate", f"{document} calls {command!r} runnable"
    done = subprocess.run(
        [Path(sys.executable).with_name(program), *arguments], cwd=REPO, stdout=subprocess.PIPE, check=False
    )
    assert (done.returncode, bool(done.stdout.strip())) == (0, True)
