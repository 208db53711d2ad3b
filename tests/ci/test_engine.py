"""The scripts of the shell can be read by their shell."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest


@pytest.mark.parametrize(("shell", "script"), [("sh", "ci/engine.sh"), ("bash", ".ci/run")])
def test_it_can_be_read(shell: str, script: str, repo: Path) -> None:
    """Its shell finds no mistake in it, and names that shell itself."""
    path = repo / script
    subprocess.run([shell, "-n", path], check=True)
    assert path.read_text(encoding="utf-8").startswith(("#!/bin/sh\n", "#!/usr/bin/env bash\n"))


def test_the_pipeline_can_be_started(repo: Path) -> None:
    """`.ci/run` is executable."""
    assert os.access(repo / ".ci/run", os.X_OK)
