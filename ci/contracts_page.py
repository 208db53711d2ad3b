"""Writes the tables of docs/contracts.md from `contracts/` and the suites that pin its rules.

python ci/contracts_page.py           # writes
python ci/contracts_page.py --check   # writes nothing; exit code 1 where the page is not up to date
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Annotated

import typer

from epjgate.contracts.checks.interface import all_checks
from epjgate.contracts.rules import Rule, RuleBook, load_rules

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/contracts.md"
BEGIN, END = "<!-- tables: begin -->\n", "<!-- tables: end -->\n"
_ID = re.compile(r'"([a-z0-9]+(?:-[a-z0-9]+)+)"')


def tables(root: Path) -> str:
    """Return what the rules below `root` are: how many an interface, and a table for each."""
    book = load_rules(root / "contracts")
    pinned = _pinned(root / "suites/contracts")
    checked = all_checks().keys()
    parts = [_summary(book, checked), *(_table(book, name, pinned, checked) for name in book.documents)]
    return "\n".join(parts)


def page_with(page: str, content: str) -> str:
    """Return `page` with `content` between its marks; raises ValueError where it does not have both."""
    before, begin, rest = page.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} lacks one of its marks")
    return before + BEGIN + "\n" + content + "\n" + END + after


def _pinned(suites: Path) -> dict[str, list[str]]:
    """Return by rule the files that name it: tests, and the list of consumers that they verify."""
    root = suites.parents[1]
    found: dict[str, list[str]] = {}
    for file in [*sorted(suites.rglob("*.py")), *sorted((root / "contracts").glob("*/consumers.toml"))]:
        for rule_id in sorted(set(_ID.findall(file.read_text(encoding="utf-8")))):
            found.setdefault(rule_id, []).append(file.relative_to(root).as_posix())
    return found


def _summary(book: RuleBook, checked: AbstractSet[str]) -> str:
    lines = ["| Interface | Rules | of them must | with a check of documents |", "|---|---|---|---|"]
    total = [0, 0, 0]
    for name, document in book.documents.items():
        row = [
            len(document.rules),
            sum(rule.level == "must" for rule in document.rules.values()),
            len(document.rules.keys() & checked),
        ]
        total = [sum(pair) for pair in zip(total, row, strict=True)]
        lines.append(f"| [{document.title}](#{_anchor(document.title)}) (`contracts/{name}`) | {_cells(row)} |")
    return "\n".join([*lines, f"| all | {_cells(total)} |", ""])


def _table(book: RuleBook, name: str, pinned: dict[str, list[str]], checked: AbstractSet[str]) -> str:
    document = book.documents[name]
    rules = [book.rules[rule_id] for rule_id in document.rules]
    sources = [f"- {_linked(source.title, source.url)}" for source in document.sources.values()]
    rows = [_row(rule, pinned.get(rule.id, []), checked=rule.id in checked) for rule in rules]
    heads = ["| Rule | It says | Source | Level | Pinned by |", "|---|---|---|---|---|"]
    return "\n".join([f"## {document.title}", "", "Sources:", "", *sources, "", *heads, *rows, ""])


def _row(rule: Rule, files: list[str], *, checked: bool) -> str:
    by = ", ".join(f"[{Path(file).stem}](../{file})" for file in files)
    source = f"{rule.source.title}, {rule.rule.section}"
    mark = " ✓" if checked else ""
    return f"| `{rule.id}`{mark} | {_cell(rule.rule.says)} | {_cell(source)} | {rule.rule.level} | {by} |"


def _linked(title: str, url: str) -> str:
    return f"[{title}]({url})" if url else title


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _cells(values: list[int]) -> str:
    return " | ".join(map(str, values))


def main(*, check: Annotated[bool, typer.Option("--check", help="Write nothing, only compare.")] = False) -> None:
    """Write the page's tables anew, or say that they are not up to date."""
    old = PAGE.read_text(encoding="utf-8")
    new = page_with(old, tables(ROOT))
    if check and new != old:
        typer.echo(f"{PAGE.name} is not up to date: run python ci/contracts_page.py", err=True)
        raise typer.Exit(1)
    if not check:
        PAGE.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
