"""`pytest suites/` by itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import Project


def test_pytest_alone_starts_the_candidate_and_leaves_evidence(project: Project) -> None:
    """Without the gate, pytest starts what the settings name, records evidence, judges nothing, and stops it again."""
    bundle = project.root / "alone"
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "suites", f"--epj-bundle={bundle}"],
        cwd=project.root,
        env=project.env,
        text=True,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"evidence, not judged: {bundle}" in ended.stdout
    assert not list(bundle.rglob("verdict.json"))
    judged = project.epjgate("judge", str(bundle))
    assert judged.returncode == 0, judged.stderr
    assert not [path for path in Path(project.env["EPJGATE_STATE"]).rglob("*") if path.is_file()]
