"""Suites and a rehearsal take turns through a folder: no answer without a question, and no waiting for nobody."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from epjgate.errors import SuitesFailed
from epjgate.suite_runner.handover import Answer, Handover, Part

ASKS = """
import sys
from pathlib import Path
from epjgate.suite_runner.handover import Handover, Part
answer = Handover(Path(sys.argv[1])).ask(Part.AFTER)
Path(sys.argv[2]).write_text(f"{answer.go} {answer.why}")
"""
# Starts whoever asks, and is gone before anybody answers.
ABANDONS = "import subprocess, sys, time; subprocess.Popen(sys.argv[1:]); time.sleep(600)"


def never() -> None:
    """The suites go on."""


def wait_for(path: Path) -> str:
    """Return what stands in the file at `path`, once something does."""
    until = time.monotonic() + 20
    while not path.exists() or not path.read_text(encoding="utf-8"):
        assert time.monotonic() < until, f"{path.name} was never written"
        time.sleep(0.02)
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("answer", [Answer(go=True), Answer(go=False, why="the migration ended with 1, æøå")])
def test_an_answer_reaches_whoever_asks(tmp_path: Path, answer: Answer) -> None:
    """Whether to go on, and why not."""
    with ThreadPoolExecutor(1) as pool:
        got = pool.submit(Handover(tmp_path).ask, Part.AFTER)
        rehearsal = Handover(tmp_path)
        rehearsal.wait_asked(Part.AFTER, never)
        assert not got.done()
        rehearsal.answer(Part.AFTER, go=answer.go, why=answer.why)
        assert got.result(timeout=20) == answer


def test_each_part_has_an_answer_of_its_own(tmp_path: Path) -> None:
    """That the candidate stands does not say that the old release does again."""
    rehearsal = Handover(tmp_path)
    with ThreadPoolExecutor(1) as pool:
        suites = Handover(tmp_path)
        for part, go in ((Part.AFTER, True), (Part.BACK, False)):
            got = pool.submit(suites.ask, part)
            rehearsal.wait_asked(part, never)
            rehearsal.answer(part, go=go)
            assert got.result(timeout=20).go is go


@pytest.mark.parametrize("part", [Part.AFTER, Part.BACK])
def test_nobody_is_answered_who_has_not_asked(tmp_path: Path, part: Part) -> None:
    """An answer that lies there beforehand would let tests of the candidate run on the old release."""
    with pytest.raises(SuitesFailed, match="the suites cannot be told"):
        Handover(tmp_path).answer(part, go=True)
    assert list(tmp_path.iterdir()) == []


def test_an_answer_to_another_question_is_a_no(tmp_path: Path) -> None:
    """As one that an earlier rehearsal left in the folder."""
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(Handover(tmp_path).ask, Part.AFTER)
        Handover(tmp_path).wait_asked(Part.AFTER, never)
        Handover(tmp_path).answer(Part.AFTER, go=True)
        assert first.result(timeout=20).go
    again = Handover(tmp_path).ask(Part.AFTER)
    assert again == Answer(go=False, why="what the rehearsal answered belongs to another question")


@pytest.mark.parametrize("text", ["", "{}", '{"go": true}', "\xff"])
def test_an_answer_that_cannot_be_read_is_a_no(tmp_path: Path, text: str) -> None:
    """Nothing is guessed from half a file."""
    (tmp_path / "after.answered.json").write_text(text, encoding="latin-1")
    answer = Handover(tmp_path).ask(Part.AFTER)
    assert not answer.go
    assert "cannot be read" in answer.why


def test_a_folder_that_is_gone_is_a_no(tmp_path: Path) -> None:
    """Whoever made it has cleared away, and answers no more."""
    folder = tmp_path / "handover"
    folder.mkdir()
    with ThreadPoolExecutor(1) as pool:
        got = pool.submit(Handover(folder).ask, Part.BACK)
        Handover(folder).wait_asked(Part.BACK, never)
        (folder / "back.asked.json").unlink()
        folder.rmdir()
        answer = got.result(timeout=20)
    assert answer == Answer(go=False, why="the rehearsal ended before the old release after the rollback stood")


def test_a_question_that_cannot_be_written_is_the_harness_at_fault(tmp_path: Path) -> None:
    """Nobody waits for an answer to what nobody can read."""
    with pytest.raises(SuitesFailed, match="nobody can be asked for the candidate"):
        Handover(tmp_path / "nowhere").ask(Part.AFTER)


def test_a_rehearsal_that_was_killed_is_a_no(tmp_path: Path) -> None:
    """Also by SIGKILL, which leaves folder and question where they are."""
    folder, told = tmp_path / "handover", tmp_path / "told"
    folder.mkdir()
    asks = [sys.executable, "-c", ASKS, str(folder), str(told)]
    with subprocess.Popen([sys.executable, "-c", ABANDONS, *asks]) as rehearsal:
        Handover(folder).wait_asked(Part.AFTER, never)
        rehearsal.kill()
    assert wait_for(told) == "False the rehearsal ended before the candidate after the upgrade stood"


def test_an_interruption_ends_the_waiting(tmp_path: Path) -> None:
    """Whoever asks is stopped at once."""
    with subprocess.Popen(
        [sys.executable, "-c", ASKS, str(tmp_path), str(tmp_path / "told")], stderr=subprocess.DEVNULL
    ) as asks:
        Handover(tmp_path).wait_asked(Part.AFTER, never)
        asks.send_signal(signal.SIGINT)
        assert asks.wait(timeout=20) != 0
    assert not (tmp_path / "told").exists()


class OverError(Exception):
    """The suites have ended."""


def test_a_rehearsal_does_not_wait_for_suites_that_have_ended(tmp_path: Path) -> None:
    """Whatever says so is raised; a question that was asked before that counts."""

    def over() -> None:
        raise OverError

    with pytest.raises(OverError):
        Handover(tmp_path).wait_asked(Part.AFTER, over)
    (tmp_path / "after.asked.json").write_text("{}", encoding="utf-8")
    Handover(tmp_path).wait_asked(Part.AFTER, over)
