"""Checks of what the shared medication record (FMK) is sent.

A document is the body of one creation or update, or for a rule about several of them the list of all that were accepted
about one drug medication, in the order of their arrival.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

from epjgate.contracts.checks.interface import Document, check

STATUSES = ("Active", "Completed", "Stopped", "EnteredInError")
DAY_S = 86_400
KEYS = {"MessageId", "PersonIdentifier", "MedicineCardVersion", "DrugMedication"}
MEDICATION_KEYS = {"Identifier", "Drug", "Strength", "Dosage", "BeginDate", "Status"}
SOMETIMES = {"EndDate", "Pause"}
PART_KEYS = {
    "Drug": {"AtcCode", "Name"},
    "Strength": {"Value", "Unit"},
    "Dosage": {"Quantity", "Unit", "IntervalSeconds", "Text"},
}
_ATC = re.compile(r"[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}")
_PLAIN_DECIMAL = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)
_NUMBER = re.compile(r"(?P<whole>[0-9]+)?(?:(?P<fraction>[½¼¾])|,(?P<decimals>[0-9]+))?")
_FRACTIONS = {"½": Decimal("0.5"), "¼": Decimal("0.25"), "¾": Decimal("0.75")}
# How Danish labels say how often, and the seconds between two intakes.
_EVERY = re.compile(r"hver (?:(?P<count>[0-9]+)\. )?(?P<unit>time|dag|uge)\b")
_TIMES_A_DAY = re.compile(r"(?P<count>[0-9]+) gange? (?:daglig|om dagen)")
_UNITS_S = {"time": 3_600, "dag": DAY_S, "uge": 7 * DAY_S}
_DAILY = re.compile(r"\bhver (?:morgen|aften|nat)\b|\b1 gang daglig|\bdaglig")
_WEEKLY = re.compile(r"\bugentlig|\bom ugen\b")


@check("fmk-message-well-formed")
def message_well_formed(document: Document) -> Iterator[str]:
    """All keys known, all needed ones there, none null: to leave a key out is how one says that there is nothing."""
    medication = document["DrugMedication"]
    yield from _keys("the message", document, KEYS, set())
    yield from _keys("DrugMedication", medication, MEDICATION_KEYS, SOMETIMES)
    for name, keys in PART_KEYS.items():
        yield from _keys(name, medication[name], keys, set())
    yield from (f"{path} is null" for path, value in _values(document) if value is None)


@check("fmk-message-id-uuid")
def message_id_uuid(document: Document) -> Iterator[str]:
    """A message is told from all others by a UUID."""
    if str(UUID(document["MessageId"])) != document["MessageId"].lower():
        yield "MessageId is no UUID in its canonical form"


@check("fmk-message-id-of-its-own")
def message_id_of_its_own(document: Document) -> Iterator[str]:
    """Two changes never share a MessageId: the second would be taken for a repeat, and be lost."""
    seen: set[str] = set()
    for message in document:
        if message["MessageId"] in seen:
            yield "two changes have the same MessageId"
        seen.add(message["MessageId"])


@check("fmk-card-version-named")
def card_version_named(document: Document) -> Iterator[str]:
    """Every write names the version of the card that its sender has seen."""
    version = document["MedicineCardVersion"]
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        yield f"MedicineCardVersion is {version!r}, not a whole number from 0"


@check("fmk-card-version-rises")
def card_version_rises(document: Document) -> Iterator[str]:
    """Each accepted write is built on a newer card than the one before."""
    versions = [message["MedicineCardVersion"] for message in document]
    for earlier, later in pairwise(versions):
        if later <= earlier:
            yield f"a write on card version {later} follows one on version {earlier}"


@check("fmk-identifier-stable")
def identifier_stable(document: Document) -> Iterator[str]:
    """All changes of an order are about one drug medication of one person."""
    whose = {(message["PersonIdentifier"], message["DrugMedication"]["Identifier"]) for message in document}
    if len(whose) != 1:
        yield f"the changes of one order are about {len(whose)} drug medications"


@check("fmk-drug-identified")
def drug_identified(document: Document) -> Iterator[str]:
    """A drug has the ATC code of a substance, and a name."""
    drug = document["DrugMedication"]["Drug"]
    if not _ATC.fullmatch(drug["AtcCode"]):
        yield f"Drug.AtcCode is {drug['AtcCode']!r}, not the ATC code of a substance"
    if not drug["Name"].strip():
        yield "Drug.Name is empty"


@check("fmk-amounts-exact-decimals")
def amounts_exact_decimals(document: Document) -> Iterator[str]:
    """Amounts are texts of plain decimals above 0, so that no digit is lost on the way."""
    medication = document["DrugMedication"]
    for path, amount in (
        ("Strength.Value", medication["Strength"]["Value"]),
        ("Dosage.Quantity", medication["Dosage"]["Quantity"]),
    ):
        if not isinstance(amount, str) or not _PLAIN_DECIMAL.fullmatch(amount) or Decimal(amount) <= 0:
            yield f"{path} is {amount!r}, not the text of a plain decimal above 0"


@check("fmk-units-named")
def units_named(document: Document) -> Iterator[str]:
    """A strength is in milligrams, a dose in units that have a name."""
    medication = document["DrugMedication"]
    if medication["Strength"]["Unit"] != "mg":
        yield f"Strength.Unit is {medication['Strength']['Unit']!r}, not mg"
    if not medication["Dosage"]["Unit"].strip():
        yield "Dosage.Unit is empty"


@check("fmk-interval-named")
def interval_named(document: Document) -> Iterator[str]:
    """The time between two doses is a whole number of seconds."""
    seconds = document["DrugMedication"]["Dosage"]["IntervalSeconds"]
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds <= 0:
        yield f"Dosage.IntervalSeconds is {seconds!r}, not a whole number above 0"


@check("fmk-dose-text-equals-structure")
def dose_text_equals_structure(document: Document) -> Iterator[str]:
    """Where the text begins with a number it is the dose; where it says how often, that is the interval."""
    dosage = document["DrugMedication"]["Dosage"]
    told = _number_at_the_beginning(dosage["Text"])
    if told is not None and told != Decimal(dosage["Quantity"]):
        yield f"Dosage.Text begins with {told}, and Dosage.Quantity is {dosage['Quantity']}"
    every_s = _interval_in(dosage["Text"])
    if every_s is not None and every_s != dosage["IntervalSeconds"]:
        yield f"Dosage.Text says every {every_s} s, and Dosage.IntervalSeconds is {dosage['IntervalSeconds']}"


@check("fmk-text-letters-kept")
def text_letters_kept(document: Document) -> Iterator[str]:
    """No letter of a text was lost or replaced on the way, and no text is blank."""
    medication = document["DrugMedication"]
    texts = {"Drug.Name": medication["Drug"]["Name"], "Dosage.Text": medication["Dosage"]["Text"]}
    for path, text in texts.items():
        if not text.strip() or "\N{REPLACEMENT CHARACTER}" in text or "Ã" in text:
            yield f"{path} is blank, or has lost letters"


@check("fmk-times-with-offset")
def times_with_offset(document: Document) -> Iterator[str]:
    """Begin, end and pause are moments: they say how far they are from UTC."""
    for path, text in _times(document["DrugMedication"]):
        if datetime.fromisoformat(text).utcoffset() is None:
            yield f"{path} is {text!r}, without an offset from UTC"


@check("fmk-end-not-before-begin")
def end_not_before_begin(document: Document) -> Iterator[str]:
    """A treatment does not end before it begins."""
    times = {path: datetime.fromisoformat(text) for path, text in _times(document["DrugMedication"])}
    if "EndDate" in times and times["EndDate"] < times["BeginDate"]:
        yield "EndDate lies before BeginDate"


@check("fmk-status-known")
def status_known(document: Document) -> Iterator[str]:
    """The state of a drug medication is one that the shared record knows."""
    status = document["DrugMedication"]["Status"]
    if status not in STATUSES:
        yield f"Status is {status!r}; known are {', '.join(STATUSES)}"


@check("fmk-pause-of-active-only")
def pause_of_active_only(document: Document) -> Iterator[str]:
    """What is paused is active apart from that, and the pause has a begin."""
    medication = document["DrugMedication"]
    if "Pause" not in medication:
        return
    if medication["Status"] != "Active":
        yield f"a pause stands beside the status {medication['Status']}"
    if not medication["Pause"].get("BeginDate"):
        yield "Pause.BeginDate is missing"


def _keys(what: str, found: Document, needed: set[str], sometimes: set[str]) -> Iterator[str]:
    if missing := needed - found.keys():
        yield f"{what} lacks {', '.join(sorted(missing))}"
    if strange := found.keys() - needed - sometimes:
        yield f"{what} has keys that nobody knows: {', '.join(sorted(strange))}"


def _values(part: Document, above: str = "") -> Iterator[tuple[str, object]]:
    for name, value in part.items():
        if isinstance(value, dict):
            yield from _values(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _times(medication: Document) -> Iterator[tuple[str, str]]:
    yield from ((name, medication[name]) for name in ("BeginDate", "EndDate") if name in medication)
    if "Pause" in medication:
        yield "Pause.BeginDate", medication["Pause"]["BeginDate"]


def _number_at_the_beginning(text: str) -> Decimal | None:
    """Return the number in Danish notation that `text` begins with: 2, 1½, ½ or 2,5."""
    found = _NUMBER.match(text)
    if found is None or not found[0]:
        return None
    whole = Decimal(f"{found['whole'] or 0}.{found['decimals'] or 0}")
    return whole + _FRACTIONS.get(found["fraction"] or "", Decimal(0))


def _interval_in(text: str) -> int | None:
    """Return the seconds between two doses that `text` tells in Danish words, None where it tells none."""
    if found := _TIMES_A_DAY.search(text):
        return DAY_S // int(found["count"])
    if found := _EVERY.search(text):
        return int(found["count"] or 1) * _UNITS_S[found["unit"]]
    if _WEEKLY.search(text):
        return 7 * DAY_S
    return DAY_S if _DAILY.search(text) else None
