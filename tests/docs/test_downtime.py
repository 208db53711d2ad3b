"""docs/downtime.md names the tests of the suite, all of them and no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_names_every_test_of_the_suite() -> None:
    """One row for each."""
    page = (ROOT / "docs/downtime.md").read_text(encoding="utf-8")
    named = re.findall(r"^\|[^|]+\| `(test_\w+)` \|", page, re.MULTILINE)
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in (ROOT / "suites/downtime").glob("test_*.py")]
    written = [node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert sorted(named) == sorted(name for name in written if name.startswith("test_")) != []
