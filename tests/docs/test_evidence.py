"""docs/evidence.md knows every event, every outcome and every file of a bundle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import get_args

from epjgate.evidence.layout import Layout
from epjgate.model.events import Event
from epjgate.model.manifest import BUNDLE_SCHEMA
from epjgate.model.outcome import Outcome

Rows = list[dict[str, str]]


def test_every_event_is_documented_and_no_other(
    document: Callable[[str], str], table: Callable[[str, str], Rows]
) -> None:
    """The table has one row for each kind of event that a journal may hold."""
    union, _discriminator = get_args(Event)
    events = [kind.model_fields["event"].default for kind in get_args(union)]
    rows = table(document("docs/evidence.md"), "Event")
    assert sorted(row["Event"].strip("`") for row in rows) == sorted(events)


def test_every_file_under_the_seal_is_documented_and_no_other(
    document: Callable[[str], str], table: Callable[[str, str], Rows], quoted: Callable[[str], list[str]]
) -> None:
    """The files marked as sealed are the evidence of a bundle, and the seal itself has a row."""
    rows = table(document("docs/evidence.md"), "File")
    sealed = {name.rstrip("/") for row in rows if row["Under the seal"] == "yes" for name in quoted(row["File"])}
    layout = Layout(Path("bundle"))
    assert sealed == {path.name for path in layout.evidence}
    assert any(layout.digests.name in row["File"] for row in rows)


def test_every_outcome_is_documented(document: Callable[[str], str], quoted: Callable[[str], list[str]]) -> None:
    """All outcomes are listed, worst first."""
    paragraph = next(text for text in document("docs/evidence.md").split("\n\n") if text.startswith("An `outcome` is"))
    assert quoted(paragraph) == ["outcome", *Outcome]


def test_the_schema_is_the_one_that_is_read(document: Callable[[str], str]) -> None:
    """The document names the bundle's schema of today."""
    assert f"`{BUNDLE_SCHEMA}`" in document("docs/evidence.md")
