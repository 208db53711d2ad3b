"""The documents that a run is judged by, read and checked."""

from __future__ import annotations

from pathlib import Path

from epjgate.errors import UsageError
from epjgate.model.approved_change import ApprovedChanges
from epjgate.model.parsing import parse_toml
from epjgate.model.sensitivity import StoredSensitivity
from epjgate.policy.document import Floors, Policy
from epjgate.settings import Settings


def read_policy(settings: Settings) -> Policy:
    """Return the project's policy; raises UsageError for one that is missing or wrong."""
    return parse_toml(checked_text(settings.path(settings.policy), Policy), str(settings.policy), Policy)


def read_approved(settings: Settings) -> ApprovedChanges:
    """Return the changes that the project approves; raises UsageError where they are written down wrong."""
    text = approved_text(settings)
    return parse_toml(text, str(settings.approved_changes), ApprovedChanges) if text else ApprovedChanges()


def read_sensitivity(settings: Settings) -> StoredSensitivity | None:
    """Return what the suites were last seen to notice, None where nobody has measured them."""
    file = settings.path(settings.sensitivity)
    return parse_toml(file.read_text(encoding="utf-8"), str(file), StoredSensitivity) if file.is_file() else None


def approved_text(settings: Settings) -> str:
    """Return the text of the approved changes, checked; empty where the project has none."""
    file = settings.path(settings.approved_changes)
    return checked_text(file, ApprovedChanges) if file.exists() else ""


def checked_text(file: Path, document: type[Policy | Floors | ApprovedChanges]) -> str:
    """Return the text of `file`, which is a `document`; raises UsageError for one that is missing or wrong."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise UsageError(f"{file} cannot be read", f"{err}", "check [tool.epjgate] in pyproject.toml") from err
    parse_toml(text, str(file), document)
    return text
