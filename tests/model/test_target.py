"""The target: where an interface is, or that it is nowhere."""

from __future__ import annotations

from epjgate.model.target import Endpoint, Target

TARGET = Target(
    system="tiny",
    release="1.0",
    environment="process",
    endpoints=(Endpoint(interface="http", url="http://a"), Endpoint(interface="fhir_r4", url="http://b/fhir")),
    capabilities={"patients": "http"},
)


def test_an_interface_has_its_own_url() -> None:
    """Each interface is found under its own name."""
    assert TARGET.url("http") == "http://a"
    assert TARGET.url("fhir_r4") == "http://b/fhir"


def test_a_missing_interface_has_none() -> None:
    """A system that lacks an interface has no URL for it, rather than another one's."""
    assert TARGET.url("hl7v2") is None


def test_a_target_survives_its_file() -> None:
    """What the gate writes for the suites is what they read."""
    assert Target.model_validate_json(TARGET.model_dump_json()) == TARGET
