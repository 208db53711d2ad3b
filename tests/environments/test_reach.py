"""Where a release can be reached: read from its description and from what runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from epjgate.environments.interface import Order, Running
from epjgate.environments.reach import target_of
from epjgate.model.alteration import Alteration
from epjgate.model.redaction import Redactor
from epjgate.model.system import System

SYSTEM = System.model_validate(
    {
        "schema_version": "epjgate/system/1",
        "name": "tiny",
        "title": "Tiny",
        "services": {"desk": {"ready": {"path": "/ready"}, "ports": {"mllp": 2575}}},
        "interfaces": {
            "http": {"service": "desk", "path": "/api"},
            "hl7v2": {"service": "desk", "port": "mllp"},
        },
        "capabilities": {"patients": "http", "laboratory": "hl7v2"},
        "users": {"doctor": "a-token"},
        "releases": {"1.0": {}},
    }
)


class Desk:
    """What the target is made of: addresses, and whether it may be written to."""

    urls: Mapping[str, str] = {"desk": "http://127.0.0.1:1"}
    disposable = False

    def __init__(self, **ports: str) -> None:
        self.ports = {"desk": ports}


def order() -> Order:
    """Return an order of the one release."""
    return Order("run-1", SYSTEM, "1.0", SYSTEM.releases["1.0"], Path("unused"), Redactor(b"key"))


def test_every_interface_has_the_address_at_which_it_is_spoken() -> None:
    """A path follows the service's URL, a further port gives the scheme; seed and alterations are handed on."""
    alteration = Alteration.model_validate({"action": "lose", "match": {"method": "POST", "path": "/fhir"}})
    running = cast("Running", Desk(mllp="127.0.0.1:2"))
    target = target_of(order(), "process", running, seed=7, alterations=[alteration])
    assert target.url("http") == "http://127.0.0.1:1/api"
    assert target.url("hl7v2") == "mllp://127.0.0.1:2"
    assert (target.system, target.release, target.environment, target.seed) == ("tiny", "1.0", "process", 7)
    assert (target.users, target.alterations, target.disposable) == ({"doctor": "a-token"}, (alteration,), False)
    assert target.absent == {}


def test_what_is_served_nowhere_is_absent_with_the_reason() -> None:
    """A port that the environment does not publish takes its capabilities with it."""
    target = target_of(order(), "remote", cast("Running", Desk()))
    assert target.url("hl7v2") is None
    assert target.capabilities == {"patients": "http"}
    assert target.absent == {"laboratory": "Tiny cannot be asked over hl7v2 in the environment remote"}
