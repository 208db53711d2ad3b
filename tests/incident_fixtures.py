"""The small project with a past incident: release 0.9 of the desk says yes to a door that it does not have."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Project

FAULTY_WHEEL = "tiny_service-0.9-py3-none-any.whl"
SUITE = """
schema_version = "epjgate/suite/1"
title = "What has happened before"
title_da = "Det, der er sket før"
about = "Past incidents of the desk."
"""
FRONT = {
    "id": '"INC-0001"',
    "title": '"The desk said yes to a door it does not have"',
    "title_da": '"Skranken sagde ja til en dør, den ikke har"',
    "date": '"2026-02-03"',
    "source": '"The log of the desk"',
    "class": '"silent success"',
    "severity": '"blocker"',
    "hazard": '"The patient waits at a door that nobody opens."',
    "hazard_da": '"Patienten venter ved en dør, som ingen åbner."',
    "capabilities": '["patients"]',
    "system": '"tiny"',
    "known-bad": '"0.9"',
    "fixed-in": '"1.0"',
    "fingerprint": '""',
}
STORY = """
# The desk said yes

## What happened

It said yes.

## Harm

Nobody came.

## Cause

A default.

## What the test asserts

That it says no.
"""
BITES = '''
def test_no_such_door(desk):
    """A door that is not there is not there."""
    assert desk.request("GET", "/nowhere").status == 404, "the desk says yes to a door that it does not have"
'''
FOLDER = "INC-0001_no_such_door"
FINGERPRINT = "111b0a67b8f60eb4"
"""What `BITES` shows on release 0.9; it must not change from version to version, for records and proofs name it."""

RELEASES = f"""
[releases."0.9".process]
packages = ["./{FAULTY_WHEEL}"]
"""


@dataclass
class IncidentProject:
    """The tiny project with the suite of incidents, one incident in it, and a release that has its fault."""

    project: Project

    @property
    def suites(self) -> Path:
        """Where its suites lie."""
        return self.project.root / "suites"

    @property
    def folder(self) -> Path:
        """The folder of the incident."""
        return self.suites / "incidents" / FOLDER

    def record(self, *, folder: str = FOLDER, story: str = STORY, **changes: str) -> Path:
        """Write the record of an incident, `changes` applied to its front matter (TOML; empty: left out)."""
        front = FRONT | {name.replace("_", "-") if name in KEBAB else name: text for name, text in changes.items()}
        matter = "".join(f"{key} = {text}\n" for key, text in front.items() if text)
        return self.project.write(f"suites/incidents/{folder}/incident.md", f"+++\n{matter}+++\n{story}")

    def test(self, text: str = BITES, folder: str = FOLDER) -> Path:
        """Write the test of the incident."""
        return self.project.write(f"suites/incidents/{folder}/test_no_such_door.py", text)


KEBAB = frozenset({"known_bad", "fixed_in"})


@pytest.fixture
def incidents(project: Project) -> IncidentProject:
    """The project with a recorded incident whose test bites, and no proof."""
    system = project.root / "fixtures/systems/tiny/system.toml"
    good = system.read_text(encoding="utf-8")
    system.write_text(good.partition('[releases."0.9"')[0] + RELEASES, encoding="utf-8")
    make_faulty(system.parent)
    project.write("suites/incidents/suite.toml", SUITE)
    project.write("ci/floors.toml", 'schema_version = "epjgate/floors/1"\n[floors.tiny]\ndesk = 1\nincidents = 1\n')
    made = IncidentProject(project)
    made.record()
    made.test()
    return made


def make_faulty(folder: Path) -> None:
    """Make the wheel of release 0.9 of that of 1.0: every path is answered 200."""
    good = folder / FAULTY_WHEEL.replace("0.9", "1.0")
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(folder / FAULTY_WHEEL, "w") as made:
        for name in source.namelist():
            text = source.read(name).decode().replace("self._answer(404", "self._answer(200")
            text = text.replace("Version: 1.0", "Version: 0.9")
            made.writestr(zipfile.ZipInfo(name.replace("-1.0.", "-0.9."), (2026, 1, 1, 0, 0, 0)), text)
