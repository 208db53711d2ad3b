"""`pytest suites/` by itself."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import Project


@pytest.mark.parametrize("further", [(), ("--epj-bundle=alone",), ("-n2",)])
def test_pytest_alone_starts_the_candidate_and_leaves_evidence(project: Project, further: tuple[str, ...]) -> None:
    """Without the gate, pytest starts what the settings name, records evidence, judges nothing, and stops it again.

    Workers meet the candidate that their session has started.
    """
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "suites", *further],
        cwd=project.root,
        env=project.env,
        text=True,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    told = re.search(r"evidence, not judged: (\S+)", ended.stdout)
    assert told is not None, ended.stdout
    bundle = project.root / told[1]
    assert not list(bundle.rglob("verdict.json"))
    judged = project.epjgate("judge", str(bundle))
    assert judged.returncode == 0, judged.stderr
    assert not [path for path in Path(project.env["EPJGATE_STATE"]).rglob("*") if path.is_file()]
