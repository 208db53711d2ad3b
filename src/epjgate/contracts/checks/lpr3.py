"""Checks of what the national patient register (LPR3) is sent.

A document is one report as it arrived, `{"ReceivedAt": ..., "Report": {...}}`, or for a rule about several versions the
list of all of them in the order of their arrival.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from epjgate.contracts.checks.interface import Document, check
from epjgate.contracts.completeness import Completeness, shortfalls

CLOCKS_DIFFER = timedelta(seconds=2)
LATE = timedelta(days=30)
NULLIFY = "Nullify"
KEYS = {"DocumentId", "Version", "ParentVersion", "Type", "PersonIdentifier", "Sex", "BirthDate", "Contact"}
NOT_IN_THE_FIRST = {"ParentVersion"}
CONTACT_KEYS = {"Identifier", "SorCode", "Begin", "End", "ActionDiagnosis"}
NEEDED_OF_A_CONTACT = {"Identifier", "SorCode", "Begin"}
_SOR = re.compile(r"\d{11,}", re.ASCII)
_SKS = re.compile(r"D[A-Z][0-9]{2}[0-9A-Z]{0,5}")
_LAST_OF_A_MALE = "13579"


@check("lpr3-time-not-in-future")
def time_not_in_future(document: Document) -> Iterator[str]:
    """Rule 00.01."""
    received_at = datetime.fromisoformat(document["ReceivedAt"])
    for name, at in _times(document["Report"]["Contact"]):
        if at > received_at + CLOCKS_DIFFER:
            yield f"Contact.{name} lies {at - received_at} after the report arrived"


@check("lpr3-closed-contact-has-diagnosis")
def closed_contact_has_diagnosis(document: Document) -> Iterator[str]:
    """Rule 05.14, for contacts that ended lately."""
    if _is_closed(document) and not _is_late(document) and not _diagnosis(document):
        yield "Contact.ActionDiagnosis is missing, and the contact has ended"


@check("lpr3-late-closed-contact-has-diagnosis")
def late_closed_contact_has_diagnosis(document: Document) -> Iterator[str]:
    """Rule 05.15, for contacts that ended more than 30 days before they were reported."""
    if _is_closed(document) and _is_late(document) and not _diagnosis(document):
        yield f"Contact.ActionDiagnosis is missing, and the contact ended more than {LATE.days} days ago"


@check("lpr3-sor-code-at-start")
def sor_code_at_start(document: Document) -> Iterator[str]:
    """Rule 05.41, as far as the form of the code tells (dk-core: eleven digits or more)."""
    code = document["Report"]["Contact"]["SorCode"]
    if not _SOR.fullmatch(code):
        yield f"Contact.SorCode is {code!r}, not a SOR code of eleven digits or more"


@check("lpr3-sks-code-in-period")
def sks_code_in_period(document: Document) -> Iterator[str]:
    """Rule 02.51, as far as the form of the code tells."""
    code = _diagnosis(document)
    if code and not _SKS.fullmatch(code):
        yield f"Contact.ActionDiagnosis is {code!r}, not an SKS diagnosis code"


@check("lpr3-birth-date-of-number")
def birth_date_of_number(document: Document) -> Iterator[str]:
    """Integrity code BIRTH_DATES_MISMATCH: day, month and year of the century stand in the number."""
    number, born = document["Report"]["PersonIdentifier"], date.fromisoformat(document["Report"]["BirthDate"])
    if f"{born:%d%m%y}" != number[:6]:
        yield "BirthDate is another day than the one in PersonIdentifier"
    elif number.isdigit() and born.year // 100 * 100 != _century(number):
        yield "BirthDate is in another century than the seventh digit of PersonIdentifier tells"


@check("lpr3-sex-of-number")
def sex_of_number(document: Document) -> Iterator[str]:
    """Integrity code GENDERS_MISMATCH: the last digit is odd for a male."""
    told = document["Report"]["Sex"]
    numbered = "male" if document["Report"]["PersonIdentifier"][-1] in _LAST_OF_A_MALE else "female"
    if told != numbered:
        yield f"Sex is {told!r}, and PersonIdentifier says {numbered!r}"


@check("lpr3-document-well-formed")
def document_well_formed(document: Document) -> Iterator[str]:
    """Integrity code MALFORMED_DOCUMENT_FOUND: keys, types, and letters that are not lost."""
    report = document["Report"]
    needed = KEYS - NOT_IN_THE_FIRST if report["Version"] == 1 else KEYS
    yield from _keys("the report", report, needed, KEYS)
    yield from _keys("Contact", report["Contact"], NEEDED_OF_A_CONTACT, CONTACT_KEYS)
    if report["Type"] not in ("Contact", NULLIFY):
        yield f"Type is {report['Type']!r}"
    texts = [*report.values(), *report["Contact"].values()]
    if any(value is None or value == "" or "\N{REPLACEMENT CHARACTER}" in str(value) for value in texts):
        yield "a value is null, empty or holds a letter that was lost"


@check("lpr3-times-with-offset")
def times_with_offset(document: Document) -> Iterator[str]:
    """A time says how far it is from UTC, so that it is the same moment everywhere."""
    contact = document["Report"]["Contact"]
    for name in ("Begin", "End"):
        if name in contact and datetime.fromisoformat(contact[name]).utcoffset() is None:
            yield f"Contact.{name} is {contact[name]!r}, without an offset from UTC"


@check("lpr3-end-not-before-begin")
def end_not_before_begin(document: Document) -> Iterator[str]:
    """A contact does not end before it begins."""
    times = dict(_times(document["Report"]["Contact"]))
    if "End" in times and times["End"] < times["Begin"]:
        yield "Contact.End lies before Contact.Begin"


@check("lpr3-contact-id-uuid5")
def contact_id_uuid5(document: Document) -> Iterator[str]:
    """The register's identifier of a contact is a UUID of version 5, written in lower case with hyphens."""
    identifier = document["Report"]["Contact"]["Identifier"]
    if UUID(identifier).version != 5 or str(UUID(identifier)) != identifier:
        yield f"Contact.Identifier is {identifier!r}, not a UUID of version 5 in its canonical form"


