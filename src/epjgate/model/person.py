"""A person as the clinic's desk registers one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Sex(StrEnum):
    """Administrative sex; the last digit of a CPR number is odd for men (cpr.dk)."""

    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True)
class Address:
    """A Danish postal address; `line` holds street, number, floor and door."""

    line: str
    postal_code: str
    city: str


@dataclass(frozen=True)
class Person:
    """A synthetic person; `cpr` has ten digits without a hyphen."""

    cpr: str
    given_names: tuple[str, ...]
    family_name: str
    sex: Sex
    birth_date: date
    address: Address

    @property
    def full_name(self) -> str:
        """Given names and family name, separated by single spaces."""
        return " ".join((*self.given_names, self.family_name))
