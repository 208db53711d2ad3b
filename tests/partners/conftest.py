"""All kinds of partners, open on the loopback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from epjgate.model.redaction import Redactor
from epjgate.partners.client import Partners
from epjgate.partners.site import Site


@pytest.fixture
def site() -> Iterator[Site]:
    """A site that is open, with a partner of each kind and a second one that speaks MLLP."""
    kinds = {"fmk": "fmk", "lpr3": "lpr3", "medcom": "medcom", "laboratory": "mllp", "imaging": "mllp"}
    with Site(kinds, Redactor(b"key")) as site:
        site.open("127.0.0.1")
        yield site


@pytest.fixture
def partners(site: Site) -> Partners:
    """The client of the site."""
    return Partners(site.control_url)
