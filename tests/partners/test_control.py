"""The control server answers who knows its secret, and says what it cannot answer."""

from __future__ import annotations

from typing import Any

import pytest
from tests.partners.messages import ONE, ask

from epjgate.partners.site import Site


def asked(site: Site, method: str, path: str, content: object = None) -> tuple[int, Any]:
    base, _, token = site.control_url.rpartition("/")
    return ask(base, method, f"/{token}/{path}", content)


def test_without_the_secret_there_is_nothing(site: Site) -> None:
    """Not even whether a partner exists: 404 and no content; the secret differs from site to site."""
    base, _, token = site.control_url.rpartition("/")
    for path in ("/", "/partners", f"/{token[:-1]}/partners", f"/{token}x/partners", "/æ/partners"):
        assert ask(base, "GET", path.replace("æ", "%C3%A6")) == (404, {})
    assert len(token) >= 32


def test_partners_are_listed(site: Site) -> None:
    """By name, with their kind."""
    kinds = {"fmk": "fmk", "lpr3": "lpr3", "medcom": "medcom", "laboratory": "mllp", "imaging": "mllp"}
    assert asked(site, "GET", "partners") == (200, {"partners": kinds})


def test_a_partner_says_where_it_listens(site: Site) -> None:
    """At the address that the candidate is given."""
    assert asked(site, "GET", "partners/fmk/address") == (200, {"url": site.urls["fmk"]})


@pytest.mark.parametrize(
    ("method", "path", "content", "told"),
    [
        ("GET", "partners/pharmacy/messages?about=1", None, "fmk"),
        ("GET", "partners/fmk/messages", None, "about"),
        ("GET", "partners/fmk/messages?about=", None, "about"),
        ("GET", f"partners/lpr3/cards/{ONE.cpr}", None, "lpr3"),
        ("POST", "partners/fmk/faults", {"kind": "explode", "about": "x"}, "kind"),
        ("POST", "partners/fmk/faults", {"kind": "reset"}, "about"),
        ("GET", "partners/fmk/faults/0", None, "never given"),
        ("DELETE", "partners/fmk/faults/0", None, "never given"),
        ("DELETE", "partners/fmk", None, "DELETE"),
        ("GET", "", None, "fmk"),
    ],
)
def test_what_cannot_be_answered_is_said(site: Site, method: str, path: str, content: object, told: str) -> None:
    """What went wrong, why, and what to do; never an empty answer."""
    status, problem = asked(site, method, path, content)
    assert status == 404
    assert problem.keys() == {"problem", "cause", "fix"}
    assert told in problem["problem"] + problem["cause"]
