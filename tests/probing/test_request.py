"""What can be probed, and what is refused before anything starts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from epjgate.errors import UsageError
from epjgate.probing.request import ProbeRequest, head_of, raise_if_unusable

READ = ProbeRequest("read", "GET", "http://localhost:8080/Patient?_count=1")


def test_a_request_says_where_it_goes() -> None:
    """Host, port, authority and target come from the URL, with HTTP's own port where none is named."""
    assert (READ.host, READ.port, READ.authority, READ.target) == (
        "localhost",
        8080,
        "localhost:8080",
        "/Patient?_count=1",
    )
    bare = replace(READ, url="http://[::1]")
    assert (bare.host, bare.port, bare.authority, bare.target) == ("::1", 80, "[::1]", "/")


def test_reads_and_writes_can_be_probed() -> None:
    """Neither of them is refused."""
    raise_if_unusable([READ, ProbeRequest("write", "POST", "http://a/b", {"Authorization": "Bearer x"}, b"{}", 201)])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"url": "https://localhost/"}, "https"),
        ({"url": "ftp://localhost/"}, "names no host"),
        ({"url": "/Patient"}, "names no host"),
        ({"url": "http://localhost:99999/"}, "is none"),
        ({"url": "http://me:secret@localhost/"}, "a user"),
        ({"url": "http://localhost/a b"}, "no such request"),
        ({"url": "http://localhost/\u00e6"}, "no such request"),
        ({"method": "GET /x"}, "no such request"),
        ({"headers": {"X-A": "1\r\nX-B: 2"}}, "no such request"),
        ({"headers": {"Connection": "close"}}, "the prober's own"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_reason(changes: dict[str, object], says: str) -> None:
    """The error names the probe and says what is wrong with it."""
    with pytest.raises(UsageError, match="the probe `read`") as caught:
        raise_if_unusable([replace(READ, **changes)])  # type: ignore[arg-type]
    assert says in caught.value.cause


def test_nothing_to_probe_is_refused() -> None:
    """No probes would be an availability without a sample."""
    with pytest.raises(UsageError, match="nothing to probe"):
        raise_if_unusable([])


def test_two_probes_of_one_name_are_refused() -> None:
    """Their tracks could not be told apart."""
    with pytest.raises(UsageError) as caught:
        raise_if_unusable([READ, replace(READ, method="PUT")])
    assert "the same name" in caught.value.cause


@pytest.mark.parametrize(("method", "twice"), [("GET", True), ("PUT", True), ("POST", False), ("PATCH", False)])
def test_only_what_is_idempotent_may_be_asked_twice(method: str, *, twice: bool) -> None:
    """RFC 9110 section 9.2.2."""
    assert replace(READ, method=method).idempotent is twice


def test_a_connection_that_is_not_kept_is_announced() -> None:
    """The server is told that no further request comes on it; a write says how long it is."""
    assert (b"connection", b"close") in head_of(READ, keep=False).headers
    assert head_of(READ, keep=True).headers.raw_items() == [(b"host", b"localhost:8080")]
    assert (b"content-length", b"0") in head_of(replace(READ, method="POST"), keep=True).headers
