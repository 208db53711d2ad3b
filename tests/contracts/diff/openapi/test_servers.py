"""Servers, compared by what does not depend on where a candidate is tested."""

from __future__ import annotations

import pytest

from epjgate.contracts.diff.openapi.servers import address_of, differences, servers_of
from epjgate.contracts.diff.reading import NotComparable


@pytest.mark.parametrize(
    ("url", "address", "path"),
    [
        ("/fhir/", "", "/fhir"),
        ("", "", "/"),
        ("http://127.0.0.1:4711/fhir", "", "/fhir"),
        ("http://localhost/fhir", "", "/fhir"),
        ("http://[::1]:80/fhir", "", "/fhir"),
        ("https://EPJ.example:443/fhir", "https://epj.example:443", "/fhir"),
    ],
)
def test_this_machine_has_no_address(url: str, address: str, path: str) -> None:
    """On it a candidate has another port each time."""
    assert address_of(url) == (address, path)


def test_what_is_no_url_is_said() -> None:
    """Nothing is guessed of it."""
    with pytest.raises(NotComparable, match="no URL"):
        address_of("http://[::1")


def test_variables_have_their_defaults() -> None:
    """A variable without a default stays as it is written."""
    server = {"url": "/{a}/{b}", "variables": {"a": {"default": "x"}}}
    assert servers_of({"servers": [server]}) == {("", "/x/{b}")}


def test_a_server_that_kept_its_path_has_moved() -> None:
    """It is told once, not as gone and come; a further one is told as added."""
    one, other, third = ("https://a", "/x"), ("https://b", "/x"), ("", "/y")
    assert [change.rule for change in differences("servers", frozenset({one}), frozenset({other}))] == [
        "diff-openapi-server-moved"
    ]
    added = list(differences("servers", frozenset({one}), frozenset({one, other, third})))
    assert [change.place for change in added] == ["servers /y", "servers https://b/x"]
