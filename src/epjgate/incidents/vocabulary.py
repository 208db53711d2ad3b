"""Whether an incident's test speaks the clinic's words alone: no URL, no resource path, no JSON, no protocol."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

from epjgate.errors import UsageError

ALLOWED_IMPORTS = frozenset(
    {
        "__future__",
        "collections",
        "collections.abc",
        "concurrent.futures",
        "contextlib",
        "dataclasses",
        "datetime",
        "decimal",
        "earlier",
        "epjgate.drivers.dsl",
        "epjgate.model.person",
        "fractions",
        "functools",
        "hypothesis",
        "itertools",
        "math",
        "operator",
        "population",
        "population.strategies",
        "pytest",
        "string",
        "typing",
        "unicodedata",
        "zoneinfo",
    }
)
"""What a test may import: the clinic's words, synthetic persons and records, and what only tests or computes."""

PROTOCOL_FIXTURES = frozenset({"fhir", "target", "recorder", "request", "pytestconfig", "monkeypatch"})
"""Fixtures that reach below the words."""

_RESOURCE_TYPES = (
    "AllergyIntolerance|AuditEvent|Binary|Bundle|CapabilityStatement|CarePlan|Communication|Composition|Condition|"
    "Device|DiagnosticReport|DocumentReference|Encounter|EpisodeOfCare|Immunization|Location|Medication|"
    "MedicationAdministration|MedicationDispense|MedicationRequest|MedicationStatement|MessageHeader|Observation|"
    "OperationOutcome|Organization|Parameters|Patient|Practitioner|PractitionerRole|Procedure|Provenance|"
    "RelatedPerson|ServiceRequest|Specimen|Subscription|Task"
)
_PROTOCOL = (
    ("a URL", re.compile(r"://|\burn:(oid|uuid):")),
    ("a path", re.compile(r"^/")),
    ("a resource path", re.compile(rf"^\$?({_RESOURCE_TYPES})(/|\?|$)")),
    ("an HL7 v2 segment", re.compile(r"^(MSH|PID|PV1|OBR|OBX|ORC|MRG)\|")),
)


def offences(file: Path) -> tuple[str, ...]:
    """Return what in `file` is no word of the clinic, each with its line; nothing for a test as it should be.

    Raises UsageError for a file that is no Python.
    """
    try:
        tree = ast.parse(file.read_bytes(), filename=str(file))
    except (OSError, SyntaxError, ValueError) as err:
        raise UsageError(f"{file} cannot be read", f"{err}", "correct the line named") from err
    prose = {id(node) for node in _docstrings(tree)}
    found = [(line, what) for node in ast.walk(tree) if id(node) not in prose for line, what in _offences_of(node)]
    return tuple(f"{file.name}:{line}: {what}" for line, what in sorted(found))


def _docstrings(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield every string that stands by itself: what explains may name what the code may not."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def _offences_of(node: ast.AST) -> Iterator[tuple[int, str]]:
    match node:
        case ast.Import(names=names):
            yield from ((node.lineno, f"imports {name.name}") for name in names if name.name not in ALLOWED_IMPORTS)
        case ast.ImportFrom(module=module) if module not in ALLOWED_IMPORTS:
            yield node.lineno, f"imports {'.' * node.level}{module or ''}"
        case ast.FunctionDef(name=name) if name.startswith("pytest_"):
            yield node.lineno, f"changes pytest by {name}"
        case ast.arg(arg=name) if name in PROTOCOL_FIXTURES:
            yield node.lineno, f"uses the fixture {name}"
        case ast.Constant(value=str(text)):
            yield from ((node.lineno, f"holds {what}: {text[:40]!r}") for what in _said(text))
        case ast.Constant(value=bytes(raw)):
            yield from ((node.lineno, f"holds {what}: {raw[:40]!r}") for what in _said(raw.decode("utf-8", "replace")))


def _said(text: str) -> Iterator[str]:
    """Yield what `text` is that no clinician would say."""
    yield from (what for what, pattern in _PROTOCOL if pattern.search(text))
    if text == "resourceType" or _is_json(text):
        yield "JSON"


def _is_json(text: str) -> bool:
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        return isinstance(json.loads(text), dict | list)
    except ValueError:
        return '":' in text
