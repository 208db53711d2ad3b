"""Runs the main job and checks that it reached a verdict about the candidate: approved or rejected, not inconclusive.

python ci/demo.py FOLDER    (a folder that does not exist yet receives the evidence)
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

MAIN_JOB = ("run", "--system", "sekmet", "--candidate", "0.1.1", "--baseline", "0.1.0")
# docs/exit-codes.md: what a verdict about the candidate exits with.
EXIT_CODES = {"approved": 0, "rejected": 10}


def main(folder: Path) -> None:
    """Run the main job with its evidence in `folder`; exits with the reason where it reached no such verdict."""
    epjgate = Path(sys.executable).with_name("epjgate")
    code = subprocess.run([epjgate, *MAIN_JOB, "--out", folder], check=False).returncode
    if code not in EXIT_CODES.values():
        sys.exit(f"demo: exit code {code} is no verdict about the candidate")
    decision = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))["decision"]
    if EXIT_CODES.get(decision) != code:
        sys.exit(f"demo: verdict.json says {decision!r}, the exit code was {code}")
    if not (folder / "report.html").is_file():
        sys.exit("demo: there is no report")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
