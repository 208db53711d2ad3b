"""Who may not see a protected address does not learn it from a search, either (INC-0041)."""

from __future__ import annotations

import pytest

from epjgate.drivers.dsl import Epj, PatientRef
from epjgate.model.person import Address

HIDING_PLACE = Address(line="Skærmvænget 7, st. th.", postal_code="9899", city="Lønstrup Hede")


@pytest.mark.parametrize("role", ["doctor", "nurse"])
def test_a_protected_address_is_neither_shown_nor_found(
    epj: Epj, patient: PatientRef, bystander: PatientRef, role: str
) -> None:
    """No way of asking shows the street, and no part of the address finds the patient; the neighbour is found."""
    live_together(epj, patient, bystander)
    epj.protect_address(patient)
    user = epj.signed_in_as(role)
    found = user.find_patients_by_address(HIDING_PLACE)

    assert bystander in found, "a search by address does not find who lives there"
    assert patient not in found, "a search by address finds a patient whose address is protected"
    assert user.address_of(patient) is None, "a protected address is shown"
    assert user.where_address_shows(patient, HIDING_PLACE) == [], "some way of asking shows a protected address"
    assert user.where_address_shows(bystander, HIDING_PLACE) != [], "an address that is not protected is not shown"


def test_who_needs_a_protected_address_has_it(epj: Epj, patient: PatientRef, bystander: PatientRef) -> None:
    """The secretary, who writes the letters, sees and finds what is kept from others: it is hidden, not lost."""
    live_together(epj, patient, bystander)
    epj.protect_address(patient)
    secretary = epj.signed_in_as("secretary")

    assert secretary.address_of(patient) == HIDING_PLACE, "who may see a protected address does not see it"
    assert patient in secretary.find_patients_by_address(HIDING_PLACE), (
        "who may search a protected address finds nobody"
    )


def live_together(epj: Epj, *patients: PatientRef) -> None:
    """Give all of `patients` the same address."""
    for patient in patients:
        epj.change_address(patient, HIDING_PLACE)
