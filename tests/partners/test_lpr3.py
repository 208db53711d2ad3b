"""The register takes contacts one by one, each once, and says which rule a report breaks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.partners.messages import IMPOSSIBLE, ONE, OTHER, Content, post, report

from epjgate.model.person import Sex
from epjgate.partners.http_messages import HttpJudgement, HttpRequest
from epjgate.partners.lpr3 import NationalRegister

NOW = datetime(2024, 3, 20, 12, tzinfo=UTC)
CLOSED = {"End": "2024-03-15T08:00:00+01:00", "ActionDiagnosis": "DI109"}


@pytest.fixture
def register() -> NationalRegister:
    """A register without reports."""
    return NationalRegister()


def judge(register: NationalRegister, content: Content) -> HttpJudgement:
    return register.judge(post("/reports", content), NOW)


def codes(judgement: HttpJudgement) -> list[str]:
    errors = judgement.answer.content["Errors"]
    assert isinstance(errors, list)
    assert judgement.answer.status == 422
    assert not judgement.accepted
    assert all(error["Code"] in judgement.reason for error in errors)
    return [error["Code"] for error in errors]


def test_a_contact_goes_through_its_life(register: NationalRegister) -> None:
    """Begun, ended with a diagnosis, nullified: each version builds on the one before."""
    for content in (
        report(),
        report(CLOSED, Version=2, ParentVersion=1),
        report(CLOSED, Version=3, ParentVersion=2, Type="Nullify"),
    ):
        judgement = judge(register, content)
        assert (judgement.accepted, judgement.answer.content) == (True, {"Accepted": True})


def test_an_equal_repeat_is_accepted_once(register: NationalRegister) -> None:
    """A sender who lost the answer may send again; nothing is stored twice."""
    judge(register, report())
    again = judge(register, report())
    assert (again.accepted, again.repeated) == (True, True)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (report({"SorCode": "99000000000002"}), "DUPLICATE_DOCUMENT"),
        (report(DocumentId="2b6e1bd0-7a3e-4f5e-9a55-0b6e6f1f8a01"), "DUPLICATE_DOCUMENT"),
        (report({"Identifier": "b0a52c28-7d44-5a2c-8d5c-86f5d0ab5e11"}, Version=2, ParentVersion=1),
         "DUPLICATE_DOCUMENT"),
        (report(Version=2), "PARENT_DOCUMENT_VERSION_MISMATCH"),
        (report(Version=3, ParentVersion=2), "PARENT_DOCUMENT_VERSION_MISMATCH"),
    ],
    ids=["other content", "other document", "other contact", "no parent", "unknown parent"],
)  # fmt: skip
def test_reports_are_judged_by_what_is_stored(register: NationalRegister, content: Content, code: str) -> None:
    """After the first report: what reports the contact anew, or builds on another version than the latest."""
    judge(register, report())
    assert codes(judge(register, content)) == [code]


@pytest.mark.parametrize("content", [report(Version=2, ParentVersion=1), report(Version=2), report(Type="Nullify")])
def test_what_has_no_beginning_is_refused(register: NationalRegister, content: Content) -> None:
    """A second version without a first, a nullification of nothing."""
    assert codes(judge(register, content)) == ["PARENT_DOCUMENT_VERSION_MISMATCH"]


def test_versions_go_up(register: NationalRegister) -> None:
    """A version may be left out; one that was passed over cannot come afterwards."""
    judge(register, report())
    assert judge(register, report(CLOSED, Version=3, ParentVersion=1)).accepted
    assert codes(judge(register, report(Version=2, ParentVersion=3))) == ["PARENT_DOCUMENT_VERSION_MISMATCH"]


def test_nullified_is_for_ever(register: NationalRegister) -> None:
    """No later version is accepted, whatever it builds on."""
    judge(register, report())
    judge(register, report(Version=2, ParentVersion=1, Type="Nullify"))
    assert codes(judge(register, report(Version=3, ParentVersion=2))) == ["PARENT_DOCUMENT_VERSION_MISMATCH"]


def test_a_refused_version_is_not_stored(register: NationalRegister) -> None:
    """The corrected one takes its place."""
    judge(register, report())
    broken = report({"End": CLOSED["End"]}, Version=2, ParentVersion=1)
    assert codes(judge(register, broken)) == ["05.14"]
    assert judge(register, report(CLOSED, Version=2, ParentVersion=1)).accepted


@pytest.mark.parametrize(
    ("contact", "code"),
    [
        ({"Begin": "2024-03-20T13:00:03+01:00"}, "00.01"),
        ({"Begin": "2024-03-22"}, "00.01"),
        ({"End": "2024-03-21T08:00:00+01:00", "ActionDiagnosis": "DI109"}, "00.01"),
        ({"End": "2024-03-15T08:00:00+01:00"}, "05.14"),
        ({"SorCode": "1234567890"}, "05.41"),
        ({"ActionDiagnosis": "I10.9"}, "02.51"),
        ({"ActionDiagnosis": "di109"}, "02.51"),
        ({"End": "2024-03-13T08:00:00+01:00", "ActionDiagnosis": "DI109"}, "MALFORMED_DOCUMENT_FOUND"),
        ({"Identifier": "2b6e1bd0-7a3e-4f5e-9a55-0b6e6f1f8a01"}, "MALFORMED_DOCUMENT_FOUND"),
        ({"Identifier": "{b0a52c28-7d44-5a2c-8d5c-86f5d0ab5e11}"}, "MALFORMED_DOCUMENT_FOUND"),
        ({"ActionDiagnosis": None}, "MALFORMED_DOCUMENT_FOUND"),
        ({"Ward": "M1"}, "MALFORMED_DOCUMENT_FOUND"),
    ],
)
def test_each_rule_of_a_contact_has_its_code(register: NationalRegister, contact: Content, code: str) -> None:
    """One mistake, one code."""
    assert codes(judge(register, report(contact))) == [code]


@pytest.mark.parametrize("contact", [{"Begin": "2024-03-20T13:00:01+01:00"}, {"Begin": "2024-03-21"}, CLOSED])
def test_the_edges_are_accepted(register: NationalRegister, contact: Content) -> None:
    """Clocks that differ by a second, a day that has begun somewhere, a closed contact with a diagnosis."""
    assert judge(register, report(contact)).accepted


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"BirthDate": OTHER.birth_date.isoformat()}, ["BIRTH_DATES_MISMATCH"]),
        ({"Sex": "male" if ONE.sex is Sex.FEMALE else "female"}, ["GENDERS_MISMATCH"]),
        ({"Sex": "unknown"}, ["MALFORMED_DOCUMENT_FOUND"]),
        ({"BirthDate": "19240314"}, ["MALFORMED_DOCUMENT_FOUND"]),
        ({"PersonIdentifier": IMPOSSIBLE}, ["MALFORMED_DOCUMENT_FOUND"]),
        ({"Version": 0}, ["MALFORMED_DOCUMENT_FOUND"]),
        ({"Type": "Delete"}, ["MALFORMED_DOCUMENT_FOUND"]),
        ({"Contact": None}, ["MALFORMED_DOCUMENT_FOUND"]),
    ],
)
def test_the_person_is_who_the_number_says(register: NationalRegister, elements: Content, expected: list[str]) -> None:
    """Birth date and sex agree with the number; the form is judged before."""
    assert codes(judge(register, report(**elements))) == expected


def test_letters_that_are_not_utf8_are_malformed(register: NationalRegister) -> None:
    """æøå in another character set is the code's classic case."""
    body = '{"Note": "Ærø"}'.encode("latin-1")
    assert codes(register.judge(HttpRequest("POST", "/reports", body), NOW)) == ["MALFORMED_DOCUMENT_FOUND"]


def test_other_operations_do_not_exist(register: NationalRegister) -> None:
    """They are refused, not ignored."""
    judgement = register.judge(HttpRequest("PUT", "/reports", b""), NOW)
    assert (judgement.accepted, judgement.answer.status) == (False, 404)
