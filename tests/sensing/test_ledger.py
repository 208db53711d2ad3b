"""What sessions are told, and what they write down."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError
from tests.sensing.conftest import mutant

from epjgate.model.mutant import Operator
from epjgate.model.outcome import Outcome
from epjgate.sensing.ledger import Ended, Order, Reader, Sighting, Tried, Writer

SEEN = Sighting(test="a::b", suite="a", outcome=Outcome.PASSED, duration_s=0.1, mutants=(mutant(Operator.DROP, "id"),))


def test_lines_are_read_while_they_are_written(tmp_path: Path) -> None:
    """Each once, and a line that is not whole yet not at all."""
    file = tmp_path / "lines.jsonl"
    reader = Reader(file)
    assert list(reader.read_on()) == []
    writer = Writer(file)
    writer.write(SEEN)
    assert list(reader.read_on()) == [SEEN]
    writer.write(Tried(number=1))
    writer.write(Ended())
    writer.close()
    with file.open("a", encoding="utf-8") as half:
        half.write('{"line": "tri')
    assert list(reader.read_on()) == [Tried(number=1), Ended()]
    assert list(reader.read_on()) == []


def test_an_unknown_line_is_an_error(tmp_path: Path) -> None:
    """What cannot be read is not passed over."""
    file = tmp_path / "lines.jsonl"
    file.write_text('{"line": "miracle"}\n', encoding="utf-8")
    with pytest.raises(ValidationError):
        list(Reader(file).read_on())


def test_a_piece_of_work_is_taken_once(tmp_path: Path) -> None:
    """Whoever comes second takes another."""
    order = Order(folder=tmp_path, lock=tmp_path / "turns")
    assert [order.take(0), order.take(0), order.take(1)] == [True, False, True]
