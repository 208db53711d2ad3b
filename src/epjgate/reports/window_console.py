"""How a rehearsed upgrade is told at the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from epjgate.reports.legible import one_line
from epjgate.reports.window import CensusRow, StepRow, TrackRow, WindowView
from epjgate.reports.words import Words

_OUTAGES = 5
_CHANGES = 10


def window_parts(window: WindowView, words: Words) -> Iterator[RenderableType]:
    """Yield the section: what was planned, the forecast, what each step took, what was counted, and the outages."""
    yield Text(f"\n{words['window']}", style="bold")
    yield _pairs(window)
    yield Text(f"\n{words['window.forecast']}", style="bold")
    yield _forecast(window, words) if window.forecast else Text(words["window.forecast.none"], style="bold red")
    yield from (Text(one_line(remark)) for remark in (*window.remarks, *window.refused))
    yield Text(f"\n{words['window.steps']}", style="bold")
    yield _steps(window, words)
    yield Text(f"\n{words['window.census']}", style="bold")
    yield from (_census(row, words) for row in window.censuses if row.differs)
    if window.counted_alike or not window.censuses:
        yield Text(f"* {window.counted_alike}" if window.censuses else words["window.census.none"])
    yield Text(f"\n{words['window.availability']}", style="bold")
    yield from (_track(row, words) for row in window.tracks)
    if not window.tracks:
        yield Text(words["window.availability.none"])


def _pairs(window: WindowView) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(overflow="fold")
    for label, value in window.plan:
        table.add_row(Text(label, style="dim"), Text(one_line(value)))
    return table


def _forecast(window: WindowView, words: Words) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(words["window.figure"], overflow="fold")
    for key in ("window.estimate", "window.low", "window.high"):
        table.add_column(words[key], justify="right")
    for row in window.forecast:
        table.add_row(row.label, row.estimate, row.low, row.high)
    return table


def _steps(window: WindowView, words: Words) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(words["window.step"], overflow="fold")
    for column in window.columns:
        table.add_column(column, justify="right", overflow="fold")
    for row in window.steps:
        table.add_row(*_cells(row))
    return table


def _cells(row: StepRow) -> Iterator[Text]:
    style = "bold red" if row.flawed else ""
    yield from (Text(cell, style=style) for cell in (row.step, *row.cells))


def _census(row: CensusRow, words: Words) -> Text:
    lines = [f"* {row.where}: {row.told}"]
    lines += [
        f"  - {one_line(one.what)}: {one_line(one.before)} → {one_line(one.after)}" for one in row.changes[:_CHANGES]
    ]
    if len(row.changes) > _CHANGES:
        lines.append(f"  - … {words.count(len(row.changes) - _CHANGES, 'more')}, {words['in_evidence']}")
    if row.locks:
        lines.append(f"  - {words['window.locks']}: {one_line(', '.join(row.locks))}")
    return Text("\n".join(lines))


def _track(row: TrackRow, words: Words) -> Text:
    told = f"{words['standing.down']} {row.down}, {words['standing.unknown']} {row.unknown}"
    lines = [f"* {one_line(row.label)}: {told}; {words['window.samples']}: {row.samples}"]
    lines += [f"  - {one_line(outage)}" for outage in row.outages[:_OUTAGES]]
    if len(row.outages) > _OUTAGES:
        lines.append(f"  - … {words.count(len(row.outages) - _OUTAGES, 'more')}, {words['in_evidence']}")
    return Text("\n".join(lines))
