"""A command is attended to: what it says is taken in, and it is ended where it does not get on."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from tests.engine_fixtures import Heard

from epjgate.environments import site_command
from epjgate.environments.site import Limits
from epjgate.environments.site_command import OUTPUT_LIMIT, Ended, How, Said, Work, attend, done_of
from epjgate.model.redaction import Redactor

LIMITS = Limits(stall_s=0.4, limit_s=5)


@dataclass
class Acted:
    """A command that lasts for `lasts_s`, and works and writes at these rates, in seconds and bytes a second."""

    lasts_s: float
    cpu: float = 0.0
    written: float = 0.0
    killed_after_s: float | None = None
    began: float = field(default_factory=time.monotonic)

    def wait(self, limit_s: float) -> bool:
        """Wait as a process would."""
        left_s = self.began + self.lasts_s - time.monotonic()
        time.sleep(max(0.0, min(limit_s, left_s)))
        return left_s <= limit_s

    def work(self) -> Work:
        """Work evenly."""
        ran_s = time.monotonic() - self.began
        return Work(ran_s * self.cpu, int(ran_s * self.written))

    def kill(self) -> None:
        """Remember when."""
        self.killed_after_s = time.monotonic() - self.began


def said(tmp_path: Path, output: bytes = b"", complaint: bytes = b"") -> Said:
    log = tmp_path / "logs" / "epj-commands.log"
    return Said(("fill", "1"), io.BytesIO(output), io.BytesIO(complaint), log, Redactor(b"key"))


def test_a_command_that_ends_is_left_alone(tmp_path: Path) -> None:
    """However still it was, as long as that was not for too long."""
    command = Acted(lasts_s=0.2)
    assert attend(command, said(tmp_path), LIMITS, Heard()) is How.BY_ITSELF
    assert command.killed_after_s is None


@pytest.mark.parametrize(
    ("command", "how"),
    [
        (Acted(1.2, cpu=0.5), How.BY_ITSELF),
        (Acted(1.2, written=10**6), How.BY_ITSELF),
        (Acted(60), How.STALLED),
        (Acted(60, cpu=0.005), How.STALLED),
        (Acted(60, written=1000), How.STALLED),
    ],
)
def test_progress_is_work_and_not_mere_being(command: Acted, how: How, tmp_path: Path) -> None:
    """Half a processor or a megabyte a second is work; what a server does that waits is none."""
    command.began = time.monotonic()
    assert attend(command, said(tmp_path), LIMITS, Heard()) is how
    assert (command.killed_after_s is not None) == (how is How.STALLED)


def test_limits_hold_whatever_is_shown(tmp_path: Path) -> None:
    """A command that is busy for ever is ended at its limit, and in a drill at its minute."""
    limits = Limits(stall_s=10, limit_s=0.5)
    assert attend(Acted(60, cpu=1), said(tmp_path), limits, Heard()) is How.TOO_LONG
    drilled = Acted(60, cpu=1)
    assert attend(drilled, said(tmp_path), Limits(10, 10, kill_after_s=0.3), Heard()) is How.KILLED
    assert drilled.killed_after_s == pytest.approx(0.3, abs=0.2)


def test_too_much_output_ends_a_command(tmp_path: Path) -> None:
    """What was kept of it is no output: it is never taken for whole."""
    loud = said(tmp_path, b"x" * 1023 * (OUTPUT_LIMIT // 1023 + 2))
    assert loud.finish()
    assert attend(Acted(60, cpu=1), loud, Limits(10, 10), Heard()) is How.TOO_MUCH
    assert "more than 16 MiB" in done_of(How.BY_ITSELF, Ended(0, "exit code 0", 1.0, by_kill=False), loud, LIMITS).fault
    just = said(tmp_path, b"x" * OUTPUT_LIMIT)
    done = done_of(How.BY_ITSELF, Ended(0, "exit code 0", 1.0, by_kill=False), just, LIMITS)
    assert (done.fault, len(done.output)) == ("", OUTPUT_LIMIT)


def test_what_is_said_is_kept_logged_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The output as it was, everything else redacted; the newest lines are told while it goes on."""
    monkeypatch.setattr(site_command, "_TELL_EVERY_S", 0.1)
    heard = Heard()
    words = said(tmp_path, "æ 010203-1234\n".encode(), b"42 % done\n")
    assert words.finish()
    attend(Acted(1.0, cpu=1), words, LIMITS, heard)
    assert words.output() == "æ 010203-1234\n"
    log = (tmp_path / "logs" / "epj-commands.log").read_text(encoding="utf-8")
    assert log.startswith("$ fill 1\n")
    assert "42 % done" in log
    assert "010203-1234" not in log + str(heard.steps)
    assert len(heard.steps) == 2
    assert "42 % done" in heard.steps


@pytest.mark.parametrize(
    ("how", "ended", "words", "marks"),
    [
        (How.BY_ITSELF, Ended(0, "exit code 0", 1.5, by_kill=False), "", set()),
        (How.BY_ITSELF, Ended(3, "exit code 3", 1.5, by_kill=False), "ended with exit code 3", set()),
        (How.STALLED, Ended(-9, "SIGKILL", 1.5, by_kill=True), "for 0.4 s it wrote no line", {"stalled"}),
        (How.TOO_LONG, Ended(-9, "SIGKILL", 1.5, by_kill=True), "within 5 s", {"stalled"}),
        (How.KILLED, Ended(-9, "SIGKILL", 1.5, by_kill=True), "on purpose", {"killed"}),
        (How.KILLED, Ended(0, "exit code 0", 1.5, by_kill=False), "", set()),
        (How.STALLED, Ended(1, "exit code 1", 1.5, by_kill=False), "ended with exit code 1", set()),
    ],
)
def test_what_came_of_it_follows_its_end(how: How, ended: Ended, words: str, marks: set[str], tmp_path: Path) -> None:
    """One that ended by itself right before it was to be killed did just that; complaints come with a fault."""
    done = done_of(how, ended, said(tmp_path, b"out\n", b"no such table\n"), replace(LIMITS, kill_after_s=1.5))
    assert (done.duration_s, done.output) == (1.5, "out\n")
    assert {name for name in ("stalled", "killed") if getattr(done, name)} == marks
    assert words in done.fault
    assert bool(done.fault) == bool(words)
    assert ("no such table" in done.fault) == bool(words)


def test_output_that_has_no_end_is_not_taken_for_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody still holds the pipe: what would come is not known."""
    monkeypatch.setattr(site_command, "_LAST_WORDS_S", 0.2)

    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: object) -> int:  # noqa: ARG002 (the port)
            time.sleep(2)
            return 0

    words = Said(
        ("census",), io.BufferedReader(Endless()), io.BufferedReader(Endless()), tmp_path / "log", Redactor(b"k")
    )
    done = done_of(How.BY_ITSELF, Ended(0, "exit code 0", 1.0, by_kill=False), words, LIMITS)
    assert "did not come to an end" in done.fault
