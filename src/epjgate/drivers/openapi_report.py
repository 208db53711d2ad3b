"""Reads Schemathesis's NDJSON report as it is written: what was asked, what was objected to, what went wrong."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from epjgate.drivers.exchanges import redacted
from epjgate.drivers.openapi_findings import Exploration, Finding, Step, Summary, json_text
from epjgate.drivers.openapi_subjects import Asked, Described, is_subject
from epjgate.evidence.digests import text_digest
from epjgate.model.redaction import Redactor

_SHOWN_CHARACTERS = 2_000
_SECRET = "[secret]"  # noqa: S105 - stands in the place of one
_NETWORK = ("connection", "timeout", "timed out", "network", "incompleteread", "chunkedencoding")
Json = Mapping[str, Any]


@dataclass
class Reader:
    """Takes in reports, one after the other; `makers` are the paths by which a POST made something."""

    document: Any
    base_url: str
    token: str | None
    redactor: Redactor
    makers: list[str] = field(default_factory=list)
    _requests: int = 0
    _reached: set[str] = field(default_factory=set)
    _subjects: Counter[str] = field(default_factory=Counter)
    _samples: dict[str, Step] = field(default_factory=dict)
    _found: dict[tuple[str, str, str], Finding] = field(default_factory=dict)
    _broken: list[str] = field(default_factory=list)
    _unreachable: list[str] = field(default_factory=list)

    def read(self, lines: Iterable[str]) -> None:
        """Take in one report; one that does not end as it should is told in the summary."""
        last = ""
        for line in lines:
            try:
                ((last, event),) = json.loads(line).items()
            except (ValueError, AttributeError):
                last = "a line that is cut off"
                break
            self._take(last, event)
        if last != "EngineFinished":
            self._broken.append(f"the report ends with {last or 'nothing'}")

    def exploration(self, *, seed: int, seconds: float) -> Exploration:
        """Return everything that was read."""
        summary = Summary(
            seed=seed,
            seconds=seconds,
            requests=self._requests,
            operations=Described(self.document).operations,
            reached=len(self._reached),
            subjects=dict(self._subjects),
            samples=self._samples,
            broken=tuple(dict.fromkeys(self._broken)),
            unreachable=tuple(dict.fromkeys(self._unreachable)),
        )
        return Exploration(summary=summary, findings=tuple(self._found.values()))

    def _take(self, kind: str, event: Json) -> None:
        match kind:
            case "ScenarioFinished":
                self._take_scenario(event)
            case "NonFatalError":
                self._take_error(event.get("value", {}), str(event.get("label", "")))
            case "FatalError":
                self._take_error(event.get("exception", {}), "")
            case "EngineFinished" if event["stop_reason"] not in ("completed", "max_time"):
                self._take_stop(event["stop_reason"])

    def _take_stop(self, reason: str) -> None:
        if reason == "server_unavailable":
            self._unreachable.append("the candidate went away while it was asked")
        else:
            self._broken.append(f"the exploration was stopped: {reason}")

    def _take_error(self, error: Json, label: str) -> None:
        told = self._redacted(f"{label}: {error.get('type')}: {error.get('message')}")[:_SHOWN_CHARACTERS]
        is_network = any(word in str(error).lower() for word in _NETWORK)
        (self._unreachable if is_network else self._broken).append(told)

    def _take_scenario(self, event: Json) -> None:
        scenario = Scenario(event["recorder"])
        for case_id in scenario.asked_ids:
            asked = scenario.asked(case_id, self.token)
            self._requests += 1
            if Described(self.document).has(asked):
                self._reached.add(f"{asked.method} {asked.template}")
            if (asked.method, (asked.status or 0) // 100) == ("POST", 2):
                self.makers.append(asked.template)
            for check in scenario.checks_of(case_id, asked):
                self._take_check(scenario, case_id, asked, check)

    def _take_check(self, scenario: Scenario, case_id: str, asked: Asked, check: Json) -> None:
        name = str(check["name"])
        if check["status"] == "error":
            self._broken.append(f"the check {name} crashed at {asked.method} {asked.template}")
        elif check["status"] == "failure":
            self._subjects[name] += 1
            self._take_failure(scenario, case_id, name, check["failure_info"]["failure"])
        elif is_subject(name, asked, Described(self.document)):
            self._subjects[name] += 1
            if name not in self._samples:
                self._samples[name] = self._step(scenario, case_id)

    def _take_failure(self, scenario: Scenario, case_id: str, name: str, failure: Json) -> None:
        shown_by = failure.get("case_id") or case_id
        shown_by = shown_by if shown_by in scenario.interactions else case_id
        operation, message = str(failure.get("operation")), self._redacted(str(failure["message"]))
        fingerprint = _fingerprint(failure, scenario.status(shown_by))
        key = name, operation, fingerprint
        if key in self._found:
            known = self._found[key]
            self._found[key] = known.model_copy(update={"times": known.times + 1})
            return
        self._found[key] = Finding(
            check=name,
            operation=self._redacted(operation),
            fingerprint=fingerprint,
            title=self._redacted(str(failure["title"])),
            message=message[:_SHOWN_CHARACTERS],
            times=1,
            steps=tuple(self._step(scenario, one) for one in scenario.led_to(shown_by)),
        )

    def _step(self, scenario: Scenario, case_id: str) -> Step:
        interaction = scenario.interactions[case_id]
        request, response = interaction["request"], interaction.get("response") or {}
        sent, is_binary = _text(_bytes(request.get("body")))
        got = _bytes(response.get("content"))
        headers = {str(name).lower(): values for name, values in response.get("headers", {}).items()}
        answer = json_text(got)
        made = answer.get("id") if isinstance(answer, dict) and request["method"] in ("POST", "PUT") else None
        return Step(
            method=request["method"],
            path=self._redacted(request["uri"].removeprefix(self.base_url)),
            headers={name: self._header(name, values) for name, values in request.get("headers", {}).items()},
            body=self._redacted(sent) if sent else None,
            binary=is_binary,
            status=response.get("status_code"),
            content_type=self._redacted("".join(headers.get("content-type", [])[:1])),
            answer=self._redacted(got.decode("utf-8", "replace"))[:_SHOWN_CHARACTERS],
            made=made if isinstance(made, str) else "",
        )

    def _header(self, name: str, values: list[str]) -> str:
        value = ", ".join(values)
        if name.lower() == "authorization" and self.token and value == f"Bearer {self.token}":
            return _SECRET
        return self._redacted(value)

    def _redacted(self, text: str) -> str:
        return redacted(self.redactor, text)


class Scenario:
    """Requests that belong together, as the report's `recorder` holds them."""

    def __init__(self, recorder: Json) -> None:
        self._cases: Json = recorder.get("cases", {})
        self._checks: Json = recorder.get("checks", {})
        self.interactions: Json = recorder.get("interactions", {})

    @property
    def asked_ids(self) -> list[str]:
        """The ids of what was sent, in order."""
        return [case_id for case_id in self.interactions if case_id in self._cases]

    def asked(self, case_id: str, token: str | None) -> Asked:
        """Return what was asked and answered."""
        node, interaction = self._cases[case_id], self.interactions[case_id]
        case, meta = node["value"], node["value"].get("meta") or {}
        data = meta.get("phase", {}).get("data", {})
        authorization = "".join(interaction["request"].get("headers", {}).get("Authorization", []))
        content = (interaction.get("response") or {}).get("content")
        return Asked(
            method=case["method"].upper(),
            template=case["path"],
            path=urlsplit(interaction["request"]["uri"]).path,
            status=self.status(case_id),
            has_content=bool(content),
            mode=meta.get("generation", {}).get("mode", ""),
            scenario=str(data.get("scenario", "")),
            location=str(data.get("parameter_location", "")),
            is_signed_in=token is not None and authorization == f"Bearer {token}",
            earlier=tuple(self._earlier(case_id)),
        )

    def checks_of(self, case_id: str, asked: Asked) -> list[Json]:
        """Return the verdicts on one request; a request that a check sent by itself has none but that check's."""
        checks = list(self._checks.get(case_id, []))
        is_probe = not checks and self._cases[case_id].get("parent_id") is not None and not asked.is_signed_in
        return [{"name": "ignored_auth", "status": "success"}] if is_probe else checks

    def led_to(self, case_id: str) -> list[str]:
        """Return the ids of everything that has to be sent again to see what `case_id` showed, that one last."""
        is_chain = any(node.get("transition") for node in self._cases.values())
        earlier = [one for one in self.asked_ids if one != case_id] if is_chain else []
        return [*earlier[: self.asked_ids.index(case_id)], case_id]

    def status(self, case_id: str) -> int | None:
        """Return the status that `case_id` was answered, None where no answer came."""
        status = (self.interactions[case_id].get("response") or {}).get("status_code")
        return None if status is None else int(status)

    def _earlier(self, case_id: str) -> list[tuple[str, str, int]]:
        before = self.asked_ids[: self.asked_ids.index(case_id)]
        sent = [(self.interactions[one]["request"], self.status(one) or 0) for one in before]
        return [(request["method"], urlsplit(request["uri"]).path, status) for request, status in sent]


def _fingerprint(failure: Json, status: int | None) -> str:
    """Return what makes two failures of a check at an operation the same: their kind, their status, their place."""
    place = [line for line in str(failure["message"]).splitlines() if line.strip().startswith("Schema at")]
    return text_digest(str(failure["code"]), str(failure["title"]), str(status), *place)[7:19]


def _bytes(value: object) -> bytes:
    match value:
        case {"$base64": str(text)}:
            return base64.b64decode(text)
        case str():
            return value.encode("utf-8", "replace")
        case _:
            return b""


def _text(content: bytes) -> tuple[str, bool]:
    """Return `content` as text, and whether its characters stand for bytes."""
    try:
        return content.decode("utf-8"), False
    except UnicodeDecodeError:
        return content.decode("latin-1"), True
