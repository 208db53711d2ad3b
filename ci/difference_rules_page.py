"""Writes the tables of docs/contract-differences.md from the rules that grade changes.

python ci/difference_rules_page.py           # writes
python ci/difference_rules_page.py --check   # writes nothing; exit code 1 where the page is not up to date
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, get_args

import typer

from epjgate.contracts.diff import RULES, DiffRule
from epjgate.model.contract_change import Interface

PAGE = Path(__file__).parents[1] / "docs/contract-differences.md"
BEGIN, END = "<!-- rules: begin -->\n", "<!-- rules: end -->\n"
TITLES: dict[Interface, str] = {
    "fhir_r4": "CapabilityStatement",
    "openapi": "OpenAPI",
    "hl7v2": "HL7 v2",
    "database": "Database schema",
    "messages": "Messages to partners",
}


def tables(rules: Iterable[DiffRule]) -> str:
    """Return a table of `rules` for each interface, the worst first."""
    known = list(rules)
    return "\n".join(_table(name, [one for one in known if one.interface == name]) for name in get_args(Interface))


def _table(interface: Interface, rules: list[DiffRule]) -> str:
    rows = [
        f"| `{one.id}` | {one.grade.value} | {one.title} | {one.says} |"
        for one in sorted(rules, key=lambda one: (one.grade.rank, one.id))
    ]
    heads = ["| Rule | Grade | Change | Why |", "|---|---|---|---|"]
    return "\n".join([f"### {TITLES[interface]}: {len(rules)} rules", "", *heads, *rows, ""])


def page_with(page: str, content: str) -> str:
    """Return `page` with `content` between its marks; raises ValueError where it does not have both."""
    before, begin, rest = page.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} lacks one of its marks")
    return f"{before}{BEGIN}\n{content}\n{END}{after}"


def main(*, check: Annotated[bool, typer.Option("--check", help="Write nothing, only compare.")] = False) -> None:
    """Write the page's tables anew, or say that they are not up to date."""
    old = PAGE.read_text(encoding="utf-8")
    new = page_with(old, tables(RULES.values()))
    if check and new != old:
        typer.echo(f"{PAGE.name} is not up to date: run python ci/difference_rules_page.py", err=True)
        raise typer.Exit(1)
    if not check:
        PAGE.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
