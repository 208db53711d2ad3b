"""Which requests a check has something to say about: where there was none, the check has shown nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_VERBS = frozenset({"get", "put", "post", "delete", "patch", "head", "options", "trace"})
_UNKNOWN_METHOD = "unspecified_http_method"


@dataclass(frozen=True)
class Asked:
    """One request of an exploration; `template` is the document's path, `path` what was sent.

    `mode` is `positive` or `negative`: whether the data was made to fit the document. `earlier` are the method, path
    and status of what was sent before it in the same chain.
    """

    method: str
    template: str
    path: str
    status: int | None
    has_content: bool
    mode: str
    scenario: str
    location: str
    is_signed_in: bool
    earlier: tuple[tuple[str, str, int], ...] = ()


class Described:
    """What an OpenAPI document says of an operation; a document that is none says nothing."""

    def __init__(self, document: object) -> None:
        self._document: Mapping[str, Any] = document if isinstance(document, dict) else {}

    @property
    def operations(self) -> int:
        """How many operations the document has."""
        return sum(len(_VERBS & item.keys()) for item in self._document.get("paths", {}).values())

    def has(self, asked: Asked) -> bool:
        """Whether the document describes what was asked."""
        return bool(self._operation(asked))

    def response(self, asked: Asked) -> Mapping[str, Any]:
        """Return what is described for the answer to `asked`, nothing where nothing is."""
        responses = self._operation(asked).get("responses", {})
        status = str(asked.status)
        for key in (status, f"{status[0]}XX", f"{status[0]}xx", "default"):
            if key in responses:
                return self._resolved(responses[key])
        return {}

    def needs_sign_in(self, asked: Asked) -> bool:
        """Whether the operation is described as one for those who signed in."""
        operation = self._operation(asked)
        required = operation.get("security", self._document.get("security", []))
        return bool(operation) and bool(required) and {} not in required

    def _operation(self, asked: Asked) -> Mapping[str, Any]:
        found = self._document.get("paths", {}).get(asked.template, {}).get(asked.method.lower(), {})
        return found if isinstance(found, dict) else {}

    def _resolved(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        reference = value.get("$ref")
        if not isinstance(reference, str):
            return value
        target: Any = self._document
        for part in reference.removeprefix("#/").split("/"):
            target = target.get(part.replace("~1", "/").replace("~0", "~"), {})
        return target if isinstance(target, dict) else {}


def is_subject(check: str, asked: Asked, described: Described) -> bool:
    """Whether `check` had something to say about `asked`; a check that is not known here never had."""
    ask = _SUBJECTS.get(check)
    return ask is not None and asked.status is not None and ask(asked, described)


def _is_known_method(asked: Asked, _described: Described) -> bool:
    return asked.scenario != _UNKNOWN_METHOD


def _has_schema(asked: Asked, described: Described) -> bool:
    contents = described.response(asked).get("content", {}).values()
    return asked.has_content and any("schema" in content for content in contents)


def _went_on_after(asked: Asked, method: str) -> bool:
    """Whether something was done with `method` before, successfully, to what `asked` is about."""
    return any(
        (verb, status // 100) == (method, 2) and (f"{asked.path}/").startswith(f"{path}/")
        for verb, path, status in asked.earlier
    )


_SUBJECTS: dict[str, Callable[[Asked, Described], bool]] = {
    "not_a_server_error": lambda _asked, _described: True,
    "status_code_conformance": _is_known_method,
    "content_type_conformance": lambda asked, _described: asked.has_content,
    "response_headers_conformance": lambda asked, described: bool(described.response(asked).get("headers")),
    "response_schema_conformance": _has_schema,
    "negative_data_rejection": lambda asked, _: asked.mode == "negative" and asked.scenario != _UNKNOWN_METHOD,
    "positive_data_acceptance": lambda asked, _: asked.mode == "positive",
    "missing_required_header": lambda asked, _: (asked.scenario, asked.location) == ("missing_parameter", "header"),
    "unsupported_method": lambda asked, _: asked.scenario == _UNKNOWN_METHOD,
    "allow_header_conformance": lambda asked, _: asked.status == 405 or asked.method == "OPTIONS",
    "use_after_free": lambda asked, _: asked.method in ("GET", "DELETE") and _went_on_after(asked, "DELETE"),
    "ensure_resource_availability": lambda asked, _: _went_on_after(asked, "POST"),
    "ignored_auth": lambda asked, described: not asked.is_signed_in and described.needs_sign_in(asked),
}
