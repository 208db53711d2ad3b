"""Breaking changes that somebody answers for: `ci/approved-changes.toml`."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field

from epjgate.model.base import Value
from epjgate.model.contract_change import ContractChange

_COMPARES = ("<", ">", "=", "!", "~")


def covers(versions: str, version: str) -> bool:
    """Whether `versions` names `version`: it is that version, or a range (PEP 440, `>=2.1.70, <2.2`) that holds it.

    A version that cannot be ordered is in no range. Raises ValueError for a range that is none.
    """
    if not versions.lstrip().startswith(_COMPARES):
        return versions.strip() == version
    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion, Version

    ordered = SpecifierSet(versions)
    try:
        return ordered.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return False


def _readable(versions: str) -> str:
    covers(versions, "0")
    return versions


Versions = Annotated[str, Field(min_length=1), AfterValidator(_readable)]
"""One version as the system names it, or a range of versions that can be ordered."""
Said = Annotated[str, Field(min_length=1, pattern=r"\S")]


class ApprovedChange(Value):
    """A change, by its key, that may be released between versions of one system until a moment with a time zone.

    `to` is what stands at the place afterwards, letter by letter as the finding names it: who approved a maximum of 100
    has not approved one of 10. It is empty where nothing stands there any more.
    """

    change: Said
    to: str = ""
    system: Said
    baseline: Versions
    candidate: Versions
    owner: Said
    reason: Said
    expires: AwareDatetime

    def names(self, change: ContractChange) -> bool:
        """Whether it speaks of `change`, with what that leads to."""
        return (self.change, self.to) == (change.key, change.leads_to)

    def is_about(self, system: str, baseline: str, candidate: str) -> bool:
        """Whether it speaks of this step from one release to another."""
        return self.system == system and covers(self.baseline, baseline) and covers(self.candidate, candidate)

    def holds(self, at: datetime) -> bool:
        """Whether it still approves at that moment."""
        return at < self.expires


class ApprovedChanges(Value):
    """The whole document."""

    schema_version: Literal["epjgate/approved-changes/1"] = "epjgate/approved-changes/1"
    approved: tuple[ApprovedChange, ...] = ()


class ApprovalState(StrEnum):
    """Whether somebody answers for a change: `not_needed` where it breaks nothing."""

    APPROVED = "approved"
    EXPIRED = "expired"
    MISSING = "missing"
    NOT_NEEDED = "not_needed"


class JudgedChange(Value):
    """A change of a contract, and who answers for it; `owner`, `reason` and `expires` are those of the approval."""

    change: ContractChange
    approval: ApprovalState
    owner: str = ""
    reason: str = ""
    expires: datetime | None = None

    @property
    def stands_in_the_way(self) -> bool:
        """Whether it breaks what partners rely on and nobody answers for it now."""
        return self.approval in {ApprovalState.EXPIRED, ApprovalState.MISSING}
