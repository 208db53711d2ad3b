"""Sends HTTP requests to the candidate, once each, and records every exchange."""

from __future__ import annotations

import errno
import os
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from functools import partial
from http.client import HTTPException, IncompleteRead, RemoteDisconnected
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict

from epjgate import __version__
from epjgate.drivers import exact_json
from epjgate.drivers.alterations import Alterations
from epjgate.drivers.answer import Answer
from epjgate.drivers.exchanges import exchange_of, redacted
from epjgate.errors import CandidateFault, CandidateUnreachable, EnvironmentFailed
from epjgate.evidence.recorder import Recorder
from epjgate.model.alteration import Alteration
from epjgate.model.wire import Asked, Got

__all__ = ["Answer", "Params", "RecordedSession", "bearer"]

Params = Mapping[str, str] | Sequence[tuple[str, str]]
_HELD_BYTES = 256 * 1024
_IDLE_LIMIT_S = 0.5
_OWN_LIMITS = frozenset({errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL})
_PORTS = {"http": 80, "https": 443}


class RecordedSession:
    """Requests below one base URL: never retried, never redirected, without cookies, proxies or stored passwords.

    Connections are reused, but none that lay idle for long: the server may be about to close it, and a request lost
    with it would look like a candidate that does not answer. Any number of threads may ask at once. `timeout_s` bounds
    the connection and each wait for more bytes, three times `timeout_s` the reading of the whole body, `body_limit`
    its size in bytes. `headers` go with every request. `alterations` change the answers, which then say so in a header.
    """

    def __init__(
        self,
        base_url: str,
        recorder: Recorder,
        *,
        timeout_s: float = 10.0,
        headers: Mapping[str, str] | None = None,
        body_limit: int = 64 * 1024 * 1024,
        alterations: Sequence[Alteration] = (),
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._recorder = recorder
        self._timeout_s = timeout_s
        self._body_limit = body_limit
        self._alterations = Alterations(alterations)
        self._headers = {"User-Agent": f"epjgate/{__version__}", **(headers or {})}
        # A bare adapter has no cookies, environment proxies, netrc or redirects to switch off one by one.
        self._adapter = HTTPAdapter(pool_maxsize=32, max_retries=0)
        self._last_used = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the idle connections."""
        self._adapter.close()

    def request(
        self,
        method: str,
        path_or_url: str,
        *,
        params: Params | None = None,
        json: object = None,
        body: bytes | str | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> Answer:
        """Ask once, record the exchange, and return the answer whatever its status.

        `path_or_url` is a path below the base URL, or an absolute URL on the same server (a paging link). `json` is
        sent with exact decimals, `body` as it is. Of headers that differ only in case the last one counts; a value of
        None takes a default header away.

        Raises CandidateUnreachable when no complete answer came; CandidateFault when an absolute URL names another
        server, or when what came is not HTTP or longer than the limit.
        """
        prepared = self._prepare(method, path_or_url, params, json, body, headers)
        sent = (method, prepared.url or "", dict(prepared.headers), _sent_bytes(prepared))
        if time.monotonic() - self._last_used > _IDLE_LIMIT_S:
            self._adapter.close()
        started = time.perf_counter()
        try:
            asked = Asked(method, sent[1].removeprefix(self.base_url), sent[3], self.base_url)
            got = self._recorder.tapped(
                asked, lambda: self._alterations.exchange(asked, lambda: self._exchange(prepared))
            )
        except (CandidateFault, CandidateUnreachable, EnvironmentFailed) as err:
            error = str(err) if isinstance(err, CandidateFault) else err.cause
            self._record(sent, None, time.perf_counter() - started, error)
            raise
        finally:
            self._last_used = time.monotonic()
        duration_s = time.perf_counter() - started
        self._record(sent, (got.status, got.headers, got.content), duration_s, None)
        url = self._redacted(prepared.url or "")
        headers_got = CaseInsensitiveDict(got.headers)
        return Answer(method, url, got.status, headers_got, got.content, duration_s, self._redacted)

    def _prepare(
        self,
        method: str,
        path_or_url: str,
        params: Params | None,
        json: object,
        body: bytes | str | None,
        headers: Mapping[str, str | None] | None,
    ) -> requests.PreparedRequest:
        if json is not None and body is not None:
            raise ValueError("give either json or body, not both")
        merged = CaseInsensitiveDict[str | None](self._headers)
        if json is not None:
            merged["Content-Type"] = "application/json; charset=utf-8"
        merged.update(headers or {})
        data = body.encode("utf-8") if isinstance(body, str) else body
        return requests.Request(
            method,
            self._url(path_or_url),
            params=params if params is None or isinstance(params, Mapping) else list(params),
            data=exact_json.encode(json) if json is not None else data,
            headers={name: value for name, value in merged.items() if value is not None},
        ).prepare()

    def _url(self, path_or_url: str) -> str:
        if "://" not in path_or_url.partition("?")[0]:
            return f"{self.base_url}/{path_or_url.lstrip('/')}" if path_or_url else self.base_url
        if _server(path_or_url) != _server(self.base_url):
            raise CandidateFault(
                f"the candidate advertises {self._redacted(path_or_url)}, an address under which "
                f"the tester does not reach it: it is asked at {self.base_url}"
            )
        return path_or_url

    def _exchange(self, prepared: requests.PreparedRequest) -> Got:
        try:
            limits = (self._timeout_s, self._timeout_s)
            with self._adapter.send(prepared, stream=True, timeout=limits, verify=_authorities()) as response:
                return Got(response.status_code, response.headers, self._read(response))
        except (requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError) as err:
            asked = f"{prepared.method} {self._redacted(prepared.url or '')}"
            if _is_the_testers(err):
                raise EnvironmentFailed(
                    f"{asked}: the tester cannot ask the candidate",
                    _why(err, self._timeout_s),
                    "correct names, certificates (REQUESTS_CA_BUNDLE) or limits of the machine that tests",
                ) from err
            if _is_not_http(err):
                raise CandidateFault(f"{asked}: what the candidate answered is not HTTP: {err}") from err
            raise CandidateUnreachable(
                f"{asked}: the candidate gave no complete answer",
                _why(err, self._timeout_s),
                "see the candidate's log for this moment; raise timeout_s if it is only slow",
            ) from err

    def _read(self, response: requests.Response) -> bytes:
        """Read the body piece by piece, so that a candidate that drips or floods cannot hold the run."""
        until = time.monotonic() + 3 * self._timeout_s
        content = bytearray()
        while piece := response.raw.read1(64 * 1024, decode_content=True):
            content += piece
            if len(content) > self._body_limit:
                url = self._redacted(response.url)
                raise CandidateFault(f"{url}: the body is longer than {self._body_limit} bytes")
            if time.monotonic() > until:
                raise requests.ReadTimeout(f"the body was not complete after {3 * self._timeout_s:g} s")
        return bytes(content)

    def _redacted(self, text: str) -> str:
        return redacted(self._recorder.redactor, text)

    def _record(
        self,
        sent: tuple[str, str, Mapping[str, str], bytes],
        answer: tuple[int, Mapping[str, str], bytes] | None,
        duration_s: float,
        error: str | None,
    ) -> None:
        make = partial(exchange_of, self._recorder.redactor, sent, answer, duration_s=duration_s, error=error)
        if len(sent[3]) + (len(answer[2]) if answer else 0) > _HELD_BYTES:
            exchange = make()  # cut at once, so that many large bodies are not held
            self._recorder.record(lambda: exchange)
        else:
            self._recorder.record(make)


def bearer(token: str | None) -> dict[str, str]:
    """Return the header that signs a request with `token`, none for None; the evidence never holds its value."""
    return {} if token is None else {"Authorization": f"Bearer {token}"}


def _sent_bytes(prepared: requests.PreparedRequest) -> bytes:
    body = prepared.body
    if isinstance(body, str):
        return body.encode("utf-8")
    return body if isinstance(body, bytes) else b""


def _server(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
    except ValueError as err:
        raise CandidateFault(f"the candidate advertises {url!r}, which is no URL: {err}") from err


def _causes(err: BaseException) -> list[BaseException]:
    """Return `err` and what it wraps, outermost first; urllib3 and requests carry the inner error as an argument."""
    found: list[BaseException] = []
    queue: list[object] = [err]
    while queue:
        current = queue.pop(0)
        if isinstance(current, BaseException) and current not in found:
            found.append(current)
            queue += [*current.args, getattr(current, "reason", None), current.__cause__]
    return found


def _authorities() -> str | bool:
    """Return the site's own CA bundle; the bare adapter looks at no environment variable by itself."""
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or True


def _is_the_testers(err: BaseException) -> bool:
    """Whether the fault lies on the side of whoever asks: trust, names, or the limits of the machine."""
    return any(
        isinstance(cause, ssl.SSLCertVerificationError | socket.gaierror)
        or (isinstance(cause, OSError) and cause.errno in _OWN_LIMITS)
        for cause in _causes(err)
    )


def _is_not_http(err: BaseException) -> bool:
    return any(
        isinstance(cause, HTTPException | urllib3.exceptions.DecodeError)
        and not isinstance(cause, RemoteDisconnected | IncompleteRead)
        for cause in _causes(err)
    )


def _why(err: BaseException, timeout_s: float) -> str:
    causes = _causes(err)
    # A refused connection comes before a time-out: urllib3 counts it among its own time-outs too.
    broken = next((cause for cause in reversed(causes) if isinstance(cause, ConnectionError | IncompleteRead)), None)
    if broken is not None:
        return f"{type(broken).__name__}: {broken}"
    if any(isinstance(cause, requests.Timeout | urllib3.exceptions.TimeoutError) for cause in causes):
        return f"timed out ({timeout_s:g} s for the connection and each wait, {3 * timeout_s:g} s for the body)"
    return f"{type(causes[-1]).__name__}: {causes[-1]}"