@check("lpr3-contact-id-stable")
def contact_id_stable(document: Document) -> Iterator[str]:
    """All versions of a document are about one contact (integrity code DUPLICATE_DOCUMENT)."""
    contacts: dict[str, str] = {}
    for arrived in document:
        report = arrived["Report"]
        first = contacts.setdefault(report["DocumentId"], report["Contact"]["Identifier"])
        if report["Contact"]["Identifier"] != first:
            yield f"version {report['Version']} of a document is about another contact than its first one"


@check("lpr3-one-document-a-contact")
def one_document_a_contact(document: Document) -> Iterator[str]:
    """A contact is reported in one document only (integrity code DUPLICATE_DOCUMENT)."""
    documents: dict[str, str] = {}
    for arrived in document:
        report = arrived["Report"]
        first = documents.setdefault(report["Contact"]["Identifier"], report["DocumentId"])
        if report["DocumentId"] != first:
            yield "a contact is reported in a second document"


@check("lpr3-version-builds-on-latest")
def version_builds_on_latest(document: Document) -> Iterator[str]:
    """Integrity code PARENT_DOCUMENT_VERSION_MISMATCH: 1, then each the successor of the one before."""
    latest: dict[str, int] = {}
    for arrived in document:
        report = arrived["Report"]
        known = latest.get(report["DocumentId"], 0)
        if (report["Version"], report.get("ParentVersion", 0)) != (known + 1, known):
            built_on = report.get("ParentVersion", "none")
            yield f"version {report['Version']} builds on {built_on}, and the latest version is {known or 'none'}"
        latest[report["DocumentId"]] = report["Version"]


@check("lpr3-nullify-permanent")
def nullify_permanent(document: Document) -> Iterator[str]:
    """Nothing follows a nullification, and nothing is nullified that was not reported."""
    nullified: set[str] = set()
    reported: set[str] = set()
    for arrived in document:
        report = arrived["Report"]
        if report["DocumentId"] in nullified:
            yield f"version {report['Version']} follows a nullification"
        if report["Type"] == NULLIFY:
            nullified.add(report["DocumentId"])
            if report["DocumentId"] not in reported:
                yield "a document is nullified that was never reported"
        reported.add(report["DocumentId"])


@check("lpr3-fields-filled-as-in-production")
def fields_filled_as_in_production(document: Document) -> Iterator[str]:
    """`{"Production": completeness, "Reports": [...]}`: no fewer reports, and no field in fewer of them."""
    yield from shortfalls(Completeness.model_validate(document["Production"]), document["Reports"])


def _times(contact: Document) -> Iterator[tuple[str, datetime]]:
    yield from ((name, datetime.fromisoformat(contact[name])) for name in ("Begin", "End") if name in contact)


def _is_closed(document: Document) -> bool:
    return document["Report"]["Type"] != NULLIFY and "End" in document["Report"]["Contact"]


def _is_late(document: Document) -> bool:
    ended = datetime.fromisoformat(document["Report"]["Contact"]["End"])
    return datetime.fromisoformat(document["ReceivedAt"]) - ended > LATE


def _diagnosis(document: Document) -> str:
    return str(document["Report"]["Contact"].get("ActionDiagnosis", ""))


def _keys(what: str, found: Document, needed: set[str], known: set[str]) -> Iterator[str]:
    if missing := needed - found.keys():
        yield f"{what} lacks {', '.join(sorted(missing))}"
    if strange := found.keys() - known:
        yield f"{what} has keys that nobody knows: {', '.join(sorted(strange))}"


def _century(number: str) -> int:
    """Return the century of birth by the seventh digit (cpr.dk)."""
    seventh, year = int(number[6]), int(number[4:6])
    if seventh <= 3:
        return 1900
    if seventh in (4, 9):
        return 2000 if year <= 36 else 1900
    return 2000 if year <= 57 else 1800
