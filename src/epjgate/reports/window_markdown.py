"""How a rehearsed upgrade is told in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from epjgate.reports.legible import escaped
from epjgate.reports.window import CensusRow, TrackRow, WindowView
from epjgate.reports.words import Words


def window_lines(window: WindowView, words: Words, most: int) -> Iterator[str]:
    """Yield the section; of any list that grows with the rehearsal at most `most` items, and how many are missing."""
    yield from (f"## {words['window']}", "")
    yield from (f"- **{label}** {escaped(value)}" for label, value in window.plan)
    yield from ("", f"### {words['window.forecast']}", "")
    if window.forecast:
        heads = [words[key] for key in ("window.figure", "window.estimate", "window.low", "window.high")]
        yield from _table(heads, [[row.label, row.estimate, row.low, row.high] for row in window.forecast])
    else:
        yield from (f"**{words['window.forecast.none']}**", "")
    yield from (f"- {escaped(remark)}" for remark in (*window.remarks, *window.refused))
    yield from ("", f"### {words['window.steps']}", "")
    rows = [[_marked(row.step, strong=row.flawed), *map(escaped, row.cells)] for row in window.steps]
    yield from _table([words["window.step"], *map(escaped, window.columns)], rows)
    yield from (f"### {words['window.census']}", "")
    differing = [_census(row, words, most) for row in window.censuses if row.differs]
    alike = [f"- {window.counted_alike}"] if window.counted_alike else []
    yield from _cut([*alike, *differing], words, "window.census.none", most)
    yield from (f"### {words['window.availability']}", "")
    yield from _cut([_track(row, words, most) for row in window.tracks], words, "window.availability.none", most)


def _marked(text: str, *, strong: bool) -> str:
    return f"**{escaped(text)}**" if strong else escaped(text)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield from (f"| {' | '.join(heads)} |", "|---" + "|---:" * (len(heads) - 1) + "|")
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def _cut(items: Sequence[str], words: Words, none: str, most: int) -> Iterator[str]:
    yield from items[:most] or [words[none]]
    if len(items) > most:
        yield f"- … {words.count(len(items) - most, 'more')}, {words['in_evidence']}"
    yield ""


def _census(row: CensusRow, words: Words, most: int) -> str:
    parts = [f"- **{escaped(row.where)}** {row.told}"]
    parts += [f"{escaped(one.what)}: {escaped(one.before)} → {escaped(one.after)}" for one in row.changes[:most]]
    if len(row.changes) > most:
        parts.append(f"… {words.count(len(row.changes) - most, 'more')}, {words['in_evidence']}")
    if row.locks:
        parts.append(f"{words['window.locks']}: {escaped(', '.join(row.locks))}")
    return "\n  <br>".join(parts)


def _track(row: TrackRow, words: Words, most: int) -> str:
    told = f"{words['standing.down']} {row.down}, {words['standing.unknown']} {row.unknown}"
    parts = [f"- **{escaped(row.label)}** {told}; {words['window.samples']}: {row.samples}"]
    parts += [escaped(outage) for outage in row.outages[:most]]
    if len(row.outages) > most:
        parts.append(f"… {words.count(len(row.outages) - most, 'more')}, {words['in_evidence']}")
    return "\n  <br>".join(parts)
