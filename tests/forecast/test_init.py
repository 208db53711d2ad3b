"""The forecast costs nothing to those who ask for none."""

from __future__ import annotations

import subprocess
import sys


def test_the_gate_does_not_wait_for_numpy_and_scipy() -> None:
    """All that a run imports leaves them out: they take a quarter of a second to import."""
    program = "import epjgate.cli.commands, epjgate.compose, epjgate.gate, epjgate.model.forecast, sys\n"
    program += "print([name for name in ('numpy', 'scipy', 'epjgate.forecast') if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said == "[]\n"
