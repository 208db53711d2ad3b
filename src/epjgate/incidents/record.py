"""Reads the record of an incident, `incident.md`: front matter in TOML between two lines `+++`, then the story."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from epjgate.errors import UsageError
from epjgate.model.incident import Incident, is_placeholder
from epjgate.model.parsing import parse_toml

SUITE = "incidents"
RECORD = "incident.md"
PROOF = "proof.json"
HEADINGS = ("What happened", "Harm", "Cause", "What the test asserts")
FOLDER = re.compile(r"(?P<id>INC-\d{4})_[a-z0-9_]+")
FENCE = "+++"

_HEADING = re.compile(r"^#+ (?P<text>.+?)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Record:
    """An incident on disk: its front matter, its story by heading, and the folder in which its tests lie."""

    incident: Incident
    story: dict[str, str]
    folder: Path

    @property
    def tests(self) -> tuple[Path, ...]:
        """The files that hold its tests, by name."""
        return tuple(sorted(self.folder.glob("test_*.py")))

    @property
    def unwritten(self) -> tuple[str, ...]:
        """The headings of the story that are missing or have nothing below them but a placeholder."""
        return tuple(
            heading for heading in HEADINGS if not self.story.get(heading) or is_placeholder(self.story[heading])
        )

    @property
    def file(self) -> Path:
        """The record itself."""
        return self.folder / RECORD

    @property
    def proof_file(self) -> Path:
        """Where its proofs are kept."""
        return self.folder / PROOF


def read_records(suites: Path) -> tuple[Record, ...]:
    """Return the record of every incident below `suites`, by number; nothing where there is no suite of incidents.

    Raises UsageError for a folder that is not named for an incident, and for the first record with a mistake.
    """
    records = tuple(read_record(folder) for folder in incident_folders(suites))
    numbers = [record.incident.id for record in records]
    for number in numbers:
        if numbers.count(number) > 1:
            raise UsageError(
                f"{number} is recorded twice", "two folders bear its number", "give one of them the next free number"
            )
    return records


def incident_folders(suites: Path) -> tuple[Path, ...]:
    """Return every folder of the suite of incidents, in the order of their names."""
    return tuple(
        sorted(
            path for path in (suites / SUITE).glob("*") if path.is_dir() and path.name[0] not in "._" and any_file(path)
        )
    )


def any_file(folder: Path) -> bool:
    """Whether `folder` holds any file that is not compiled; one that git emptied is no incident."""
    return any(path.is_file() and path.suffix != ".pyc" for path in folder.rglob("*"))


def read_record(folder: Path) -> Record:
    """Return the record in `folder`.

    Raises UsageError naming the file, the key and what is allowed for: a folder that is not called
    INC-0000_words, no record, no front matter, a wrong key, another id than the folder's.
    """
    named = FOLDER.fullmatch(folder.name)
    if named is None:
        raise UsageError(
            f"{folder} is no incident's folder",
            f"it is not called INC-0000_words_of_the_title but {folder.name}",
            "rename it, or let `epjgate incident new` make it",
        )
    file = folder / RECORD
    matter, text = _parts(file)
    incident = parse_toml(matter, str(file), Incident)
    if incident.id != named["id"]:
        raise UsageError(
            f"{file} is not valid", f"id: it says {incident.id}, its folder {named['id']}", "give both the same number"
        )
    return Record(incident, _story(text), folder)


def _parts(file: Path) -> tuple[str, str]:
    """Return the front matter and the story of `file`."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise UsageError(
            f"{file} cannot be read", f"{err}", "write the record; `epjgate incident new` makes one to fill in"
        ) from err
    opening, _, rest = text.partition("\n")
    matter, closing, story = rest.partition(f"\n{FENCE}\n")
    if opening.strip() != FENCE or not closing:
        raise UsageError(
            f"{file} is not valid",
            f"it does not begin with front matter between two lines {FENCE}",
            f"write {FENCE}, the keys in TOML, {FENCE}, then the story",
        )
    return matter, story


def _story(text: str) -> dict[str, str]:
    found = list(_HEADING.finditer(text))
    starts = [*(match.start() for match in found), len(text)]
    return {match["text"]: text[match.end() : starts[at + 1]].strip() for at, match in enumerate(found)}
