"""Letters: what was written is what is read, in every character set and whatever stands in the text (2.7, MSH-18)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from epjgate.drivers.fhir import Resource, value_at
from epjgate.drivers.hl7v2 import Acknowledged, Charset, Raw
from epjgate.model.person import Person
from population.hl7v2 import MORNING, REPORT, Correspondent, comment, measured, observation

Known = Callable[[Person], str]
ResultsOf = Callable[[str], list[Resource]]
Tell = Callable[[bytes], Acknowledged]
TellAll = Callable[..., list[Acknowledged]]
TextsOf = Callable[[str], list[str]]

FEW = settings(
    max_examples=5, deadline=None, database=None, phases=[Phase.explicit, Phase.generate], report_multiple_bugs=False
)
BATCH = 12
PRINTABLE = {
    # The upper half of ISO 8859-1, without its control characters.
    Charset.LATIN_1: "".join(map(chr, [*range(0x21, 0x7F), *range(0xA1, 0x100)])),
    Charset.UTF_8: "".join(map(chr, range(0x21, 0x7F))) + "æøåÆØÅäöüéßµ°§½€\u2013\u2028≥→μΩЖ中😀\u0301\u00a0",
}


def texts(charset: Charset) -> st.SearchStrategy[str]:
    """Texts of letters of `charset`, separators and escapes among them; never blank at either end."""
    letters = st.sampled_from(PRINTABLE[charset])
    separators = st.sampled_from(["|", "^", "&", "~", "\\", "\\F\\", "\\.br\\", "\\X0D\\", "MSH|", "\n", " ", "\\\\"])
    middle = st.lists(letters | separators, max_size=40).map("".join)
    return st.builds("{}{}{}".format, letters, middle, letters)


@pytest.mark.rule("hl7v2-text-arrives-whole", "hl7v2-escapes-of-separators", "hl7v2-escape-of-line-break")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("charset", Charset)
@pytest.mark.parametrize("kind", ["TX", "ST", "FT"])
def test_any_text_arrives_letter_by_letter(
    tell_all: TellAll,
    laboratory: Correspondent,
    people: Callable[[int], list[Person]],
    known: Known,
    results_of: ResultsOf,
    texts_of: TextsOf,
    charset: Charset,
    kind: str,
) -> None:
    """As a report, as a short value and as formatted text: separators, escapes, line breaks and all letters."""

    @FEW
    @given(st.lists(texts(charset), min_size=1, max_size=BATCH))
    def arrive(written: list[str]) -> None:
        (person,) = people(1)
        patient = known(person)
        messages = [
            laboratory.results(
                person, observation(kind, text, code=REPORT, at=MORNING + timedelta(minutes=n)), charset=charset
            )
            for n, text in enumerate(written)
        ]
        assert {answer.code for answer in tell_all(*messages)} == {"AA"}
        if kind == "ST":
            assert [value_at(one, "valueString") for one in results_of(patient)] == written
        else:
            assert texts_of(patient) == written

    arrive()


@pytest.mark.rule("hl7v2-charset-latin-1", "hl7v2-charset-utf-8")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("charset", Charset)
def test_every_letter_of_a_character_set_arrives(
    tell: Tell,
    laboratory: Correspondent,
    admissions: Correspondent,
    person: Person,
    known: Known,
    found: Callable[[Person], list[Resource]],
    results_of: ResultsOf,
    charset: Charset,
) -> None:
    """In a name, in an address, in the name of an analysis, in a comment and in a value."""
    patient = known(person)
    letters = PRINTABLE[charset].replace("\u00a0", "")
    renamed = Person(person.cpr, (f"Å{letters[:60]}",), f"Ø{letters}", person.sex, person.birth_date, person.address)
    assert tell(admissions.correction(renamed, charset=charset)).code == "AA"
    (read,) = found(person)
    assert value_at(read, "name", 0, "family") == renamed.family_name
    assert " ".join(value_at(read, "name", 0, "given")) == renamed.given_names[0]

    result = observation("ST", letters, code=("N1", f"P-{letters}", "NPU"))
    assert tell(laboratory.results(person, result, comment(letters), charset=charset)).code == "AA"
    (stored,) = results_of(patient)
    assert value_at(stored, "code", "coding", 0, "display") == f"P-{letters}"
    assert value_at(stored, "valueString") == letters
    assert value_at(stored, "note", 0, "text") == letters


@pytest.mark.rule("hl7v2-charset-unknown")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("named", ["ISO IR87", "8859/99", "EBCDIC", "UNICODE UTF-16"])
def test_an_unknown_character_set_is_refused(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf, named: str
) -> None:
    """Refused, with an answer that can be read, and nothing is stored as somebody guesses."""
    patient = known(person)
    message = laboratory.results(person, observation("ST", "blødning"))
    answer = tell(message.replace(b"UNICODE UTF-8", named.encode()))
    assert answer.code in ("AE", "AR")
    assert results_of(patient) == []


@pytest.mark.rule("hl7v2-charset-broken-bytes")
@pytest.mark.severity("blocker")
def test_bytes_of_another_character_set_are_refused(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf
) -> None:
    """ISO 8859-1 that calls itself UTF-8: no letter is left out, none is replaced, for the message is refused."""
    patient = known(person)
    message = laboratory.results(person, observation("ST", "ingen blødning"), charset=Charset.LATIN_1)
    answer = tell(message.replace(b"|8859/1", b"|UNICODE UTF-8"))
    assert answer.code in ("AE", "AR")
    assert results_of(patient) == []


@pytest.mark.rule("hl7v2-escapes-of-separators", "hl7v2-escape-of-line-break")
@pytest.mark.severity("critical")
def test_each_escape_sequence_is_what_it_stands_for(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, texts_of: TextsOf
) -> None:
    """Written by hand, side by side, and also as the escape of an escape."""
    patient = known(person)
    written = Raw(r"a\F\b\S\c\T\d\R\e\E\f\.br\g\E\F\E\h")
    assert tell(laboratory.results(person, observation("TX", written, code=REPORT))).code == "AA"
    assert texts_of(patient) == ["a|b^c&d~e\\f\ng\\F\\h"]


@pytest.mark.rule("hl7v2-escape-unknown-is-kept")
@pytest.mark.severity("critical")
@pytest.mark.parametrize("sequence", [r"\H\ingen\N\ ", r"\Zxy\ ", r"\X41\ ", r"\.in+4\ ", "\\"])
def test_an_unknown_escape_takes_no_text_away(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, texts_of: TextsOf, sequence: str
) -> None:
    """Highlighting, a local sequence, a hexadecimal one, an indent, a lone backslash: the words around it stay."""
    patient = known(person)
    written = Raw(f"Der ses {sequence}ingen blødning")
    answer = tell(laboratory.results(person, observation("FT", written, code=REPORT)))
    if answer.code == "AA":
        (stored,) = texts_of(patient)
        assert stored.startswith("Der ses ")
        assert stored.endswith("ingen blødning")
        assert ("ingen" in sequence) == (stored.count("ingen") == 2)
    else:
        assert texts_of(patient) == []


@pytest.mark.rule("hl7v2-header-letters-are-text")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize(
    "text", ["MSH2 og MSH6 mangler", "MSH|^~\\&|LAB", "Fund:\nMSH|^~\\&|\nPID|1||x", "slut på MSH"]
)
def test_the_letters_of_a_header_are_a_text(
    tell: Tell,
    laboratory: Correspondent,
    person: Person,
    known: Known,
    results_of: ResultsOf,
    texts_of: TextsOf,
    text: str,
) -> None:
    """In a report, in a comment and in the name of an analysis: one message, one answer, every letter."""
    patient = known(person)
    report = observation("TX", text, code=REPORT)
    number = measured("140", code=("N1", text.replace("\n", " "), "NPU"))
    assert tell(laboratory.results(person, number, comment(text), report)).code == "AA"
    (result,) = results_of(patient)
    assert value_at(result, "note", 0, "text") == text
    assert value_at(result, "code", "coding", 0, "display") == text.replace("\n", " ")
    assert texts_of(patient) == [text]
