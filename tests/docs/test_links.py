"""Every link between the documents leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]
DOCUMENTS = sorted([*REPO.glob("*.md"), *REPO.glob("docs/**/*.md")])


def names(paths: list[Path]) -> list[str]:
    """Return `paths` relative to the root."""
    return [path.relative_to(REPO).as_posix() for path in paths]


def anchors(document: Path) -> set[str]:
    """Return what a link to a heading of `document` may name."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=names(DOCUMENTS))
def test_links_resolve(document: Path) -> None:
    """A relative link names a file or folder of the checkout, and a heading that is there."""
    text = re.sub(r"^```.*?^```$", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        assert target.exists(), f"{link}: there is no {target}"
        assert not anchor or anchor in anchors(target), f"{link}: no such heading"


def test_the_index_names_every_document() -> None:
    """Whoever starts at docs/index.md finds all of docs/."""
    index = (REPO / "docs/index.md").read_text(encoding="utf-8")
    missing = [path.name for path in (REPO / "docs").glob("*.md") if f"]({path.name})" not in index]
    assert missing == ["index.md"]
