"""The checks of LPR3 reports: each finds its own fault, and nothing where there is none."""

from __future__ import annotations

import copy
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.contracts.canaries import try_checks
from epjgate.contracts.checks import CHECKS, violations
from epjgate.contracts.checks.interface import all_checks
from epjgate.contracts.rules import load_rules
from epjgate.model.person import Sex
from population.cpr import SERIALS, ReplacementKind, cpr_number, replacement_cpr

CONTRACTS = Path(__file__).parents[3] / "contracts"
GOOD = CONTRACTS / "lpr3/good"
ABOUT_SEVERAL = (
    "lpr3-contact-id-stable",
    "lpr3-one-document-a-contact",
    "lpr3-version-builds-on-latest",
    "lpr3-nullify-permanent",
)
RULES = sorted(rule for rule in all_checks() if rule.startswith("lpr3-"))


def good(name: str = "report") -> Any:
    """Return a known-good document of the contract."""
    return json.loads((GOOD / f"{name}.json").read_text(encoding="utf-8"))


def with_contact(**contact: Any) -> Any:
    """Return the known-good report with elements of its contact replaced; None takes one away."""
    report = good()
    merged = {**report["Report"]["Contact"], **contact}
    report["Report"]["Contact"] = {name: value for name, value in merged.items() if value is not None}
    return report


def test_every_check_stands_its_canaries() -> None:
    """Sixteen checks, each of which objects to its known-bad document only."""
    canaries = try_checks(CONTRACTS, load_rules(CONTRACTS), {rule: CHECKS[rule] for rule in RULES})
    assert dict(canaries.unfit) == {}
    assert len(canaries.tried) == 16


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule != "lpr3-fields-filled-as-in-production"])
def test_nothing_at_all_breaks_every_rule(rule: str) -> None:
    """What is no report is not let through."""
    assert violations(rule, None) != []
    assert violations(rule, [{"Report": {}}]) != []


@pytest.mark.parametrize("rule", RULES)
def test_good_documents_break_no_rule(rule: str) -> None:
    """A closed contact, reported in time or late, all versions of one, and reports as full as production's."""
    documents = {
        **{about_several: [good("versions")] for about_several in ABOUT_SEVERAL},
        "lpr3-fields-filled-as-in-production": [good("completeness")],
    }.get(rule, [good("report"), good("late_report"), *good("versions")])
    assert [broken for document in documents for broken in violations(rule, document)] == []


@pytest.mark.parametrize(("late_s", "broken"), [(-1, False), (1, False), (3, True), (86400, True)])
def test_clocks_may_differ_by_two_seconds(late_s: int, *, broken: bool) -> None:
    """A time one second ahead of the register's clock is no time in the future."""
    received = datetime.fromisoformat(good()["ReceivedAt"])
    report = with_contact(End=(received + timedelta(seconds=late_s)).isoformat())
    assert bool(violations("lpr3-time-not-in-future", report)) is broken


@pytest.mark.parametrize(
    ("days", "rule"),
    [(0, "lpr3-closed-contact-has-diagnosis"), (31, "lpr3-late-closed-contact-has-diagnosis")],
)
def test_a_missing_diagnosis_breaks_one_of_two_rules(days: int, rule: str) -> None:
    """05.14 up to 30 days after the end, 05.15 afterwards; an open contact and a nullification break neither."""
    report = with_contact(ActionDiagnosis=None)
    ended = datetime.fromisoformat(report["Report"]["Contact"]["End"])
    report["ReceivedAt"] = (ended + timedelta(days=days, seconds=5)).isoformat()
    both = ("lpr3-closed-contact-has-diagnosis", "lpr3-late-closed-contact-has-diagnosis")
    assert [one for one in both if violations(one, report)] == [rule]
    withdrawn = copy.deepcopy(report)
    withdrawn["Report"]["Type"] = "Nullify"
    open_one = with_contact(End=None, ActionDiagnosis=None)
    assert [one for one in both for other in (withdrawn, open_one) if violations(one, other)] == []


@pytest.mark.parametrize("code", ["", "1234567890", "9900000000000A", "99 000000000001"])
def test_a_sor_code_has_eleven_digits(code: str) -> None:
    """And nothing but digits."""
    assert violations("lpr3-sor-code-at-start", with_contact(SorCode=code)) != []


