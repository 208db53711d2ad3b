"""Tests of epjgate.reports.exchanges."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from epjgate.model.exchange import Exchange
from epjgate.reports.exchanges import Gap, LastExchanges, last_exchanges


def _line(number: int) -> str:
    exchange = Exchange("GET", f"http://127.0.0.1/Patient/{number}", {}, None, 200, {}, "{}", 0.01)
    return json.dumps(exchange.as_dict()) + "\n"


def test_the_last_exchanges_are_read(tmp_path: Path) -> None:
    """The fault shows in the last exchanges; how many came before is told."""
    (tmp_path / "a.jsonl").write_text("".join(_line(number) for number in range(5)))
    read = last_exchanges(tmp_path, "a.jsonl", most=2)
    assert [exchange.url[-1] for exchange in read.exchanges] == ["3", "4"]
    assert read.earlier == 3
    assert read.gap is None


def test_few_exchanges_are_all_read(tmp_path: Path) -> None:
    """Nothing came before the first."""
    (tmp_path / "a.jsonl").write_text(_line(0))
    assert last_exchanges(tmp_path, "a.jsonl", most=2).earlier == 0


@pytest.mark.parametrize(
    "text", ["{broken\n", "[1]\n", '{"method": "GET"}\n', _line(0).replace("0.01", '"x"'), "\xff not JSON\n"]
)
def test_what_is_no_exchange_is_a_gap(tmp_path: Path, text: str) -> None:
    """A damaged file is told, and does not stop the report."""
    (tmp_path / "a.jsonl").write_text(_line(0) + text, encoding="latin-1")
    assert last_exchanges(tmp_path, "a.jsonl", most=2) == LastExchanges(gap=Gap.UNREADABLE)


def test_gaps(tmp_path: Path) -> None:
    """None recorded, a missing file, and a file outside the bundle are told apart; the last is not read."""
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (tmp_path / "outside.jsonl").write_text(_line(0))
    (bundle / "link.jsonl").symlink_to(tmp_path / "outside.jsonl")
    assert last_exchanges(bundle, "", most=2).gap is Gap.NONE_RECORDED
    assert last_exchanges(bundle, "missing.jsonl", most=2).gap is Gap.MISSING
    for name in ("../outside.jsonl", str(tmp_path / "outside.jsonl"), "link.jsonl"):
        assert last_exchanges(bundle, name, most=2) == LastExchanges(gap=Gap.OUTSIDE)
