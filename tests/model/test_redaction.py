"""Redaction: no CPR number passes, whatever it is wrapped in, and nothing else is touched."""

from __future__ import annotations

import json
import re
from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from epjgate.model.person import Sex
from epjgate.model.redaction import Redactor, numbers_in
from population.cpr import REPLACEMENTS, ReplacementKind, replacement_cpr
from population.strategies import birth_dates, cpr_numbers

REDACTOR = Redactor(b"one run")
PSEUDONYM = re.compile(r"\[cpr [0-9a-f]{6}\]")
NUMBER = "1705909998"  # fails mod 11

gaps = st.sampled_from(["", "-", " ", "\u00a0", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "%20", "%2D", "%2d"])
replacements = st.builds(
    replacement_cpr,
    birth_dates(),
    st.sampled_from(Sex),
    st.integers(0, REPLACEMENTS - 1),
    kind=st.sampled_from(ReplacementKind),
)
anywhere = st.text().filter(lambda text: not text[-1:].isascii() or not text[-1:].isdigit())
after = st.text().filter(lambda text: not text[:1].isascii() or not text[:1].isdigit())


def written(number: str, gap: str) -> str:
    return f"{number[:6]}{gap}{number[6:]}"


@given(cpr_numbers() | replacements, gaps, anywhere, after)
@example("1705909998", "", "cpr_", "_")
@example("1705909998", "", "urn:oid:1.2.208.176.1.2|", "")
@example("1705909998", "-", "DK", "dk")
@example("1705909998", "", "\u0665", "\u0665")
def test_no_number_passes_in_any_text(number: str, gap: str, before: str, behind: str) -> None:
    """A number, or a replacement number, is gone with or without a gap, next to anything but a digit."""
    kept = REDACTOR.text(f"{before}{written(number, gap)}{behind}")
    assert PSEUDONYM.search(kept)
    assert written(number, gap) not in kept


@given(cpr_numbers() | replacements, st.sampled_from(["", "-", " "]), st.sampled_from([" ", '"', "|", ":", ",", "("]))
def test_no_number_passes_in_a_url(number: str, gap: str, before: str) -> None:
    """Escaped for a URL a number is found too, also right behind an escape that ends in a digit, as %20 does."""
    escaped = quote(f"{before}{written(number, gap)}", safe="")
    kept = REDACTOR.text(f"GET /Patient?identifier={escaped}&_count=1")
    assert PSEUDONYM.search(kept)
    assert number[-4:] not in kept


@given(cpr_numbers() | replacements, st.sampled_from(["", "æ", "ø", "\u2028", '"', "\\", "\n", "\x01"]))
def test_no_number_passes_in_json_or_in_a_repr(number: str, before: str) -> None:
    """Inside JSON, escaped or not, and inside what Python shows of a text, a number is found."""
    value = {"value": f"{before}{number}"}
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False), ascii(value), repr(value)):
        kept = REDACTOR.text(text)
        assert PSEUDONYM.search(kept), text
        assert number not in kept


@given(cpr_numbers(), cpr_numbers(), st.sampled_from([",", ", ", ";", "|", "\n", "/"]))
def test_neighbours_are_both_found(one: str, other: str, between: str) -> None:
    """Two numbers side by side become two pseudonyms, and the mark between them stays."""
    assert re.fullmatch(
        rf"{PSEUDONYM.pattern}{re.escape(between)}{PSEUDONYM.pattern}", REDACTOR.text(one + between + other)
    )


@given(st.lists(cpr_numbers() | replacements | st.text() | gaps | st.uuids().map(str)).map("".join))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    """What was redacted once stays as it is."""
    once = REDACTOR.text(text)
    assert REDACTOR.text(once) == once


@given(cpr_numbers() | replacements, gaps)
def test_a_number_keeps_its_pseudonym_within_a_run(number: str, gap: str) -> None:
    """However it is written, the same number reads the same, so that a reader can follow a patient."""
    assert REDACTOR.text(written(number, gap)) == Redactor(b"one run").text(number.lower())


@given(st.lists(cpr_numbers(), min_size=8, max_size=8, unique=True))
def test_another_run_has_other_pseudonyms(numbers: list[str]) -> None:
    """Under another key the same numbers read otherwise: bundles cannot be joined on patients."""
    text = ",".join(numbers)
    assert REDACTOR.text(text) != Redactor(b"another run").text(text)
    assert len(set(PSEUDONYM.findall(REDACTOR.text(text)))) >= 7


@given(st.text(st.characters(exclude_categories=["Nd"])))
def test_text_without_digits_stays(text: str) -> None:
    """Where there is no digit there is nothing to take out."""
    assert REDACTOR.text(text) == text


@given(st.uuids())
@example(UUID("ab170590-9998-4abc-8def-0123456789ab"))
@example(UUID("01234567-89ab-4abc-8def-a1705909998b"))
def test_a_uuid_stays(uuid: UUID) -> None:
    """A UUID is an id that a reader looks up, also where a part of it looks like a number."""
    line = f"GET /Patient/{uuid} 200"
    assert REDACTOR.text(line) == line


@pytest.mark.parametrize(
    "text",
    [
        "0005909998",  # day 00
        "3205909998",  # no day, no test number
        "9205909998",
        "1700909998",  # month 00
        "1713909998",
        "17059099989",  # eleven digits
        "170590999",  # nine
        "sha256:17059",
        "2026-11-17T05:09:09.998Z",
        "5790000120314",  # a GLN
    ],
)
def test_other_numbers_stay(text: str) -> None:
    """Digits that are no date with four more digits are kept: a report without numbers explains nothing."""
    assert REDACTOR.text(text) == text


@pytest.mark.parametrize("day", ["61", "77", "91"])
def test_test_numbers_are_taken_out_too(day: str) -> None:
    """A day plus 60 marks a test number; nobody can tell by the look that a site uses them for nobody."""
    assert PSEUDONYM.fullmatch(REDACTOR.text(f"{day}05909998"))


def test_headers_lose_their_secrets_and_their_numbers() -> None:
    """What grants access is replaced whatever the case of its name; other values are redacted as text."""
    kept = REDACTOR.headers(
        {"AUTHORIZATION": "Bearer x", "Set-Cookie": "s=1", "X-Api-Key": "k", "Location": f"/{NUMBER}", "Age": "1"}
    )
    assert kept == {
        "AUTHORIZATION": "[secret]",
        "Set-Cookie": "[secret]",
        "X-Api-Key": "[secret]",
        "Location": "/" + REDACTOR.text(NUMBER),
        "Age": "1",
    }


def test_workers_redact_alike() -> None:
    """A worker that was given the key by its environment uses the same pseudonyms."""
    worker = Redactor(bytes.fromhex(REDACTOR.key_for_workers()))
    assert worker.text(NUMBER) == REDACTOR.text(NUMBER)


def test_an_empty_key_is_refused() -> None:
    """Without a key anyone could try all numbers."""
    with pytest.raises(ValueError, match="must not be empty"):
        Redactor(b"")


def test_the_numbers_of_a_text_are_those_that_would_be_replaced() -> None:
    """CPR numbers and replacement CPR numbers, without a gap and in capitals; a UUID holds none."""
    text = "070261-4082, 0702610ab2, 0702614082, 12345678-0702-6140-8207-026140820702, 9902614082"
    assert numbers_in(text) == ("0702614082", "0702610AB2", "0702614082")
    assert numbers_in(Redactor(b"key").text(text)) == ()
