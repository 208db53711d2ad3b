"""What an HTTP partner's rules see of a request, and what they answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from pydantic import JsonValue

from epjgate.partners.documents import Malformed, json_object
from epjgate.partners.interface import Judgement

Content = Mapping[str, object]


@dataclass(frozen=True)
class HttpRequest:
    """A request whose body has arrived in full; `path` and `query` are as they were sent."""

    method: str
    path: str
    body: bytes
    query: str = ""

    @property
    def steps(self) -> tuple[str, ...]:
        """The parts of the path between its slashes, each decoded by itself."""
        return tuple(unquote(step) for step in self.path.strip("/").split("/"))


@dataclass(frozen=True)
class HttpAnswer:
    """A JSON answer."""

    status: int
    content: Content

    def body(self) -> bytes:
        """Return the content as JSON in ASCII."""
        return json.dumps(self.content).encode("ascii")


HttpJudgement = Judgement[HttpAnswer]


def accepted(status: int, content: Content) -> HttpJudgement:
    """Return the judgement that all is well."""
    return Judgement(HttpAnswer(status, content), accepted=True)


def refused(status: int, content: Content, reason: str) -> HttpJudgement:
    """Return a refusal for `reason`."""
    return Judgement(HttpAnswer(status, content), accepted=False, reason=reason)


def again(first: HttpAnswer) -> HttpJudgement:
    """Return the original answer to something that was accepted before."""
    return Judgement(first, accepted=True, repeated=True)


class HttpRules:
    """What the rules of all HTTP partners share."""

    def kind(self, message: HttpRequest) -> str:
        """Return the method and the first step of the path, for example `PUT drug-medications`."""
        return f"{message.method} {message.steps[0]}"

    def text(self, message: HttpRequest) -> str:
        """Return the body; of a request that only reads, the path."""
        return unquote(message.path) if self.is_read(message) else message.body.decode("utf-8", "replace")

    def parsed(self, text: str) -> dict[str, JsonValue]:
        """Return the JSON object of the body, numbers with a fraction as strings of their digits."""
        try:
            return json_object(text)
        except Malformed:
            return {}

    def is_read(self, message: HttpRequest) -> bool:
        """Whether the request is a GET or HEAD."""
        return message.method in {"GET", "HEAD"}

    def transient(self, message: HttpRequest) -> HttpAnswer | None:  # noqa: ARG002 - the port asks for it
        """Return status 503."""
        return HttpAnswer(503, {"Error": "TEMPORARILY_UNAVAILABLE", "Detail": "try again later"})
