"""`epjgate rehearse` on a real release: the plan first, then the upgrade and the way back, and one verdict."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from epjgate.cli.exit_codes import ExitCode
from epjgate.evidence.reader import read_bundle
from epjgate.model.rehearsal import StepOutcome

if TYPE_CHECKING:
    from tests.cli.conftest import Ended
    from tests.conftest import Project

REHEARSE = (
    *("rehearse", "--system=tiny", "--from=0.9", "--to=1.0", "--window=01:00-04:00", "--production-size=3000"),
    *("--sizes=100,300,600", "--drills=1", "--seed=5"),
)
STEPS = '''
"""What is done with the records of the tiny clinic: one line for each patient."""

import json
import shutil
import sys
import time
from pathlib import Path

what, data, *more = sys.argv[1:]
records = Path(data) / "records"
number = len(records.read_text().splitlines()) if records.exists() else 0
if what == "fill":
    number = int(more[0])
    records.write_text("".join(f"patient {one}\\n" for one in range(number)))
elif what == "census":
    kinds = {"Patient": {"count": number, "digest": str(hash(records.read_text()) and number)}}
    print(json.dumps({"patients": number, "kinds": kinds, "audit_entries": 0}))
elif what == "backup":
    shutil.copy(records, more[0])
elif what == "restore":
    shutil.copy(Path(more[0]) / "records", records)
elif what == "migrate":
    MIGRATION
time.sleep(0.3 + number / 1000)
'''
UPGRADE = """
[upgrade]
scripts = "upgrade"
probes = [{ name = "read", interface = "http", path = "/ready" }]

[upgrade.process]
fill = { service = "desk", command = ["python", "${scripts}/steps.py", "fill", "${data}", "${patients}"] }
census = { service = "desk", command = ["python", "${scripts}/steps.py", "census", "${data}"] }
backup = { service = "desk", command = ["python", "${scripts}/steps.py", "backup", "${data}", "${backup}"] }
migrate = { service = "desk", command = ["python", "${scripts}/steps.py", "migrate", "${data}"] }
restore = { service = "desk", command = ["python", "${scripts}/steps.py", "restore", "${data}", "${backup}"] }
"""
ACROSS = '''
def test_the_desk_is_open_after_every_change(epj):
    """Whoever comes is answered: before the upgrade, after it, and after the rollback."""
    assert epj.request("GET", "/ready").status == 200
    epj = yield
    assert epj.request("GET", "/ready").status == 200
    epj = yield
    assert epj.request("GET", "/ready").status == 200
'''
EPJ = """

@pytest.fixture
def epj(desk):
    return desk
