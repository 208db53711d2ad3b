"""Running suites by pytest: to their end or to a reason, with nothing left behind."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from epjgate.environments.interface import EnvironmentDown
from epjgate.errors import Interruption, SuitesFailed
from epjgate.model.events import EnvironmentCause, EnvironmentStage, SuitesFinished, TestFinished, TestStarted
from epjgate.model.outcome import Outcome
from epjgate.suite_runner.handover import Handover, Part

if TYPE_CHECKING:
    from tests.suite_runner.conftest import Bench

PASSES = "def test_passes():\n    assert 1 + 1 == 2\n"
EIGHT = "import pytest\n\n@pytest.mark.parametrize('n', range(8))\ndef test_passes(n):\n    assert n < 8\n"
FAILS = "def test_fails():\n    print('asked for 170590-9998')\n    assert 1 + 1 == 3\n"
# Starts a process that belongs to nobody, says which, and waits.
WAITS = """
import pathlib, signal, subprocess, sys, time

def test_waits():
    {first}
    asleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    child = subprocess.Popen(asleep, start_new_session=True)
    pathlib.Path({begun!r}).write_text(str(child.pid))
    time.sleep(600)
"""
STUBBORN = "[signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)]"
DIES = "import os, signal\n\ndef test_dies():\n    os.kill(os.getpid(), signal.SIGKILL)\n"
CROSSES = "def test_crosses(epj):\n    assert epj\n    epj = yield\n    assert epj\n"
DOWN = EnvironmentDown(
    "desk is gone", "killed", "start it", stage=EnvironmentStage.RUN, root=EnvironmentCause.KILLED, service="desk"
)


def outcomes(bench: Bench) -> dict[str, Outcome]:
    return {event.test: event.outcome for event in bench.events() if isinstance(event, TestFinished)}


def raise_once_begun(begun: Path, error: BaseException) -> Callable[[], None]:
    def ask() -> None:
        if begun.exists() and begun.read_text():
            raise error

    return ask


def runs(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_suites_run_to_their_end(bench: Bench) -> None:
    """A failed test is no failure of the runner: all is in the journal, progress is told, and nothing runs on."""
    bench.suite("good", PASSES)
    bench.suite("bad", FAILS)
    bench.run()
    assert outcomes(bench) == {
        "good/test_good.py::test_passes": Outcome.PASSED,
        "bad/test_bad.py::test_fails": Outcome.FAILED,
    }
    assert isinstance(bench.events()[-1], SuitesFinished)
    assert bench.told.counts[-1] == (2, 2, 1)
    assert bench.still_running() == []


def test_only_the_suites_that_were_asked_for_are_run(bench: Bench) -> None:
    """A suite beside them stays untouched."""
    bench.suite("good", PASSES)
    bench.suite("bad", FAILS)
    bench.run("good")
    assert list(outcomes(bench)) == ["good/test_good.py::test_passes"]


def test_only_what_is_named_is_run_with_the_options_given(bench: Bench) -> None:
    """Where places are named, nothing else of the suites runs; pytest is handed the options."""
    folder = bench.suite("good", PASSES)
    (folder / "test_other.py").write_text(FAILS, encoding="utf-8")
    bench.run(only=(folder / "test_good.py",), options=("--epj-times=2",))
    assert sorted(outcomes(bench)) == [f"good/test_good.py::test_passes[attempt {number}]" for number in (1, 2)]


def test_workers_share_the_tests(bench: Bench) -> None:
    """With two workers every test is run once, and the journal says by whom."""
    bench.suite(
        "good", "import pytest\n\n@pytest.mark.parametrize('n', range(8))\ndef test_passes(n):\n    assert n < 8\n"
    )
    bench.run(workers=2)
    ended = [event for event in bench.events() if isinstance(event, TestFinished)]
    assert len({event.test for event in ended}) == len(ended) == 8
    assert {event.worker for event in ended} <= {"gw0", "gw1"}
    assert bench.still_running() == []


def crossing(bench: Bench) -> None:
    """Write a suite that crosses an upgrade."""
    with (bench.suite("upgrade", CROSSES) / "suite.toml").open("a", encoding="utf-8") as description:
        description.write("crosses_upgrade = true\n")


def test_what_crosses_an_upgrade_waits_for_it_in_one_process(bench: Bench) -> None:
    """However many workers there are: the tests go on when the rehearsal says so, with what they held."""
    crossing(bench)
    folder = bench.root / "handover"
    folder.mkdir()
    asked: list[Part] = []

    def answer() -> None:
        for part in (Part.AFTER, Part.BACK):
            if part not in asked and (folder / f"{part}.asked.json").exists():
                asked.append(part)
                Handover(folder).answer(part, go=True)

    bench.run("upgrade", workers=2, handover=folder, while_up=answer)
    assert asked == [Part.AFTER, Part.BACK]
    assert outcomes(bench) == {
        f"upgrade/test_upgrade.py::test_crosses[{part}]": Outcome.PASSED for part in ("before", "after")
    }
    assert {event.worker for event in bench.events() if isinstance(event, TestFinished)} == {""}
    assert bench.still_running() == []


def test_suites_that_wait_for_an_upgrade_end_with_the_rehearsal(bench: Bench) -> None:
    """What `while_up` raises ends them at once, and what they had recorded is whole."""
    crossing(bench)
    folder = bench.root / "handover"
    folder.mkdir()

    def fall_down() -> None:
        if (folder / "after.asked.json").exists():
            raise DOWN

    began = time.monotonic()
    with pytest.raises(EnvironmentDown):
        bench.run("upgrade", handover=folder, while_up=fall_down)
    assert time.monotonic() - began < 30
    assert outcomes(bench) == {"upgrade/test_upgrade.py::test_crosses[before]": Outcome.PASSED}
    assert isinstance(bench.events()[-1], SuitesFinished)
    assert bench.still_running() == []


def test_without_a_rehearsal_nothing_waits(bench: Bench) -> None:
    """Parts that no upgrade comes before are not applicable, whoever works on them."""
    crossing(bench)
    bench.run("upgrade", workers=2)
    assert outcomes(bench) == {
        "upgrade/test_upgrade.py::test_crosses[before]": Outcome.PASSED,
        "upgrade/test_upgrade.py::test_crosses[after]": Outcome.NOT_APPLICABLE,
    }


def test_a_suite_without_tests_comes_to_its_end(bench: Bench) -> None:
    """That nothing was tested is in the evidence, for the judge."""
    bench.suite("empty")
    bench.run()
    assert outcomes(bench) == {}
    assert isinstance(bench.events()[-1], SuitesFinished)


@pytest.mark.parametrize("error", [DOWN, Interruption("SIGINT")], ids=["environment down", "interruption"])
def test_whatever_while_up_raises_ends_the_suites_at_once(bench: Bench, error: BaseException) -> None:
    """Pytest may close its evidence, the error goes on, and even what left pytest's family is gone."""
    begun = bench.root / "begun"
    bench.suite("long", WAITS.format(first="pass", begun=str(begun)))
    with pytest.raises(type(error)) as caught:
        bench.run(while_up=raise_once_begun(begun, error))
    assert caught.value is error
    assert any(isinstance(event, TestStarted) for event in bench.events())
    assert any(isinstance(event, SuitesFinished) for event in bench.events())
    assert not runs(int(begun.read_text()))
    assert bench.still_running() == []


