"""What an exploration of an OpenAPI document found, and how the evidence keeps it: JSON lines, redacted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from epjgate.errors import EvidenceUnreadable
from epjgate.model.base import Value

SCHEMA: Literal["epjgate/exploration/1"] = "epjgate/exploration/1"


class Step(Value):
    """One request and its answer; `path` begins at the server's root, `status` is None where no answer came.

    `binary` says that the characters of `body` are bytes. `made` is the id that the answer gave to something new:
    later steps use it, and a replay puts the id there that it is given itself.
    """

    method: str
    path: str
    headers: dict[str, str] = {}
    body: str | None = None
    binary: bool = False
    status: int | None = None
    content_type: str = ""
    answer: str = ""
    made: str = ""

    def told(self) -> str:
        """Return the step as one line."""
        return f"{self.method} {self.path} -> {self.status if self.status is not None else 'no answer'}"


class Finding(Value):
    """What a check objected to at an operation, the first time; `times` counts how often it was seen.

    `steps` ends with the request that shows it. Findings with the same check, operation and fingerprint are one.
    """

    kind: Literal["finding"] = "finding"
    check: str
    operation: str
    fingerprint: str
    title: str
    message: str
    times: int
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]

    def told(self) -> str:
        """Return the finding in a few lines, for whoever has to mend it."""
        steps = "; ".join(step.told() for step in self.steps)
        seen = f" ({self.times} times)" if self.times > 1 else ""
        return f"{self.operation}: {self.title}{seen}: {' '.join(self.message.split())}\n  {steps}"


class Summary(Value):
    """What was asked: by check the number of requests that it had something to say about, and one of them.

    `broken` says what went wrong in the exploration itself, `unreachable` what the candidate left without an answer.
    """

    kind: Literal["summary"] = "summary"
    schema_version: Literal["epjgate/exploration/1"] = SCHEMA
    seed: int
    seconds: float
    requests: int
    operations: int
    reached: int
    subjects: Mapping[str, int]
    samples: Mapping[str, Step]
    broken: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()


class Exploration(Value):
    """An exploration as a whole."""

    summary: Summary
    findings: tuple[Finding, ...]

    def of(self, check: str) -> tuple[Finding, ...]:
        """Return what `check` found."""
        return tuple(finding for finding in self.findings if finding.check == check)

    def place(self, finding: Finding) -> int:
        """Return the number by which `finding` can be replayed, from 1."""
        return self.findings.index(finding) + 1

    def write(self, file: Path) -> None:
        """Write the lines to `file`; raises OSError."""
        lines = [value.model_dump_json() for value in (self.summary, *self.findings)]
        whole = file.with_name(f".{file.name}.part")
        whole.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        whole.replace(file)


def read_exploration(file: Path) -> Exploration:
    """Return what was written to `file`; raises EvidenceUnreadable for anything else."""
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
        summary, *findings = [line for line in lines if line]
        found = tuple(Finding.model_validate_json(line) for line in findings)
        return Exploration(summary=Summary.model_validate_json(summary), findings=found)
    except (OSError, ValueError, ValidationError) as err:
        why = str(err).partition("\n")[0]
        raise EvidenceUnreadable(f"{file} holds no exploration", why, "name openapi.jsonl in a bundle") from err


def json_text(content: bytes) -> object:
    """Return `content` as JSON, None where it is none."""
    try:
        return json.loads(content)
    except ValueError:
        return None
