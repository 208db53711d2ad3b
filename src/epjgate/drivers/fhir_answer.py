"""What a FHIR R4 server answered, as a resource, an outcome, or a page of a search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from epjgate.drivers.answer import Answer
from epjgate.drivers.fhir_values import Resource, text_at, value_at
from epjgate.errors import CandidateFault


@dataclass(frozen=True)
class Issue:
    """One issue of an OperationOutcome; `expression` names the elements that it is about."""

    severity: str
    code: str
    text: str
    expression: tuple[str, ...] = ()

    def __str__(self) -> str:
        about = f" ({', '.join(self.expression)})" if self.expression else ""
        return f"{self.severity}/{self.code}: {self.text}{about}"


@dataclass(frozen=True)
class OperationOutcome:
    """What the server says went wrong, or right; without issues where it holds none that can be read."""

    issues: tuple[Issue, ...]

    def __str__(self) -> str:
        return "; ".join(map(str, self.issues)) or "an OperationOutcome without issues"


@dataclass(frozen=True)
class FhirAnswer(Answer):
    """An answer of a FHIR server; each property parses the body afresh, so a test may change what it got."""

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """Return `answer` as a FHIR answer."""
        return cls(**{name: getattr(answer, name) for name in Answer.__dataclass_fields__})

    @property
    def resource(self) -> Resource:
        """The resource in the body; CandidateFault where the body is none."""
        body = self.json()
        if not isinstance(body, dict) or not isinstance(body.get("resourceType"), str):
            raise CandidateFault(f"the body is no FHIR resource: {self.describe()}")
        return body

    @property
    def id(self) -> str:
        """The logical id: of the resource in the body, else of the Location header (R4 http.html#create)."""
        if not self.content:
            return self._located()
        body = self.resource
        return self._located() if body["resourceType"] == "OperationOutcome" else text_at(body, "id")

    @property
    def version(self) -> str:
        """The resource's `meta.versionId`; CandidateFault where it has none."""
        return text_at(self.resource, "meta", "versionId")

    @property
    def etag(self) -> str | None:
        """The ETag header as it was sent, for example `W/"1"`."""
        return self.headers.get("ETag")

    @property
    def location(self) -> str | None:
        """The Location header as it was sent."""
        return self.headers.get("Location")

    @property
    def outcome(self) -> OperationOutcome | None:
        """The OperationOutcome in the body, or None where the body is something else."""
        try:
            body = self.json()
        except CandidateFault:
            return None
        if not isinstance(body, dict) or body.get("resourceType") != "OperationOutcome":
            return None
        issues = body.get("issue")
        return OperationOutcome(tuple(map(_issue, issues)) if isinstance(issues, list) else ())

    @property
    def entries(self) -> list[Resource]:
        """The entries of the Bundle in the body, none where it has none; CandidateFault where it is no Bundle."""
        bundle = self._bundle()
        entries = bundle.get("entry", [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise CandidateFault(f"Bundle.entry is not a list of objects: {self.describe()}")
        return entries

    @property
    def matches(self) -> list[Resource]:
        """The resources that match the search: entries whose `search.mode` is `match` or left out."""
        return [value_at(entry, "resource") for entry in self.entries if _mode(entry) in ("match", None)]

    @property
    def included(self) -> list[Resource]:
        """The resources that came along with the matches: entries whose `search.mode` is `include`."""
        return [value_at(entry, "resource") for entry in self.entries if _mode(entry) == "include"]

    @property
    def total(self) -> int | None:
        """`Bundle.total`, or None where the server does not count (R4 makes it optional)."""
        total = self._bundle().get("total")
        if total is not None and (isinstance(total, bool) or not isinstance(total, int)):
            raise CandidateFault(f"Bundle.total is {total!r}, not a count: {self.describe()}")
        return total

    @property
    def next_url(self) -> str | None:
        """The link to the next page as it was sent, or None on the last page."""
        links = self._bundle().get("link", [])
        if not isinstance(links, list):
            raise CandidateFault(f"Bundle.link is not a list: {self.describe()}")
        return next((text_at(link, "url") for link in links if value_at(link, "relation") == "next"), None)

    def _bundle(self) -> Resource:
        bundle = self.resource
        if bundle["resourceType"] != "Bundle":
            raise CandidateFault(f"the body is a {bundle['resourceType']}, not a Bundle: {self.describe()}")
        return bundle

    def _located(self) -> str:
        parts = (self.location or "").partition("/_history/")[0].split("/")
        if len(parts) < 2 or not parts[-1]:
            raise CandidateFault(f"neither the body nor a Location header names the id: {self.describe()}")
        return parts[-1]

    def _gist(self) -> str:
        outcome = self.outcome
        return self.redact(str(outcome)) if outcome is not None else super()._gist()


def _mode(entry: Resource) -> Any:
    search = entry.get("search")
    return search.get("mode") if isinstance(search, dict) else None


def _issue(issue: Any) -> Issue:
    """Return what can be read of `issue`: it goes into messages about answers that are wrong already."""
    known = issue if isinstance(issue, dict) else {}
    expression = known.get("expression")
    return Issue(
        severity=str(known.get("severity", "(no severity)")),
        code=str(known.get("code", "(no code)")),
        text=_issue_text(known),
        expression=tuple(map(str, expression)) if isinstance(expression, list) else (),
    )


def _issue_text(issue: Resource) -> str:
    details = issue.get("details")
    told = details if isinstance(details, dict) else {}
    texts = [str(text) for text in (told.get("text"), issue.get("diagnostics")) if text]
    codings = told.get("coding")
    if not texts and isinstance(codings, list):
        texts = [str(coding.get("display") or coding.get("code")) for coding in codings if isinstance(coding, dict)]
    return " - ".join(dict.fromkeys(texts)) or "(no text)"