def test_a_suite_that_will_not_end_is_ended(bench: Bench) -> None:
    """A test that ignores SIGINT and SIGTERM does not outlive the run."""
    begun = bench.root / "begun"
    bench.suite("long", WAITS.format(first=STUBBORN, begun=str(begun)))
    with pytest.raises(EnvironmentDown):
        bench.run(while_up=raise_once_begun(begun, DOWN))
    assert not runs(int(begun.read_text()))
    assert bench.still_running() == []


def test_a_pytest_that_was_killed_is_a_failure_of_the_harness(bench: Bench) -> None:
    """The reason names the signal; what had been written stays, and the test that ran then never ended."""
    bench.suite("good", PASSES)
    bench.suite("kills", DIES)
    with pytest.raises(SuitesFailed, match="signal SIGKILL"):
        bench.run("good", "kills")
    assert outcomes(bench) == {"good/test_good.py::test_passes": Outcome.PASSED}
    assert not any(isinstance(event, SuitesFinished) for event in bench.events())
    assert bench.still_running() == []


def test_a_pytest_that_cannot_begin_is_a_failure_of_the_harness(bench: Bench) -> None:
    """The reason carries pytest's last words, redacted."""
    bench.suite("good", PASSES)
    (bench.suites / "conftest.py").write_text("raise RuntimeError('no 170590-9998 here')\n", encoding="utf-8")
    with pytest.raises(SuitesFailed, match="exit status 4") as caught:
        bench.run()
    assert f"no {bench.redactor.text('1705909998')} here" in caught.value.cause
    assert "9998" not in caught.value.cause


def test_a_bundle_that_cannot_be_written_starts_nothing(bench: Bench) -> None:
    """Without a place for the target there is no run."""
    bench.suite("good", PASSES)
    bench.layout.folder.mkdir()
    bench.layout.target.with_name("..target.json.draft").mkdir()
    with pytest.raises(SuitesFailed, match="the suites could not be started"):
        bench.run()
    assert bench.still_running() == []


def test_nothing_in_the_environment_changes_which_tests_are_run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pytest's own variables could deselect tests, or load what is not part of the gate."""
    bench.suite("good", PASSES)
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k nothing --collect-only")
    monkeypatch.setenv("PYTEST_PLUGINS", "a_plugin_that_is_not_there")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    bench.run()
    assert outcomes(bench) == {"good/test_good.py::test_passes": Outcome.PASSED}


@pytest.mark.parametrize("variable", ["CI", "GITLAB_CI", "TF_BUILD"])
def test_examples_follow_from_the_seed_in_a_pipeline_too(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """There Hypothesis would give every run, and every attempt, the same examples, whatever its seed."""
    bench.suite(
        "good",
        "from hypothesis import settings\n\ndef test_passes():\n    assert not settings.default.derandomize\n",
    )
    monkeypatch.setenv(variable, "true")
    bench.run()
    assert outcomes(bench) == {"good/test_good.py::test_passes": Outcome.PASSED}


def test_compiled_suites_are_kept_in_the_cache(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where bytecode is not wanted: nothing is written beside the suites, and the next run need not compile."""
    bench.suite("good", PASSES)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    bench.run()
    assert [path.name.partition(".")[0] for path in (bench.root / "cache").rglob("test_good*.pyc")] == ["test_good"]
    assert list(bench.suites.rglob("*.pyc")) == []


def test_no_number_that_a_test_prints_reaches_the_log(bench: Bench) -> None:
    """The log holds the pseudonym that the rest of the bundle uses, in the journal and in Allure's results too."""
    bench.suite("bad", FAILS)
    bench.run()
    assert f"asked for {bench.redactor.text('1705909998')}" in bench.log()
    for file in (path for path in bench.layout.folder.rglob("*") if path.is_file()):
        assert b"170590-9998" not in file.read_bytes(), file
