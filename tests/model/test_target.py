"""The target: where an interface is, or that it is nowhere."""

from __future__ import annotations

from epjgate.model.alteration import Alteration
from epjgate.model.target import Earlier, Endpoint, Target

TARGET = Target(
    system="tiny",
    release="1.0",
    environment="process",
    endpoints=(Endpoint(interface="http", url="http://a"), Endpoint(interface="fhir_r4", url="http://b/fhir")),
    capabilities={"patients": "http"},
    users={"doctor": "a-token"},
    partners="http://127.0.0.1:1/x",
    alterations=(Alteration.model_validate({"action": "lose", "match": {"method": "POST", "path": "/fhir"}}),),
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


def test_the_earlier_release_is_asked_only_for_what_its_own_service_speaks() -> None:
    """Users and receivers are the candidate's; nothing alters its answers, and what it does not speak is absent."""
    earlier = Earlier(release="0.9", endpoints=(Endpoint(interface="http", url="http://c"),))
    capabilities = {"patients": "http", "laboratory": "fhir_r4", "shared_medication_record": "partners"}
    beside = TARGET.model_copy(update={"earlier": earlier, "capabilities": capabilities}).at_earlier(earlier)
    assert (beside.release, beside.url("http"), beside.url("fhir_r4")) == ("0.9", "http://c", None)
    assert beside.capabilities == {"patients": "http", "shared_medication_record": "partners"}
    assert "0.9 is asked here only for" in beside.absent["laboratory"]
    assert (beside.users, beside.partners) == (TARGET.users, TARGET.partners)
    assert (beside.alterations, beside.earlier) == ((), None)
