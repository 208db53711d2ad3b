"""Exclusive tests have the system for themselves."""

from __future__ import annotations

from tests.plugin.conftest import Inner

OVERLAP = """
import pathlib, time, pytest

HERE = pathlib.Path(__file__).parent

def stay(name, desk):
    assert desk.request("GET", "/").status == 200
    others = [path.name for path in HERE.glob("*.inside")]
    mine = HERE / f"{name}.inside"
    mine.touch()
    time.sleep(0.15)
    others += [path.name for path in HERE.glob("*.inside") if path != mine]
    mine.unlink()
    with (HERE / "seen.txt").open("a") as seen:
        seen.write(f"{name} {len(set(others))}\\n")

@pytest.mark.exclusive
@pytest.mark.parametrize("number", range(3))
def test_alone(desk, number):
    stay(f"alone{number}", desk)

@pytest.mark.parametrize("number", range(8))
def test_together(desk, number):
    stay(f"together{number}", desk)
"""


def test_nothing_runs_beside_an_exclusive_test(inner: Inner) -> None:
    """With two workers the ordinary tests overlap, and an exclusive one never does."""
    inner.run(OVERLAP, "-n2").assert_outcomes(passed=11)
    lines = (inner.pytester.path / "desk/seen.txt").read_text(encoding="utf-8").split("\n")
    met = {name: int(others) for name, others in (line.split() for line in lines if line)}
    assert all(met[f"alone{number}"] == 0 for number in range(3))
    assert any(met[f"together{number}"] > 0 for number in range(8)), "nothing overlapped: the test shows nothing"
