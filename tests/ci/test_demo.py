"""The check of the main job: it passes only with a verdict about the candidate."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Demo = Callable[[int, str], subprocess.CompletedProcess[str]]
# Stands for epjgate: writes what it is told to, after `--out`, and exits as it is told to.
EPJGATE = """#!/bin/sh
while [ "$1" != --out ]; do shift; done
mkdir "$2" && touch "$2/report.html" && printf '{{"decision": "{decision}"}}' > "$2/verdict.json"
exit {code}
"""


@pytest.fixture
def demo(tmp_path: Path, repo: Path) -> Demo:
    """Call it with the exit code and decision of an epjgate for the result of the check."""
    (tmp_path / "python").symlink_to(sys.executable)

    def check(code: int, decision: str) -> subprocess.CompletedProcess[str]:
        epjgate = tmp_path / "epjgate"
        epjgate.write_text(EPJGATE.format(code=code, decision=decision), encoding="utf-8")
        epjgate.chmod(0o755)
        command = [tmp_path / "python", repo / "ci/demo.py", tmp_path / "run"]
        return subprocess.run(command, text=True, capture_output=True, check=False)

    return check


@pytest.mark.parametrize(("code", "decision"), [(0, "approved"), (10, "rejected")])
def test_a_verdict_about_the_candidate_passes(code: int, decision: str, demo: Demo) -> None:
    """Approved and rejected both show that the main job works."""
    done = demo(code, decision)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("code", "decision"),
    [(4, "inconclusive"), (1, "approved"), (130, "inconclusive"), (0, "rejected"), (10, "approved"), (0, "")],
)
def test_anything_else_fails(code: int, decision: str, demo: Demo) -> None:
    """No other exit code passes, and none that says something else than the verdict."""
    done = demo(code, decision)
    assert done.returncode == 1
    assert done.stderr.startswith("demo: ")
