"""The persons of the script can belong to nobody."""

from __future__ import annotations

from epjgate.model.person import Sex
from epjgate.surfaces.persons import EVERYBODY
from population import century_of, is_valid_date, passes_mod_11


def test_they_are_synthetic_and_consistent() -> None:
    """Each number fails mod 11, tells the birth date and sex that stand beside it, and is no other's."""
    for person in EVERYBODY:
        assert not passes_mod_11(person.cpr)
        assert is_valid_date(person.cpr)
        assert (person.birth_date.month, person.birth_date.day) != (1, 1)
        assert f"{person.birth_date:%d%m%y}" == person.cpr[:6]
        assert century_of(person.cpr) == person.birth_date.year // 100 * 100
        assert (int(person.cpr[-1]) % 2 == 1) is (person.sex is Sex.MALE)
    assert len({person.cpr for person in EVERYBODY}) == len(EVERYBODY)
    assert len({len(person.given_names) for person in EVERYBODY}) > 1, "an optional name must show as optional"
