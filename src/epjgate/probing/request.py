"""What a probe asks, over and over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import h11

from epjgate.errors import UsageError

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})
"""Methods by which asking twice does what asking once does: RFC 9110 section 9.2.2."""

# These the prober sets itself, by the body and the track.
_OURS = frozenset({"host", "connection", "content-length", "transfer-encoding", "expect"})


@dataclass(frozen=True)
class ProbeRequest:
    """A request that is sent the same way every time; any other answer than one with `status` is an outage.

    `url` is whole: scheme `http`, host, port if not 80, path and query. `host`, `connection` and the length of the
    body are added to `headers`.
    """

    name: str
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    status: int = 200

    @property
    def host(self) -> str:
        """The host to connect to, without brackets where it is an IPv6 address."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The port to connect to."""
        return urlsplit(self.url).port or 80

    @property
    def authority(self) -> str:
        """What the field `host` says."""
        return urlsplit(self.url).netloc

    @property
    def target(self) -> str:
        """Path and query."""
        parts = urlsplit(self.url)
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    @property
    def idempotent(self) -> bool:
        """Whether it may be sent once more where a kept connection was closed under it: RFC 9112 section 9.3.1."""
        return self.method in IDEMPOTENT


def raise_if_unusable(requests: Sequence[ProbeRequest]) -> None:
    """Return where all of `requests` can be probed; raises UsageError with the first that cannot."""
    if not requests:
        raise UsageError(
            "there is nothing to probe",
            "no request was given, and an availability that nobody asked for is unknown",
            "describe [[upgrade.probes]] in the system's description",
        )
    names = [request.name for request in requests]
    for request in requests:
        problem = _problem(request, taken=names.count(request.name) > 1)
        if problem:
            raise UsageError(
                f"the probe `{request.name}` cannot be used", problem, "correct it in the system's description"
            )


def head_of(request: ProbeRequest, *, keep: bool) -> h11.Request:
    """Return what is sent before the body; the connection is kept where `keep` says so.

    Raises h11.LocalProtocolError where HTTP knows no such request.
    """
    fields = [("host", request.authority), *request.headers.items()]
    fields += [] if keep else [("connection", "close")]
    if request.body or request.method in {"POST", "PUT"}:
        fields.append(("content-length", str(len(request.body))))
    return h11.Request(method=request.method, target=request.target, headers=fields)


def _problem(request: ProbeRequest, *, taken: bool) -> str:
    """Return what is wrong with `request`, nothing where all is well."""
    if taken:
        return "another probe has the same name"
    ours = sorted(name for name in request.headers if name.lower() in _OURS)
    if ours:
        return f"the field `{ours[0]}` is the prober's own"
    return _problem_of_url(request.url) or _problem_of_head(request)


def _problem_of_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as err:
        return f"its URL {url!r} is none: {err}"
    if parts.scheme == "https":
        return "it asks over https, which the prober does not speak; name the port at which the service speaks http"
    if "@" in parts.netloc:
        return "its URL holds a user; sign in by a header"
    return "" if parts.scheme == "http" and parts.hostname else f"its URL {url!r} names no host to ask over http"


def _problem_of_head(request: ProbeRequest) -> str:
    try:
        head_of(request, keep=True)
    except (h11.LocalProtocolError, UnicodeEncodeError) as err:
        return f"HTTP knows no such request: {err}"
    return ""
