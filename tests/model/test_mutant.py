"""Mutants, by name."""

from __future__ import annotations

from epjgate.model.mutant import Mutant, Operator, Place


def test_a_place_is_told_as_people_write_it() -> None:
    """A field with its subject, an exchange in words."""
    field = Place(interface="fhir_r4", subject="Observation", field="valueQuantity.unit")
    whole = Place(interface="fhir_r4", subject="Observation", field="(POST Observation 201)")
    assert (str(field), str(whole)) == ("Observation.valueQuantity.unit", "Observation (POST Observation 201)")
    assert str(Mutant(place=field, operator=Operator.UNIT)) == "fhir_r4 Observation.valueQuantity.unit unit"
    assert field.stratum == whole.stratum == ("fhir_r4", "Observation")
