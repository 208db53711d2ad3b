"""Speaks FHIR R4 REST (hl7.org/fhir/R4/http.html) with the candidate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self
from urllib.parse import quote, urljoin

from epjgate.drivers import exact_json
from epjgate.drivers.fhir_answer import FhirAnswer, Issue, OperationOutcome
from epjgate.drivers.fhir_values import Resource, value_at
from epjgate.drivers.http import Params, RecordedSession, bearer
from epjgate.errors import CandidateFault
from epjgate.evidence.recorder import Recorder
from epjgate.model.alteration import Alteration

__all__ = ["FhirAnswer", "FhirClient", "Issue", "OperationOutcome", "Params", "Resource", "value_at"]

FHIR_JSON = "application/fhir+json"


class FhirClient:
    """One FHIR R4 server. Every interaction asks once and returns the answer whatever its status.

    Resources are plain JSON objects; decimals are Decimal and keep their digits both ways. `token` is the user's bearer
    token (RFC 6750), None where nobody is signed in. Any number of threads may ask at once. Raises CandidateUnreachable
    when no complete answer came.
    """

    def __init__(
        self,
        base_url: str,
        recorder: Recorder,
        *,
        timeout_s: float = 10.0,
        token: str | None = None,
        alterations: Sequence[Alteration] = (),
    ) -> None:
        headers = {"Accept": FHIR_JSON, **bearer(token)}
        self._session = RecordedSession(
            base_url, recorder, timeout_s=timeout_s, headers=headers, alterations=alterations
        )

    @property
    def base_url(self) -> str:
        """The service base URL, without a trailing slash."""
        return self._session.base_url

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the idle connections."""
        self._session.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        resource: Resource | None = None,
        body: bytes | str | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> FhirAnswer:
        """Ask once; `resource` is sent with exact decimals, `body` as it is, both as FHIR JSON unless `headers` differ.

        `path` is a path below the base, or an absolute URL on the same server. A header of None takes a default away.
        """
        if resource is not None and body is not None:
            raise ValueError("give either resource or body, not both")
        sent = exact_json.encode(resource) if resource is not None else body
        typed = {"Content-Type": f"{FHIR_JSON}; charset=utf-8"} if sent is not None else {}
        answer = self._session.request(method, path, params=params, body=sent, headers={**typed, **(headers or {})})
        return FhirAnswer.of(answer)

    def capabilities(self) -> Resource:
        """Return the CapabilityStatement; CandidateFault where the server does not give one."""
        answer = self.request("GET", "metadata").expect(200)
        statement = answer.resource
        if statement["resourceType"] != "CapabilityStatement":
            raise CandidateFault(f"not a CapabilityStatement: {answer.describe()}")
        return statement

    def create(self, resource: Resource, *, if_none_exist: str | None = None, prefer: str | None = None) -> FhirAnswer:
        """Create `resource`, with `if_none_exist` (a search query) only where nothing matches it.

        `prefer` is `representation`, `minimal` or `OperationOutcome`.
        """
        headers = {}
        if if_none_exist is not None:
            headers["If-None-Exist"] = if_none_exist
        if prefer is not None:
            headers["Prefer"] = f"return={prefer.removeprefix('return=')}"
        return self.request("POST", str(resource["resourceType"]), resource=resource, headers=headers)

    def read(self, resource_type: str, resource_id: str) -> FhirAnswer:
        """Read the current version."""
        return self.request("GET", _path(resource_type, resource_id))

    def vread(self, resource_type: str, resource_id: str, version: str) -> FhirAnswer:
        """Read the version `version`."""
        return self.request("GET", _path(resource_type, resource_id, "_history", version))

    def update(self, resource: Resource, *, if_match: str | None = None) -> FhirAnswer:
        """Replace the resource that has this id, with `if_match` (an ETag or a version id) only that version."""
        headers = {} if if_match is None else {"If-Match": _etag(if_match)}
        path = _path(str(resource["resourceType"]), str(resource["id"]))
        return self.request("PUT", path, resource=resource, headers=headers)

    def delete(self, resource_type: str, resource_id: str) -> FhirAnswer:
        """Delete the resource."""
        return self.request("DELETE", _path(resource_type, resource_id))

    def history(self, resource_type: str, resource_id: str) -> FhirAnswer:
        """Return the first page of the resource's versions."""
        return self.request("GET", _path(resource_type, resource_id, "_history"))

    def search(self, resource_type: str, params: Params) -> FhirAnswer:
        """Return the first page of a search; a sequence of pairs repeats a parameter."""
        return self.request("GET", resource_type, params=params)

    def search_all(self, resource_type: str, params: Params, *, page_limit: int = 50) -> list[Resource]:
        """Return the matches of all pages, in the order in which they came.

        Raises CandidateFault where a page is not a 200 with a Bundle, where a `next` link leads to a page seen
        already or to another server, or where it still names a next page after `page_limit` pages.
        """
        answer = self.search(resource_type, params).expect(200)
        found = answer.matches
        seen: set[str] = set()
        while (link := answer.next_url) is not None:
            url = urljoin(f"{self.base_url}/", link)
            if url in seen:
                raise CandidateFault(f"the next links lead in a circle: {answer.describe()}")
            seen.add(url)
            if len(seen) >= page_limit:
                raise CandidateFault(f"there is still a next link after {page_limit} pages: {answer.describe()}")
            answer = self.request("GET", url).expect(200)
            found += answer.matches
        return found

    def operate(self, path: str, parameters: Resource) -> FhirAnswer:
        """Call the operation at `path` (`Patient/$merge`) with `parameters`, a Parameters resource (R4 operations)."""
        return self.request("POST", path, resource=parameters)

    def transaction(self, bundle: Resource) -> FhirAnswer:
        """Send a transaction or batch Bundle to the service base."""
        return self.request("POST", "", resource=bundle)


def _path(*parts: str) -> str:
    return "/".join(quote(part, safe="") for part in parts)


def _etag(version: str) -> str:
    return version if version.startswith(("W/", '"')) else f'W/"{version}"'
