"""The exchanges of a test, one JSON line each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from epjgate.evidence.digests import text_digest
from epjgate.evidence.layout import Layout
from epjgate.model.exchange import Exchange


def write_exchanges(layout: Layout, test: str, exchanges: Iterable[Exchange]) -> str:
    """Write `exchanges` of `test` and return the file's name relative to the bundle; raises OSError."""
    words = re.sub(r"[^A-Za-z0-9]+", "-", test.rpartition("::")[2])[:80].strip("-")
    path = layout.exchanges / f"{words}-{text_digest(test)[7:15]}.jsonl"
    lines = [json.dumps(exchange.as_dict(), ensure_ascii=False) for exchange in exchanges]
    # Half a surrogate pair, as a broken body may hold one, is written as the JSON escape that it reads as.
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", errors="backslashreplace")
    return path.relative_to(layout.folder).as_posix()


def read_exchanges(path: Path) -> tuple[Exchange, ...]:
    """Return the exchanges in `path`; raises OSError or ValueError if it cannot be read."""
    lines = path.read_text(encoding="utf-8").split("\n")  # splitlines would also split at U+2028 inside a body
    try:
        return tuple(Exchange(**json.loads(line)) for line in lines if line)
    except TypeError as err:
        raise ValueError(f"{path.name} holds something else than exchanges: {err}") from err
