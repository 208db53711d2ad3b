"""Writes the verdict as `verdict.json`, and reads it back."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from epjgate.errors import EvidenceUnreadable, EvidenceUnwritable
from epjgate.model.evidence import Evidence
from epjgate.model.outcome import Outcome
from epjgate.model.verdict import VERDICT_SCHEMA, Decision, Verdict
from epjgate.reports.files import write_file

FILE = "verdict.json"

# Left out where nothing was rehearsed; a reader that does not know these keys must refuse a verdict that has them.
_OF_REHEARSALS = {"rehearsal", "rehearsed"}


class JsonPublisher:
    """Writes the whole verdict for programs; docs/verdict-schema.md documents the layout."""

    name = "json"

    def publish(self, verdict: Verdict, evidence: Evidence, folder: Path) -> tuple[Path, ...]:  # noqa: ARG002 (the port)
        """Write `verdict.json` below `folder`; raises EvidenceUnwritable when it cannot be written."""
        try:
            text = verdict.model_dump_json(indent=2, exclude=None if verdict.rehearsal else _OF_REHEARSALS)
        except PydanticSerializationError as err:
            raise EvidenceUnwritable(
                f"the report {FILE} cannot be written",
                f"the verdict holds text that is no Unicode: {err}",
                "correct the name or message that holds it",
            ) from err
        return (write_file(folder / FILE, text + "\n"),)


def read_verdict(folder: Path) -> Verdict:
    """Return the verdict that `publish` wrote below `folder`.

    Raises EvidenceUnreadable for a file that is missing, has another layout, or contradicts itself.
    """
    path = folder / FILE
    try:
        verdict = Verdict.model_validate_json(path.read_bytes())
    except OSError as err:
        raise _unreadable(path, str(err.strerror or err)) from err
    except ValidationError as err:
        raise _unreadable(path, f"it has not the layout {VERDICT_SCHEMA}: {err.errors()[0]['msg']}") from err
    if cause := _contradiction(verdict):
        raise _unreadable(path, cause)
    return verdict


def _contradiction(verdict: Verdict) -> str:
    unknown = {key for suite in verdict.suites for key in suite.counts} - {outcome.value for outcome in Outcome}
    if verdict.schema_version != VERDICT_SCHEMA:
        return f"its layout is {verdict.schema_version}, this program reads {VERDICT_SCHEMA}"
    if unknown:
        return f"it counts unknown outcomes: {', '.join(sorted(unknown))}"
    if verdict.decision is not verdict.blame.decision:
        return f"it says {verdict.decision.value}, and its blame says {verdict.blame.decision.value}"
    if bool(verdict.rehearsal) is not (verdict.rehearsed is not None):
        return "it does not say whether it speaks of a release or of a rehearsal"
    if verdict.decision is Decision.APPROVED and not (verdict.rules and all(rule.holds for rule in verdict.rules)):
        return "it says approved, and not every rule holds"
    return ""


def _unreadable(path: Path, cause: str) -> EvidenceUnreadable:
    return EvidenceUnreadable(
        f"{path} cannot be read as a verdict", cause, "judge the evidence again with `epjgate judge` and its folder"
    )
