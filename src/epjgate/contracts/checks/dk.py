"""Checks of what a Danish system sends by FHIR R4 besides numbers: units, protection, names (dk-core 3.7.0).

Each takes a resource or a Bundle and looks at every place in it; a document that holds nothing of what the rule is
about breaks it. Texts name places, never values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from epjgate.contracts.checks.interface import Document, check
from epjgate.contracts.checks.resources import Found, objects, patients, texts

CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
HIDDEN = ("address", "telecom", "text")
"""What tells where somebody lives, the narrative among it."""

# UTF-8 that was read as ISO 8859-1 or Windows-1252: a first byte of a Danish letter, and what became of the second.
_SECOND = "\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122"
_GARBLED = re.compile(f"\ufffd|\\?|[\u00c2\u00c3][{_SECOND}]")


@check("dk-quantity-has-unit")
def quantity_has_unit(document: Document) -> Iterator[str]:
    """A quantity with a value has a unit, in words or as a code."""
    for path, quantity in _quantities(document):
        if not quantity.get("unit") and not quantity.get("code"):
            yield f"{path} has a value and no unit"


@check("dk-quantity-code-names-system")
def quantity_code_names_system(document: Document) -> Iterator[str]:
    """A unit that is a code names the system of the code (FHIR R4, Quantity, qty-3)."""
    for path, quantity in _quantities(document):
        if quantity.get("code") and not quantity.get("system"):
            yield f"{path}.code names no system"


@check("dk-protected-address-hidden")
def protected_address_hidden(document: Document) -> Iterator[str]:
    """A patient under protection is shown without address, telephone and narrative to whoever must not see them."""
    for path, patient in _protected(document):
        yield from (f"{path}{name} is shown" for name in HIDDEN if name in patient)


@check("dk-protection-label-coded")
def protection_label_coded(document: Document) -> Iterator[str]:
    """The label R of a protected patient is coded in the code system of confidentiality."""
    for path, patient in _protected(document):
        for label in patient["meta"]["security"]:
            if label.get("code") == "R" and label.get("system") != CONFIDENTIALITY:
                yield f"{path}meta.security holds R of another code system, or of none"


@check("dk-official-name-has-family")
def official_name_has_family(document: Document) -> Iterator[str]:
    """An official name has a family name."""
    for path, patient in patients(document):
        official = [name for name in patient["name"] if name.get("use") == "official"]
        if not official or not all(name.get("family") for name in official):
            yield f"{path}name holds no official name with a family name"


@check("dk-letters-intact")
def letters_intact(document: Document) -> Iterator[str]:
    """Names and addresses are the letters that were meant: nothing replaced, nothing encoded twice."""
    for path, patient in patients(document):
        for element in ("name", "address"):
            for place, text in texts(patient[element]):
                if _GARBLED.search(text):
                    yield f"{path}{element}{place} holds letters that were garbled on the way"


@check("dk-postal-code-form")
def postal_code_form(document: Document) -> Iterator[str]:
    """A postal code of Denmark is four digits."""
    for path, patient in patients(document):
        for number, address in enumerate(patient["address"]):
            code = str(address.get("postalCode", ""))
            if address.get("country") in (None, "DK", "Danmark") and not re.fullmatch(r"[0-9]{4}", code):
                yield f"{path}address[{number}].postalCode is not four digits"


def _protected(document: Document) -> Found:
    for path, patient in patients(document):
        labels = patient.get("meta", {}).get("security", [])
        if any(label.get("code") == "R" for label in labels):
            yield path, patient
        else:
            raise ValueError("the Patient bears no label R")


def _quantities(document: Document) -> Found:
    """Yield every object with a number for a value, which no other data type of FHIR has but Money."""
    found = [
        (path, one)
        for path, one in objects(document)
        if isinstance(one.get("value"), int | float | Decimal)
        and not isinstance(one["value"], bool)
        and "currency" not in one
    ]
    if not found:
        raise ValueError("there is no quantity")
    yield from found
