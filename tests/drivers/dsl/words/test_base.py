"""Users, and whom a clinic has met."""

from __future__ import annotations

import pytest

from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.dsl.words.base import Acquaintances, token_of
from epjgate.errors import CapabilityMissing, UsageError
from epjgate.model.target import Target

TARGET = Target(system="epj", release="1", environment="process", endpoints=(), capabilities={})


def test_a_role_has_its_token() -> None:
    """The one that the description names."""
    assert token_of(TARGET.model_copy(update={"users": {"nurse": "secret"}}), "nurse") == "secret"


def test_an_unknown_role_is_a_mistake_of_the_test() -> None:
    """The known ones are named."""
    with pytest.raises(UsageError, match="nobody can sign in as 'porter'") as caught:
        token_of(TARGET.model_copy(update={"users": {"nurse": "a", "doctor": "b"}}), "porter")
    assert "epj knows doctor, nurse" in caught.value.cause


def test_without_users_there_is_no_access_control() -> None:
    """The system's own reason is repeated where it gave one."""
    with pytest.raises(CapabilityMissing, match="names no users"):
        token_of(TARGET, "nurse")
    with pytest.raises(CapabilityMissing, match="everybody is root"):
        token_of(TARGET.model_copy(update={"absent": {"access_control": "everybody is root"}}), "nurse")


def test_access_control_that_is_declared_needs_users() -> None:
    """A description that forgets them is a mistake, and never a reason to leave a test out."""
    declared = TARGET.model_copy(update={"capabilities": {"access_control": "fhir_r4"}})
    with pytest.raises(UsageError, match="nobody can sign in as 'nurse'"):
        token_of(declared, "nurse")


def test_a_number_leads_to_the_patient_last_met_with_it() -> None:
    """A merge leaves two; the later one counts, also where it was met before."""
    met = Acquaintances()
    for name in ("1", "2", "1"):
        met.meet(PatientRef(name), "0203754321")
    assert met.patient_with("0203754321") == PatientRef("1")
    met.meet(PatientRef("2"), "0203754321")
    assert met.patient_with("0203754321") == PatientRef("2")
    assert met.patient_with("0203754322") is None
