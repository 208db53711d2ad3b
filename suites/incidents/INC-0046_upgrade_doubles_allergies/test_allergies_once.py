"""After an upgrade every allergy stands in the record once (INC-0046)."""

from __future__ import annotations

import earlier
from epjgate.drivers.dsl import Epj


def test_allergies_of_an_earlier_release_are_there_once(epj: Epj) -> None:
    """Each patient has the allergies that the earlier release wrote: none twice, none lost, none for those without."""
    for known in earlier.PATIENTS:
        patient = epj.find_patient_by_cpr(known.person.cpr)
        assert patient is not None, "a patient whom an earlier release registered is gone"
        allergies = epj.allergies_of(patient)
        assert set(known.allergies) <= set(allergies), "an allergy that an earlier release wrote is lost"
        assert allergies == list(known.allergies), "a patient has more allergies than the earlier release wrote"
