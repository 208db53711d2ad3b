"""The documents, read for what can be checked in them: tables, blocks, links."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]
Rows = list[dict[str, str]]


@pytest.fixture(scope="session")
def repo() -> Path:
    """The root of the checkout."""
    return REPO


@pytest.fixture(scope="session")
def document() -> Callable[[str], str]:
    """Call it with a name below the root for the text of a document."""
    return lambda name: (REPO / name).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def block() -> Callable[[str, str], str]:
    """Call it with a document's text and an info string for the one fenced block that has it."""

    def find(text: str, info: str) -> str:
        found: list[str] = re.findall(rf"^```{re.escape(info)}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        assert len(found) == 1, f"{len(found)} blocks with the info string {info!r}"
        return found[0]

    return find


@pytest.fixture(scope="session")
def table() -> Callable[[str, str], Rows]:
    """Call it with a document's text and the head of a table's first column for its rows, by head."""

    def find(text: str, first: str) -> Rows:
        lines = text.splitlines()
        start = next(number for number, line in enumerate(lines) if line.startswith(f"| {first} |"))
        heads = cells(lines[start])
        rows = []
        for line in lines[start + 2 :]:
            if not line.startswith("|"):
                break
            rows.append(dict(zip(heads, cells(line), strict=True)))
        return rows

    return find


def cells(line: str) -> list[str]:
    """Return the cells of a table's line."""
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


@pytest.fixture(scope="session")
def quoted() -> Callable[[str], list[str]]:
    """Call it with a text for all that stands between backticks in it."""
    return lambda text: re.findall(r"`([^`]+)`", text)
