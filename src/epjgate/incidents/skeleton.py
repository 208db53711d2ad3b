"""Makes the folder of a new incident: a record to be told to its end, and a test that fails until it is written."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from epjgate.errors import EvidenceUnwritable, UsageError
from epjgate.incidents.record import FENCE, HEADINGS, RECORD, SUITE, incident_folders
from epjgate.model.incident import Incident
from epjgate.model.parsing import parse_toml

NOT_WRITTEN = "not written yet"

_LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "Æ": "ae", "Ø": "oe", "Å": "aa", "ß": "ss"})
_LONGEST = 50
_TEST = '''"""{title} ({id})."""

from __future__ import annotations

import pytest

from epjgate.drivers.dsl import Epj, PatientRef


def test_{slug}(epj: Epj, patient: PatientRef) -> None:
    """Say in one sentence what must hold."""
    pytest.fail("{not_written}")
'''
RECIPE = "fault.toml"
_RECIPE = """schema_version = "epjgate/fault/1"
about = "TODO: how the fault looked to others."

# TODO: one table for each change to what the build answers; docs/incidents.md lists the actions.
# [[alteration]]
# match = { method = "GET", path = "..." }
# action = "drop_field"
# field = "entry.resource...."
"""
_HINTS = (
    "TODO: what was seen, where, for how long, how many patients.",
    "TODO: what patients suffered, or would have.",
    "TODO: the fault, as far as it is known.",
    "TODO: what the test does and reads back, and where: at the receiver, not at the sender.",
)


@dataclass(frozen=True)
class Draft:
    """What is known of an incident when its record is begun; texts as they were given, unchecked.

    `recipe` asks for the beginnings of a fault recipe, where no build has the fault.
    """

    title: str
    title_da: str
    date: str
    source: str
    kind: str
    severity: str
    hazard: str
    hazard_da: str
    capabilities: tuple[str, ...]
    system: str
    known_bad: str
    fixed_in: str
    recipe: bool = False


def make_incident(suites: Path, draft: Draft, number: str = "") -> Path:
    """Make the folder of a new incident below `suites` and return it; the next free number is taken if none is given.

    Raises UsageError for a value that no record may hold, naming it, and for a number that is taken;
    EvidenceUnwritable where the folder cannot be made. Nothing is left half made.
    """
    folders = incident_folders(suites)
    taken = {folder.name.partition("_")[0] for folder in folders}
    identity = number or _next(taken)
    if identity in taken:
        raise UsageError(
            f"{identity} is taken", "a folder bears that number", "leave the number out: the next is found"
        )
    matter = _front_matter(identity, draft)
    parse_toml(matter, "the new record", Incident)
    slug = slug_of(draft.title)
    folder = suites / SUITE / f"{identity}_{slug}"
    files = {
        RECORD: _record(matter, draft),
        f"test_{slug}.py": _TEST.format(title=_quotable(draft.title), id=identity, slug=slug, not_written=NOT_WRITTEN),
        **({RECIPE: _RECIPE} if draft.recipe else {}),
    }
    try:
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as err:
        raise EvidenceUnwritable(f"{folder} cannot be made", f"{err}", "make the suites folder writable") from err
    return folder


def slug_of(title: str) -> str:
    """Return `title` as part of a file's name: small letters, digits, underscores; æ, ø, å spelt out.

    Raises UsageError for a title without a letter or digit.
    """
    plain = unicodedata.normalize("NFKD", title.translate(_LETTERS)).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain.lower())
    slug = ""
    for word in words:
        longer = f"{slug}_{word}" if slug else word[:_LONGEST]
        if len(longer) > _LONGEST:
            break
        slug = longer
    if not slug:
        raise UsageError("the title names nothing", f"{title!r} has no letter or digit", "say what failed")
    return slug


def _record(matter: str, draft: Draft) -> str:
    story = "\n".join(f"\n## {heading}\n\n{hint}" for heading, hint in zip(HEADINGS, _HINTS, strict=True))
    return f"{FENCE}\n{matter}{FENCE}\n\n# {draft.title}\n{story}\n"


def _quotable(title: str) -> str:
    return title.replace("\\", "").replace('"', "'")


def _next(taken: set[str]) -> str:
    numbers = [int(name[4:]) for name in taken if re.fullmatch(r"INC-\d{4}", name)]
    return f"INC-{max(numbers, default=0) + 1:04}"


def _front_matter(identity: str, draft: Draft) -> str:
    values = {
        "id": identity,
        "title": draft.title,
        "title_da": draft.title_da,
        "date": draft.date,
        "source": draft.source,
        "class": draft.kind,
        "severity": draft.severity,
        "hazard": draft.hazard,
        "hazard_da": draft.hazard_da,
        "capabilities": list(draft.capabilities),
        "system": draft.system,
        "known-bad": draft.known_bad,
        "fixed-in": draft.fixed_in,
        "fingerprint": "",
        **({"fault": RECIPE} if draft.recipe else {}),
    }
    # A JSON string or list of strings is a TOML one too.
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items())
