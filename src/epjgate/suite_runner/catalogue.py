"""Finds the suites below `suites/`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from epjgate.errors import UsageError
from epjgate.evidence.digests import tree_digest
from epjgate.model.manifest import SuitePlan
from epjgate.model.parsing import parse_toml
from epjgate.model.suite import SuiteDescription
from epjgate.suite_runner.membership import DESCRIPTION


@dataclass(frozen=True)
class Suite:
    """A suite on disk; its name is its folder below `suites/`, with slashes (`contracts/fhir_r4`)."""

    name: str
    folder: Path
    description: SuiteDescription

    def plan(self) -> SuitePlan:
        """Return what the manifest keeps of the suite, its digest included."""
        return SuitePlan(name=self.name, title=self.description.title, digest=tree_digest(self.folder))


def load_suites(folder: Path) -> tuple[Suite, ...]:
    """Return every suite below `folder`, by name; raises UsageError for a description with a mistake."""
    files = sorted(folder.rglob(DESCRIPTION))
    return tuple(
        Suite(
            name=file.parent.relative_to(folder).as_posix(),
            folder=file.parent,
            description=parse_toml(_text(file), str(file), SuiteDescription),
        )
        for file in files
    )


def choose_suites(folder: Path, names: Sequence[str]) -> tuple[Suite, ...]:
    """Return the suites called `names`, where none are named all that need no upgrade; UsageError for an unknown name.

    A suite that crosses an upgrade is the business of a rehearsal, which names it.
    """
    suites = {suite.name: suite for suite in load_suites(folder)}
    if not suites:
        raise UsageError(
            f"{folder} holds no suite", f"no {DESCRIPTION} lies below it", "check `suites` in pyproject.toml"
        )
    unknown = sorted(set(names) - suites.keys())
    if unknown:
        raise UsageError(
            f"there is no suite {', '.join(unknown)}",
            f"suites are: {', '.join(suites)}",
            "name one of them by --suites",
        )
    if names:
        return tuple(suites[name] for name in names)
    chosen = tuple(suite for suite in suites.values() if not suite.description.crosses_upgrade)
    if not chosen:
        raise UsageError(
            f"there is nothing to run in {folder}",
            "every suite in it crosses an upgrade",
            "name suites by --suites, or rehearse the upgrade: epjgate rehearse",
        )
    return chosen


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise UsageError(f"{file} cannot be read", f"{err}", "make it a readable file in UTF-8") from err
