"""Schemathesis's reports: a line that is cut, a stop and an error are told; the same failure counts once."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from tests.drivers.notebook import DOCUMENT, TOKEN

from epjgate.drivers.openapi_findings import Exploration
from epjgate.drivers.openapi_report import Reader
from epjgate.model.redaction import Redactor

URL = "http://127.0.0.1:1"
END = json.dumps({"EngineFinished": {"stop_reason": "completed"}})
CPR = "0602600103"


def content(text: str) -> dict[str, str]:
    """Return bytes as the report holds them."""
    return {"$base64": base64.b64encode(text.encode()).decode()}


def scenario(*messages: str, token: str = TOKEN, status: int = 500) -> str:
    """Return the line of a scenario of one request, to which a check objects with each of `messages`."""
    checks = [
        {
            "name": "not_a_server_error",
            "status": "failure",
            "failure_info": {
                "failure": {"operation": "POST /notes", "code": "ST101", "title": "Server error", "message": message}
            },
        }
        for message in messages
    ]
    sent = {"Authorization": [f"Bearer {token}"]}
    request = {"method": "POST", "uri": f"{URL}/notes", "headers": sent, "body": content(f"text {CPR}")}
    response = {"status_code": status, "headers": {"Content-Type": ["text/plain"]}, "content": content(f"no {CPR}")}
    recorder: dict[str, Any] = {
        "cases": {"a": {"value": {"method": "POST", "path": "/notes", "meta": {}}}},
        "checks": {"a": checks},
        "interactions": {"a": {"request": request, "response": response}},
    }
    return json.dumps({"ScenarioFinished": {"recorder": recorder}})


def read(*lines: str) -> Exploration:
    """Return what is made of a report."""
    reader = Reader(DOCUMENT, URL, TOKEN, Redactor(b"key"))
    reader.read(lines)
    return reader.exploration(seed=1, seconds=1.0)


def test_the_same_failure_is_one_finding_that_counts() -> None:
    """Check, operation and fingerprint say what is the same; another status is another finding."""
    found = read(scenario("m"), scenario("m"), scenario("m", status=503), END).findings
    assert [(one.times, one.steps[-1].status) for one in found] == [(2, 500), (1, 503)]


def test_nothing_of_a_person_and_no_token_is_kept() -> None:
    """Bodies and messages are redacted; our token reads [secret], one that Schemathesis made up stays."""
    text = read(scenario(f"says {CPR}"), END).model_dump_json()
    assert CPR not in text
    assert TOKEN not in text
    assert "[cpr " in text
    assert "Bearer made-up" in read(scenario("m", token="made-up"), END).model_dump_json()


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [scenario()],
        [scenario(), END[:20]],
        [scenario(), json.dumps({"EngineFinished": {"stop_reason": "interrupted"}})],
        [json.dumps({"NonFatalError": {"label": "POST /notes", "value": {"type": "E", "message": "m"}}}), END],
        [json.dumps({"FatalError": {"exception": {"type": "E", "message": "m"}}})],
    ],
)
def test_a_report_that_does_not_end_well_is_told_as_broken(lines: list[str]) -> None:
    """Cut off, interrupted or in error: the exploration says so, and blames no candidate."""
    summary = read(*lines).summary
    assert summary.broken
    assert not summary.unreachable


@pytest.mark.parametrize(
    "lines",
    [
        [json.dumps({"EngineFinished": {"stop_reason": "server_unavailable"}})],
        [json.dumps({"NonFatalError": {"value": {"type": "ReadTimeout", "message": "Read timed out"}}}), END],
    ],
)
def test_a_candidate_that_left_a_request_without_an_answer_is_unreachable(lines: list[str]) -> None:
    """It is kept apart from what broke in the tool."""
    summary = read(*lines).summary
    assert summary.unreachable
    assert not summary.broken


def test_a_check_that_crashes_is_broken() -> None:
    """A check that could not decide has not found the candidate in order."""
    event = json.loads(scenario())
    event["ScenarioFinished"]["recorder"]["checks"] = {"a": [{"name": "a_check", "status": "error"}]}
    assert "a_check crashed" in read(json.dumps(event), END).summary.broken[0]
