"""A person's name as the desk reads it."""

from __future__ import annotations

from datetime import date

from epjgate.model.person import Address, Person, Sex


def test_a_full_name_keeps_all_given_names_in_order() -> None:
    """Given names come first, as they were given, then the family name."""
    address = Address(line="Attrapvej 1", postal_code="8000", city="Aarhus C")
    person = Person("1705909998", ("Åse", "Ida"), "Bæk Høj", Sex.FEMALE, date(1990, 5, 17), address)
    assert person.full_name == "Åse Ida Bæk Høj"
