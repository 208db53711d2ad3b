"""The national patient register (LPR3): contact reports, judged against what was reported before.

Source: the register's rule sheet and integrity codes (scandihealth/lpr3-docs); the JSON form is this project's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, JsonValue

from epjgate.model.person import Sex
from epjgate.partners.documents import (
    Count,
    Day,
    Document,
    Malformed,
    Moment,
    PersonIdentifier,
    Text,
    Uuid,
    is_before,
    json_object,
    moment,
    parse,
)
from epjgate.partners.http_messages import HttpJudgement, HttpRequest, HttpRules, accepted, again, refused
from epjgate.partners.person_number import read_number

_SOR = re.compile(r"\d{11,}", re.ASCII)  # dk-core: eleven digits or more
_SKS_DIAGNOSIS = re.compile(r"D[A-Z][0-9]{2}[0-9A-Z]{0,5}")
_CLOCKS_DIFFER = timedelta(seconds=2)
_EARLIEST_ZONE = timedelta(hours=14)  # a day has begun when it has begun somewhere


class _Contact(Document):
    identifier: Uuid
    sor_code: Text
    begin: Moment
    end: Moment = ""
    action_diagnosis: Text = ""


class _Report(Document):
    document_id: Uuid
    version: Annotated[Count, Field(ge=1)]
    parent_version: Annotated[Count, Field(ge=1)] = 0
    type: Literal["Contact", "Nullify"]
    person_identifier: PersonIdentifier
    sex: Sex
    birth_date: Day
    contact: _Contact


@dataclass
class _Stored:
    """A document of the register: its versions by number, and whether it is nullified."""

    contact: str
    versions: dict[int, dict[str, JsonValue]] = field(default_factory=dict)
    nullified: bool = False


@dataclass(frozen=True)
class _Mistake:
    code: str
    text: str


class NationalRegister(HttpRules):
    """Plays LPR3: documents with versions, one document a contact."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Forget all reports."""
        self._documents: dict[str, _Stored] = {}
        self._document_of: dict[str, str] = {}

    def judge(self, message: HttpRequest, now: datetime) -> HttpJudgement:
        """Judge a report: its form, then its integrity, then the business rules; only the first level that fails tells.

        An equal repeat of an accepted report is answered as before.
        """
        if (message.method, message.steps) != ("POST", ("reports",)):
            return refused(404, {"Errors": []}, "LPR3 has no such operation")
        try:
            report, content = parse(message.body, _Report), json_object(message.body)
        except Malformed as err:
            return _refused([_Mistake("MALFORMED_DOCUMENT_FOUND", str(err))])
        stored = self._documents.get(report.document_id.lower())
        if stored and stored.versions.get(report.version) == content:
            return again(_accepted().answer)
        mistakes = [*_form(report), *_person(report)] or self._integrity(report, stored) or _business(report, now)
        if mistakes:
            return _refused(mistakes)
        self._store(report, content)
        return _accepted()

    def refusal(self, message: HttpRequest) -> HttpJudgement:  # noqa: ARG002 - whatever the content is
        """Return status 422."""
        return _refused([_Mistake("REFUSED", "the receiver refuses this message")])

    def _integrity(self, report: _Report, stored: _Stored | None) -> list[_Mistake]:
        reported_in = self._document_of.get(report.contact.identifier.lower(), report.document_id.lower())
        if reported_in != report.document_id.lower():
            return [_Mistake("DUPLICATE_DOCUMENT", "the contact was reported in another document")]
        if stored and report.version in stored.versions:
            return [_Mistake("DUPLICATE_DOCUMENT", "this version of the document was reported with other content")]
        if stored and stored.contact != report.contact.identifier.lower():
            return [_Mistake("DUPLICATE_DOCUMENT", "the document was reported for another contact")]
        return _parent(report, stored)

    def _store(self, report: _Report, content: dict[str, JsonValue]) -> None:
        contact = report.contact.identifier.lower()
        stored = self._documents.setdefault(report.document_id.lower(), _Stored(contact))
        stored.versions[report.version] = content
        stored.nullified = report.type == "Nullify"
        self._document_of[contact] = report.document_id.lower()


def _form(report: _Report) -> list[_Mistake]:
    """Return what breaks the form of a contact."""
    contact = report.contact
    mistakes = []
    if UUID(contact.identifier).version != 5:
        mistakes.append(_Mistake("MALFORMED_DOCUMENT_FOUND", "Contact.Identifier is no UUID of version 5"))
    if contact.end and is_before(contact.end, contact.begin):
        mistakes.append(_Mistake("MALFORMED_DOCUMENT_FOUND", "Contact.End lies before Contact.Begin"))
    return mistakes


def _person(report: _Report) -> list[_Mistake]:
    """Return where the person of the report is not the one whose number it bears."""
    holder = read_number(report.person_identifier)
    mistakes = []
    if report.birth_date != holder.birth_date.isoformat():
        mistakes.append(_Mistake("BIRTH_DATES_MISMATCH", "BirthDate is not that of the person's number"))
    if report.sex is not holder.sex:
        mistakes.append(_Mistake("GENDERS_MISMATCH", "Sex is not that of the person's number"))
    return mistakes


def _parent(report: _Report, stored: _Stored | None) -> list[_Mistake]:
    """Return whether the report builds on the latest version; a nullified document can have no successor."""
    latest = max(stored.versions) if stored else 0
    if stored and stored.nullified:
        reason = "the document is nullified, which is permanent"
    elif report.type == "Nullify" and not stored:
        reason = "there is no document to nullify"
    elif not stored and report.version != 1:
        reason = "a document begins with version 1"
    elif report.parent_version != latest or report.version <= latest:
        reason = f"the latest version is {latest}, the report is version {report.version} of {report.parent_version}"
    else:
        return []
    return [_Mistake("PARENT_DOCUMENT_VERSION_MISMATCH", reason)]


def _business(report: _Report, now: datetime) -> list[_Mistake]:
    """Return which business rules the contact breaks; a nullification is not asked."""
    contact = report.contact
    if report.type == "Nullify":
        return []
    mistakes = []
    if any(_lies_after(now, at) for at in (contact.begin, contact.end) if at):
        mistakes.append(_Mistake("00.01", "a time lies in the future"))
    if contact.end and not contact.action_diagnosis:
        mistakes.append(_Mistake("05.14", "a closed contact needs an action diagnosis"))
    if not _SOR.fullmatch(contact.sor_code):
        mistakes.append(_Mistake("05.41", "SorCode is no SOR code: eleven digits or more"))
    if contact.action_diagnosis and not _SKS_DIAGNOSIS.fullmatch(contact.action_diagnosis):
        mistakes.append(_Mistake("02.51", "ActionDiagnosis is no SKS diagnosis code"))
    return mistakes


def _lies_after(now: datetime, text: str) -> bool:
    at = moment(text)
    if isinstance(at, datetime):
        return at > now + _CLOCKS_DIFFER
    return at > (now + _EARLIEST_ZONE).date()


def _accepted() -> HttpJudgement:
    return accepted(200, {"Accepted": True})


def _refused(mistakes: list[_Mistake]) -> HttpJudgement:
    errors = [{"Code": mistake.code, "Text": mistake.text} for mistake in mistakes]
    return refused(422, {"Errors": errors}, "; ".join(f"{mistake.code}: {mistake.text}" for mistake in mistakes))
