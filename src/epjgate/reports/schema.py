"""Generates the documented layout of `verdict.json`: the JSON schema and its page for readers."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path

from pydantic.json_schema import JsonSchemaValue

from epjgate.model.approved_change import ApprovalState, JudgedChange
from epjgate.model.availability import Availability, Connection, Standing, Stretch, Track, TrackSeen
from epjgate.model.base import Value
from epjgate.model.contract_change import ContractChange, Grade, Kind
from epjgate.model.forecast import Counted, Family, Interval, Phase, StepForecast, WindowForecast
from epjgate.model.identity import DigestKind, Identity
from epjgate.model.outcome import Outcome
from epjgate.model.rehearsal import (
    Census,
    CensusChange,
    PlannedStep,
    RehearsalPlan,
    StepKind,
    StepOutcome,
    Tally,
    Trial,
)
from epjgate.model.rehearsal_events import AvailabilitySeen, CensusTaken, StepEnded, WindowNotForecasted
from epjgate.model.verdict import (
    VERDICT_SCHEMA,
    Blame,
    Decision,
    Finding,
    Rehearsed,
    RuleResult,
    SuiteCount,
    Verdict,
)
from epjgate.reports.files import write_file

SCHEMA = Path("src/epjgate/reports/verdict.schema.json")
PAGE = Path("docs/verdict-schema.md")

_REHEARSED: tuple[type[Value], ...] = (
    Rehearsed,
    RehearsalPlan,
    Trial,
    PlannedStep,
    StepEnded,
    CensusTaken,
    Census,
    Tally,
    CensusChange,
    AvailabilitySeen,
    Availability,
    TrackSeen,
    Track,
    Stretch,
    WindowForecast,
    StepForecast,
    Interval,
    Counted,
    WindowNotForecasted,
)
_VALUES: tuple[type[Value], ...] = (
    *(Verdict, Identity, SuiteCount, RuleResult, Finding, JudgedChange, ContractChange),
    *_REHEARSED,
)
_ENUMS = (
    *(Decision, Blame, Outcome, DigestKind, Grade, Kind, ApprovalState),
    *(StepKind, StepOutcome, Phase, Family, Connection, Standing),
)
_PLAIN = {
    ("string", ""): "text",
    ("string", "date-time"): "time, ISO 8601",
    ("integer", ""): "whole number",
    ("number", ""): "number",
    ("boolean", ""): "true or false",
    ("null", ""): "null",
}


def schema_text() -> str:
    """Return the JSON schema (2020-12) of `verdict.json`; unknown keys and another layout version are errors in it."""
    schema = Verdict.model_json_schema(mode="serialization")
    schema["properties"]["schema_version"]["const"] = VERDICT_SCHEMA
    schema["$defs"]["SuiteCount"]["properties"]["counts"]["propertyNames"] = {"enum": [str(each) for each in Outcome]}
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=2) + "\n"


def page_text() -> str:
    """Return the page that documents `verdict.json`."""
    return "\n".join(_page()) + "\n"


def write_schema(repository: Path) -> None:
    """Write the schema and its page into `repository`, after a change of the model."""
    write_file(repository / SCHEMA, schema_text())
    write_file(repository / PAGE, page_text())


def _page() -> Iterator[str]:
    yield "# The layout of `verdict.json`"
    yield ""
    yield f"Version `{VERDICT_SCHEMA}`. The same as a JSON schema: `{SCHEMA}`."
    yield "Both are generated from the model by `epjgate.reports.schema.write_schema`; a test holds them current."
    yield ""
    yield "Read `decision` first: only `approved` releases. A reader that meets an unknown `schema_version` or decision"
    yield "must not take the file for an approval. A verdict that has `rehearsal` speaks of the rehearsal of an upgrade"
    yield "and releases nothing, whatever it decides; any other leaves `rehearsal` and `rehearsed` out."
    for value in _VALUES:
        keys = value.model_json_schema(mode="serialization")["properties"]
        yield from ("", f"## {value.__name__}", "", _promise(value), "", "| key | holds |", "|---|---|")
        yield from (f"| `{name}` | {_kind(shape)} |" for name, shape in keys.items())
    for enum in _ENUMS:
        yield from ("", f"## {enum.__name__}", "", _promise(enum), "")
        yield ", ".join(f"`{member.value}`" for member in enum)


def _promise(kind: type) -> str:
    return inspect.getdoc(kind) or ""


def _kind(shape: JsonSchemaValue) -> str:
    """Return what a value of this JSON schema holds, in words; raises KeyError for a kind that has no words yet."""
    if "$ref" in shape:
        name = shape["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in shape:
        return " or ".join(_kind(each) for each in shape["anyOf"])
    if "prefixItems" in shape:
        return " and ".join(_kind(each) for each in shape["prefixItems"])
    if shape["type"] == "array":
        return f"list of {_kind(shape['items'])}"
    if shape["type"] == "object":
        return f"object, {_kind(shape['additionalProperties'])} by name"
    return _PLAIN[shape["type"], shape.get("format", "")]