@pytest.mark.parametrize(
    ("code", "broken"),
    [("DI10", False), ("DZ038PE01", False), ("I109", True), ("DI10.9", True), ("di109", True), ("DI109 ", True)],
)
def test_an_sks_code_has_its_form(code: str, *, broken: bool) -> None:
    """D, a letter, two digits, up to five more places."""
    assert bool(violations("lpr3-sks-code-in-period", with_contact(ActionDiagnosis=code))) is broken


@given(
    born=st.dates(date(1900, 1, 2), date(2025, 12, 31)).filter(lambda day: (day.month, day.day) != (1, 1)),
    sex=st.sampled_from(Sex),
    serial=st.integers(0, SERIALS - 1),
)
def test_every_number_tells_its_own_birth_date_and_sex(born: date, sex: Sex, serial: int) -> None:
    """No person is objected to, and the same person with another century or sex is."""
    report = good()
    number = cpr_number(born, sex, serial)
    report["Report"].update(PersonIdentifier=number, Sex=sex.value, BirthDate=born.isoformat())
    assert violations("lpr3-birth-date-of-number", report) == []
    assert violations("lpr3-sex-of-number", report) == []
    moved = f"{born.year - 100:04}{born.isoformat()[4:]}" if (born.month, born.day) != (2, 29) else "1899-03-01"
    report["Report"].update(Sex="male" if sex is Sex.FEMALE else "female", BirthDate=moved)
    assert violations("lpr3-birth-date-of-number", report) != []
    assert violations("lpr3-sex-of-number", report) != []


def test_a_replacement_number_tells_day_and_sex() -> None:
    """Its century is another table's; the rest is checked."""
    report, born = good(), date(1948, 5, 17)
    number = replacement_cpr(born, Sex.MALE, 17, kind=ReplacementKind.NATIONAL)
    report["Report"].update(PersonIdentifier=number, Sex="male", BirthDate="1948-05-17")
    assert violations("lpr3-birth-date-of-number", report) == []
    assert violations("lpr3-sex-of-number", report) == []
    report["Report"]["BirthDate"] = "1948-05-18"
    assert violations("lpr3-birth-date-of-number", report) != []


@pytest.mark.parametrize(
    "change",
    [{"ActionDiagnosis": ""}, {"SorCode": "B\ufffdrn"}, {"Begin": None}, {"Identifier": None}, {"Ward": "Ø"}],
)
def test_a_report_is_well_formed(change: dict[str, Any]) -> None:
    """Nothing empty, nothing lost, nothing missing, nothing strange."""
    assert violations("lpr3-document-well-formed", with_contact(**change)) != []


def test_a_first_version_has_no_parent_and_a_later_one_needs_it() -> None:
    """The key is missing or there, as the version says."""
    report = good()
    del report["Report"]["ParentVersion"]
    assert violations("lpr3-document-well-formed", report) != []
    report["Report"]["Version"] = 1
    assert violations("lpr3-document-well-formed", report) == []


@pytest.mark.parametrize("versions", [[2], [1, 1], [1, 3], [1, 2, 2]])
def test_versions_follow_each_other(versions: list[int]) -> None:
    """No gap, no repeat, no start in the middle."""
    course = []
    for number in versions:
        report = good()
        report["Report"].update(Version=number, ParentVersion=number - 1)
        course.append(report)
    assert violations("lpr3-version-builds-on-latest", course) != []


def test_two_contacts_may_be_reported_in_turn() -> None:
    """Versions are counted for each document by itself."""
    other = json.loads(json.dumps(good("versions")).replace("b7a4a1c8", "b7a4a1c9").replace("6c1f31c2", "6c1f31c3"))
    mixed = [report for pair in zip(good("versions"), other, strict=True) for report in pair]
    for rule in ("lpr3-contact-id-stable", "lpr3-one-document-a-contact", "lpr3-version-builds-on-latest"):
        assert violations(rule, mixed) == []
    assert violations("lpr3-nullify-permanent", mixed) == []


def test_what_was_never_reported_is_not_nullified() -> None:
    """A nullification alone is wrong."""
    assert violations("lpr3-nullify-permanent", good("versions")[2:]) != []
