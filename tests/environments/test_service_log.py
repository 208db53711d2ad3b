"""What a process says is kept line by line, without CPR numbers, whatever becomes of the disk."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import IO

import pytest

from epjgate.environments.readiness import LAST_LINES
from epjgate.environments.service_log import ServiceLog
from epjgate.model.redaction import Redactor

CPR = "0101701234"
REDACTOR = Redactor(b"key")
SAID = REDACTOR.text(CPR)


def pipe() -> tuple[IO[bytes], IO[bytes]]:
    read, write = os.pipe()
    return os.fdopen(read, "rb"), os.fdopen(write, "wb")


def keep(path: Path, *pieces: bytes) -> ServiceLog:
    """Say `pieces` into a log at `path` and wait until it has taken in all of them."""
    source, sink = pipe()
    log = ServiceLog(source, path, REDACTOR)
    with sink:
        for piece in pieces:
            sink.write(piece)
    log.finish(10)
    assert source.closed
    return log


def test_each_line_is_redacted(tmp_path: Path) -> None:
    """CPR numbers never reach the file nor the last lines; all else is kept, broken bytes as a mark."""
    path = tmp_path / "logs" / "his.log"
    log = keep(path, f"GET /Patient?identifier={CPR}\n".encode(), b"l\xe6ge\r\n", "æøå uden linjeskift".encode())
    expected = (f"GET /Patient?identifier={SAID}", "l�ge", "æøå uden linjeskift")
    assert log.last_lines() == expected
    assert path.read_text(encoding="utf-8").splitlines() == list(expected)


def test_a_line_is_in_the_file_while_the_process_still_runs(tmp_path: Path) -> None:
    """A reader of the file does not wait for the end of the process."""
    path = tmp_path / "his.log"
    source, sink = pipe()
    with sink:
        log = ServiceLog(source, path, REDACTOR)
        sink.write(b"up\n")
        sink.flush()
        for _again in range(1000):
            if path.exists() and path.stat().st_size:
                break
            time.sleep(0.01)
        assert path.read_text() == "up\n"
    log.finish(10)


def test_the_last_lines_are_few_and_the_file_has_all(tmp_path: Path) -> None:
    """Of many lines the last ones are at hand, oldest first."""
    log = keep(tmp_path / "his.log", *(b"line %d\n" % number for number in range(1000)))
    assert log.last_lines() == tuple(f"line {number}" for number in range(1000 - LAST_LINES, 1000))
    assert len((tmp_path / "his.log").read_text().splitlines()) == 1000


def test_a_second_start_adds_to_the_log(tmp_path: Path) -> None:
    """What an earlier start of the same service said is not lost."""
    for said in (b"first\n", b"second\n"):
        keep(tmp_path / "his.log", said)
    assert (tmp_path / "his.log").read_text() == "first\nsecond\n"


@pytest.mark.parametrize("before", range((1 << 20) - 12, (1 << 20) + 2))
def test_a_cpr_number_on_a_seam_does_not_slip_through(tmp_path: Path, before: int) -> None:
    """A line too long to be held is taken in pieces, and a number that lies across two of them is kept from both."""
    path = tmp_path / "his.log"
    keep(path, b"-" * before + CPR.encode() + b"-" * 100 + b"\n")
    kept = path.read_text()
    assert not any(digits in kept for digits in (CPR[:5], CPR[-5:]))
    assert "[...]" in kept


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full, as Linux has")
def test_a_full_disk_loses_the_file_and_not_the_process() -> None:
    """Everything is still taken from the process, so that it never waits; the last lines say what is missing."""
    log = keep(Path("/dev/full"), b"x" * 500_000 + b"\n", b"the last words\n")
    assert log.last_lines()[1:] == (
        "the last words",
        "[the log file is cut off: [Errno 28] No space left on device]",
    )


def test_a_log_that_cannot_be_opened_is_drained_all_the_same(tmp_path: Path) -> None:
    """A folder in the place of the log costs the file only."""
    log = keep(tmp_path, b"the last words\n")
    assert log.last_lines()[0] == "the last words"
    assert "Is a directory" in log.last_lines()[1]
