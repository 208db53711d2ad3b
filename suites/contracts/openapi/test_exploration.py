"""What the server does, held against its OpenAPI document: one exploration, of which each test reads its rule."""

from __future__ import annotations

from functools import partial

import pytest

from epjgate.drivers.openapi_findings import Exploration
from epjgate.drivers.openapi_replay import exchanges_of
from epjgate.errors import CapabilityMissing
from epjgate.evidence.recorder import Recorder
from epjgate.model.exchange import Exchange
from epjgate.plugin.rules import each_rule

FILE = "exchanges/openapi.jsonl"
"""Where the exploration lies in the bundle."""
CHECKS = {
    "openapi-no-server-error": "not_a_server_error",
    "openapi-status-described": "status_code_conformance",
    "openapi-content-type-described": "content_type_conformance",
    "openapi-headers-conform": "response_headers_conformance",
    "openapi-body-conforms": "response_schema_conformance",
    "openapi-unfit-data-refused": "negative_data_rejection",
    "openapi-fit-data-not-malformed": "positive_data_acceptance",
    "openapi-required-header-demanded": "missing_required_header",
    "openapi-unknown-method-405": "unsupported_method",
    "openapi-allow-names-methods": "allow_header_conformance",
    "openapi-made-is-there": "ensure_resource_availability",
    "openapi-deleted-is-gone": "use_after_free",
    "openapi-sign-in-demanded": "ignored_auth",
}
"""The check of Schemathesis by which each rule is asked."""


@each_rule(*CHECKS)
@pytest.mark.severity("critical")
def test_the_server_does_what_its_document_says(rule: str, explored: Exploration, recorder: Recorder) -> None:
    """The server keeps to its OpenAPI document in everything that it was asked."""
    check = CHECKS[rule]
    asked = explored.summary.subjects.get(check, 0)
    if not asked:
        raise CapabilityMissing(
            f"nothing that was asked is about {rule}",
            f"none of {explored.summary.requests} requests met what {check} looks at",
            "describe it in the document, or explore for longer by --epj-fuzz-seconds",
        )
    for exchange in exchanges_of(explored, check):
        recorder.record(partial(_kept, exchange))
    found = explored.of(check)
    told = "\n".join(f"epjgate contracts replay {FILE}#{explored.place(one)} shows {one.told()}" for one in found)
    assert not found, f"{len(found)} findings in {asked} requests:\n{told}"


def _kept(exchange: Exchange) -> Exchange:
    return exchange
