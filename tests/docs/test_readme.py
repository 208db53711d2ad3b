"""README.md says what the program says."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Block = Callable[[str, str], str]
COLOURS = ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS")


def test_help_is_current(document: Callable[[str], str], block: Block) -> None:
    """The help in the document is, character for character, what `epjgate --help` prints at 100 columns."""
    env = {name: value for name, value in os.environ.items() if name not in COLOURS}
    shown = subprocess.run(
        [Path(sys.executable).with_name("epjgate"), "--help"],
        env=env | {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1"},
        encoding="utf-8",
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    lines = "\n".join(line.rstrip() for line in shown.splitlines()).strip("\n")
    assert block(document("README.md"), "text") == f"{lines}\n"


def test_the_two_commands_are_there(document: Callable[[str], str]) -> None:
    """A reader of the first screen finds the command for the main job and the one for all tests."""
    first_screen = document("README.md").splitlines()[:40]
    assert {"    python3 ci/bootstrap.py demo", "    python3 ci/bootstrap.py test"} <= set(first_screen)
