"""What may be kept of an exchange."""

from __future__ import annotations

import json
from datetime import date
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.drivers.exchanges import KEPT_CHARACTERS, exchange_of, redacted
from epjgate.model.exchange import Exchange
from epjgate.model.person import Sex
from epjgate.model.redaction import Redactor
from population.cpr import cpr_number
from population.strategies import cpr_numbers, danish_texts

REDACTOR = Redactor(b"a key for tests")
CPR = cpr_number(date(1975, 3, 2), Sex.FEMALE, 7)


def exchange(
    url: str = "http://epj.example/fhir", body: bytes = b"", reply: bytes = b"", error: str | None = None
) -> Exchange:
    headers = {"X-Patient": CPR, "Authorization": "Bearer secret"}
    answer = None if error else (200, {"Location": f"/Patient?cpr={CPR}", "Set-Cookie": "secret"}, reply)
    return exchange_of(REDACTOR, ("GET", url, headers, body), answer, duration_s=0.5, error=error)


def written(cpr: str) -> st.SearchStrategy[str]:
    return st.sampled_from([cpr, f"{cpr[:6]}-{cpr[6:]}", f"{cpr[:6]} {cpr[6:]}"])


@given(data=st.data(), cpr=cpr_numbers(), before=danish_texts(min_size=0), after=danish_texts(min_size=0))
def test_a_cpr_number_is_never_kept(data: st.DataObject, cpr: str, before: str, after: str) -> None:
    """However it is written and wherever it stands, in URL, header, body or error: it is not in the exchange."""
    text = data.draw(written(cpr))
    said = f"{before}ø{text}å{after}"
    bodies = st.sampled_from([said.encode(), json.dumps(said).encode(), json.dumps(said, ensure_ascii=False).encode()])
    urls = st.sampled_from([quote(said), quote_plus(said), said, f"?identifier=urn%3Aoid%3A1.2%7C{quote_plus(text)}"])
    kept = exchange_of(
        REDACTOR,
        ("POST", f"http://epj.example/{data.draw(urls)}", {"X-Note": quote(said)}, data.draw(bodies)),
        (200, {"Location": quote_plus(said)}, data.draw(bodies)),
        duration_s=0.1,
        error=said,
    )
    seen = json.dumps(kept.as_dict(), ensure_ascii=False)
    assert cpr not in seen
    assert cpr[6:] not in seen.replace("[cpr", "").replace(before, "").replace(after, "") or cpr[6:] in before + after
    assert seen.count("[cpr ") == 6


@pytest.mark.parametrize("text", [f"%20{CPR}", f"\\u00e6{CPR}", f"{CPR[:6]}+{CPR[6:]}", quote(f"æ{CPR}")])
def test_a_number_behind_an_escape_is_found(text: str) -> None:
    """Digits of an escape in front of a number do not hide it."""
    shown = redacted(REDACTOR, text)
    assert "[cpr " in shown
    assert CPR[6:] not in shown


@pytest.mark.parametrize("text", ["a%20b+c", "\\u00e6", "date=ge2026-03-29T01:30:00%2B01:00", "100 % ÆØÅ"])
def test_a_text_without_a_number_is_kept_as_it_was_sent(text: str) -> None:
    """Escapes stay, so that the request can be repeated from the evidence."""
    assert redacted(REDACTOR, text) == text


def test_secrets_in_headers_are_not_kept() -> None:
    """Credentials and cookies are replaced, CPR numbers in other headers too."""
    kept = exchange()
    assert kept.request_headers["Authorization"] == kept.response_headers["Set-Cookie"] == "[secret]"
    assert CPR not in kept.request_headers["X-Patient"] + kept.response_headers["Location"]


def test_bodies_are_kept_as_text() -> None:
    """A body that fits is kept whole; no body is None, not an empty text."""
    kept = exchange(body="blødning".encode())
    assert (kept.request_body, kept.response_body, kept.status) == ("blødning", None, 200)


@given(shift=st.integers(-20, 20))
def test_a_long_body_is_cut_with_a_note(shift: int) -> None:
    """A long body is cut, says how long it was, and never ends in half a CPR number."""
    body = b"x" * (KEPT_CHARACTERS - 10 + shift) + CPR.encode() + b"y" * 100
    kept = exchange(reply=body).response_body or ""
    assert len(kept) < KEPT_CHARACTERS
    assert kept.endswith(f"x [cut: {len(body)} bytes in all]")


def test_a_body_at_the_limit_is_kept_whole() -> None:
    """Nothing is cut that fits."""
    assert exchange(reply=b"x" * KEPT_CHARACTERS).response_body == "x" * KEPT_CHARACTERS


def test_a_binary_body_is_described() -> None:
    """Bytes that are no text are counted, not kept."""
    assert exchange(reply=b"\x89PNG\0\0").response_body == "[binary, 6 bytes]"


def test_latin_1_is_shown_with_marks() -> None:
    """A body in another character set is still legible, and still searched for numbers."""
    kept = exchange(reply=f"blødning {CPR}".encode("latin-1")).response_body or ""
    assert kept.startswith("bl\ufffddning [cpr ")


def test_no_answer_has_no_status() -> None:
    """An exchange without an answer says why, redacted."""
    kept = exchange(error=f"refused {CPR}")
    assert (kept.status, kept.response_body, kept.response_headers) == (None, None, {})
    assert (kept.error or "").startswith("refused [cpr ")
