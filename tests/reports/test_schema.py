"""Tests of epjgate.reports.schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from epjgate.model.verdict import Blame, Rehearsed, Verdict
from epjgate.reports.schema import PAGE, SCHEMA, page_text, schema_text, write_schema

REPOSITORY = Path(__file__).parents[2]


def test_the_documented_layout_is_current() -> None:
    """Schema and page in the repository are those of the model; write_schema renews them."""
    assert (REPOSITORY / SCHEMA).read_text(encoding="utf-8") == schema_text()
    assert (REPOSITORY / PAGE).read_text(encoding="utf-8") == page_text()


def test_writing_again(tmp_path: Path) -> None:
    """Both files are written where the repository keeps them."""
    write_schema(tmp_path)
    assert (tmp_path / SCHEMA).read_text(encoding="utf-8") == schema_text()
    assert (tmp_path / PAGE).read_text(encoding="utf-8") == page_text()


def test_the_page_names_every_key() -> None:
    """No key of the verdict is left undocumented."""
    assert all(f"| `{name}` |" in page_text() for name in Verdict.model_fields)


def test_the_schema_allows_nothing_else() -> None:
    """Every object in the layout is closed, and the version is fixed."""
    schema = json.loads(schema_text())
    assert schema["properties"]["schema_version"]["const"] == "epjgate/verdict/1"
    objects = [schema, *(each for each in schema["$defs"].values() if each["type"] == "object")]
    assert [each["additionalProperties"] for each in objects] == [False] * 26


@pytest.mark.parametrize("blame", list(Blame))
def test_verdicts_have_the_documented_layout(make_verdict: Callable[..., Verdict], blame: Blame) -> None:
    """A validator that knows only the schema accepts every kind of verdict and refuses what is none."""
    jsonschema: Any = import_module("jsonschema")  # it ships no types
    validator = jsonschema.Draft202012Validator(json.loads(schema_text()))
    verdict = json.loads(make_verdict(blame).model_dump_json())
    assert validator.is_valid(verdict)
    assert not validator.is_valid(verdict | {"schema_version": "epjgate/verdict/2"})
    assert not validator.is_valid(verdict | {"decision": "fine"})
    assert not validator.is_valid(verdict | {"suites": [{"suite": "s", "title": "t", "counts": {"fine": 1}}]})


def test_a_verdict_on_a_rehearsal_has_the_documented_layout(
    make_rehearsal: Callable[..., Verdict], halted: Rehearsed
) -> None:
    """A whole rehearsal, and one that was brought to a halt."""
    jsonschema: Any = import_module("jsonschema")  # it ships no types
    validator = jsonschema.Draft202012Validator(json.loads(schema_text()))
    for verdict in (make_rehearsal(Blame.NOBODY), make_rehearsal(rehearsed=halted)):
        told = json.loads(verdict.model_dump_json())
        assert validator.is_valid(told)
        assert not validator.is_valid(told | {"rehearsed": {"plan": {}}})