"""


@pytest.fixture
def clinic(project: Project) -> Callable[..., None]:
    """Call it to have a clinic whose `migration` is a line of Python; without one it does nothing."""

    def make(migration: str = "pass") -> None:
        description = project.root / "fixtures/systems/tiny/system.toml"
        description.write_text(description.read_text(encoding="utf-8") + UPGRADE, encoding="utf-8")
        project.write("fixtures/systems/tiny/upgrade/steps.py", STEPS.replace("MIGRATION", migration))
        project.write(
            "suites/across/suite.toml",
            'schema_version = "epjgate/suite/1"\ntitle = "The desk stays"\ntitle_da = "Skranken bliver"\n'
            'about = "Upgrades."\ncrosses_upgrade = true\n',
        )
        project.write("suites/across/test_across.py", ACROSS)
        conftest = project.root / "suites/conftest.py"
        conftest.write_text(conftest.read_text(encoding="utf-8") + EPJ, encoding="utf-8")
        policy = project.root / "ci/policy.toml"
        demands = policy.read_text(encoding="utf-8").replace(
            'required = ["desk"]', 'required = ["desk"]\nrehearsal = ["across"]'
        )
        policy.write_text(demands, encoding="utf-8")

    return make


def verdict(folder: Path) -> dict[str, object]:
    """Return the verdict in `folder`."""
    found: dict[str, object] = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))
    return found


def test_the_plan_is_shown_and_nothing_started(clinic: Callable[..., None], command: Callable[..., Ended]) -> None:
    """Every step with its id, its bounds, the point of no return; nothing was tested, and the exit code says so."""
    clinic()
    ended = command(*REHEARSE, "--dry-run")
    assert ended.code == ExitCode.NOTHING_TESTED, ended.err
    assert "s1 fill" in ended.err
    assert "migrate!" in ended.err
    assert "kill_migration at" in ended.err
    assert "nothing was started" in ended.out


def test_an_upgrade_that_keeps_its_window_is_approved(
    clinic: Callable[..., None], command: Callable[..., Ended], tmp_path: Path
) -> None:
    """All steps done, tests passed on every release, every record kept, the window forecast: 0, and whole evidence."""
    clinic()
    ended = command(*REHEARSE, f"--out={tmp_path / 'run'}")
    assert ended.code == ExitCode.APPROVED, ended.err
    evidence = read_bundle(tmp_path / "run")
    assert evidence.flaws == ()
    assert {one.outcome for one in evidence.steps_ended} == {StepOutcome.DONE}
    assert len(evidence.tests) == 3
    assert evidence.availability is not None
    assert evidence.forecasted is not None
    assert command("judge", tmp_path / "run").code == ExitCode.APPROVED


@pytest.mark.parametrize(
    ("migration", "named", "more"),
    [
        ("sys.exit('no such column')", "no such column", ()),
        ("records.write_text(records.read_text() + 'patient 0\\n')", "Patient", ("--sizes=100", "--repeats=1")),
        ("time.sleep((number / 100) ** 2 / 9)", "window", ("--window=01:00-01:22",)),
    ],
    ids=["fails", "doubles a record", "grows with the square"],
)
def test_an_upgrade_that_the_night_must_not_see_is_rejected(
    clinic: Callable[..., None],
    command: Callable[..., Ended],
    tmp_path: Path,
    migration: str,
    named: str,
    more: tuple[str, ...],
) -> None:
    """A migration that fails, one that alters records, and one that is quick now and takes hours in production."""
    clinic(migration)
    ended = command(*REHEARSE, *more, "--drills=0", f"--out={tmp_path / 'run'}")
    assert ended.code == ExitCode.REJECTED, ended.err
    assert named in json.dumps(verdict(tmp_path / "run")["rules"])


def test_an_interrupted_rehearsal_leaves_nothing_and_says_so(
    clinic: Callable[..., None], project: Project, wait_for: Callable[[Callable[[], bool]], None], tmp_path: Path
) -> None:
    """Interrupted in the midst of a migration: no process, no folder of the site, a sealed bundle, exit code 130."""
    clinic("(records.parent / 'begun').write_text('x'); time.sleep(60)")
    process = project.begin(*REHEARSE, f"--out={tmp_path / 'run'}")
    state = Path(project.env["EPJGATE_STATE"])
    wait_for(lambda: any(state.rglob("begun")) or process.poll() is not None)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED, out + err
    evidence = read_bundle(tmp_path / "run")
    assert evidence.flaws == ()
    assert evidence.interrupted is not None
    assert [path for path in state.rglob("*") if path.is_file() and path.suffix != ".lock"] == []


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ("--from=0.8", "0.8"),
        ("--window=one to four", "window"),
        ("--environment=remote", "upgrade.remote"),
        ("--sizes=ten", "sizes"),
        ("--system=other", "other"),
    ],
)
def test_what_does_not_exist_is_refused(
    clinic: Callable[..., None], command: Callable[..., Ended], changed: str, named: str
) -> None:
    """2, and the error says what; nothing was started."""
    clinic()
    ended = command(*REHEARSE, changed)
    assert ended.code == ExitCode.USAGE, ended.err
    assert named in ended.err


def test_a_system_that_does_not_say_how_it_is_upgraded_is_refused(command: Callable[..., Ended]) -> None:
    """2, with the table that is missing."""
    ended = command(*REHEARSE)
    assert ended.code == ExitCode.USAGE
    assert "upgrade.process" in ended.err
