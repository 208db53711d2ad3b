"""Hands the suites' Allure results on: redacted, without binary files, with what they speak of."""

from __future__ import annotations

import json
import re
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from epjgate.evidence.layout import Layout
from epjgate.model.evidence import Evidence
from epjgate.model.verdict import Decision, Verdict
from epjgate.reports.files import unwritable, write_file
from epjgate.reports.legible import legible

FOLDER = "allure-results"
LEFT_OUT = "left-out-attachment.txt"

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Redact: TypeAlias = Callable[[str], str]

_NOTE = "A binary attachment was left out: it cannot be redacted, and could hold patient data.\n"
# Hashes that Allure makes: their digits may look like a CPR number, and a test's history hangs on them.
_ALLURE_HASH = re.compile(r"[0-9a-f]{32}")
_CATEGORIES = (
    ("The candidate gave no answer", ["failed", "broken"], r"(?s).*CandidateUnreachable.*"),
    ("The candidate is at fault", ["failed"], r"(?s)(?!.*CandidateUnreachable).*"),
    ("The harness is at fault", ["broken"], r"(?s)(?!.*CandidateUnreachable).*"),
    ("Not applicable to this system", ["skipped"], r"(?s).*(CapabilityMissing|not applicable).*"),
    ("Not tested", ["skipped", "unknown"], r"(?s)(?!.*(CapabilityMissing|not applicable)).*"),
)
_STATUS = {Decision.APPROVED: "passed", Decision.REJECTED: "failed", Decision.INCONCLUSIVE: "broken"}


