"""Canaries: for every check a known-good and a known-bad document, tried before the check is believed.

`contracts/<interface>/good/` holds known-good documents. `contracts/<interface>/bad/<rule id>.json` says which of them
becomes known-bad for that rule, and by which change: `{"good": "name.json", "change": [...]}`. In JSON a change is
`add`, `replace` or `remove` with a `path` (RFC 6902), in any other text `{"replace": "this", "by": "that"}`.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from epjgate.contracts.checks.interface import Check, Document, all_checks, objections_of
from epjgate.contracts.rules import RuleBook
from epjgate.errors import UsageError

GOOD, BAD = "good", "bad"


@dataclass(frozen=True)
class Canaries:
    """How the checks did: those tried, and each that cannot be believed with the reason."""

    tried: tuple[str, ...]
    unfit: Mapping[str, str]


def try_checks(folder: Path, book: RuleBook, checks: Mapping[str, Check] | None = None) -> Canaries:
    """Try every check on its canaries below `folder`.

    A check is unfit that lets its known-bad document through, objects to the known-good one that it was made of, or
    has no canary that can be read.
    """
    known = all_checks() if checks is None else checks
    unfit = {rule: why for rule in sorted(known) if (why := _unfit(folder, book, rule, known[rule]))}
    return Canaries(tried=tuple(sorted(known)), unfit=unfit)


def _unfit(folder: Path, book: RuleBook, rule: str, check: Check) -> str:
    try:
        good, bad = canary_of(folder / book.rule(rule).interface, rule)
    except UsageError as err:
        return f"{err.problem}: {err.cause}"
    if objections := objections_of(check, good):
        return f"it objects to its known-good document: {objections[0]}"
    return "" if objections_of(check, bad) else "it lets its known-bad document through"


def canary_of(interface: Path, rule: str) -> tuple[Document, Document]:
    """Return the known-good and the known-bad document of `rule`; raises UsageError where there is none to be had."""
    recipe_file = interface / BAD / f"{rule}.json"
    try:
        recipe = json.loads(recipe_file.read_text(encoding="utf-8"))
        good_file = interface / GOOD / str(recipe["good"])
        good = _read(good_file)
        bad = _changed(good, recipe["change"])
    except (OSError, ValueError, KeyError, IndexError, TypeError) as err:
        raise UsageError(
            f"{rule} has no canary that can be read",
            f"{type(err).__name__}: {err}",
            f"write {interface.name}/{BAD}/{rule}.json and the known-good document that it names",
        ) from err
    if bad == good:
        raise UsageError(f"{rule} has no known-bad document", "its recipe changes nothing", "let it change something")
    return good, bad


def _read(file: Path) -> Document:
    # As bytes first: the line ends of HL7 v2 are a lone CR, which a text file would lose.
    text = file.read_bytes().decode("utf-8")
    return json.loads(text, parse_float=Decimal) if file.suffix == ".json" else text


def _changed(good: Document, changes: list[dict[str, Any]]) -> Document:
    bad = copy.deepcopy(good)
    for change in changes:
        bad = _replaced(bad, change) if isinstance(bad, str) else _patched(bad, change)
    return bad


def _replaced(text: str, change: dict[str, Any]) -> str:
    if change["replace"] not in text:
        raise ValueError(f"{change['replace']!r} is not in the known-good document")
    return text.replace(change["replace"], change["by"])


def _patched(document: Document, change: dict[str, Any]) -> Document:
    *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in change["path"].split("/")[1:]]
    target = document
    for part in parents:
        target = target[_key(target, part)]
    key = _key(target, last)
    match change["op"]:
        case "add" if isinstance(target, list):
            target.insert(key, change["value"])
        case "add":
            target[key] = change["value"]
        case "replace":
            target[key]  # what is not there cannot be replaced
            target[key] = change["value"]
        case "remove":
            del target[key]
        case operation:
            raise ValueError(f"{operation!r} is none of add, replace and remove")
    return document


def _key(target: Any, part: str) -> Any:
    if not isinstance(target, list):
        return part
    return len(target) if part == "-" else int(part)
