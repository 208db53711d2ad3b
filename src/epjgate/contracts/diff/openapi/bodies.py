"""Differences between what an operation takes in its body and what it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from epjgate.contracts.diff.openapi import rules
from epjgate.contracts.diff.openapi.alternatives import Parts
from epjgate.contracts.diff.openapi.document import Document
from epjgate.contracts.diff.openapi.rules import Side
from epjgate.contracts.diff.openapi.schema import SchemaComparison
from epjgate.contracts.diff.openapi.words import inlined
from epjgate.contracts.diff.reading import Object, as_object
from epjgate.contracts.diff.rules import DiffRule
from epjgate.model.contract_change import ContractChange

_CHARSET = "charset=utf-8"  # what JSON is in anyway (RFC 8259, 8.1)
_NO_HEADER = "content-type"  # told by the media type (OpenAPI 3.1, Response Object, `headers`)


class Bodies:
    """Compares bodies of an operation whose request travels on `side`; in a callback that is the response's."""

    def __init__(self, schemas: SchemaComparison, side: Side) -> None:
        self._schemas = schemas
        self._asked = side
        self._answered = side.other

    def differences(self, place: str, was: Object, now: Object) -> Iterator[ContractChange]:
        """Yield what changed about the request body and the responses of the operation at `place`."""
        yield from self._request(place, was, now)
        old, new = self._both(was, now, "responses")
        yield from self._responses(f"{place} response", old, new)

    def _both(self, was: Object, now: Object, key: str) -> tuple[dict[str, Object], dict[str, Object]]:
        return self._schemas.before.objects(was, key), self._schemas.after.objects(now, key)

    def _request(self, place: str, was: Object, now: Object) -> Iterator[ContractChange]:
        at = f"{place} body"
        if "requestBody" not in was and "requestBody" not in now:
            return
        old = self._schemas.before.resolved(was.get("requestBody"), at)
        new = self._schemas.after.resolved(now.get("requestBody"), at)
        required = new.get("required") is True
        if "requestBody" not in was:
            yield (rules.BODY_DEMANDED if required else rules.BODY_ADDED).added(at)
        elif "requestBody" not in now:
            yield rules.BODY_REMOVED.removed(at)
        else:
            if required != (old.get("required") is True):
                rule = rules.BODY_REQUIRED if required else rules.BODY_OPTIONAL
                yield rule.changed(at)
            yield from self._content(at, old, new, self._asked)

    def _content(self, place: str, old: Object, new: Object, side: Side) -> Iterator[ContractChange]:
        before, after = _media_types(old), _media_types(new)
        removed, added = _MEDIA[side]
        for name in sorted(before):
            match = _covering(after, name)
            if match is None:
                yield removed.removed(f"{place} {name}")
                continue
            yield from self._schema(f"{place} {name}", before[name], match, side)
            encodings = [
                inlined(document, one.get("encoding"))
                for document, one in ((self._schemas.before, before[name]), (self._schemas.after, match))
            ]
            if encodings[0] != encodings[1]:
                yield rules.ENCODING.changed(f"{place} {name} encoding", encodings[0] or "", encodings[1] or "")
        for name in sorted(after):
            if _covering(before, name) is None:
                yield added.added(f"{place} {name}")

    def _schema(self, place: str, old: Object, new: Object, side: Side) -> Iterator[ContractChange]:
        for finding in self._schemas.differences(_schema_of(old), _schema_of(new), side):
            yield finding.at(place)

    def _responses(self, place: str, old: dict[str, Object], new: dict[str, Object]) -> Iterator[ContractChange]:
        for status in sorted(old.keys() | new.keys()):
            was, now = _answer(old, status), _answer(new, status)
            at = f"{place} {status}"
            if was is None:
                yield (rules.SUCCESS_ADDED if _is_success(status) else rules.ERROR_ADDED).added(at)
            elif now is None:
                yield _status_removed(status, new).removed(at)
            else:
                yield from self._content(at, was, now, self._answered)
                yield from self._headers(at, was, now)
                links = [inlined(document, one.get("links")) for document, one in self._with_documents(was, now)]
                if links[0] != links[1]:
                    yield rules.LINKS.changed(f"{at} links", links[0] or "", links[1] or "")

    def _with_documents(self, was: Object, now: Object) -> tuple[tuple[Document, Object], tuple[Document, Object]]:
        return (self._schemas.before, was), (self._schemas.after, now)

    def _headers(self, place: str, was: Object, now: Object) -> Iterator[ContractChange]:
        before, after = (
            {name.lower(): one for name, one in found.items() if name.lower() != _NO_HEADER}
            for found in self._both(was, now, "headers")
        )
        for name in sorted(before.keys() | after.keys()):
            at = f"{place} header {name}"
            old, new = before.get(name), after.get(name)
            if old is None:
                yield rules.HEADER_ADDED.added(at)
            elif new is None:
                yield rules.HEADER_REMOVED.removed(at)
            else:
                required = new.get("required") is True
                if required != (old.get("required") is True):
                    yield (rules.HEADER_REQUIRED if required else rules.HEADER_OPTIONAL).changed(at)
                yield from self._schema(at, old, new, self._answered)


_MEDIA: dict[Side, tuple[DiffRule, DiffRule]] = {
    Side.REQUEST: (rules.REQUEST_MEDIA_REMOVED, rules.REQUEST_MEDIA_ADDED),
    Side.RESPONSE: (rules.RESPONSE_MEDIA_REMOVED, rules.RESPONSE_MEDIA_ADDED),
}


def _schema_of(holder: Object) -> Parts:
    return (holder["schema"],) if "schema" in holder else ()


def _media_types(holder: Object) -> dict[str, Object]:
    found = as_object(holder.get("content"), "content")
    return {_plain_media_type(name): as_object(one, name) for name, one in found.items()}


def _plain_media_type(name: str) -> str:
    parts = [part.strip() for part in name.lower().split(";")]
    return "; ".join(part for part in parts if part.replace('"', "") != _CHARSET)


def _covering(offered: Mapping[str, Object], name: str) -> Object | None:
    """Return what is offered for the media type `name`, by itself or by a range that holds it (RFC 9110, 12.5.1)."""
    kind, _, _ = name.partition("/")
    return next((offered[one] for one in (name, name.partition(";")[0], f"{kind}/*", "*/*") if one in offered), None)


def _status_removed(status: str, new: Mapping[str, Object]) -> DiffRule:
    if status.upper().endswith("XX") and any(other[:1] == status[:1] for other in new):
        return rules.STATUS_RANGE_NARROWED
    return rules.SUCCESS_REMOVED if _is_success(status) else rules.ERROR_REMOVED


def _is_success(status: str) -> bool:
    return status[:1] in {"1", "2", "3"}


def _answer(responses: Mapping[str, Object], status: str) -> Object | None:
    """Return what is told of `status`, by itself or its range; `default` is taken to tell of errors."""
    status = status.upper()
    told = {name.upper(): one for name, one in responses.items()}
    found = told.get(status) or told.get(f"{status[:1]}XX")
    return found if found is not None or _is_success(status) else told.get("DEFAULT")