class AllurePublisher:
    """Copies the results that the suites wrote to `raw`, every text redacted by `redact`, JSON kept valid.

    Binary attachments are replaced by a note. Added are `environment.properties`, `categories.json` and a result
    `verdict`, so that an Allure report alone does not look green when the gate did not approve. With `raw` None the
    results are those that the bundle keeps.
    """

    name = "allure"

    def __init__(self, redact: Redact, *, raw: Path | None = None) -> None:
        self._redact = redact
        self._raw = raw

    def publish(self, verdict: Verdict, evidence: Evidence, folder: Path) -> tuple[Path, ...]:  # noqa: ARG002 (the port)
        """Write the folder `allure-results`; raises EvidenceUnwritable when a file cannot be copied or written."""
        results = folder / FOLDER
        try:
            self._replace(self._raw or Layout(folder).allure, results)
        except OSError as err:
            raise unwritable(results, err) from err
        for name, text in _from_verdict(verdict, self._redact):
            write_file(results / name, text)
        return tuple(sorted(results.iterdir()))

    def _replace(self, raw: Path, results: Path) -> None:
        """Put the redacted copy of `raw` in the place of `results`, whole or not at all."""
        partial = results.with_name(f".{FOLDER}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        files = sorted(path for path in raw.iterdir() if path.is_file()) if raw.is_dir() else []
        binary = frozenset(path.name for path in files if not _is_text(path.read_bytes()))
        for path in files:
            if path.name not in binary:
                _copy(path, partial, self._redact, binary)
        if binary:
            (partial / LEFT_OUT).write_text(_NOTE, encoding="utf-8")
        if results.exists():
            shutil.rmtree(results)
        partial.replace(results)


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode()
    except UnicodeDecodeError:
        return False


def _copy(path: Path, folder: Path, redact: Redact, binary: frozenset[str]) -> None:
    """Copy one text file; a result that is no valid JSON is left out, an attachment is copied as plain text."""
    text = path.read_text(encoding="utf-8")
    try:
        redacted = _redacted_json(text, redact, binary) if path.suffix == ".json" else redact(text)
    except (ValueError, RecursionError):
        if "-attachment" not in path.name:
            return
        redacted = redact(text)
    (folder / redact(path.name)).write_text(redacted, encoding="utf-8")  # named as the links to it are


def _redacted_json(text: str, redact: Redact, binary: frozenset[str]) -> str:
    value: Json = json.loads(text, parse_constant=_refuse)
    return _json(_redacted(_without_binary(value, binary) if binary else value, redact))


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is no JSON")


def _redacted(value: Json, redact: Redact) -> Json:
    """Return `value` with every text, key and number in it redacted; Allure's own hashes stay."""
    match value:
        case dict():
            return {redact(key): _redacted(inner, redact) for key, inner in value.items()}
        case list():
            return [_redacted(inner, redact) for inner in value]
        case str():
            return value if _ALLURE_HASH.fullmatch(value) else redact(value)
        case bool() | None:
            return value
        case _:
            text = json.dumps(value)
            return value if redact(text) == text else redact(text)


def _without_binary(value: Json, binary: frozenset[str]) -> Json:
    """Return `value` with every link to a binary attachment turned to the note."""
    match value:
        case dict() if value.get("source") in binary:
            return {**value, "name": f"{value.get('name')} (left out)", "source": LEFT_OUT, "type": "text/plain"}
        case dict():
            return {key: _without_binary(inner, binary) for key, inner in value.items()}
        case list():
            return [_without_binary(inner, binary) for inner in value]
        case _:
            return value


def _from_verdict(verdict: Verdict, redact: Redact) -> Iterator[tuple[str, str]]:
    name = str(uuid.uuid5(uuid.NAMESPACE_OID, f"epjgate verdict {verdict.run_id}"))
    yield "categories.json", _json([_category(*category) for category in _CATEGORIES])
    yield "environment.properties", redact("".join(f"{key}={_property(text)}\n" for key, text in _facts(verdict)))
    yield f"{name}-result.json", _json(_redacted(_verdict_result(verdict, name), redact))


def _category(name: str, statuses: Iterable[str], message: str) -> Json:
    return {"name": name, "matchedStatuses": list(statuses), "messageRegex": message}


def _facts(verdict: Verdict) -> Iterator[tuple[str, str]]:
    yield "Verdict", verdict.decision.value
    if verdict.rehearsal:
        yield "Rehearsal.of.upgrade", verdict.rehearsal
    yield "System", verdict.system
    yield "Candidate", verdict.candidate
    yield "Baseline", verdict.baseline
    yield "Environment", verdict.environment
    yield "Run", verdict.run_id
    yield "Seed", str(verdict.seed)
    yield "Suite.revision", verdict.suite_revision
    yield "Evidence.digest", verdict.evidence_digest
    for number, identity in enumerate(sorted(verdict.identities, key=lambda identity: identity.service), start=1):
        yield f"Digest.{number}", f"{identity.service} {identity.digest or 'none'} ({identity.kind.value})"


def _property(text: str) -> str:
    """Return `text` as a value of a Java properties file: ASCII, one line."""
    plain = legible(text).replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
    units = plain.encode("utf-16-be")
    codes = (int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2))
    return "".join(chr(code) if code < 0x7F else f"\\u{code:04x}" for code in codes)


def _verdict_result(verdict: Verdict, name: str) -> Json:
    about = " on the rehearsal of the upgrade" if verdict.rehearsal else ""
    moment = int(verdict.judged_at.timestamp() * 1000)
    message = "\n".join(f"{finding.rule} ({finding.blame.value}): {finding.summary}" for finding in verdict.findings)
    return {
        "uuid": name,
        "historyId": uuid.uuid5(uuid.NAMESPACE_OID, f"epjgate{about} {verdict.system}").hex,
        "name": f"verdict{about}",
        "fullName": f"epjgate.{'rehearsal' if verdict.rehearsal else 'verdict'}",
        "status": _STATUS[verdict.decision],
        "statusDetails": {"message": f"{verdict.decision.value} ({verdict.blame.value})\n{message}"},
        "stage": "finished",
        "labels": [{"name": "suite", "value": "epjgate"}, {"name": "severity", "value": "blocker"}],
        "start": moment,
        "stop": moment,
    }


def _json(value: Json) -> str:
    return json.dumps(value) + "\n"  # on one line, as Allure writes it: indenting takes several times as long
